"""A retraining set: what may be in it, what never is, and where its rows lie."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcore import compare, export, ingest, open_store
from driftcore.errors import BadInputError
from driftcore.judging import is_judge
from driftcore.records import RetrainingSet, Trace
from driftcore.store import Store
from driftcore.testing import make_world, moved, rotated
from driftcore.workflows.retraining_set import build_set, row_vectors
from driftcore.workflows.trace import trace
from tests.workflows.loop_world import N_CONCEPTS, N_PER_CONCEPT, SOURCE, TARGET, WORLD, drifted, make_store

law = settings(deadline=None, derandomize=True, max_examples=12)
seeds = st.integers(0, 2**32 - 1)
shares = st.floats(0, 0.9)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("set") / "store.lance")


@pytest.fixture(scope="module")
def traced(store: Store) -> Trace:
    return trace(store, drifted(store).span_id)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store whose training rows are the samples that are judged, ids and texts and all; they may not be replayed."""
    world = make_world(n_concepts=6, n_per_concept=40, n_dims=16)
    made = open_store(tmp_path_factory.mktemp("shared") / "store.lance")
    for week, share in enumerate((0.0, 0.4)):
        columns = {
            "id": world.sample_ids,
            "label": world.labels,
            "text": [f"text {row}" for row in range(len(world.labels))],
            "embedding": moved(world, 1, toward=4, share=share) if share else world.vectors,
        }
        for split in ("validation", "train"):
            ingest(
                made, columns, checkpoint=f"week {week}", split=split, at=datetime(2026, 1, 5 + 7 * week, tzinfo=UTC)
            )
    compare(made, "week 0", "week 1")
    return made


def made_of(store: Store, found: Trace | None = None, **settings_: float) -> RetrainingSet:
    return build_set(store, [drifted(store)], traces=[] if found is None else [found], **settings_)


def judged_in(store: Store) -> list[str]:
    current = drifted(store).current
    return [each.split for each in store.snapshots.all() if each.checkpoint == current and each.split != "train"]


def rows_of(made: RetrainingSet, role: str) -> pd.DataFrame:
    return made.table[made.table["role"] == role]


@given(seed=seeds, replay=st.floats(0, 20), holdout=shares)
@law
def test_no_judge_is_ever_in_a_set(store: Store, shared: Store, seed: int, replay: float, holdout: float) -> None:
    for each in (store, shared):
        ids = made_of(each, seed=seed, replay=replay, holdout=holdout).table["sample_id"].to_numpy(dtype=object)
        judged = np.concatenate([each.snapshots.labels(drifted(each).current, split)[0] for split in judged_in(each)])
        assert len(ids)
        assert not is_judge(ids[np.isin(ids, judged)]).any()


def test_a_training_row_is_not_taken_for_a_judge_by_its_id_alone(store: Store, traced: Trace) -> None:
    made = made_of(store, traced)
    # half of them would be missing
    assert len(rows_of(made, "correction")) == len(traced.rows)
    assert 0.3 < is_judge(rows_of(made, "replay")["sample_id"].tolist()).mean() < 0.7


@given(seed=seeds, replay=st.floats(0, 3))
@law
def test_replay_holds_no_concept_that_drifted_and_as_many_rows_as_asked_for(
    store: Store, traced: Trace, seed: int, replay: float
) -> None:
    made = made_of(store, traced, seed=seed, replay=replay)
    replayed = rows_of(made, "replay")
    assert not set(replayed["label"]) & {SOURCE, TARGET}
    assert len(replayed) == round(replay * (len(made.table) - len(replayed)))
    # of eight concepts of equal size two drifted: each of the other six has its share, up to one row
    sizes = replayed["label"].value_counts().reindex(sorted(set(WORLD.labels) - {SOURCE, TARGET}), fill_value=0)
    assert len(sizes) == N_CONCEPTS - 2
    assert sizes.max() - sizes.min() <= 1


@given(seed=seeds, holdout=shares)
@law
def test_the_holdout_is_apart_and_leaves_something_of_everything_to_train_on(
    store: Store, traced: Trace, seed: int, holdout: float
) -> None:
    table = made_of(store, traced, seed=seed, holdout=holdout).table
    assert not table.duplicated(["checkpoint", "sample_id"]).any()
    assert set(table["part"]) <= {"train", "holdout"}
    others = table[table["role"] != "correction"]
    assert (others["part"] == "holdout").sum() == int(holdout * len(others))
    # a correction that is held out would leave the wrong label in training
    assert set(table["part"][table["role"] == "correction"]) == {"train"}
    trained = table[table["part"] == "train"]
    assert set(trained["role"] + trained["label"]) == set(table["role"] + table["label"])


