"""The store that a command works on, and where it adds up what is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftcore.settings import read_settings

if TYPE_CHECKING:
    from driftcore.settings import Settings
    from driftcore.store import Store

StoreUri = Annotated[
    str | None, typer.Option("--store", help="Where the store is [DRIFTLOOP_STORE, else ./driftloop.lance].")
]
EngineName = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="Where large snapshots are added up: local, ray, ray://HOST:PORT [DRIFTLOOP_ENGINE, else local].",
    ),
]


def settings_of(context: typer.Context, store: str | None, engine: str | None = None) -> Settings:
    """The settings of a command; its own --store goes before the one that stood before the command."""
    return read_settings(store=store or context.obj, engine=engine)


def store_of(settings: Settings, *, create: bool = False) -> Store:
    """The store of these settings, and their engine for all that is done with it."""
    from driftcore.engine import choose_engine
    from driftcore.store import open_store

    choose_engine(settings.engine)
    return open_store(settings.store, create=create, storage_options=settings.plain_storage())
