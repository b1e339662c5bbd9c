"""Small worlds with known answers: clouds of concepts, and what may happen to them.

A null or a drift takes a world, or its vectors, and returns vectors whose rows are paired with it; `World.after` makes
them a world again, so that one thing can happen after another::

    retrained(world.after(moved(world, 1, toward=4, share=0.05)), seed=7)
"""

from driftcore.testing._drifts import collapsed, merged, moved, part_moved, part_of, scattered, split
from driftcore.testing._nulls import int8_rounded, jittered, retrained, scaled, sharpened
from driftcore.testing._rotation import rotated, rotation
from driftcore.testing._worlds import Law, World, make_world, resampled, unequal_sizes

__all__ = [
    "Law",
    "World",
    "collapsed",
    "int8_rounded",
    "jittered",
    "make_world",
    "merged",
    "moved",
    "part_moved",
    "part_of",
    "resampled",
    "retrained",
    "rotated",
    "rotation",
    "scaled",
    "scattered",
    "sharpened",
    "split",
    "unequal_sizes",
]
