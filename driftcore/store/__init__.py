"""The store: one LanceDB database that keeps snapshots, eval runs, reports, frames and spans."""

from driftcore.store._snapshots import VectorReader
from driftcore.store._store import Store, open_store

__all__ = ["Store", "VectorReader", "open_store"]
