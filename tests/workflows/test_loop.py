"""The loop on a small world, with a real trainer: drift in, a judged checkpoint out, and no second time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from driftcore import compare, ingest, open_store
from driftcore.errors import BadInputError
from driftcore.records import LoopRound, RetrainingPolicy
from driftcore.store import Store
from driftcore.workflows.choose_spans import choose_spans
from driftcore.workflows.loop import loop_once
from driftcore.workflows.queue import add, statuses
from driftcore.workflows.retrain import run_job, settle_all, trainer_of
from driftcore.workflows.retraining_policy import read_policy
from driftcore.workflows.triage import accept, dismiss
from driftcore.workflows.work import claim, work
from tests.workflows.loop_world import N_RELABELLED, SOURCE, drifted, make_store

POLICY = RetrainingPolicy(trainer="head")
NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loop") / "store.lance"
    make_store(path)
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(made, tmp_path / "store.lance"))


@pytest.fixture(scope="module")
def done(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, LoopRound]:
    store = open_store(shutil.copytree(made, tmp_path_factory.mktemp("done") / "store.lance"))
    return store, loop_once(store, policy=POLICY)


def test_a_round_finds_the_cause_retrains_and_takes_what_is_better(done: tuple[Store, LoopRound]) -> None:
    store, told = done
    assert (told.reference, told.current) == ("week 1", "week 2")
    assert drifted(store).span_id in told.spans
    assert told.traced is not None and N_RELABELLED <= told.traced <= 1.1 * N_RELABELLED
    assert told.accepted, told.reason
    before, after = told.before["concept"], told.after["concept"]
    assert before is not None and after is not None and after > before + 0.3
    assert (told.after["rest"] or 0.0) >= (told.before["rest"] or 1.0) - 0.02
    assert (told.after[f"live {SOURCE}"] or 0.0) > (told.before[f"live {SOURCE}"] or 1.0)
    # nobody but the demo knows the truth
    assert told.truly_relabelled is None


def test_an_accepted_checkpoint_is_the_reference_and_those_before_stay_readable(
    done: tuple[Store, LoopRound],
) -> None:
    store, told = done
    new = store.reference()
    assert (new.checkpoint, new.status, new.reason) == (told.checkpoint, "accepted", told.reason)
    assert set(new.splits) == {"validation", "live", "train"}
    assert store.snapshots.rows("week 1", "validation").vectors.shape == (480, 24)
    # the corrected rows of the new checkpoint's own training split carry the label they were trained with
    _, labels = store.snapshots.labels(new.checkpoint, "train")
    _, before = store.snapshots.labels("week 2", "train")
    assert (labels != before).sum() == told.traced
    assert not store.snapshots.orphans()


def test_the_next_round_has_nothing_to_do(done: tuple[Store, LoopRound]) -> None:
    store, told = done
    again = loop_once(store, policy=POLICY)
    assert again.reason == f"'{told.checkpoint}' is the reference itself: nothing new to look at"
    assert len(statuses(store)) == 1
    assert [each.job for each in store.rounds.all()] == [told.job, None]


def test_a_rejected_checkpoint_is_kept_and_marked_and_is_nobodys_next_step(tmp_path: Path) -> None:
    # every answer is right already, and a new head moves no vector: there is nothing that it could gain
    store = make_store(tmp_path / "store.lance", silent=True)
    told = loop_once(store, policy=POLICY)
    assert told.accepted is False
    assert told.checkpoint is not None
    mark = store.marks.all()[told.checkpoint]
    assert (mark.status, mark.reason) == ("rejected", told.reason)
    assert told.checkpoint in {each.checkpoint for each in store.checkpoints()}
    assert told.checkpoint not in {each.checkpoint for each in store.line("validation")}
    assert store.reference().checkpoint == "week 1"
    assert store.current().checkpoint == "week 2"
    # the next round does not try the same again
    again = loop_once(store, policy=POLICY)
    assert again.job is None
    assert "was rejected" in again.skipped[drifted(store).span_id]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(store: Store) -> None:
    told = loop_once(store, policy=POLICY, dry_run=True)
    assert drifted(store).span_id in told.spans
    assert "dry run" in told.reason
    assert not statuses(store)
    assert not store.rounds.all()


def test_a_round_that_was_killed_is_finished_before_another_begins(store: Store) -> None:
    job = add(store, [drifted(store).span_id], policy=POLICY)
    # a worker claimed it and was never heard of again
    assert claim(store, worker="gone", lease_s=1e-9) is not None
    told = loop_once(store, policy=POLICY)
    assert told.job == job.job_id
    assert told.checkpoint == f"week 2-{job.job_id[:4]}.2"
    assert told.accepted


def test_what_a_killed_worker_did_not_settle_is_settled_later(store: Store) -> None:
    job = add(store, [drifted(store).span_id], policy=POLICY)
    assert work(store, run_job, once=True) == 1
    name = f"week 2-{job.job_id[:4]}"
    assert store.marks.all()[name].status == "trial"
    assert store.current().checkpoint == "week 2"
    settle_all(store)
    assert store.marks.all()[name].status == "accepted"
    assert store.reference().checkpoint == name


def test_without_a_kept_model_auto_refits_the_classifier(store: Store) -> None:
    job = add(store, [drifted(store).span_id])
    assert trainer_of(store, job) == "head"
    store.models.write("week 2", b"weights", trainer="ours")
    assert trainer_of(store, job) == "ours"


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (RetrainingPolicy(verdicts=("boundary",)), "its concept is"),
        (RetrainingPolicy(min_displacement=5.0), "is below 5"),
        (RetrainingPolicy(min_samples=1000), "samples are fewer than 1000"),
        (RetrainingPolicy(weekly_budget=1), "where the week's budget has 1 left"),
    ],
)
def test_the_policy_says_why_it_leaves_a_span_alone(store: Store, policy: RetrainingPolicy, why: str) -> None:
    chosen, skipped = choose_spans(store, compare(store, "week 1", "week 2"), policy, now=NOW)
    assert not chosen
    assert why in skipped[drifted(store).span_id]


def test_a_persons_word_goes_before_the_policy(store: Store) -> None:
    report, span = compare(store, "week 1", "week 2"), drifted(store)
    accept(store, [span.span_id])
    chosen, _ = choose_spans(store, report, RetrainingPolicy(min_samples=1000), now=NOW)
    assert [each.span.span_id for each in chosen] == [span.span_id]
    dismiss(store, [span.span_id])
    _, skipped = choose_spans(store, report, RetrainingPolicy(), now=NOW)
    assert skipped[span.span_id] == "dismissed by a person"


def test_a_concept_cools_down_after_a_job(store: Store) -> None:
    add(store, [drifted(store).span_id])
    # another span of the same concept, between other checkpoints
    ids = np.array([f"v{row:04d}" for row in range(480)], dtype=object)
    vectors = store.snapshots.vectors("week 2", "validation", ids)
    labels = store.snapshots.labels("week 2", "validation")[1]
    ingest(store, {"id": ids, "label": labels, "embedding": vectors * 1.0001}, checkpoint="week 3", at=NOW)
    report = compare(store, "week 1", "week 3")
    policy = RetrainingPolicy(cool_down_h=24.0, verdicts=("silent", "regression", "watch", "stable"))
    _, skipped = choose_spans(store, report, policy, now=datetime.now(UTC))
    assert any("cools down for 24 h" in why for why in skipped.values())


def test_a_misspelt_policy_is_refused_with_what_is_known() -> None:
    with pytest.raises(BadInputError, match=r"\[loop\] knows no 'trainr'\. Known: trainer, options"):
        read_policy({"trainr": "head"})
    with pytest.raises(BadInputError, match=r"\[loop\] max_loss is wrong"):
        read_policy({"max_loss": "much"})
    with pytest.raises(BadInputError, match=r"\[loop\] holdout is 1"):
        read_policy({"holdout": 1.0})
    assert read_policy({"verdicts": ["silent"], "options": {"rank": "4"}}).options == {"rank": "4"}
