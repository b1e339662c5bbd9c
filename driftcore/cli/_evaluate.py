"""Eval runs from the command line: a table of predictions, or what an eval tool wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcore.cli._arrival import arrival_json, print_arrival
from driftcore.cli._output import console, print_json, progress_bar, share_text
from driftcore.cli._store import StoreUri, settings_of, store_of
from driftcore.errors import listed, one_line

if TYPE_CHECKING:
    from driftcore.records import EvalRun

evaluate_app = typer.Typer()


@evaluate_app.command()
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A table of predictions, or an eval tool's output.")],
    checkpoint: Annotated[str, typer.Option("--checkpoint", help="Name of the checkpoint.")],
    split: Annotated[str, typer.Option(help="Which samples.")] = "validation",
    mapping: Annotated[
        str | None, typer.Option("--map", help="Columns or fields by role: id=vars.ticket,prediction=pred")
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            help="auto|table|lm-eval|inspect|promptfoo|mlflow|wandb|deepeval|phoenix|openai-evals",
            metavar="TOOL",
        ),
    ] = "auto",
    variant: Annotated[
        str | None, typer.Option(help="Which filter, provider or prompt, where the file holds several.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option(help="Which scorer or metric decides; equality compares with the target.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="From which score on an answer is right, where a tool only grades.")
    ] = None,
    compared: Annotated[
        bool, typer.Option("--compare/--no-compare", help="Compare the checkpoint with the reference at once.")
    ] = True,
    store: StoreUri = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Store what a checkpoint predicted: a table, or the output of an eval tool."""
    from driftcore.readers import parse_mapping
    from driftcore.records import to_json
    from driftcore.workflows.evaluate import log_eval
    from driftcore.workflows.on_arrival import Arrival, compare_on_arrival

    opened = store_of(settings_of(context, store))
    run, created = log_eval(
        opened,
        file,
        checkpoint=checkpoint,
        split=split,
        mapping=parse_mapping(mapping or ""),
        format=format,
        variant=variant,
        metric=metric,
        threshold=threshold,
    )
    with progress_bar() as progress:
        arrival = compare_on_arrival(opened, checkpoint, split, progress=progress) if compared else Arrival()
    if json:
        print_json({**to_json(run), "created": created, **arrival_json(arrival)})
        return
    verb = "stored" if created else "was stored already, nothing to do:"
    console.print(
        f"Eval run of '{one_line(checkpoint)}' on '{one_line(split)}' {verb} {run.n_samples:,} predictions, "
        f"accuracy {share_text(run.accuracy)}, {run.n_failed} failed.",
        soft_wrap=True,
    )
    if run.tool is not None:
        console.print(_origin(run), soft_wrap=True)
    print_arrival(arrival)


def _origin(run: EvalRun) -> str:
    """What was taken for what: a person must see it who did not choose."""
    variant = f", {one_line(run.variant)}" if run.variant else ""
    notes = f" ({listed(run.notes)})" if run.notes else ""
    what = f"From {run.tool}{variant}: right by '{one_line(run.metric)}'"
    return f"{what}, samples found by {one_line(run.matched_by)}{notes}."
