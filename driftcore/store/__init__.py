"""The store: one LanceDB database that keeps snapshots, eval runs, reports, frames and spans."""

from driftcore.store._store import Store, open_store

__all__ = ["Store", "open_store"]
