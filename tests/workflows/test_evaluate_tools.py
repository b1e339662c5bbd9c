"""An eval tool's output becomes an eval run: whose samples they are, which answer counts, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcore import ingest, log_eval, open_store
from driftcore.errors import BadInputError, ConflictError
from driftcore.store import Store
from tests.readers.evals import logs
from tests.readers.evals.logs import TARGETS, TEXTS, Record


def store_of(folder: Path, ids: Sequence[str], *, texts: Sequence[str] | None = None) -> Store:
    store = open_store(folder / "store")
    said = list(TEXTS.values()) if texts is None else texts
    columns = {"id": list(ids), "label": list(TARGETS.values()), "text": said, "embedding": np.eye(len(ids))}
    ingest(store, columns, checkpoint="wk0")
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One checkpoint of the three samples s1, s2, s3."""
    return store_of(tmp_path, ["s1", "s2", "s3"])


def correct_by_id(store: Store) -> dict[str, float]:
    rows = store.evals.rows("wk0", "validation")
    assert rows is not None
    return dict(zip(rows.sample_ids.tolist(), rows.correct.tolist(), strict=True))


TOOLS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "lm-eval": (lambda p: logs.write_lines(p, [logs.lm_generated(n) for n in TEXTS]), "doc.id"),
    "inspect": (lambda p: logs.write_zip(p, logs.inspect_parts([logs.inspect_sample(n) for n in TEXTS])), "id"),
    "promptfoo": (lambda p: logs.write_lines(p, [logs.promptfoo_row(n) for n in TEXTS]), "vars.ticket"),
    "deepeval": (lambda p: logs.write_json(p, logs.deepeval_run([logs.deepeval_case(n) for n in TEXTS])), "name"),
    "phoenix": (lambda p: logs.write_json(p, [logs.phoenix_run(n) for n in TEXTS]), "input.ticket"),
    "openai-evals": (
        lambda p: logs.write_lines(p, logs.openai_log([e for n in TEXTS for e in logs.openai_events(n)])),
        "text (prompt)",
    ),
    "mlflow": (
        lambda p: logs.write_json(
            p, {"columns": ["ref", "pred", "label"], "data": [[n, logs.ANSWERS[n], TARGETS[n]] for n in TEXTS]}
        ),
        "ref",
    ),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_is_tied_to_the_samples_by_the_field_that_fits(store: Store, tmp_path: Path, tool: str) -> None:
    write, by = TOOLS[tool]

    run, created = log_eval(store, write(tmp_path / "log"), checkpoint="wk0")

    assert created
    assert (run.tool, run.matched_by) == (tool, by)
    assert correct_by_id(store) == {"s1": 1, "s2": 0, "s3": 1}
    assert run.accuracy == pytest.approx(2 / 3)
    assert store.evals.get("wk0", "validation") == run


def test_the_hash_is_the_id_of_lm_eval_where_the_snapshot_has_it(tmp_path: Path) -> None:
    store = store_of(tmp_path, [f"hash of {name}" for name in TEXTS])

    run, _ = log_eval(store, TOOLS["lm-eval"][0](tmp_path / "log"), checkpoint="wk0")

    assert run.matched_by == "doc_hash"


def test_the_place_in_lm_evals_list_is_no_id_unless_a_person_says_so(tmp_path: Path) -> None:
    # the tool ran on a selection in another order: its document 0 is the user's sample 2
    lines = [{**logs.lm_generated(name), "doc": {"text": TEXTS[name]}} for name in ("s3", "s1")]
    for place, line in enumerate(lines):
        line["doc_id"] = place
    path = logs.write_lines(tmp_path / "log", lines)
    store = store_of(tmp_path, ["0", "1", "2"])

    run, _ = log_eval(store, path, checkpoint="wk0")

    assert run.matched_by == "text (doc.text)"
    assert set(correct_by_id(store)) == {"0", "2"}
    # said explicitly it would be other samples, and eval runs never change
    with pytest.raises(ConflictError):
        log_eval(store, path, checkpoint="wk0", mapping={"id": "doc_id"})


def test_an_id_that_is_named_is_insisted_on(store: Store, tmp_path: Path) -> None:
    path = TOOLS["promptfoo"][0](tmp_path / "log.jsonl")

    with pytest.raises(BadInputError, match=r"Of 3 rows are there by id: metadata.slice 0 \(not cards\)"):
        log_eval(store, path, checkpoint="wk0", mapping={"id": "metadata.slice"})

    assert store.evals.all() == ()
    assert log_eval(store, path, checkpoint="wk0", mapping={"id": "vars.ticket"})[0].matched_by == "vars.ticket"


