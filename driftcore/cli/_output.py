"""How the command speaks: tables and progress for a person, JSON for a machine, one line for what went wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from driftcore.errors import DriftcoreError, NotComparableError, one_line
from driftcore.workflows.progress import Progress as Listener

_NAME, _SHORT = 40, 10

# nothing that comes from samples is read as markup
console = Console(markup=False, emoji=False, highlight=False)
errors = Console(markup=False, emoji=False, highlight=False, stderr=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output; a number that is not finite would be a bug and is refused."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """A table for a person; numbers to the right, missing values as a dash."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    cells = [[_cell(value) for value in row] for row in rows]
    for number, name in enumerate(columns):
        column = [row[number] for row in cells]
        numeric = bool(cells) and all(isinstance(value, int) or value == "–" for value in column)
        # names and short cells stay in one piece, the others give way
        short = all(len(str(value)) <= (_NAME if number == 0 else _SHORT) for value in column)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=short)
    for row in cells:
        table.add_row(*(Text(value if isinstance(value, str) else f"{value:,}") for value in row))
    console.print(table)


@contextmanager
def progress_bar() -> Iterator[Listener]:
    """A progress bar on standard error, fed by a workflow."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, share: bar.update(task, description=one_line(what, 60), completed=share)


def closing(error: DriftcoreError) -> int:
    """Say in one line what went wrong, and with which exit code the command ends."""
    errors.print(f"driftloop: {one_line(error, 2000)}", soft_wrap=True)
    return 3 if isinstance(error, NotComparableError) else 2


def share_text(value: float | None) -> str:
    """A share of 1 as a percentage with one digit, a dash where it is unknown."""
    return "–" if value is None else f"{100 * value:.1f} %"


def _cell(value: Any) -> str | int:
    if value is None:
        return "–"
    return value if isinstance(value, int) and not isinstance(value, bool) else one_line(value, 200)
