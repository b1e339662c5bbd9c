"""Jobs on the retraining page: queue the waiting spans, watch the workers, read what came of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from driftcore import charts
from driftcore.records import Change, JobStatus, Judgement, TriagedSpan
from driftcore.settings import read_settings
from driftcore.store import Store
from driftcore.ui._access import may_edit
from driftcore.ui._actions import act
from driftcore.ui._metric import metric, metrics
from driftcore.ui._pickers import pick
from driftcore.ui._reading import current_store
from driftcore.ui._tables import percent_text, points_text
from driftcore.ui._text import plain
from driftcore.workflows.queue import add, retry, status, statuses
from driftcore.workflows.retraining_policy import read_policy
from driftcore.workflows.trainers import trainer_names

_EVERY_S = 2
_ACTIVE = ("queued", "running")
_MARKS = {
    "queued": ":material/schedule: queued",
    "running": ":material/sync: running",
    "done": ":material/check: done",
    "failed": ":material/error: failed",
}


def load_jobs() -> tuple[JobStatus, ...]:
    """Every job, oldest first."""
    return statuses(current_store())


def queue_panel(accepted: Sequence[TriagedSpan], jobs: Sequence[JobStatus]) -> None:
    """Queue the accepted spans that no job has taken yet, with a trainer of choice."""
    taken = {span_id for job in jobs if job.state != "failed" for span_id in job.job.span_ids}
    fresh = [each for each in accepted if each.span.span_id not in taken]
    if not may_edit() or not fresh:
        return
    st.subheader("Retrain", anchor=False)
    policy = read_policy(read_settings().loop)
    names = ["auto", *trainer_names()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        trainer = st.selectbox(
            "Trainer",
            names,
            index=names.index(policy.trainer) if policy.trainer in names else 0,
            key="trainer",
            width=220,
            help="auto goes on from the model that is kept of the checkpoint; else the classifier is refitted.",
        )
        st.button(
            f"Queue {len(fresh)} spans" if len(fresh) > 1 else "Queue the span",
            key="queue-spans",
            type="primary",
            icon=":material/playlist_add:",
            on_click=_queue,
            args=(fresh, trainer),
        )
    st.caption(
        "A job traces the spans to the training rows behind them, corrects those, adds the spans' own samples and "
        "replay of concepts that stayed, trains, evaluates, and takes the new checkpoint only where the spans gained "
        "and nothing else surely lost."
    )


def jobs_panel(jobs: Sequence[JobStatus]) -> None:
    """What is queued and running, with its progress; the page follows it by itself."""
    st.subheader("Jobs", anchor=False)
    if not jobs:
        st.caption("No job was queued yet.")
        return
    if any(job.state in _ACTIVE for job in jobs):
        _followed()
    else:
        _list(jobs)


def job_panel(store: Store, jobs: Sequence[JobStatus]) -> None:
    """One job in full: before and after, what it trained on, its log."""
    if not jobs:
        return
    ids = [job.job.job_id for job in reversed(jobs)]
    by_id = {job.job.job_id: job for job in jobs}
    chosen = pick("Job", ids, key="job", default=ids[0], shown=lambda each: f"{each} · {by_id[each].job.current}")
    job = status(store, chosen)
    if job.judgement is not None:
        _outcome(job.judgement)
    elif job.error:
        st.error(plain(job.error), icon=":material/error:")
    if job.state == "failed" and may_edit():
        st.button("Try again", key="retry-job", icon=":material/replay:", on_click=_retry, args=(chosen,))
    if job.facts:
        told = pd.DataFrame([{"what": name, "value": value} for name, value in job.facts.items()])
        st.dataframe(told, hide_index=True, key="job-facts", alt="What the job trained on and measured")
    if job.log:
        with st.expander("Log", icon=":material/receipt_long:"):
            st.code(job.log, language=None)


def _outcome(judgement: Judgement) -> None:
    verdict = "Accepted" if judgement.accepted else "Rejected"
    say = st.success if judgement.accepted else st.warning
    icon = ":material/check_circle:" if judgement.accepted else ":material/block:"
    say(f"**{verdict}: {plain(judgement.after)}.** {plain(judgement.reason)}.", icon=icon)
    with metrics(key="judged-numbers"):
        _number("Spans", judgement.span, "samples of the spans that judge and never train")
        for each in judgement.live_concepts:
            _number(f"{plain(each.group)}, live", each, "judged samples of this concept in live traffic")
        _number("All other concepts", judgement.rest, "judged samples of every concept that no span is of")
        if judgement.live is not None:
            _number("Live traffic", judgement.live, "all judged samples of it")
    st.plotly_chart(charts.judgement_figure(judgement), key="judgement")
    st.caption(
        "Accuracy before (open) and after (full) retraining, in brackets how many samples judged. Only samples that no "
        "retraining set may hold are counted: half of all, chosen by their ids. Of the single concepts, those that "
        "changed most; one that a span drifted toward is held to the reference where that was lower."
    )


def _number(label: str, change: Change, words: str) -> None:
    delta = points_text(change.before, change.after)
    metric(label, percent_text(change.after), f"{delta or 'not evaluated'}; {change.n_samples:,} {words}")


def _table(jobs: Sequence[JobStatus]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "job": job.job.job_id,
                "state": job.state + (", worker gone" if job.expired else ""),
                "trainer": job.facts.get("trainer", job.job.policy.trainer),
                "spans": len(job.job.span_ids),
                "trained further": job.job.current,
                "made": job.checkpoint,
                "outcome": _said(job),
                "queued": job.queued_at,
            }
            for job in reversed(jobs)
        ]
    )


def _said(job: JobStatus) -> str | None:
    if job.judgement is None:
        return job.error
    return ("accepted: " if job.judgement.accepted else "rejected: ") + job.judgement.reason


def _list(jobs: Sequence[JobStatus]) -> None:
    st.dataframe(
        _table(jobs),
        hide_index=True,
        key="jobs-table",
        placeholder="–",
        column_config={"queued": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
        alt="Jobs: state, trainer, checkpoint made",
    )


@st.fragment(run_every=_EVERY_S)
def _followed() -> None:
    """All jobs while one is not at its end, drawn anew every two seconds; when the last ends, so is the whole page."""
    jobs = statuses(current_store())
    active = [job for job in jobs if job.state in _ACTIVE]
    if not active:
        st.rerun()
    for job in active:
        st.progress(
            min(max(job.share, 0.0), 1.0),
            text=f"{_MARKS[job.state]} · {plain(job.job.job_id)} · attempt {max(job.attempt, 1)} of "
            f"{job.job.policy.max_attempts}" + (f" · {plain(job.what)}" if job.what else ""),
        )
    if all(job.state == "queued" or job.expired for job in active):
        st.caption("No worker is at it: run `driftloop work` on any machine that shares the store.")
        if may_edit():
            st.button("Run the queue here", key="run-queue", icon=":material/play_arrow:", on_click=_run_here)
    _list(jobs)


def _queue(fresh: Sequence[TriagedSpan], trainer: str) -> None:
    def work() -> str:
        groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for each in fresh:
            groups[each.span.reference, each.span.current, each.span.split].append(each.span.span_id)
        policy = read_policy(read_settings().loop, trainer=trainer)
        ids = [add(current_store(), span_ids, policy=policy).job_id for span_ids in groups.values()]
        return f"Queued: {', '.join(ids)}"

    act("queue a job", work)


def _retry(job_id: str) -> None:
    def work() -> str:
        retry(current_store(), job_id)
        return f"Queued again: {job_id}"

    act("queue a job", work)


def _run_here() -> None:
    def work() -> str:
        # a process of its own: training in the server would hold every page, and end with it
        command = [sys.executable, "-c", "from driftcore.cli import main; main()", "work", "--drain"]
        subprocess.Popen(
            command,
            env={**os.environ, "DRIFTLOOP_STORE": current_store().uri},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return "A worker has started on this machine"

    act("run the queue", work)
