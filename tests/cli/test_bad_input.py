"""Bad input ends in one line that names the file, the place, the value and what to do, code 2, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from driftcore.store import open_store
from driftcore.testing import moved
from tests.cli.road import (
    DRIFTLOOP,
    N_SAMPLES,
    WORLD,
    driftloop,
    driftloop_process,
    ingest,
    predictions_file,
    snapshot_file,
    write_parquet,
)

NAN, INFINITY = float("nan"), float("inf")
IDS = ["a", "b", "c", "d"]
GOOD = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one checkpoint, which no test here may change."""
    folder = tmp_path_factory.mktemp("bad-input")
    assert ingest(snapshot_file(folder / "wk0.parquet", WORLD.vectors), "wk0", 1, folder / "store").code == 0
    return folder / "store"


@pytest.fixture(autouse=True)
def unchanged(store: Path) -> object:
    """Whatever a test here does, the store is afterwards as it was."""
    before = open_store(store).stamp(), open_store(store).checkpoints()
    yield
    assert (open_store(store).stamp(), open_store(store).checkpoints()) == before


def refused(*arguments: object, says: Sequence[str]) -> str:
    """The complaint of a command that must end with code 2, and hold each of these words."""
    done = driftloop(*arguments)
    assert done.code == 2, done.out
    for words in says:
        assert words in done.complaint
    return done.complaint


def with_row_3(value: list[float]) -> list[list[float]]:
    return [*GOOD[:2], value, *GOOD[3:]]


def a_parquet(ids: Sequence[str | None] = IDS, vectors: Sequence[Sequence[float]] = GOOD) -> Callable[[Path], Path]:
    return lambda folder: write_parquet(folder / "bad.parquet", {"id": ids, "embedding": vectors})


def a_csv(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "bad.csv").write_text(text, encoding="utf-8", newline="")
        return folder / "bad.csv"

    return write


def a_cut_parquet(folder: Path) -> Path:
    whole = a_parquet()(folder).read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    return folder / "cut.parquet"


