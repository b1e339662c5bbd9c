"""Spans from the command line: list, show, decide, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcore.cli._output import console, print_json, print_table
from driftcore.cli._store import StoreUri, settings_of, store_of
from driftcore.errors import one_line

if TYPE_CHECKING:
    from driftcore.store import Store

spans_app = typer.Typer(help="Spans: samples that drifted together.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
SpanIds = Annotated[list[str], typer.Argument(help="Ids of spans: driftloop spans list.", metavar="SPAN…")]
Note = Annotated[str | None, typer.Option(help="Why, for whoever reads the list.")]


@spans_app.command("list")
def list_spans(context: typer.Context, store: StoreUri = None, json: Json = False) -> None:
    """Every span, found or saved, and what was decided about it."""
    from driftcore.records import to_json
    from driftcore.workflows.triage import triaged

    spans = triaged(_open(context, store))
    if json:
        print_json(
            [
                {
                    **to_json(each.span.brief),
                    "name": each.span.name,
                    "reference": each.span.reference,
                    "current": each.span.current,
                    "status": each.status,
                    "note": each.note,
                    "merged_into": each.merged_into,
                    "found": each.found,
                }
                for each in spans
            ]
        )
    elif not spans:
        console.print("No spans yet: compare two checkpoints, or select samples on the map.")
    else:
        print_table(
            ["span", "status", "name", "words", "between", "samples", "wrong", "shift"],
            [
                (
                    each.span.span_id,
                    each.status,
                    each.span.name,
                    ", ".join(each.span.words),
                    f"{each.span.reference} → {each.span.current}",
                    each.span.n_samples,
                    each.span.n_mispredicted,
                    f"{each.span.mean_shift:.3f}",
                )
                for each in spans
            ],
        )


@spans_app.command("show")
def show_span(context: typer.Context, span_id: str, store: StoreUri = None, json: Json = False) -> None:
    """One span with its samples."""
    from driftcore.records import to_json
    from driftcore.workflows.export_span import span_table

    opened = _open(context, store)
    span = opened.spans.get(span_id)
    if json:
        print_json(to_json(span))
        return
    table = span_table(opened, span).head(20)
    columns = ["sample_id", "text", "label", "prediction", "shift", "reason"]
    rows = table[columns].astype(object).where(table[columns].notna(), None).to_numpy().tolist()
    words = f" What sets them apart: {one_line(', '.join(span.words))}." if span.words else ""
    title = f"{one_line(span.name)}: {span.n_samples} samples, the most shifted first.{words}"
    print_table(columns, rows, title=title)


@spans_app.command("accept")
def accept_spans(context: typer.Context, span_ids: SpanIds, note: Note = None, store: StoreUri = None) -> None:
    """Take spans into the waiting set: they are worth retraining on."""
    from driftcore.workflows.triage import accept

    decision = accept(_open(context, store), span_ids, note=note)
    console.print(f"Accepted: {', '.join(decision.span_ids)}", soft_wrap=True)


@spans_app.command("dismiss")
def dismiss_spans(context: typer.Context, span_ids: SpanIds, note: Note = None, store: StoreUri = None) -> None:
    """Lay spans aside: read, and not worth retraining on."""
    from driftcore.workflows.triage import dismiss

    decision = dismiss(_open(context, store), span_ids, note=note)
    console.print(f"Dismissed: {', '.join(decision.span_ids)}", soft_wrap=True)


@spans_app.command("export")
def export(
    context: typer.Context,
    span_ids: SpanIds,
    out: Annotated[Path, typer.Option(help="File or folder to write, with a manifest.")],
    format: Annotated[
        str, typer.Option(help="csv, parquet, jsonl, label-studio, sentence-transformers, hf or openai")
    ] = "csv",
    whole: Annotated[
        bool, typer.Option("--set", help="With corrections and replay, too; formats of trainers always have them.")
    ] = False,
    shape: Annotated[str | None, typer.Option(help="Of sentence-transformers: label, triplet or vector.")] = None,
    traced: Annotated[bool, typer.Option(help="Correct the rows that driftloop trace found.")] = True,
    replay: Annotated[float, typer.Option(help="Rows of stable concepts for each other row.")] = 1.0,
    holdout: Annotated[float, typer.Option(help="Share that is kept out of training.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="Of replay and holdout.")] = 0,
    store: StoreUri = None,
) -> None:
    """Spans as a table, or as a retraining set; a sample in several of them appears once."""
    from driftcore.export import TRAINING_FORMATS
    from driftcore.workflows.export_set import export_set
    from driftcore.workflows.export_span import export_span, export_spans, write_export

    opened, ids = _open(context, store), span_ids
    chosen = _given(context, "shape", "traced", "replay", "holdout", "seed")
    if whole or chosen or format in TRAINING_FORMATS:
        exported = export_set(
            opened, ids, format=format, shape=shape, traced=traced, replay=replay, holdout=holdout, seed=seed
        )
    elif len(ids) == 1:
        exported = export_span(opened, ids[0], format=format)
    else:
        exported = export_spans(opened, ids, format=format)
    path, manifest = write_export(exported, out)
    left_out = "".join(f"; {n:,} left out: {reason}" for reason, n in exported.encoded.left_out.items())
    said = f"{len(exported.table)} samples in {path}, where they came from in {manifest}{left_out}"
    console.print(said, soft_wrap=True)


def _given(context: typer.Context, *names: str) -> bool:
    """Whether one of these options stands on the command line."""
    sources = (context.get_parameter_source(name) for name in names)
    return any(source is not None and source.name == "COMMANDLINE" for source in sources)


def _open(context: typer.Context, store: str | None) -> Store:
    return store_of(settings_of(context, store))
