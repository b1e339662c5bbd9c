"""The report for a stakeholder, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcore.cli._output import console, progress_bar
from driftcore.cli._store import StoreUri, settings_of, store_of

handout_app = typer.Typer()


@handout_app.command("report")
def report(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="Checkpoint to compare with; or the current one, alone.")],
    current: Annotated[str | None, typer.Argument(help="Checkpoint to judge.")] = None,
    *,
    html: Annotated[Path, typer.Option(help="File to write; one of this name is replaced.")],
    split: Annotated[str, typer.Option(help="Which samples.")] = "validation",
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave out every sample text; labels stay.")] = False,
    store: StoreUri = None,
) -> None:
    """One self-contained page for a stakeholder: opens in any browser, asks the network for nothing."""
    from driftcore.handout import check_place, make_handout, write_handout

    opened = store_of(settings_of(context, store))
    # before minutes of work, not after them
    check_place(html)
    before, after = (opened.reference().checkpoint, reference) if current is None else (reference, current)
    with progress_bar() as progress:
        page = make_handout(opened, before, after, split=split, texts=not no_text, progress=progress)
    write_handout(page, html)
    without = ", without sample texts" if no_text else ""
    console.print(f"{html}: {len(page) / 1e6:.1f} MB{without}. It opens in any browser, also offline.", soft_wrap=True)