def test_two_fields_that_both_fit_and_disagree_are_for_a_person_to_choose(store: Store, tmp_path: Path) -> None:
    rows = [logs.promptfoo_row(name, vars={"a": name, "b": other}) for name, other in (("s1", "s2"), ("s2", "s3"))]
    path = logs.write_lines(tmp_path / "log", rows)

    with pytest.raises(BadInputError, match=r"2 fields could be the id and disagree \(vars.a, vars.b\): say --map id="):
        log_eval(store, path, checkpoint="wk0")

    log_eval(store, path, checkpoint="wk0", mapping={"id": "vars.b"})
    assert correct_by_id(store) == {"s2": 1, "s3": 0}


def test_a_label_that_happens_to_be_an_id_is_none(tmp_path: Path) -> None:
    store = store_of(tmp_path, ["0", "1", "2"])
    rows = [logs.promptfoo_row(name, vars={"label": "1", "utterance": TEXTS[name]}) for name in TEXTS]

    run, _ = log_eval(store, logs.write_lines(tmp_path / "log", rows), checkpoint="wk0")

    assert run.matched_by == "text (vars.utterance)"


def test_numbers_that_a_tool_counted_by_itself_are_held_against_the_texts(tmp_path: Path) -> None:
    # Inspect numbers the samples that come without an id from 1; the snapshot's order is another
    store = store_of(tmp_path, ["3", "2", "1"])
    samples = [logs.inspect_sample(name) | {"id": number} for number, name in enumerate(TEXTS, start=1)]
    path = logs.write_json(tmp_path / "log.json", logs.inspect_log(samples))

    with pytest.raises(BadInputError, match=r"numbers under id are ids of other samples than those of the texts"):
        log_eval(store, path, checkpoint="wk0")

    assert log_eval(store, path, checkpoint="wk0", mapping={"text": "input"})[0].matched_by == "text (input)"
    assert correct_by_id(store) == {"3": 1, "2": 0, "1": 1}


def test_numbers_that_agree_with_the_texts_are_ids(tmp_path: Path) -> None:
    store = store_of(tmp_path, ["1", "2", "3"])
    samples = [logs.inspect_sample(name) | {"id": number} for number, name in enumerate(TEXTS, start=1)]

    run, _ = log_eval(store, logs.write_json(tmp_path / "log.json", logs.inspect_log(samples)), checkpoint="wk0")

    assert run.matched_by == "id"


def test_a_text_that_two_samples_share_names_neither(tmp_path: Path) -> None:
    store = store_of(tmp_path, ["a", "b", "c"], texts=["I lost my card", "I lost my card", "How do I top up?"])
    path = logs.write_lines(tmp_path / "log", logs.openai_log(logs.openai_events("s1")))

    with pytest.raises(BadInputError, match="its samples are not those of the snapshot 'wk0' / 'validation'"):
        log_eval(store, path, checkpoint="wk0")


@pytest.mark.parametrize("tool", TOOLS)
def test_an_eval_of_other_samples_stores_nothing_and_says_what_fits_how_far(tmp_path: Path, tool: str) -> None:
    store = store_of(tmp_path, ["s1", "y", "z"], texts=["I lost my card", "other", "others"])

    with pytest.raises(BadInputError, match=r"Of 3 rows are there by .* 1[ ,;.].*Choose the checkpoint") as refusal:
        log_eval(
            store,
            TOOLS[tool][0](tmp_path / "log"),
            checkpoint="wk0",
            mapping={"text": "prompt"} if tool == "openai-evals" else None,
        )

    assert "\n" not in str(refusal.value)
    assert store.evals.all() == ()


def test_a_field_that_some_rows_lack_is_no_id(store: Store, tmp_path: Path) -> None:
    rows = [logs.promptfoo_row("s1"), logs.promptfoo_row("s2", vars={"other": "x"})]

    with pytest.raises(BadInputError, match=r"Of 2 rows are there by id: vars.ticket 1,.*by text: vars.utterance 1,"):
        log_eval(store, logs.write_lines(tmp_path / "log", rows), checkpoint="wk0")


def test_most_epochs_decide_and_a_tie_is_wrong(store: Store, tmp_path: Path) -> None:
    said = {
        "s1": ["lost_card", "lost_card", "x"],
        "s2": ["pending_transfer", "x"],
        "s3": ["top_up", None, None],
    }
    samples = [
        logs.inspect_failed(name, epoch=epoch)
        if answer is None
        else logs.inspect_sample(name, epoch=epoch, answer=answer)
        for name, answers in said.items()
        for epoch, answer in enumerate(answers, start=1)
    ]

    run, _ = log_eval(store, logs.write_json(tmp_path / "log.json", logs.inspect_log(samples)), checkpoint="wk0")

    rows = store.evals.rows("wk0", "validation")
    assert rows is not None and rows.scores is not None
    assert correct_by_id(store) == {"s1": 1, "s2": 0, "s3": 1}
    assert rows.predictions.tolist() == ["lost_card", "pending_transfer", "top_up"]
    np.testing.assert_allclose(rows.scores, [2 / 3, 1 / 2, 1], rtol=1e-6)
    assert run.notes == ("3 epochs a sample: what most of them said",)


