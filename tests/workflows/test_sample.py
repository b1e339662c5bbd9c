"""The next eval set goes where the space drifted, and what it says of all samples stays honest."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftcore import ingest, log_eval, open_store
from driftcore.errors import BadInputError, NotComparableError, NotFoundError
from driftcore.export import as_csv
from driftcore.store import Store
from driftcore.testing import resampled
from driftcore.workflows.sample import estimate, sample, sampling_table, write_sampling
from tests.workflows.worlds import N_SAMPLES, WORLD, frame, store_checkpoint

N = 60
# one id and one label that a spreadsheet would run
IDS = np.array([f"=live {row}" if row == 0 else f"live {row}" for row in range(N_SAMPLES)], dtype=object)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Concept 1 went 30 % toward concept 4; `live` is new traffic of the second checkpoint, without any label."""
    made = open_store(tmp_path_factory.mktemp("sample") / "store.lance")
    store_checkpoint(made, "W1", week=0)
    store_checkpoint(made, "W2", week=1, share=0.3)
    traffic = resampled(WORLD, seed=5)
    moved = traffic.vectors.copy()
    moved[traffic.concepts == 1] += 0.3 * (WORLD.centroids[4] - WORLD.centroids[1]).astype(np.float32)
    texts = [f"text {row}" for row in range(N_SAMPLES)]
    ingest(made, {"id": IDS, "text": texts, "embedding": moved}, checkpoint="W2", split="live")
    return made


def test_drifted_concepts_are_drawn_more_often_than_their_share(store: Store) -> None:
    drawn = sample(store, n=N)
    rows = store.samplings.rows(drawn.sampling_id)
    concepts = pd.Series(rows.concepts).value_counts()
    # concepts 1 and 4 are two of eight: a uniform draw holds a quarter of 60
    assert concepts["concept 1"] + concepts.get("concept 4", 0) > 25
    assert (drawn.reference, drawn.current, drawn.by, drawn.n_population) == ("W1", "W2", ("drift",), N_SAMPLES)


def test_new_traffic_without_labels_is_drawn_from_by_its_nearest_concept(store: Store) -> None:
    drawn = sample(store, n=N, split="live")
    rows = store.samplings.rows(drawn.sampling_id)
    assert (rows.concepts == "concept 1").sum() > 15
    assert set(rows.sample_ids) <= set(IDS) and len(set(rows.sample_ids)) == N
    assert ((rows.probabilities >= 0.2 * N / N_SAMPLES * (1 - 1e-9)) & (rows.probabilities <= 1)).all()


def test_the_same_words_make_the_same_draw_and_another_seed_another(store: Store) -> None:
    first, again, other = sample(store, n=N), sample(store, n=N), sample(store, n=N, seed=1)
    assert first == again
    assert first.sampling_id != other.sampling_id
    assert set(store.samplings.rows(first.sampling_id).sample_ids) != set(
        store.samplings.rows(other.sampling_id).sample_ids
    )


