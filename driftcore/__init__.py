"""Driftloop: which concepts a retrained model moved, what it did to the eval, and what to retrain on.

>>> import driftcore
>>> store = driftcore.open_store("support.lance")                                       # doctest: +SKIP
>>> driftcore.ingest(store, frame, checkpoint="2026-W01")                               # doctest: +SKIP
>>> driftcore.log_eval(store, predictions, checkpoint="2026-W01")                       # doctest: +SKIP
>>> driftcore.compare(store, "2026-W01", "2026-W08").summary                            # doctest: +SKIP

Everything is imported when it is first used: `import driftcore` itself stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftcore.callback import DriftloopCallback
    from driftcore.errors import DriftcoreError
    from driftcore.readers.sources import (
        from_chroma,
        from_openinference,
        from_phoenix,
        from_qdrant,
        from_weaviate,
    )
    from driftcore.records import DriftPolicy, DriftReport, Gate, Trend
    from driftcore.store import Store, open_store
    from driftcore.workflows.check import assert_no_drift, check
    from driftcore.workflows.compare import compare
    from driftcore.workflows.evaluate import log_eval
    from driftcore.workflows.export_span import export_span
    from driftcore.workflows.ingest import ingest
    from driftcore.workflows.log_classifier import log_classifier
    from driftcore.workflows.loop import loop_once
    from driftcore.workflows.make_frame import make_frame
    from driftcore.workflows.on_arrival import compare_on_arrival
    from driftcore.workflows.sample import estimate, sample
    from driftcore.workflows.snapshot import snapshot
    from driftcore.workflows.trace import trace
    from driftcore.workflows.trend import trend

_HOMES = {
    "DriftPolicy": "driftcore.records",
    "DriftReport": "driftcore.records",
    "DriftcoreError": "driftcore.errors",
    "DriftloopCallback": "driftcore.callback",
    "Gate": "driftcore.records",
    "Store": "driftcore.store",
    "Trend": "driftcore.records",
    "assert_no_drift": "driftcore.workflows.check",
    "check": "driftcore.workflows.check",
    "compare": "driftcore.workflows.compare",
    "compare_on_arrival": "driftcore.workflows.on_arrival",
    "estimate": "driftcore.workflows.sample",
    "export_span": "driftcore.workflows.export_span",
    "from_chroma": "driftcore.readers.sources",
    "from_openinference": "driftcore.readers.sources",
    "from_phoenix": "driftcore.readers.sources",
    "from_qdrant": "driftcore.readers.sources",
    "from_weaviate": "driftcore.readers.sources",
    "ingest": "driftcore.workflows.ingest",
    "log_classifier": "driftcore.workflows.log_classifier",
    "log_eval": "driftcore.workflows.evaluate",
    "loop_once": "driftcore.workflows.loop",
    "make_frame": "driftcore.workflows.make_frame",
    "open_store": "driftcore.store",
    "sample": "driftcore.workflows.sample",
    "snapshot": "driftcore.workflows.snapshot",
    "trace": "driftcore.workflows.trace",
    "trend": "driftcore.workflows.trend",
}

__all__ = [
    "DriftPolicy",
    "DriftReport",
    "DriftcoreError",
    "DriftloopCallback",
    "Gate",
    "Store",
    "Trend",
    "assert_no_drift",
    "check",
    "compare",
    "compare_on_arrival",
    "estimate",
    "export_span",
    "from_chroma",
    "from_openinference",
    "from_phoenix",
    "from_qdrant",
    "from_weaviate",
    "ingest",
    "log_classifier",
    "log_eval",
    "loop_once",
    "make_frame",
    "open_store",
    "sample",
    "snapshot",
    "trace",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'driftcore' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
