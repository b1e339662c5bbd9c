"""The doctor, from the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from driftcore.cli._output import console, print_json, print_table, progress_bar
from driftcore.cli._store import StoreUri, settings_of, store_of
from driftcore.errors import BadInputError, listed, one_line

if TYPE_CHECKING:
    from driftcore.records import Optimized, StoreHealth, TableHealth

doctor_app = typer.Typer()

_UNITS = {"m": 60, "h": 3600, "d": 86400}


@doctor_app.command("doctor")
def doctor(
    context: typer.Context,
    optimized: Annotated[
        bool, typer.Option("--optimize", help="Sweep what killed writers left, melt small pieces, drop old versions.")
    ] = False,
    older_than: Annotated[
        str, typer.Option(help="With --optimize: drop versions that were replaced so long ago, 30m, 12h or 7d.")
    ] = "7d",
    store: StoreUri = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Is the store there, can it be read and written, is it whole? And what would make it smaller?"""
    from driftcore.records import to_json
    from driftcore.workflows.doctor import examine, optimize

    age = _age(older_than)
    opened = store_of(settings_of(context, store))
    done = None
    with progress_bar() as progress:
        if optimized:
            health, done = optimize(opened, older_than=age, progress=progress)
        else:
            health = examine(opened, progress=progress)
    if json:
        print_json({**to_json(health), "whole": health.whole, "optimized": None if done is None else to_json(done)})
    else:
        _print_health(health)
        _print_closing(health, done)
    if not (health.whole and health.writable):
        raise typer.Exit(1)


def _print_health(health: StoreHealth) -> None:
    if health.tables:
        print_table(["tables", "of them", "rows", "pieces", "versions", "size", "tags"], _lines(health.tables))
    if health.at_work:
        _say(f"At work, or left less than a day ago on another machine: {listed(health.at_work)}.")
    if health.abandoned:
        _say(f"Left by killed writers: {listed(health.abandoned)}. driftloop doctor --optimize sweeps them.")
    if not health.writable:
        _say(f"It cannot be written: {one_line(health.why_not, 500)}")
    if health.lost:
        _say(f"Listed, but not there: {listed(health.lost)}. Restore them, or write these entries anew.")


def _lines(tables: tuple[TableHealth, ...]) -> list[tuple[object, ...]]:
    """A line for each register, and one for all the data of its entries: there may be thousands."""
    groups: dict[str, list[TableHealth]] = {}
    for table in tables:
        if table.kind != "orphan":
            of = table.name.split("-")[0]
            groups.setdefault(f"{of}, data" if table.kind == "data" else of, []).append(table)
    return [
        (
            name,
            len(own),
            sum(table.n_rows for table in own),
            sum(table.n_pieces for table in own),
            sum(table.n_versions for table in own),
            _size(sum(table.n_bytes for table in own)),
            ", ".join(tag for table in own for tag in table.tags) or None,
        )
        for name, own in sorted(groups.items())
    ]


def _print_closing(health: StoreHealth, done: Optimized | None) -> None:
    if done is not None:
        freed = "" if done.n_bytes_freed is None else f", {_size(max(done.n_bytes_freed, 0))} freed"
        console.print(
            f"Optimised {done.n_tables} tables: pieces {done.n_pieces_before} → {done.n_pieces_after}, versions "
            f"{done.n_versions_before} → {done.n_versions_after}, orphans swept {len(done.swept)}{freed}."
        )
    on_disk = "" if health.n_bytes_on_disk is None else f", {_size(health.n_bytes_on_disk)} on disk"
    state = "is reached, read and written" if health.writable else "is reached and read, but cannot be written"
    whole = "whole" if health.whole else f"{len(health.lost)} tables are lost"
    _say(f"The store at {one_line(health.uri, 200)} {state}; {whole}: {len(health.tables)} tables{on_disk}.")


def _say(line: str) -> None:
    console.print(line, soft_wrap=True)


def _age(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if found is None:
        raise BadInputError(f"--older-than {one_line(text)!r} is not a time: write 30m, 12h or 7d.")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _size(n_bytes: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes} B"
