"""The loop from the command line: once, or again and again."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING, Annotated

import typer

from driftcore.cli._output import console, errors, print_json, progress_bar, share_text
from driftcore.cli._store import EngineName, StoreUri, settings_of, store_of
from driftcore.errors import BadInputError, NotComparableError, one_line

if TYPE_CHECKING:
    from driftcore.records import LoopRound
    from driftcore.settings import Settings
    from driftcore.store import Store

loop_app = typer.Typer()

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_GROUPS = {
    "span": "the spans",
    "concept": "their concepts",
    "rest": "all other concepts",
    "live_concept": "their concepts, live",
    "live": "live traffic",
}


@loop_app.command("loop")
def run_loop(
    context: typer.Context,
    reference: Annotated[str | None, typer.Option(help="Checkpoint to compare with [the store's reference].")] = None,
    current: Annotated[str | None, typer.Option(help="Checkpoint to judge [the newest].")] = None,
    split: Annotated[str, typer.Option(help="Which samples.")] = "validation",
    once: Annotated[bool, typer.Option("--once", help="One round, as for cron or Airflow [default].")] = False,
    every: Annotated[str | None, typer.Option(help="Again and again: 30m, 1h, 1d.")] = None,
    trainer: Annotated[str | None, typer.Option(help="In place of the policy's.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    engine: EngineName = None,
    store: StoreUri = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Compare, choose spans, trace, retrain, evaluate and judge; the policy is the table [loop] of driftloop.toml."""
    from driftcore.records import to_json
    from driftcore.workflows.loop import loop_once
    from driftcore.workflows.retraining_policy import read_policy

    if once and every is not None:
        raise BadInputError("--once and --every exclude each other: leave one of them out.")
    pause = None if every is None else _seconds(every)
    settings = settings_of(context, store, engine)
    policy = read_policy(settings.loop, trainer=trainer)
    opened = store_of(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while True:
        try:
            with progress_bar() as progress:
                done = loop_once(
                    opened,
                    reference=reference,
                    current=current,
                    split=split,
                    policy=policy,
                    dry_run=dry_run,
                    progress=progress,
                )
            _alert(opened, done, settings)
            print_json(to_json(done)) if json else _print(done)
        except NotComparableError as error:
            # on a schedule the next checkpoint may be comparable again
            if pause is None:
                raise
            console.print(one_line(error, 1000), soft_wrap=True)
        if pause is None:
            return
        time.sleep(pause)


def _alert(opened: Store, done: LoopRound, settings: Settings) -> None:
    """Tell the addresses in the settings about a round that found something; a lost alert is said, and no more."""
    from driftcore.workflows.alert import alert
    from driftcore.workflows.check import judged
    from driftcore.workflows.compare import compare

    addresses = {"webhook": settings.webhook_url, "slack": settings.slack_url}
    if done.verdict is None or not any(addresses.values()):
        return
    gate = judged(compare(opened, done.reference, done.current, split=done.split))
    plain = {name: None if each is None else each.get_secret_value() for name, each in addresses.items()}
    secret = None if settings.webhook_secret is None else settings.webhook_secret.get_secret_value()
    for line in alert(opened, gate, **plain, secret=secret):
        errors.print(f"driftloop: {line}", soft_wrap=True)


def _print(done: LoopRound) -> None:
    if done.summary:
        console.print(one_line(done.summary, 2000), soft_wrap=True)
    for span_id, why in done.skipped.items():
        console.print(f"Span {span_id} was left alone: {one_line(why, 500)}.", soft_wrap=True)
    if done.traced is not None:
        known = "" if done.truly_relabelled is None else f", {done.truly_relabelled:,} of them truly labelled wrongly"
        console.print(f"{done.traced:,} training rows traced{known}.", soft_wrap=True)
    for group in (each for each, after in done.after.items() if after is not None):
        change = f"{share_text(done.before[group])} → {share_text(done.after[group])}"
        name = _GROUPS.get(group, f"{group.removeprefix('live ')}, live")
        console.print(f"Accuracy on {one_line(name)}: {change}", markup=False)
    verdict = "" if done.accepted is None else f"{'accepted' if done.accepted else 'rejected'}: "
    what = f"Checkpoint '{done.checkpoint}' {verdict}" if done.checkpoint else ""
    console.print(one_line(f"{what}{done.reason}.", 2000), soft_wrap=True)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", text.strip())
    if found is None or not float(found[1]):
        raise BadInputError(f"--every {one_line(text)!r} is no time: write 30m, 1h or 1d.")
    return float(found[1]) * _UNITS[found[2]]
