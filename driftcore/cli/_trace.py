"""Trace a span to the training rows behind it, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcore.cli._output import console, print_json, print_table, progress_bar
from driftcore.cli._store import StoreUri, settings_of, store_of

trace_app = typer.Typer()


@trace_app.command("trace")
def trace_span(
    context: typer.Context,
    span_id: Annotated[str, typer.Argument(help="Id of a span: driftloop spans list.", metavar="SPAN")],
    split: Annotated[str, typer.Option(help="Under which training rows are stored.")] = "train",
    top: Annotated[int, typer.Option(min=1, help="How many rows to print.")] = 20,
    out: Annotated[Path | None, typer.Option(help="Write all traced rows to this CSV file.")] = None,
    store: StoreUri = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """The training rows that pulled a span to where it went."""
    from driftcore.records import to_json
    from driftcore.workflows.retrain import traced_span
    from driftcore.workflows.trace import write_traced

    opened = store_of(settings_of(context, store))
    with progress_bar() as progress:
        found = traced_span(opened, span_id, split=split, progress=progress)
    if out is not None:
        write_traced(found, out)
    if json:
        print_json(to_json(found))
        return
    said = f"{len(found.rows):,} of {found.n_candidates:,} training rows since {found.reference} are traced."
    if found.rows:
        rows = [(r.sample_id, r.checkpoint, r.label_used, r.suggested, f"{r.pull:.2f}", r.text) for r in found.rows]
        print_table(["row", "checkpoint", "labelled", "rather", "pull", "text"], rows[:top])
    console.print(" ".join((said, *found.notes)), soft_wrap=True)
