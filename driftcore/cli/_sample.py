"""The next eval set from the command line, and what it says once it is labelled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcore.cli._output import console, print_json, print_table, progress_bar, share_text
from driftcore.cli._store import StoreUri, settings_of, store_of
from driftcore.errors import BadInputError
from driftcore.records import AccuracyEstimate, Sampling, Share

sample_app = typer.Typer()


@sample_app.command("sample")
def sample(
    context: typer.Context,
    n: Annotated[int | None, typer.Option("--n", help="How many samples to draw.")] = None,
    reference: Annotated[str | None, typer.Option(help="Checkpoint to compare with [the store's reference].")] = None,
    current: Annotated[str | None, typer.Option(help="Checkpoint to draw from [the last one].")] = None,
    split: Annotated[str, typer.Option(help="Which samples.")] = "validation",
    uniform: Annotated[float, typer.Option(help="Share that is drawn from everywhere.")] = 0.2,
    confidence: Annotated[
        bool, typer.Option("--confidence/--no-confidence", help="Also prefer samples that the model was unsure of.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Another seed is another draw.")] = 0,
    out: Annotated[Path | None, typer.Option(help="File to write: .csv, .parquet or .jsonl.")] = None,
    estimate: Annotated[Path | None, typer.Option(help="A labelled draw: say the accuracy.", metavar="FILE")] = None,
    sampling: Annotated[str | None, typer.Option(help="Which draw --estimate is of [found by its ids].")] = None,
    store: StoreUri = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Draw the next eval set, biased toward drift, with its weights; or estimate accuracy from one that is labelled."""
    from driftcore.records import to_json
    from driftcore.workflows.sample import estimate as run_estimate
    from driftcore.workflows.sample import sample as run
    from driftcore.workflows.sample import sampling_rows, write_sampling

    if (n is None) == (estimate is None):
        raise BadInputError("Say either how many to draw, --n 200, or which labelled file to read, --estimate FILE.")
    opened = store_of(settings_of(context, store))
    if estimate is not None or n is None:
        found = run_estimate(opened, estimate, sampling_id=sampling)
        print_json(to_json(found)) if json else _print_estimate(found)
        return
    with progress_bar() as progress:
        drawn = run(
            opened,
            n=n,
            reference=reference,
            current=current,
            split=split,
            uniform=uniform,
            confidence=confidence,
            seed=seed,
            progress=progress,
        )
    if out is not None:
        write_sampling(opened, drawn, out)
    if json:
        print_json({**to_json(drawn), "rows": sampling_rows(opened, drawn)})
    else:
        _print_sampling(drawn, sampling_rows(opened, drawn), out)


def _print_sampling(drawn: Sampling, rows: list[dict[str, object]], out: Path | None) -> None:
    of: dict[str, int] = {}
    for row in rows:
        of[str(row["concept"])] = of.get(str(row["concept"]), 0) + 1
    print_table(["concept (nearest)", "drawn"], sorted(of.items(), key=lambda item: -item[1])[:10])
    for note in drawn.notes:
        console.print(f"note: {note}", soft_wrap=True)
    where = (
        "Name a file with --out to label them."
        if out is None
        else f"Label them in {out}, then: driftloop sample --estimate {out}"
    )
    what = f"{drawn.n:,} of {drawn.n_population:,} samples drawn"
    console.print(f"{what} (sampling {drawn.sampling_id}, {drawn.design}). {where}", soft_wrap=True)


def _print_estimate(found: AccuracyEstimate) -> None:
    rows = [("Horvitz–Thompson", _told(found.horvitz_thompson)), ("Hájek", _told(found.hajek))]
    rows.append(("unweighted: no estimate", share_text(found.unweighted)))
    print_table(["accuracy", "95 %"], rows)
    for note in found.notes:
        console.print(f"note: {note}", soft_wrap=True)
    console.print(
        f"'{found.checkpoint}' on {found.split}: {_told(found.horvitz_thompson)} of {found.n_population:,} samples are "
        f"right, from {found.n_labelled:,} labels of which {found.n_wrong} are wrong.",
        soft_wrap=True,
    )


def _told(share: Share) -> str:
    return f"{100 * share.value:.1f} % [{100 * share.low:.1f}, {100 * share.high:.1f}]"
