"""The views that people kept to share."""

from __future__ import annotations

from driftcore.errors import ConflictError, NotFoundError, one_line
from driftcore.records import View, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class Views:
    """The kept views of a store."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "views")

    def all(self) -> tuple[View, ...]:
        """Every view, oldest first."""
        return tuple(from_json(View, entry.payload) for entry in self._shelf.entries())

    def get(self, view_id: str) -> View:
        """One view.

        Raises
        ------
        NotFoundError
            If there is none of this id.
        """
        entry = self._shelf.get(view_id)
        if entry is None:
            raise NotFoundError(f"No view '{one_line(view_id)}' in this store: ask for the link again.")
        return from_json(View, entry.payload)

    def write(self, view: View, fingerprint: str) -> View:
        """Keep a view and return the one that is kept; the same view again is a no-op.

        Parameters
        ----------
        view : View
        fingerprint : str
            Of the view's whole content, which its short id is a part of.

        Raises
        ------
        ConflictError
            If another view has this id.
        """
        entry, _ = self._shelf.put(view.view_id, fingerprint, to_json(view))
        if entry.fingerprint != fingerprint:
            raise ConflictError(f"Another view has the id '{view.view_id}': change the view a little and share that.")
        return from_json(View, entry.payload)
