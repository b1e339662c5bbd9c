"""Where the sums of a comparison are added up: in this process, or on a cluster. Numbers are the same everywhere."""

from driftcore.engine._engine import Engine, tree_sum
from driftcore.engine._local import LocalEngine

__all__ = ["Engine", "LocalEngine", "tree_sum"]
