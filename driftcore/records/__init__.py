"""The nouns of Driftloop: frozen records that every floor above may hold, and none may change."""

from driftcore.records.codec import from_json, to_json
from driftcore.records.evaluation import EvalRun, PredictionBatch, Predictions
from driftcore.records.frame import Frame, FrameStep
from driftcore.records.policy import DriftPolicy
from driftcore.records.report import (
    Cause,
    CauseKind,
    ConceptDrift,
    DriftReport,
    GapClosures,
    Gauges,
    Kind,
    PairDrift,
    Provenance,
    SampleDrift,
    Verdict,
)
from driftcore.records.snapshot import Checkpoint, ModelFingerprint, Snapshot, SnapshotBatch, SnapshotRows
from driftcore.records.span import Span, SpanBrief, SpanOrigin
from driftcore.records.timeline import Moment, PairPoint
from driftcore.records.view import CentroidPath, MapRows, Selection

__all__ = [
    "Cause",
    "CauseKind",
    "CentroidPath",
    "Checkpoint",
    "ConceptDrift",
    "DriftPolicy",
    "DriftReport",
    "EvalRun",
    "Frame",
    "FrameStep",
    "GapClosures",
    "Gauges",
    "Kind",
    "MapRows",
    "ModelFingerprint",
    "Moment",
    "PairDrift",
    "PairPoint",
    "PredictionBatch",
    "Predictions",
    "Provenance",
    "SampleDrift",
    "Selection",
    "Snapshot",
    "SnapshotBatch",
    "SnapshotRows",
    "Span",
    "SpanBrief",
    "SpanOrigin",
    "Verdict",
    "from_json",
    "to_json",
]