def test_where_nothing_drifted_the_draw_is_nearly_uniform(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    for week, name in enumerate(("W1", "W2")):
        store_checkpoint(store, name, week=week)
    drawn = sample(store, n=N)
    # the same vectors twice: no displacement, no neighbour lost
    assert store.samplings.rows(drawn.sampling_id).probabilities == pytest.approx(N / N_SAMPLES)


def test_low_confidence_has_its_say_where_an_eval_tells_it(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    for week, name in enumerate(("W1", "W2")):
        store_checkpoint(store, name, week=week)
    confidence = np.where(WORLD.concepts == 3, 0.2, 0.99)
    log_eval(store, {"id": WORLD.sample_ids, "prediction": WORLD.labels, "confidence": confidence}, checkpoint="W2")

    drawn = sample(store, n=N)
    assert drawn.by == ("drift", "confidence")
    # 40 samples hold .8 of unsureness each, 280 hold .01: most of the 80 % that are not uniform
    assert (store.samplings.rows(drawn.sampling_id).concepts == "concept 3").sum() > 30
    assert sample(store, n=N, confidence=False).by == ("drift",)


def test_the_file_says_for_each_row_how_many_it_stands_for_and_nothing_in_it_is_run(
    store: Store, tmp_path: Path
) -> None:
    drawn = sample(store, n=N_SAMPLES - 1, split="live")
    write_sampling(store, drawn, tmp_path / "next.csv")
    rows = list(csv.DictReader((tmp_path / "next.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == N_SAMPLES - 1
    assert all(float(row["probability"]) * float(row["weight"]) == pytest.approx(1) for row in rows)
    assert {row["label"] for row in rows} == {""}
    assert not [row for row in rows if row["sample_id"].startswith("=")]
    for name in ("next.parquet", "next.jsonl"):
        write_sampling(store, drawn, tmp_path / name)
    assert pd.read_parquet(tmp_path / "next.parquet")["probability"].sum() <= N_SAMPLES


def labelled(store: Store, n: int, *, wrong: np.ndarray, missing: int = 0) -> pd.DataFrame:
    """A draw from live as a person hands it back: a label in each row, but for the last ones."""
    table = sampling_table(store, sample(store, n=n, split="live", seed=n))
    place = pd.Index(IDS).get_indexer(pd.Index(table["sample_id"]))
    table["prediction"] = "=a label"
    table["label"] = np.where(wrong[place], "another", "=a label")
    table.loc[table.index[len(table) - missing :], "label"] = None
    return table


def test_of_the_whole_population_the_estimate_is_the_truth(store: Store) -> None:
    wrong = np.arange(N_SAMPLES) % 5 == 0
    found = estimate(store, labelled(store, N_SAMPLES, wrong=wrong))
    for share in (found.horvitz_thompson, found.hajek):
        assert (share.value, share.low, share.high) == pytest.approx((0.8, 0.8, 0.8))
    assert (found.n_labelled, found.n_wrong) == (N_SAMPLES, N_SAMPLES // 5)


def test_the_estimate_weighs_what_the_plain_mean_does_not(store: Store) -> None:
    # everything that the draw prefers is wrong: concept 1 of the traffic, an eighth of it
    wrong = resampled(WORLD, seed=5).concepts == 1
    found = estimate(store, labelled(store, 120, wrong=wrong))
    assert found.unweighted < 0.75
    assert found.horvitz_thompson.low <= 0.875 <= found.horvitz_thompson.high
    assert found.horvitz_thompson.value == pytest.approx(0.875, abs=0.04)


def test_a_csv_that_went_through_a_spreadsheet_is_read_back(store: Store, tmp_path: Path) -> None:
    wrong = np.arange(N_SAMPLES) % 2 == 0
    table = labelled(store, N_SAMPLES, wrong=wrong)
    (tmp_path / "labelled.csv").write_bytes(as_csv(table))
    # a person types labels as they are, without the apostrophe
    text = (
        (tmp_path / "labelled.csv").read_text(encoding="utf-8").replace(",'=a label,'=a label,", ",=a label,'=a label,")
    )
    (tmp_path / "labelled.csv").write_text(text, encoding="utf-8", newline="")
    assert estimate(store, tmp_path / "labelled.csv").horvitz_thompson.value == pytest.approx(0.5)


def test_rows_without_a_label_are_taken_as_missing_at_random_and_said(store: Store) -> None:
    found = estimate(store, labelled(store, N_SAMPLES, wrong=np.zeros(N_SAMPLES, dtype=bool), missing=20))
    assert (found.n_labelled, found.horvitz_thompson.value) == (N_SAMPLES - 20, 1.0)
    # not everything was seen
    assert found.horvitz_thompson.low < 1
    assert found.notes == (f"20 of {N_SAMPLES} drawn samples have no outcome: taken as missing at random.",)


def test_outcomes_may_be_given_instead_of_labels(store: Store) -> None:
    table = labelled(store, 80, wrong=np.zeros(N_SAMPLES, dtype=bool)).drop(columns="label")
    assert estimate(store, table.assign(correct=1)).unweighted == 1.0


def test_what_cannot_be_estimated_is_refused_in_one_line(store: Store) -> None:
    table = labelled(store, 70, wrong=np.zeros(N_SAMPLES, dtype=bool))
    with pytest.raises(BadInputError, match="none of 70 rows says what is right"):
        estimate(store, table.assign(label=None))
    with pytest.raises(BadInputError, match="not all ids are in any draw"):
        estimate(store, table.assign(sample_id=[f"other {row}" for row in range(70)]))
    with pytest.raises(BadInputError, match="duplicate id"):
        estimate(store, pd.concat([table, table]))
    with pytest.raises(NotFoundError, match="No sampling 'nope'"):
        estimate(store, table, sampling_id="nope")


def test_a_part_of_a_draw_is_read_where_it_is_clear_which(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    for week, name in enumerate(("W1", "W2")):
        store_checkpoint(store, name, week=week)
    small, large = sample(store, n=40), sample(store, n=N_SAMPLES)
    rows = sampling_table(store, small).assign(prediction="x", label="x")
    # the whole small draw is told from the large one, which holds it too, by its samples being all of it
    assert estimate(store, rows).sampling_id == small.sampling_id
    with pytest.raises(BadInputError, match=f"name one with --sampling: {large.sampling_id}, {small.sampling_id}"):
        estimate(store, rows[:30])
    assert estimate(store, rows[:30], sampling_id=small.sampling_id).n_labelled == 30


def test_what_cannot_be_drawn_is_refused_in_one_line(store: Store, tmp_path: Path) -> None:
    for n in (0, N_SAMPLES + 1):
        with pytest.raises(BadInputError, match=f"has {N_SAMPLES} samples"):
            sample(store, n=n)
    with pytest.raises(BadInputError, match="not a share"):
        sample(store, n=N, uniform=0.0)
    for wrong in ({"reference": "W9"}, {"current": "W9"}, {"split": "nope"}):
        with pytest.raises(NotFoundError):
            sample(store, n=N, **wrong)
    with pytest.raises(BadInputError, match="Unknown export format 'xls'"):
        write_sampling(store, sample(store, n=N), tmp_path / "next.xls")


def test_checkpoints_that_share_no_samples_are_not_comparable(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    store_checkpoint(store, "W1", week=0)
    other = frame(resampled(WORLD, seed=3).vectors)
    ingest(store, other.assign(id=[f"other {row}" for row in range(N_SAMPLES)]), checkpoint="W2")
    with pytest.raises(NotComparableError, match="no split with 50 samples in common"):
        sample(store, n=N)
