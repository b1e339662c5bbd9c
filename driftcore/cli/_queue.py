"""The queue from the command line: add jobs, see how far they are, try again, and work."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftcore.cli._output import console, print_json, print_table
from driftcore.cli._store import StoreUri, settings_of, store_of
from driftcore.errors import BadInputError, one_line
from driftcore.settings import read_settings

if TYPE_CHECKING:
    from driftcore.records import JobEvent, JobStatus
    from driftcore.store import Store

queue_app = typer.Typer(help="Jobs: spans on their way to a new checkpoint.", no_args_is_help=True)
work_app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
JobId = Annotated[str, typer.Argument(help="Id of a job: driftloop queue list.", metavar="JOB")]


@queue_app.command("add")
def add_job(
    context: typer.Context,
    span_ids: Annotated[list[str], typer.Argument(help="Ids of spans of the same checkpoints.", metavar="SPAN…")],
    trainer: Annotated[
        str | None, typer.Option(help="Who retrains: head, lowrank, align, lora, command, webhook [the policy's].")
    ] = None,
    option: Annotated[list[str] | None, typer.Option(help="For the trainer: rank=8. May be repeated.")] = None,
    max_attempts: Annotated[int | None, typer.Option(min=1, help="How often the job is tried [the policy's].")] = None,
    seed: Annotated[int, typer.Option(help="Of all chance in the job.")] = 0,
    store: StoreUri = None,
    json: Json = False,
) -> None:
    """Queue a job that retrains on spans; what is not said here is as the table [loop] of driftloop.toml has it."""
    from driftcore.records import to_json
    from driftcore.workflows.queue import add
    from driftcore.workflows.retraining_policy import read_policy

    policy = read_policy(
        read_settings().loop, trainer=trainer, options=_options(option or []) or None, max_attempts=max_attempts
    )
    job = add(_open(context, store), span_ids, policy=policy, seed=seed)
    if json:
        print_json(to_json(job))
    else:
        console.print(f"Job {job.job_id} is queued: driftloop work runs it.", soft_wrap=True)


@queue_app.command("list")
def list_jobs(context: typer.Context, store: StoreUri = None, json: Json = False) -> None:
    """Every job, and how far it is."""
    from driftcore.workflows.queue import statuses

    found = statuses(_open(context, store))
    if json:
        print_json([_brief(each) for each in found])
    elif not found:
        console.print("No jobs yet: queue spans with driftloop queue add.")
    else:
        print_table(
            [
                "job",
                "state",
                "trainer",
                "spans",
                "current",
                "attempt",
                "progress",
                "checkpoint",
                "outcome",
            ],
            [
                (
                    each.job.job_id,
                    _state(each),
                    each.job.policy.trainer,
                    len(each.job.span_ids),
                    each.job.current,
                    f"{each.attempt} of {each.job.policy.max_attempts}",
                    _progress(each),
                    each.checkpoint,
                    _outcome(each),
                )
                for each in found
            ],
        )


@queue_app.command("show")
def show_job(context: typer.Context, job_id: JobId, store: StoreUri = None, json: Json = False) -> None:
    """One job with what happened to it and the log of its last attempt."""
    from driftcore.records import to_json
    from driftcore.workflows.queue import status

    opened = _open(context, store)
    found = status(opened, job_id)
    events = opened.jobs.events().get(found.job.job_id, ())
    if json:
        judgement = None if found.judgement is None else to_json(found.judgement)
        happened = [to_json(event) for event in events]
        print_json({**_brief(found), "judgement": judgement, "events": happened, "log": found.log})
        return
    print_table(
        ["at", "what", "worker", "error", "checkpoint"],
        [
            (f"{found.job.created_at:%Y-%m-%d %H:%M:%S}", "queued", found.job.who, None, None),
            *((f"{e.at:%Y-%m-%d %H:%M:%S}", e.kind, e.worker, e.error, e.checkpoint) for e in events),
        ],
        title=f"Job {found.job.job_id}: {_state(found)}. {_outcome(found) or ''}".rstrip(),
    )
    for line in found.log.splitlines():
        console.print(line, soft_wrap=True)


@queue_app.command("retry")
def retry_job(context: typer.Context, job_id: JobId, store: StoreUri = None) -> None:
    """Queue a failed job again."""
    from driftcore.workflows.queue import retry

    retry(_open(context, store), job_id)
    console.print(f"Job {one_line(job_id)} is queued again.", soft_wrap=True)


@work_app.command("work")
def work_jobs(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End after one attempt, or at once where none is due.")] = False,
    drain: Annotated[bool, typer.Option("--drain", help="End when every job is done or failed.")] = False,
    poll: Annotated[float, typer.Option(min=0.0, help="Seconds between two looks at an empty queue.")] = 5.0,
    lease: Annotated[
        float, typer.Option(min=1.0, help="Seconds without a sign of life before other workers take a job over.")
    ] = 60.0,
    store: StoreUri = None,
) -> None:
    """Run queued jobs; any number of workers share a store."""
    from driftcore.workflows.retrain import run_job, settle_all
    from driftcore.workflows.work import work

    # asked to end by whoever runs it, a worker gives back the job that it is at, as it does on Ctrl-C
    opened = _open(context, store)

    def told(event: JobEvent) -> None:
        settle_all(opened)
        _print_event(event)

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # what another worker finished, and was killed before it could mark
        settle_all(opened)
        if not (once or drain):
            console.print("Waiting for jobs: Ctrl-C ends it.", soft_wrap=True)
        work(opened, run_job, once=once, drain=drain, poll_s=poll, lease_s=lease, on_event=told)
    except KeyboardInterrupt:
        console.print("Stopped; a job that was running is given back.", soft_wrap=True)
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_event(event: JobEvent) -> None:
    said = [event.kind.replace("_", " "), event.checkpoint and f"made '{event.checkpoint}'", event.error]
    verdict = event.judgement and ("accepted: " if event.judgement.accepted else "rejected: ") + event.judgement.reason
    text = "; ".join(one_line(each, 500) for each in (*said, verdict) if each)
    console.print(f"{event.at:%H:%M:%S} job {event.job_id} {text}", soft_wrap=True)


def _brief(status: JobStatus) -> dict[str, Any]:
    """A job as the contract lists it; what is not known yet is null."""
    job, judgement = status.job, status.judgement
    return {
        "job_id": job.job_id,
        "state": status.state,
        "trainer": job.policy.trainer,
        "spans": list(job.span_ids),
        "reference": job.reference,
        "current": job.current,
        "split": job.split,
        "attempt": status.attempt,
        "max_attempts": job.policy.max_attempts,
        "progress": status.share,
        "doing": status.what or None,
        "worker": status.worker,
        "expired": status.expired,
        "checkpoint": status.checkpoint,
        "accepted": None if judgement is None else judgement.accepted,
        "reason": None if judgement is None else judgement.reason,
        "error": status.error,
        "facts": dict(status.facts),
        "who": job.who,
        "created_at": job.created_at.isoformat(),
        "changed_at": status.changed_at.isoformat(),
    }


def _state(status: JobStatus) -> str:
    return f"{status.state}, worker gone" if status.expired else status.state


def _progress(status: JobStatus) -> str | None:
    return f"{status.share:.0%} {status.what}".rstrip() if status.state == "running" else None


def _outcome(status: JobStatus) -> str | None:
    if status.judgement is None:
        return status.error
    return f"{'accepted' if status.judgement.accepted else 'rejected'}: {status.judgement.reason}"


def _options(pairs: list[str]) -> dict[str, str]:
    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise BadInputError(f"--option {one_line(pair)!r} says nothing: write NAME=VALUE, as in rank=8.")
        options[name] = value
    return options


def _open(context: typer.Context, store: str | None) -> Store:
    return store_of(settings_of(context, store))
