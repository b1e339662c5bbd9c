"""The commands."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcore.cli._arrival import arrival_json, print_arrival
from driftcore.cli._check import check_app
from driftcore.cli._doctor import doctor_app
from driftcore.cli._evaluate import evaluate_app
from driftcore.cli._handout import handout_app
from driftcore.cli._loop import loop_app
from driftcore.cli._output import closing, console, print_json, print_table, progress_bar, share_text
from driftcore.cli._queue import queue_app, work_app
from driftcore.cli._sample import sample_app
from driftcore.cli._share import share_app
from driftcore.cli._spans import spans_app
from driftcore.cli._store import EngineName, StoreUri, settings_of, store_of
from driftcore.cli._trace import trace_app
from driftcore.errors import BadInputError, DriftcoreError, one_line
from driftcore.settings import bundled

if TYPE_CHECKING:
    from driftcore.store import Store

app = typer.Typer(
    help="Which concepts a retrained model moved, what it did to the eval, and what to retrain on.",
    invoke_without_command=True,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(spans_app, name="spans")
app.add_typer(queue_app, name="queue")
app.add_typer(work_app)
app.add_typer(evaluate_app)
app.add_typer(share_app)
app.add_typer(trace_app)
app.add_typer(loop_app)
app.add_typer(handout_app)
app.add_typer(check_app)
app.add_typer(sample_app)
app.add_typer(doctor_app)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Split = Annotated[str, typer.Option(help="Which samples.")]
Name = Annotated[str, typer.Option("--checkpoint", help="Name of the checkpoint.")]
Mapping = Annotated[str | None, typer.Option("--map", help="Columns by role: vector=emb,id=doc_id")]


def main() -> None:
    """Run the command; every failure that a caller may expect ends in one line."""
    try:
        app()
    except DriftcoreError as error:
        sys.exit(closing(error))


@app.callback()
def _root(
    context: typer.Context,
    store: StoreUri = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    context.obj = store
    if version:
        from importlib.metadata import version as installed

        console.print(f"driftloop {installed('driftloop')}")
        raise typer.Exit


@app.command()
def demo(
    context: typer.Context,
    store: StoreUri = None,
    open_app: Annotated[bool, typer.Option("--app/--no-app", help="Open the dashboard afterwards.")] = True,
    seed: Annotated[int, typer.Option(help="Of the phrases and of the training.")] = 0,
) -> None:
    """Build the demo by really training it, then open the dashboard."""
    from driftcore.workflows.demo import make_demo

    opened = _open(context, store, create=True)
    with progress_bar() as progress:
        built = make_demo(opened, bundled("data") / "support_phrases.toml", seed=seed, progress=progress)
    console.print(f"The demo {'is built' if built else 'stands already'} in {opened.uri}.")
    if open_app:
        _run_app(opened.uri, None)


@app.command("app")
def run_app(
    context: typer.Context,
    store: StoreUri = None,
    port: Annotated[int | None, typer.Option(help="Port on localhost [8501 or the next free one].")] = None,
) -> None:
    """Open the dashboard on localhost."""
    _run_app(settings_of(context, store).store, port)


@app.command()
def ingest(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Parquet, Arrow, CSV, JSONL or NPZ.")],
    checkpoint: Name,
    split: Split = "validation",
    mapping: Mapping = None,
    model_id: Annotated[str | None, typer.Option(help="Which model made the vectors.")] = None,
    at: Annotated[str | None, typer.Option(help="When the checkpoint was made, ISO 8601 [now].")] = None,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Leave bad rows out, into a file.")] = False,
    compared: Annotated[
        bool, typer.Option("--compare/--no-compare", help="Compare it with the reference at once.")
    ] = True,
    store: StoreUri = None,
    json: Json = False,
) -> None:
    """Store a file of embeddings as the snapshot of a checkpoint."""
    from driftcore.readers import parse_mapping
    from driftcore.records import ModelFingerprint, to_json
    from driftcore.workflows.ingest import ingest as run
    from driftcore.workflows.on_arrival import Arrival, compare_on_arrival

    roles, when = parse_mapping(mapping or ""), _time(at)
    opened = _open(context, store, create=True)
    with progress_bar() as progress:
        done = run(
            opened,
            file,
            checkpoint=checkpoint,
            split=split,
            mapping=roles,
            at=when,
            model=ModelFingerprint(model_id=model_id),
            skip_bad_rows=skip_bad_rows,
            progress=progress,
        )
        arrival = compare_on_arrival(opened, checkpoint, split, progress=progress) if compared else Arrival()
    if json:
        print_json({**to_json(done), **arrival_json(arrival)})
        return
    what = f"{done.snapshot.n_samples:,} samples × {done.snapshot.n_dims} dims"
    verb = "stored" if done.created else "was stored already, nothing to do:"
    console.print(f"'{one_line(checkpoint)}' / '{one_line(split)}' {verb} {what}.", soft_wrap=True)
    if done.rejects is not None:
        console.print(f"{done.n_rejected} bad rows were left out: see {done.rejects}", soft_wrap=True)
    print_arrival(arrival)


@app.command()
def checkpoints(
    context: typer.Context,
    pin: Annotated[str | None, typer.Option(help="Make this checkpoint the reference.")] = None,
    store: StoreUri = None,
    json: Json = False,
) -> None:
    """What is stored, how fresh, how large."""
    from driftcore.records import to_json

    opened = _open(context, store)
    if pin is not None:
        opened.pin(pin)
    stored = opened.checkpoints()
    if json:
        print_json([to_json(checkpoint) for checkpoint in stored])
    elif not stored:
        console.print("The store is empty: add a snapshot with driftloop ingest, or try driftloop demo.")
    else:
        print_table(
            ["checkpoint", "at", "splits", "samples", "dims", "accuracy", "content"],
            [
                (
                    f"{c.checkpoint} (reference)" if c.pinned else c.checkpoint,
                    f"{c.at:%Y-%m-%d}",
                    ", ".join(c.splits),
                    c.n_samples,
                    c.n_dims,
                    share_text(c.accuracy),
                    c.fingerprint[:8],
                )
                for c in stored
            ],
        )


@app.command()
def compare(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="Checkpoint to compare with; or the current one, alone.")],
    current: Annotated[str | None, typer.Argument(help="Checkpoint to judge.")] = None,
    split: Split = "validation",
    reference_split: Annotated[
        str | None, typer.Option(help="Another split as the reference: two windows of different samples.")
    ] = None,
    align: Annotated[bool, typer.Option("--align", help="Allow encoders of different width.")] = False,
    engine: EngineName = None,
    store: StoreUri = None,
    json: Json = False,
) -> None:
    """The drift report: what moved, toward whom, and what it did to the eval."""
    from driftcore.cli._report import print_report
    from driftcore.records import to_json
    from driftcore.workflows.compare import compare as run

    opened = store_of(settings_of(context, store, engine))
    before, after = _sides(opened, reference, current)
    with progress_bar() as progress:
        report = run(
            opened, before, after, split=split, reference_split=reference_split, align=align, progress=progress
        )
    if json:
        print_json(to_json(report))
    else:
        print_report(report)


@app.command()
def clusters(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="Checkpoint to compare with; or the current one, alone.")],
    current: Annotated[str | None, typer.Argument(help="Checkpoint whose clusters are followed.")] = None,
    split: Split = "validation",
    store: StoreUri = None,
    json: Json = False,
) -> None:
    """Which clusters split, merged, vanished or appeared."""
    from driftcore.cli._clusters import print_clusters
    from driftcore.records import to_json
    from driftcore.workflows.cluster_events import cluster_events

    opened = _open(context, store)
    before, after = _sides(opened, reference, current)
    with progress_bar() as progress:
        report = cluster_events(opened, before, after, split=split, progress=progress)
    print_json(to_json(report)) if json else print_clusters(report)


@app.command()
def trend(
    context: typer.Context,
    current: Annotated[str | None, typer.Argument(help="Last checkpoint to look at [the last one stored].")] = None,
    reference: Annotated[str | None, typer.Option(help="Checkpoint to start from [the store's reference].")] = None,
    split: Split = "validation",
    store: StoreUri = None,
    json: Json = False,
) -> None:
    """Every checkpoint since the reference: what started to move when, how fast, and how long before the eval fell."""
    from driftcore.cli._trend import print_trend
    from driftcore.records import to_json
    from driftcore.workflows.trend import trend as run

    opened = _open(context, store)
    with progress_bar() as progress:
        found = run(opened, reference=reference, current=current, split=split, progress=progress)
    print_json(to_json(found)) if json else print_trend(found)


@app.command("map")
def make_map(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="Checkpoint that gives the places; or the last one, alone.")],
    current: Annotated[str | None, typer.Argument(help="Last checkpoint to draw.")] = None,
    split: Split = "validation",
    store: StoreUri = None,
    engine: EngineName = None,
) -> None:
    """Compute the frame and keep it, so that the page opens at once."""
    from driftcore.workflows.make_frame import fitted_part, make_frame

    opened = store_of(settings_of(context, store, engine))
    before, after = _sides(opened, reference, current)
    with progress_bar() as progress:
        frame = make_frame(opened, before, after, split=split, progress=progress)
    console.print(f"The frame of '{one_line(before)}' is kept for {len(frame.steps)} checkpoints: driftloop app")
    drawn = fitted_part(frame)
    if drawn is not None:
        console.print(f"{drawn[0].upper()}{drawn[1:]}.")


@app.command("warm-up")
def warm_up() -> None:
    """Compile what the first map of an installation needs; `make install` does it, and the app in the background."""
    from driftcore.workflows.warm import warm_up as run

    console.print("Compiled: the first map begins at once." if run() else "It was compiled before.")


def _open(context: typer.Context, store: str | None, *, create: bool = False) -> Store:
    return store_of(settings_of(context, store), create=create)


def _sides(store: Store, reference: str, current: str | None) -> tuple[str, str]:
    """Both checkpoints; where only one is named it is the current one, against the store's own reference."""
    return (store.reference().checkpoint, reference) if current is None else (reference, current)


def _time(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--at {one_line(text)!r} is not a time: write 2026-01-31 or 2026-01-31T12:00.") from error


def _run_app(uri: str, port: int | None) -> None:
    """Become streamlit, on localhost; its settings lie in .streamlit/config.toml beside app.py."""
    import os

    from driftcore.workflows.warm import warm_up_in_background

    warm_up_in_background()
    command = [sys.executable, "-m", "streamlit", "run", str(bundled("app.py"))]
    command += [] if port is None else ["--server.port", str(port)]
    where = uri if "://" in uri else str(Path(uri).resolve())
    sys.stdout.flush()
    # in place of this process: a signal that ends the command ends the server
    os.execve(sys.executable, command, {**os.environ, "DRIFTLOOP_STORE": where})
