"""A retraining set: corrections, gold rows and replay, and never a sample that judges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from driftcore import export
from driftcore.errors import BadInputError
from driftcore.judging import is_judge
from driftcore.records import RetrainingSet, Trace
from driftcore.stats import fit_trimmed_alignment
from driftcore.store import Store
from driftcore.workflows.retraining_set import build_set, row_vectors
from driftcore.workflows.trace import trace
from tests.workflows.loop_world import SOURCE, TARGET, drifted, make_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("set") / "store.lance")


@pytest.fixture(scope="module")
def traced(store: Store) -> Trace:
    return trace(store, drifted(store).span_id)


@pytest.fixture(scope="module")
def made(store: Store, traced: Trace) -> RetrainingSet:
    return build_set(store, [drifted(store)], traces=[traced], seed=3)


def of(made: RetrainingSet, role: str) -> pd.DataFrame:
    return made.table[made.table["role"] == role]


def test_half_of_all_samples_judge_whatever_store_they_are_in() -> None:
    ids = [f"sample {number}" for number in range(10_000)]
    judging = is_judge(ids)
    # a fair coin: three standard errors
    assert abs(judging.mean() - 0.5) < 3 * 0.5 / np.sqrt(len(ids))
    assert (is_judge(ids[::-1]) == judging[::-1]).all()


def test_a_correction_carries_both_labels_and_why(made: RetrainingSet, traced: Trace) -> None:
    corrections = of(made, "correction")
    assert set(corrections["sample_id"]) == {row.sample_id for row in traced.rows}
    first = corrections[corrections["label"] == SOURCE].iloc[0]
    assert (first["label_used"], first["checkpoint"], first["weight"]) == (TARGET, "week 2", 2.0)
    assert first["reason"].startswith(f"labelled {TARGET}; what was known at week 1 says {SOURCE} (pull ")


@pytest.mark.parametrize("seed", range(5))
def test_no_judge_is_ever_in_a_set(store: Store, traced: Trace, seed: int) -> None:
    table = build_set(store, [drifted(store)], traces=[traced], replay=5.0, seed=seed).table
    # training rows judge nothing: only the samples of the split do
    of_split = table[table["role"] == "gold"]["sample_id"].tolist()
    assert of_split
    assert not is_judge(of_split).any()


def test_the_gold_rows_are_the_pool_of_the_span(made: RetrainingSet, store: Store) -> None:
    ids = np.array(drifted(store).sample_ids, dtype=object)
    assert set(of(made, "gold")["sample_id"]) == set(ids[~is_judge(ids)])


def test_replay_is_as_large_as_asked_and_of_concepts_that_stayed(made: RetrainingSet) -> None:
    replay = of(made, "replay")
    assert len(replay) == len(made.table) - len(replay)
    counts = replay["label"].value_counts()
    assert {SOURCE, TARGET}.isdisjoint(counts.index)
    # concepts of equal size in equal parts, give or take the rounding
    assert counts.max() - counts.min() <= 1
    assert set(replay["reason"]) == {f"replay: keeps {label} as it is" for label in counts.index}


def test_the_holdout_is_a_share_of_each_part_and_no_correction_is_in_it(made: RetrainingSet) -> None:
    others = made.table[made.table["role"] != "correction"]
    assert (others["part"] == "holdout").sum() == round(0.1 * len(others))
    assert set(of(made, "correction")["part"]) == {"train"}


def test_the_same_seed_makes_the_same_set_and_another_draws_other_replay(store: Store, traced: Trace) -> None:
    def build(seed: int) -> pd.DataFrame:
        return build_set(store, [drifted(store)], traces=[traced], replay=0.5, seed=seed).table

    pd.testing.assert_frame_equal(build(0), build(0))
    assert set(build(0)["sample_id"]) != set(build(1)["sample_id"])


def test_no_row_is_in_a_set_twice(made: RetrainingSet) -> None:
    assert not made.table.duplicated(["checkpoint", "sample_id"]).any()
    assert list(made.table.columns) == [*export.COLUMNS, *export.SET_COLUMNS]


def test_without_a_trace_the_set_says_that_it_corrects_nothing(store: Store) -> None:
    plain = build_set(store, [drifted(store)])
    assert of(plain, "correction").empty
    assert plain.notes == ("Nothing was traced.",)


def test_a_holdout_of_everything_is_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match="a holdout is a share below 1"):
        build_set(store, [drifted(store)], holdout=1.0)


def test_rows_of_the_current_checkpoint_have_its_vectors_and_others_are_laid_onto_it(store: Store) -> None:
    here = store.snapshots.rows("week 2", "train")
    there = store.snapshots.rows("week 1", "train")
    table = pd.DataFrame(
        {"sample_id": [here.sample_ids[5], there.sample_ids[7], "nobody"], "checkpoint": ["week 2", "week 1", "week 2"]}
    )
    vectors = row_vectors(store, table, "week 2", "validation")
    assert np.array_equal(vectors[0], here.vectors[5])
    fit = fit_trimmed_alignment(
        store.snapshots.rows("week 2", "validation").vectors, store.snapshots.rows("week 1", "validation").vectors
    )
    np.testing.assert_allclose(vectors[1], fit.apply(there.vectors[7:8])[0], atol=1e-6)
    assert np.isnan(vectors[2]).all()
