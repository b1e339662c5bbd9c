"""Where the sums of a comparison are added up: in this process, or on a cluster. Numbers are the same everywhere."""

from driftcore.engine._engine import Addable, Engine, alone, tree_sum
from driftcore.engine._local import LocalEngine, n_cores
from driftcore.engine._open import choose_engine, chosen_engine, open_engine
from driftcore.engine._ray import RayEngine

__all__ = [
    "Addable",
    "Engine",
    "LocalEngine",
    "RayEngine",
    "alone",
    "choose_engine",
    "chosen_engine",
    "n_cores",
    "open_engine",
    "tree_sum",
]
