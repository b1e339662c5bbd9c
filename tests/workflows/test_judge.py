"""Judging: taken where the span gained and nothing else surely lost, by samples that no set may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from driftcore import ingest, log_eval
from driftcore.judging import is_judge
from driftcore.records import Judgement, RetrainingPolicy
from driftcore.store import Store
from driftcore.testing import moved
from driftcore.workflows.judge import judge
from tests.workflows.loop_world import LIVE, SOURCE, TARGET, WORLD, drifted, make_store

AT = datetime(2026, 1, 19, tzinfo=UTC)
IDS = np.array([f"v{row:04d}" for row in range(len(WORLD.labels))], dtype=object)
LIVE_IDS = np.array([f"l{row:04d}" for row in range(len(LIVE.labels))], dtype=object)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make_store(tmp_path / "store.lance", with_texts=False)


def judged(store: Store, predictions: NDArray[np.object_] | None, **policy: float) -> Judgement:
    """A third checkpoint with these predictions on validation and none on live, judged against the second."""
    vectors = moved(WORLD, 1, toward=4, share=0.45)
    ingest(store, {"id": IDS, "label": WORLD.labels, "embedding": vectors}, checkpoint="new", at=AT)
    if predictions is not None:
        log_eval(store, {"id": IDS, "prediction": predictions}, checkpoint="new")
    return judge(store, [drifted(store)], before="week 2", after="new", policy=RetrainingPolicy(**policy))


def forgetting(concept: str, n_wrong: int) -> NDArray[np.object_]:
    """All right, but for some judges of one concept."""
    predictions = WORLD.labels.copy()
    judges = np.flatnonzero((WORLD.labels == concept) & is_judge(IDS))
    predictions[judges[:n_wrong]] = "concept 7" if concept != "concept 7" else "concept 6"
    return predictions


def test_what_came_right_is_counted_on_the_judges_only(store: Store) -> None:
    found = judged(store, WORLD.labels)
    rows = np.flatnonzero(WORLD.labels == SOURCE)
    judges = is_judge(IDS[rows])
    # two thirds of the concept were wrong at week 2: by their order
    wrong = np.arange(len(rows)) < 2 * len(rows) // 3
    assert found.concept.n_samples == judges.sum()
    assert found.concept.better == (wrong & judges).sum()
    assert found.concept.before == pytest.approx(1 - (wrong & judges).sum() / judges.sum())
    assert found.concept.after == 1.0
    assert found.concept.p_value == pytest.approx(binomtest(0, int((wrong & judges).sum()), 0.5).pvalue)
    assert found.accepted
    assert "the span went from" in found.reason


def test_a_concept_that_surely_lost_more_than_allowed_is_named(store: Store) -> None:
    found = judged(store, forgetting("concept 6", 15))
    n_judges = int((is_judge(IDS) & (WORLD.labels == "concept 6")).sum())
    assert not found.accepted
    assert found.reason == (
        f"concept 6 lost {100 * 15 / n_judges:.1f} points against 'week 2' on {n_judges} judged samples, where 2 are "
        "allowed"
    )


def test_a_loss_that_chance_explains_is_no_reason_to_reject(store: Store) -> None:
    # two flips of a fair coin: p = 0.5
    assert judged(store, forgetting("concept 6", 2)).accepted


def test_a_loss_that_the_policy_allows_is_no_reason_to_reject(store: Store) -> None:
    assert judged(store, forgetting("concept 6", 15), max_loss=0.9).accepted


def test_a_checkpoint_that_changes_no_answer_and_no_place_is_not_taken(store: Store) -> None:
    run = store.evals.rows("week 2", "validation")
    assert run is not None
    by_id = dict(zip(run.sample_ids, run.predictions, strict=True))
    found = judged(store, np.array([by_id[each] for each in IDS], dtype=object))
    assert not found.accepted
    assert found.span.before == found.span.after


def test_a_checkpoint_without_predictions_cannot_be_taken(store: Store) -> None:
    found = judged(store, None)
    assert not found.accepted
    assert "has no predictions on the span to judge by" in found.reason
    assert (found.span.n_samples, found.span.before) == (0, None)


def test_the_destination_gives_back_what_it_won_by_the_drift(store: Store) -> None:
    """At week 1 the target had errors that the drift hid; having them again is not a loss."""
    rows = np.flatnonzero((WORLD.labels == TARGET) & is_judge(IDS))[:15]
    early = WORLD.labels.copy()
    early[rows] = SOURCE
    vectors = {"id": IDS, "label": WORLD.labels, "embedding": WORLD.vectors}
    ingest(store, vectors, checkpoint="week 0", at=datetime(2025, 12, 29, tzinfo=UTC))
    log_eval(store, {"id": IDS, "prediction": early}, checkpoint="week 0")
    again = drifted(store)
    span = replace(again, reference="week 0")
    new = {"id": IDS, "label": WORLD.labels, "embedding": moved(WORLD, 1, toward=4, share=0.45)}
    ingest(store, new, checkpoint="new", at=AT)
    log_eval(store, {"id": IDS, "prediction": early}, checkpoint="new")
    found = judge(store, [span], before="week 2", after="new")
    target = next(each for each in found.concepts if each.group == TARGET)
    assert (target.against, target.worse, target.better) == ("week 0", 0, 0)
    # 15 answers that were right at week 2 are wrong, and still nothing is called lost but the whole of the rest
    assert "lost" not in found.reason or found.reason.startswith("rest")


def test_live_traffic_is_judged_where_both_checkpoints_have_it(store: Store) -> None:
    live = {"id": LIVE_IDS, "label": LIVE.labels, "embedding": LIVE.vectors}
    ingest(store, live, checkpoint="new", split="live", at=AT)
    log_eval(store, {"id": LIVE_IDS, "prediction": LIVE.labels}, checkpoint="new", split="live")
    found = judged(store, WORLD.labels)
    assert found.live is not None and found.live_concept is not None
    assert found.live.n_samples == is_judge(LIVE_IDS).sum()
    assert [each.group for each in found.live_concepts] == [SOURCE]
    assert found.live_concept.after == 1.0 > (found.live_concept.before or 0.0)
