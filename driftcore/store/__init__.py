"""The store: one LanceDB database that keeps snapshots, eval runs, reports, frames and spans."""

from driftcore.store._columns import rows_in_common
from driftcore.store._place import Place
from driftcore.store._snapshots import VectorReader
from driftcore.store._store import Store, open_place, open_store
from driftcore.store._upkeep import is_abandoned

__all__ = ["Place", "Store", "VectorReader", "is_abandoned", "open_place", "open_store", "rows_in_common"]