@given(seed=seeds)
@law
def test_the_same_seed_makes_the_same_set(store: Store, traced: Trace, seed: int) -> None:
    first, second = (made_of(store, traced, seed=seed) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.seed == seed


def test_another_seed_replays_other_rows(store: Store) -> None:
    first, second = (set(rows_of(made_of(store, seed=seed), "replay")["sample_id"]) for seed in (0, 1))
    assert first != second


def test_each_row_says_what_it_is_and_weighs_what_it_should(store: Store, traced: Trace) -> None:
    made = made_of(store, traced)
    assert tuple(made.table.columns) == (*export.COLUMNS, *export.SET_COLUMNS)
    corrected, gold, replayed = (rows_of(made, role) for role in ("correction", "gold", "replay"))
    assert set(corrected["weight"]) == {2.0}
    assert set(zip(corrected["label_used"], corrected["label"], strict=True)) == {
        (row.label_used, row.suggested) for row in traced.rows
    }
    assert corrected["reason"].iloc[0] == (
        f"labelled {traced.rows[0].label_used}; what was known at week 1 says {traced.rows[0].suggested} (pull 1.00)"
    )
    # at week 2 the first two thirds of the concept are taken for the other one
    ids, labels = store.snapshots.labels("week 2", "validation")
    wrong = ids[labels == SOURCE][: 2 * N_PER_CONCEPT // 3]
    assert (gold["weight"] == np.where(gold["sample_id"].isin(wrong), 2.0, 1.0)).all()
    assert set(gold["sample_id"]) == {each for each in drifted(store).sample_ids if not is_judge([each])[0]}
    assert (gold["label_used"] == gold["label"]).all()
    assert set(replayed["weight"]) == {1.0}
    assert (replayed["reason"] == "replay: keeps " + replayed["label"] + " as it is").all()


def test_without_a_trace_there_are_no_corrections_and_it_is_said(store: Store) -> None:
    made = made_of(store)
    assert set(made.table["role"]) == {"gold", "replay"}
    assert "Nothing was traced." in made.notes


@pytest.mark.parametrize("bad", [{"holdout": 1.0}, {"holdout": -0.1}, {"replay": -1.0}, {"replay": float("nan")}])
def test_shares_that_are_none_are_refused(store: Store, bad: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match="a holdout is a share below 1"):
        made_of(store, **bad)


def test_no_span_is_no_set(store: Store) -> None:
    with pytest.raises(BadInputError, match="No span to export"):
        build_set(store, [])


def test_rows_of_the_current_checkpoint_keep_their_vectors(store: Store, traced: Trace) -> None:
    table = made_of(store, traced).table
    gold = table[table["role"] == "gold"]
    found = row_vectors(store, gold, "week 2", "validation")
    expected = store.snapshots.vectors("week 2", "validation", gold["sample_id"].to_numpy(dtype=object))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32


def test_rows_of_an_earlier_checkpoint_are_turned_into_the_current_space(tmp_path: Path) -> None:
    """The same model, turned: every row has to come out where the current checkpoint would have it."""
    world = make_world(n_concepts=4, n_per_concept=30, n_dims=8)
    turned = rotated(world.vectors, seed=3)
    store = open_store(tmp_path / "store.lance")
    half = len(world.vectors) // 2
    for week, vectors in enumerate((world.vectors, turned)):
        at = datetime(2026, 1, 5 + 7 * week, tzinfo=UTC)
        for split, rows in (("validation", slice(0, half)), ("train", slice(half, None))):
            # both splits number their samples alike
            ids = [str(row) for row in range(half)]
            texts = [f"{split} {row}" for row in ids]
            columns = {"id": ids, "label": world.labels[rows], "text": texts, "embedding": vectors[rows]}
            ingest(store, columns, checkpoint=f"week {week}", split=split, at=at)
    table = pd.DataFrame(
        {"sample_id": ["3", "3", "7"], "text": ["train 3", "validation 3", "nowhere"], "checkpoint": "week 0"}
    )
    found = row_vectors(store, table, "week 1", "validation")
    np.testing.assert_allclose(found[:2], turned[[half + 3, 3]], atol=1e-4)
    assert np.isnan(found[2]).all()