def test_a_failed_sample_is_unknown_and_counted(store: Store, tmp_path: Path) -> None:
    samples = [logs.inspect_sample("s1"), logs.inspect_failed("s2"), logs.inspect_sample("s3")]

    run, _ = log_eval(store, logs.write_zip(tmp_path / "log", logs.inspect_parts(samples)), checkpoint="wk0")

    assert (run.n_failed, run.accuracy) == (1, 1.0)
    assert np.isnan(correct_by_id(store)["s2"])


def test_a_sample_twice_in_one_epoch_is_refused(store: Store, tmp_path: Path) -> None:
    path = logs.write_json(tmp_path / "log.json", logs.inspect_log([logs.inspect_sample("s1")] * 2))

    with pytest.raises(BadInputError, match=r"1 samples come twice in one epoch \(s1\)"):
        log_eval(store, path, checkpoint="wk0")

    assert store.evals.all() == ()


def test_a_log_in_which_every_sample_failed_is_refused(store: Store, tmp_path: Path) -> None:
    path = logs.write_json(
        tmp_path / "log.json", logs.inspect_log([logs.inspect_failed(n) for n in TEXTS], status="error")
    )

    with pytest.raises(BadInputError, match="all 3 samples failed, the first with 'boom'"):
        log_eval(store, path, checkpoint="wk0")

    assert store.evals.all() == ()


def test_a_metric_that_scored_nothing_is_refused(store: Store, tmp_path: Path) -> None:
    unscored = [logs.inspect_sample(name, scores={"judge": {"value": float("nan"), "answer": "x"}}) for name in TEXTS]
    path = logs.write_json(tmp_path / "log.json", logs.inspect_log(unscored))

    with pytest.raises(BadInputError, match="'judge' scored none of 3 samples: choose another --metric"):
        log_eval(store, path, checkpoint="wk0")


def test_equality_compares_with_any_target_and_else_with_the_stored_label(store: Store, tmp_path: Path) -> None:
    samples: list[Record] = [
        logs.inspect_sample("s1", scores={}, target=["cards", "lost_card"]),
        logs.inspect_sample("s2", scores={}, target=[]),
        logs.inspect_sample("s3", scores={}, target=[]),
    ]

    run, _ = log_eval(store, logs.write_json(tmp_path / "log.json", logs.inspect_log(samples)), checkpoint="wk0")

    assert run.metric == "equality"
    assert correct_by_id(store) == {"s1": 1, "s2": 0, "s3": 1}


def graded(folder: Path, values: Sequence[Any]) -> Path:
    samples = [
        logs.inspect_sample(name, scores={"quality": {"value": value, "answer": "x"}})
        for name, value in zip(TEXTS, values, strict=True)
    ]
    return logs.write_json(folder / "log.json", logs.inspect_log(samples))


def test_scores_beyond_one_need_a_threshold(store: Store, tmp_path: Path) -> None:
    path = graded(tmp_path, [3, 7, 9])

    with pytest.raises(BadInputError, match=r"scores of 'quality' go from 3 to 9.*--threshold SCORE"):
        log_eval(store, path, checkpoint="wk0")

    log_eval(store, path, checkpoint="wk0", threshold=7)
    assert correct_by_id(store) == {"s1": 0, "s2": 1, "s3": 1}


def test_the_same_log_again_is_a_no_op_and_another_metric_a_conflict(store: Store, tmp_path: Path) -> None:
    scores = {"strict": {"value": 0, "answer": "x"}, "lenient": {"value": 1, "answer": "x"}}
    samples = [logs.inspect_sample(name, scores=scores) for name in TEXTS]
    path = logs.write_json(tmp_path / "log.json", logs.inspect_log(samples))
    first, _ = log_eval(store, path, checkpoint="wk0", metric="strict")

    again, created = log_eval(store, path, checkpoint="wk0", metric="strict")

    assert (again, created) == (first, False)
    with pytest.raises(ConflictError):
        log_eval(store, path, checkpoint="wk0", metric="lenient")


def test_a_choice_that_a_table_does_not_have_is_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match="--metric chooses in an eval tool's output, and this is a table"):
        log_eval(store, {"id": ["s1"], "prediction": ["x"]}, checkpoint="wk0", metric="acc")


def test_a_run_without_grades_has_no_column_of_them(store: Store) -> None:
    # what older versions wrote, and read: four columns, and no score
    log_eval(store, {"id": ["s1"], "prediction": ["x"]}, checkpoint="wk0")

    rows = store.evals.rows("wk0", "validation")
    assert rows is not None and rows.scores is None
    run = store.evals.get("wk0", "validation")
    assert run is not None and (run.tool, run.metric, run.variant, run.matched_by, run.notes) == (None,) * 4 + ((),)


def test_pyarrow_unpacks_what_the_tool_packs() -> None:
    # Inspect's members are Zstandard frames; a pyarrow without that codec could read none
    assert pa.Codec.is_available("zstd")
