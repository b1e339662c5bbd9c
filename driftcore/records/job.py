"""A job: a retraining set on its way through the queue, and the events that tell how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from driftcore.records.judgement import Judgement

JobState = Literal["queued", "running", "done", "failed"]
JobEventKind = Literal["queued", "claimed", "attempt_failed", "given_back", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingPolicy:
    """When a drift is retrained on without anyone asking, with what, and what the new checkpoint may cost.

    Parameters
    ----------
    trainer : str
        Name of the trainer: align, head, lowrank, lora, command, webhook, or a team's own. "auto" is the one that
        can go on from the model kept of the current checkpoint, else head.
    options : mapping of str to str
        The trainer's own.
    verdicts : tuple of str
        Concepts of these verdicts are retrained on.
    min_displacement : float
        Share of the mean gap between concepts below which a moved concept is left alone.
    min_samples : int
        Spans with fewer samples are left alone.
    weekly_budget : int or None
        Rows that may be trained on in seven days, replay not counted; None: as many as there are.
    cool_down_h : float
        Hours after a job of the same concept in which no other is queued for it.
    replay : float
        Rows from concepts that did not drift, for each corrected or gold row.
    holdout : float
        Share of the retraining set that is kept out of training.
    max_loss : float
        Accuracy, as a share of its judged samples, that any other concept may lose.
    alpha : float
        Level of the McNemar tests that call a loss sure.
    max_attempts : int
        How often a job is tried.
    """

    trainer: str = "auto"
    options: Mapping[str, str] = field(default_factory=dict)
    verdicts: tuple[str, ...] = ("silent", "regression", "boundary")
    min_displacement: float = 0.0
    min_samples: int = 20
    weekly_budget: int | None = None
    cool_down_h: float = 0.0
    replay: float = 1.0
    holdout: float = 0.1
    max_loss: float = 0.02
    alpha: float = 0.05
    max_attempts: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done; never changed once it is queued.

    `current` is the checkpoint that is trained further, `who` the person who asked (None: the policy did).
    """

    job_id: str
    span_ids: tuple[str, ...]
    reference: str
    current: str
    split: str
    policy: RetrainingPolicy
    created_at: datetime
    seed: int = 0
    who: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One thing that happened to a job; the n-th event of a job is written by whoever was first, and never changed.

    Parameters
    ----------
    job_id : str
    n : int
        From 0, without gaps.
    kind : str
        "claimed" by a worker for `lease_s` seconds from its last heartbeat, "attempt_failed" (it will be tried
        again), "given_back" (its worker was stopped: that attempt does not count), "done", "failed" (it will not),
        "queued" by a person: again. A job without events is queued since it was created.
    worker : str, optional
        Who claimed, ended or queued it.
    error : str, optional
        One line.
    checkpoint : str, optional
        The checkpoint that was made.
    judgement : Judgement, optional
        Whether the checkpoint was accepted, and why.
    facts : mapping of str to str
        What the trainer chose and measured.
    """

    job_id: str
    n: int
    kind: JobEventKind
    at: datetime
    worker: str | None = None
    lease_s: float | None = None
    error: str | None = None
    checkpoint: str | None = None
    judgement: Judgement | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last sign of life of the worker that won the claim `n` of a job, and the log of its attempt.

    `what` is being done and the `share` of it that is done; `log` is the end of it where it is long. It stays when the
    attempt is over.
    """

    job_id: str
    n: int
    at: datetime
    what: str
    share: float
    log: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What running a job came to."""

    checkpoint: str
    judgement: Judgement
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """A job and how far it is, folded from its events and its last heartbeat.

    `attempt` counts claims since it was last queued, `claims` all of them. `what` and `share` are the progress of the
    running attempt, `log` is that of the last one. `expired` says that the worker of a running job has not been heard
    of for longer than its lease: the next worker takes it over.
    """

    job: Job
    state: JobState
    n_events: int
    attempt: int
    claims: int
    queued_at: datetime
    changed_at: datetime
    worker: str | None = None
    what: str = ""
    share: float = 0.0
    expired: bool = False
    error: str | None = None
    checkpoint: str | None = None
    judgement: Judgement | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
