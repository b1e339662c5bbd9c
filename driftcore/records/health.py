"""How a store is: what lies in it, whether it is whole, and what an optimisation did to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TableKind = Literal["register", "data", "texts", "orphan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHealth:
    """One table of a store.

    Parameters
    ----------
    name : str
    kind : {"register", "data", "texts", "orphan"}
        A register lists entries; the rows of an entry lie in a data table of its own; an orphan belongs to no entry.
    n_rows, n_pieces, n_versions : int
        A read opens every piece; an older version is kept until an optimisation.
    n_bytes : int
        Of the newest version.
    tags : tuple of str
        Names that people gave to versions; what carries one is never removed.
    """

    name: str
    kind: TableKind
    n_rows: int
    n_pieces: int
    n_versions: int
    n_bytes: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """A store that could be reached, and read.

    Parameters
    ----------
    uri : str
    writable : bool
    why_not : str or None
        What the storage said to a write.
    tables : tuple of TableHealth
    abandoned, at_work : tuple of str
        Orphans that killed writers left, which an optimisation sweeps, and those of writers that may be alive.
    lost : tuple of str
        Data tables that an entry names and that are not there.
    n_bytes_on_disk : int or None
        Everything under the store, older versions included; None where it is not a folder.
    """

    uri: str
    writable: bool
    why_not: str | None
    tables: tuple[TableHealth, ...]
    abandoned: tuple[str, ...]
    at_work: tuple[str, ...]
    lost: tuple[str, ...]
    n_bytes_on_disk: int | None

    @property
    def whole(self) -> bool:
        """Whether everything that is listed is there."""
        return not self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimized:
    """What an optimisation did.

    Parameters
    ----------
    n_tables : int
        Looked at.
    n_pieces_before, n_pieces_after, n_versions_before, n_versions_after : int
        Of all of them.
    swept : tuple of str
        Orphans that are gone.
    n_bytes_freed : int or None
        None where the store is not a folder.
    """

    n_tables: int
    n_pieces_before: int
    n_pieces_after: int
    n_versions_before: int
    n_versions_after: int
    swept: tuple[str, ...]
    n_bytes_freed: int | None
