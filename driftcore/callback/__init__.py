"""A callback for the trainers of transformers and sentence-transformers: a snapshot at every saved checkpoint.

>>> trainer.add_callback(DriftloopCallback(store, samples))                                 # doctest: +SKIP
"""

from __future__ import annotations

from driftcore.callback._callback import DriftloopCallback

__all__ = ["DriftloopCallback"]
