"""One frame for all checkpoints: places from UMAP on the reference, movement from the full space.

A neighbour embedding shows nothing of a concept that has gone a quarter of the way to another, for its samples
still have each other as neighbours. So UMAP only says where the reference's samples stand; what moved is measured
in the full space and drawn in terms of landmarks: "a quarter of the way toward `cancel`" is a quarter of the way on
the map.
"""

from driftcore.projection._compiled import is_warm, warm_up
from driftcore.projection._movement_layer import MovementLayer, landmark_places, moved_points, movement_layer
from driftcore.projection._places import between_neighbors, framed, places
from driftcore.projection._polygon import inside_polygon

METHOD = "umap places on a part, landmark movement 3"

__all__ = [
    "METHOD",
    "MovementLayer",
    "between_neighbors",
    "framed",
    "inside_polygon",
    "is_warm",
    "landmark_places",
    "moved_points",
    "movement_layer",
    "places",
    "warm_up",
]