def a_picture_named_csv(folder: Path) -> Path:
    (folder / "bad.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    return folder / "bad.csv"


BAD_ROWS = {
    "NaN": (a_parquet(vectors=with_row_3([NAN, 6.0])), "NaN in the vector in 1 row: 3"),
    "infinity": (a_parquet(vectors=with_row_3([5.0, -INFINITY])), "infinity in the vector in 1 row: 3"),
    "too large for float32": (a_parquet(vectors=with_row_3([5.0, 1e39])), "infinity in the vector in 1 row: 3"),
    "zero vector": (a_parquet(vectors=with_row_3([0.0, 0.0])), "zero vector in 1 row: 3"),
    "another width": (a_parquet(vectors=with_row_3([5.0, 6.0, 7.0])), "vector not 2 wide ('3 dims') in 1 row: 3"),
    "no vector": (a_parquet(vectors=with_row_3([])), "no vector in 1 row: 3"),
    "duplicate id": (a_parquet(ids=["a", "b", "a", "d"]), "duplicate id ('a') in 1 row: 3"),
    "missing id": (a_parquet(ids=["a", "b", None, "d"]), "missing id in 1 row: 3"),
    "empty id": (a_parquet(ids=["a", "b", "", "d"]), "missing id in 1 row: 3"),
    "a word in a vector": (a_csv("id,embedding\na,\"[1, 2]\"\nb,\"[3, 4]\"\nc,\"[5, six]\"\n"), "in 1 row: 3"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_are_counted_and_numbered_and_nothing_is_stored(store: Path, tmp_path: Path, case: str) -> None:
    write, what = BAD_ROWS[case]
    file = write(tmp_path)

    refused(
        *("ingest", file, "--checkpoint", "wk1", "--store", store),
        says=[file.name, what, "Nothing was stored", "--skip-bad-rows"],
    )


@pytest.mark.parametrize("case", BAD_ROWS)
def test_skip_bad_rows_stores_the_others_and_writes_the_rejects(tmp_path: Path, case: str) -> None:
    write, _ = BAD_ROWS[case]
    file = write(tmp_path)

    done = driftloop("ingest", file, "--checkpoint", "wk0", "--store", tmp_path / "store", "--skip-bad-rows", "--json")

    answer = done.json
    assert answer["n_rejected"] == 1
    rows = open_store(tmp_path / "store").snapshots.rows("wk0", "validation")
    assert len(rows.sample_ids) == answer["snapshot"]["n_samples"]
    assert "c" not in rows.sample_ids
    assert np.isfinite(rows.vectors).all()
    header, *rejects = (tmp_path / f"{file.name}.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert header == "row,sample_id,reason"
    assert [line.split(",")[0] for line in rejects] == ["3"]


def test_the_place_of_the_rejects_is_said_in_one_piece(tmp_path: Path) -> None:
    folder = tmp_path / ("a folder with a long name " * 5)
    folder.mkdir()
    file = a_parquet(vectors=with_row_3([NAN, 6.0]))(folder)

    said = driftloop("ingest", file, "--checkpoint", "wk0", "--store", tmp_path / "store", "--skip-bad-rows").out

    assert f"1 bad rows were left out: see {file}.rejects.csv" in said


def test_several_kinds_of_bad_rows_are_said_together(store: Path, tmp_path: Path) -> None:
    file = a_parquet(ids=["a", "a", "", "d"], vectors=[[1, 2], [3, 4], [5, 6], [NAN, 8]])(tmp_path)

    refused(
        *("ingest", file, "--checkpoint", "wk1", "--store", store),
        says=["missing id in 1 row: 3", "duplicate id ('a') in 1 row: 2", "NaN in the vector in 1 row: 4"],
    )


def test_a_file_of_bad_rows_only_is_refused_even_when_they_may_be_skipped(store: Path, tmp_path: Path) -> None:
    file = a_parquet(vectors=[[NAN, 1.0]] * 4)(tmp_path)

    refused(
        *("ingest", file, "--checkpoint", "wk1", "--store", store, "--skip-bad-rows"),
        says=["bad.parquet", "every one of the 4 rows is bad"],
    )


BAD_FILES = {
    "missing": (lambda folder: folder / "nowhere.parquet", ["nowhere.parquet", "does not exist"]),
    "a folder": (lambda folder: folder, ["is a folder", "name one file in it"]),
    "empty": (a_csv(""), ["bad.csv", "is empty (0 bytes)"]),
    "no rows": (a_csv("id,embedding\n"), ["bad.csv", "no rows"]),
    "truncated Parquet": (a_cut_parquet, ["cut.parquet", "damaged"]),
    "a picture named CSV": (a_picture_named_csv, ["bad.csv"]),
    "ragged CSV": (a_csv("id,dim_0,dim_1\na,1,2\nb,3\n"), ["bad.csv", "line 3 has 2 cells, the header has 3"]),
    "an open quote": (a_csv('id,embedding\na,"[1, 2]"\nb,"[3, 4]\n'), ["bad.csv", "quote"]),
    "no id column": (
        lambda folder: write_parquet(folder / "bad.parquet", {"key": IDS, "embedding": GOOD}),
        ["bad.parquet", "no column is named as the id", "It has: key, embedding", "--map id=COLUMN"],
    ),
    "no vector column": (
        lambda folder: write_parquet(folder / "bad.parquet", {"id": IDS, "weights": GOOD}),
        ["bad.parquet", "no column is named as the vector", "It has: id, weights", "--map vector=COLUMN"],
    ),
    "words as vectors": (
        lambda folder: write_parquet(folder / "bad.parquet", {"id": IDS, "embedding": IDS}),
        ["bad.parquet", "'embedding'", "row 1 holds 'a'", "--map vector=COLUMN"],
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused(store: Path, tmp_path: Path, case: str) -> None:
    write, says = BAD_FILES[case]

    refused("ingest", write(tmp_path), "--checkpoint", "wk1", "--store", store, says=says)


BAD_OPTIONS = {
    "--at": (["--at", "yesterday"], ["--at 'yesterday' is not a time", "2026-01-31"]),
    "--map without a column": (["--map", "vector"], ["--map 'vector' is not ROLE=COLUMN"]),
    "--map of an unknown role": (["--map", "colour=x"], ["no role named 'colour'", "Known: id, vector"]),
    "--map of an unknown column": (["--map", "id=key"], ["no column named 'key'", "It has: id, embedding"]),
    "--map twice": (["--map", "id=a,id=b"], ["names id twice"]),
    "an empty name": (["--split", " "], ["Split name ' ' cannot be used"]),
    "a name of two lines": (["--split", "a\nb"], ["Split name 'a b' cannot be used"]),
    "a very long name": (["--split", "x" * 10_000], ["cannot be used: 1 to 200 printable characters"]),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_an_option_that_means_nothing_is_refused(store: Path, tmp_path: Path, case: str) -> None:
    options, says = BAD_OPTIONS[case]

    refused("ingest", a_parquet()(tmp_path), "--checkpoint", "wk1", "--store", store, *options, says=says)


def test_other_content_under_the_same_name_is_refused(store: Path, tmp_path: Path) -> None:
    stored = open_store(store).snapshots.get("wk0", "validation").fingerprint[:12]

    refused(
        *("ingest", a_parquet()(tmp_path), "--checkpoint", "wk0", "--store", store),
        says=["'wk0'", f"stored {stored}, given ", "choose another name"],
    )


@pytest.mark.parametrize(
    "command",
    [
        ("compare", "wk0", "wk9"),
        ("compare", "wk9", "wk0"),
        ("compare", "wk9"),
        ("map", "wk9"),
        ("checkpoints", "--pin", "wk9"),
    ],
    ids=" ".join,
)
def test_an_unknown_checkpoint_is_answered_with_those_that_exist(store: Path, command: tuple[str, ...]) -> None:
    refused(*command, "--store", store, says=["No checkpoint named 'wk9'", "Known: wk0"])


def test_an_unknown_split_is_answered_with_those_that_exist(store: Path) -> None:
    refused("compare", "wk0", "wk0", "--split", "live", "--store", store, says=["'live'", "It has: validation"])


def test_an_unknown_span_is_answered_with_those_that_exist(store: Path) -> None:
    refused("spans", "show", "nothing", "--store", store, says=["No span 'nothing'", "Known: (none)"])
    refused("spans", "export", "nothing", "--out", "x.csv", "--store", store, says=["No span 'nothing'"])


BAD_EVALS = {
    "of samples that are not in the snapshot": (
        {"id": ["s00000", "foreign"], "prediction": ["x", "y"]},
        ["1 of 2 ids are not in the snapshot 'wk0' / 'validation' (foreign)", "map the id column"],
    ),
    "of the same sample twice": (
        {"id": ["s00000", "s00000"], "prediction": ["x", "y"]},
        ["duplicate id ('s00000') in 1 row: 2"],
    ),
    "without predictions": ({"id": ["s00000"], "score": [0.5]}, ["no column is named as the prediction", "id, score"]),
    "with a confidence that is no number": (
        {"id": ["s00000", "s00001"], "prediction": ["x", "y"], "confidence": ["0.5", "high"]},
        ["'high'", "in 1 row: 2"],
    ),
}


@pytest.mark.parametrize("case", BAD_EVALS)
def test_an_eval_that_does_not_fit_is_refused(store: Path, tmp_path: Path, case: str) -> None:
    columns, says = BAD_EVALS[case]
    file = write_parquet(tmp_path / "eval.parquet", columns)

    refused("evaluate", file, "--checkpoint", "wk0", "--store", store, says=["eval.parquet", *says])


def test_an_eval_of_a_checkpoint_that_is_not_stored_is_refused(store: Path, tmp_path: Path) -> None:
    file = predictions_file(tmp_path / "eval.parquet")

    refused(
        *("evaluate", file, "--checkpoint", "wk9", "--store", store), says=["No checkpoint named 'wk9'. Known: wk0."]
    )


def test_an_eval_of_samples_without_labels_needs_a_target(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(snapshot_file(tmp_path / "a.parquet", WORLD.vectors, labels=False), "wk0", 1, store)
    file = predictions_file(tmp_path / "eval.parquet")

    refused(
        *("evaluate", file, "--checkpoint", "wk0", "--store", store),
        says=["eval.parquet", "nothing says what would have been right", "--map target=COLUMN"],
    )


def test_checkpoints_that_share_no_samples_could_not_be_evaluated(tmp_path: Path) -> None:
    store = tmp_path / "store"
    half = N_SAMPLES // 2
    ingest(snapshot_file(tmp_path / "a.parquet", WORLD.vectors, rows=np.arange(half)), "wk0", 1, store)
    ingest(snapshot_file(tmp_path / "b.parquet", WORLD.vectors, rows=np.arange(half, N_SAMPLES)), "wk1", 2, store)

    done = driftloop("compare", "wk0", "wk1", "--store", store)

    assert done.code == 3
    assert "'wk0' / 'validation' and 'wk1' / 'validation' are windows under two checkpoints" in done.complaint
    assert "share 0 sample ids" in done.complaint


def test_one_concept_alone_could_not_be_evaluated(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(snapshot_file(tmp_path / "a.parquet", WORLD.vectors, rows=np.arange(60)), "wk0", 1, store)

    done = driftloop("compare", "wk0", "wk0", "--store", store)

    assert done.code == 3
    assert "at least two concepts are needed" in done.complaint


def test_a_span_is_not_exported_into_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(snapshot_file(tmp_path / "a.parquet", WORLD.vectors), "wk0", 1, store)
    ingest(snapshot_file(tmp_path / "b.parquet", moved(WORLD, 2, toward=5, share=0.3)), "wk1", 2, store)
    (span,) = driftloop("compare", "wk0", "wk1", "--json", "--store", store).json["spans"]
    out = tmp_path / "nowhere" / "out.csv"

    export = ("spans", "export", span["span_id"], "--store", store)
    refused(*export, "--out", out, says=["Cannot write", "No such file or directory", "--out"])
    refused(*export, "--out", tmp_path / "x.csv", "--format", "xlsx", says=["Unknown export format 'xlsx'", "csv"])
    assert not out.parent.exists()


def test_a_store_that_is_a_file_is_refused_by_writing_and_reading_commands(tmp_path: Path) -> None:
    file = a_parquet()(tmp_path)
    before = file.read_bytes()

    refused("ingest", file, "--checkpoint", "wk0", "--store", file, says=["bad.parquet", "cannot be opened"])
    refused("checkpoints", "--store", file, says=["No store at", "bad.parquet", "driftloop ingest"])
    assert file.read_bytes() == before


def test_reading_where_there_is_no_store_makes_none(tmp_path: Path) -> None:
    refused("compare", "a", "b", "--store", tmp_path / "new", says=["No store at", "--store"])

    assert not (tmp_path / "new").exists()


STRANGE_LABELS = {
    "quote": "it's",
    "drop table": "'; DROP TABLE snapshots; --",
    "emoji": "💸",
    "right to left": "استرداد",
    "two lines": "two\nlines",
    "markup": "[bold]",
    "10,000 characters": "x" * 10_000,
}


@pytest.mark.parametrize("label", STRANGE_LABELS.values(), ids=STRANGE_LABELS)
def test_labels_of_any_kind_go_the_whole_road(tmp_path: Path, label: str) -> None:
    store = tmp_path / "store"
    labels = WORLD.labels.copy()
    labels[WORLD.concepts == 2] = label
    for day, (name, vectors) in enumerate([("wk0", WORLD.vectors), ("wk1", moved(WORLD, 2, toward=5, share=0.3))], 1):
        columns = {"id": [f"{sample_id} {label}" for sample_id in WORLD.sample_ids], "label": labels}
        file = write_parquet(tmp_path / f"{name}.parquet", {**columns, "embedding": vectors})
        assert ingest(file, name, day, store).code == 0

    report = driftloop("compare", "wk0", "wk1", "--json", "--store", store).json
    (span,) = report["spans"]
    for read in (("compare", "wk0", "wk1"), ("spans", "list"), ("spans", "show", span["span_id"])):
        assert driftloop(*read, "--store", store).code == 0

    assert span["concept"] == label
    assert span["n_samples"] == 60


def test_a_lone_surrogate_is_refused_and_not_a_traceback(store: Path, tmp_path: Path) -> None:
    # JSON can spell half of a character pair, which no UTF-8 text can hold
    (tmp_path / "bad.jsonl").write_text('{"id": "\\ud800", "embedding": [1.0, 2.0]}\n', encoding="utf-8")

    refused("ingest", tmp_path / "bad.jsonl", "--checkpoint", "wk1", "--store", store, says=["bad.jsonl"])


def test_exit_codes_and_the_one_line_hold_for_a_process_too(store: Path, tmp_path: Path) -> None:
    """What the tests above see of `main` in this process is what a shell sees of the command."""
    assert DRIFTLOOP.exists()
    bad = a_parquet(vectors=with_row_3([NAN, 6.0]))(tmp_path)

    assert driftloop_process("checkpoints", "--store", store).code == 0
    for arguments, code in [
        (("ingest", bad, "--checkpoint", "wk1", "--store", store), 2),
        (("compare", "wk0", "wk9", "--store", store), 2),
        (("checkpoints", "--store", tmp_path / "nowhere"), 2),
    ]:
        done = driftloop_process(*arguments)
        assert done.code == code
        assert done.complaint == driftloop(*arguments).complaint


def test_a_disk_that_cannot_be_written_is_one_line_too(tmp_path: Path) -> None:
    # a folder under a file cannot be made, whoever asks
    (tmp_path / "file").write_text("x")

    refused(
        *("ingest", a_parquet()(tmp_path), "--checkpoint", "wk0", "--store", tmp_path / "file" / "store"),
        says=["cannot be opened"],
    )


def test_rejects_that_cannot_be_written_are_one_line_too(tmp_path: Path) -> None:
    file = a_parquet(vectors=with_row_3([NAN, 6.0]))(tmp_path)
    (tmp_path / "bad.parquet.rejects.csv").mkdir()  # in the place of the file

    refused(
        *("ingest", file, "--checkpoint", "wk0", "--store", tmp_path / "store", "--skip-bad-rows"),
        says=["bad.parquet.rejects.csv"],
    )
    assert open_store(tmp_path / "store").checkpoints() == ()


def test_an_empty_table_object_is_not_an_accident_of_the_reader(store: Path, tmp_path: Path) -> None:
    file = write_parquet(
        tmp_path / "bad.parquet", {"id": pa.array([], pa.string()), "embedding": pa.array([], pa.list_(pa.float32()))}
    )

    refused("ingest", file, "--checkpoint", "wk1", "--store", store, says=["bad.parquet", "has no rows"])
