"""The gate from the command line: one last line, and the exit code that goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcore.cli._output import console, errors, print_json, print_table, progress_bar, share_text
from driftcore.cli._store import EngineName, StoreUri, settings_of, store_of
from driftcore.records import Gate
from driftcore.settings import Settings

check_app = typer.Typer()


@check_app.command("check")
def check(
    context: typer.Context,
    reference: Annotated[str | None, typer.Option(help="Checkpoint to compare with [the store's reference].")] = None,
    current: Annotated[str | None, typer.Option(help="Checkpoint to judge [the last one].")] = None,
    split: Annotated[str, typer.Option(help="Which samples.")] = "validation",
    fail_on: Annotated[str, typer.Option(help="Verdicts that fail the gate.")] = "silent,regression",
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML, for a CI.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown, for a pull request.")] = None,
    prometheus: Annotated[Path | None, typer.Option(help="Write Prometheus text, for a textfile folder.")] = None,
    webhook: Annotated[str | None, typer.Option(help="POST signed JSON here [DRIFTLOOP_WEBHOOK_URL].")] = None,
    slack: Annotated[str | None, typer.Option(help="Slack's incoming webhook [DRIFTLOOP_SLACK_URL].")] = None,
    engine: EngineName = None,
    store: StoreUri = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """The gate: ends with 0 where the checkpoint may pass, 1 where it drifted, 3 where that could not be evaluated."""
    from driftcore.records import to_json
    from driftcore.workflows.alert import alert, check_places, write_alerts
    from driftcore.workflows.check import check as run
    from driftcore.workflows.check import ending
    from driftcore.workflows.queue import counts

    settings = settings_of(context, store, engine)
    files = {"junit": junit, "markdown": markdown, "prometheus": prometheus}
    addresses = {"webhook": webhook or _plain(settings, "webhook_url"), "slack": slack or _plain(settings, "slack_url")}
    check_places(files, *addresses.values())
    opened = store_of(settings)
    wanted = [name.strip() for name in fail_on.split(",") if name.strip()]
    with progress_bar() as progress:
        gate = run(opened, reference=reference, current=current, split=split, fail_on=wanted, progress=progress)
    write_alerts(gate, files, queue=counts(opened) if prometheus else None)
    for line in alert(opened, gate, **addresses, secret=_plain(settings, "webhook_secret")):
        errors.print(f"driftloop: {line}", soft_wrap=True)
    print_json(to_json(gate)) if json else _print_checks(gate)
    last, code = ending(gate)
    (errors if json else console).print(last, soft_wrap=True)
    raise typer.Exit(code)


@check_app.command("webhook-secret")
def show_webhook_secret(context: typer.Context, store: StoreUri = None) -> None:
    """Print the secret that signs webhooks, for the one who receives them."""
    from driftcore.workflows.alert import webhook_secret

    settings = settings_of(context, store)
    opened = store_of(settings)
    console.print(webhook_secret(opened, _plain(settings, "webhook_secret")), soft_wrap=True)


def _plain(settings: Settings, name: str) -> str | None:
    """A setting that is kept from logs, as it is."""
    value = getattr(settings, name)
    return None if value is None else str(value.get_secret_value())


def _print_checks(gate: Gate) -> None:
    shown = [each for each in gate.checks if each.concept is not None and each.verdict != "stable"]
    if shown:
        print_table(
            ["concept", "verdict", "moved", "toward", "accuracy", "fails"],
            [
                (
                    each.concept,
                    each.verdict,
                    share_text(each.displacement),
                    each.toward,
                    f"{share_text(each.accuracy_reference)} → {share_text(each.accuracy_current)}",
                    "yes" if each.failed else "no",
                )
                for each in shown
            ],
        )
    for note in gate.notes:
        console.print(f"note: {note}", soft_wrap=True)
