"""The nouns of Driftloop: frozen records that every floor above may hold, and none may change."""

from driftcore.records.clusters import ClusterEvent, ClusterEventKind, ClusterLink, ClusterReport
from driftcore.records.codec import from_json, to_json
from driftcore.records.corridor import Between, Corridor, CorridorStep, SpaceMap
from driftcore.records.evaluation import EvalOrigin, EvalRun, PredictionBatch, Predictions
from driftcore.records.frame import Frame, FrameStep
from driftcore.records.job import (
    Heartbeat,
    Job,
    JobEvent,
    JobEventKind,
    JobResult,
    JobState,
    JobStatus,
    RetrainingPolicy,
)
from driftcore.records.judgement import Change, Judgement
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
    PartDrift,
    Provenance,
    SampleDrift,
    Verdict,
)
from driftcore.records.retraining import SpanMoment, WaitingSet
from driftcore.records.saved_view import Choices, SharedView, View
from driftcore.records.selection import Camera, MapFilter, Outcome, SelectionMode, SelectionStep
from driftcore.records.snapshot import Checkpoint, ModelFingerprint, Snapshot, SnapshotBatch, SnapshotRows
from driftcore.records.span import Span, SpanBrief, SpanOrigin
from driftcore.records.timeline import Moment, PairPoint
from driftcore.records.trace import Since, Trace, TracedRow
from driftcore.records.training import Beat, Log, SplitData, Trained, TrainedSplit, Trainer, TrainingTask
from driftcore.records.trend import ConceptTrend, Look, PairTrend, TimeUnit, Trend
from driftcore.records.triage import SPAN_STATUSES, Decision, SpanStatus, TriagedSpan
from driftcore.records.view import CentroidPath, MapRows, Selection
from driftcore.records.windows import (
    Composition,
    ConceptContent,
    ConceptShare,
    Divergence,
    NearestCount,
    Novelty,
    Spaces,
    WindowDrift,
)

__all__ = [
    "SPAN_STATUSES",
    "Beat",
    "Between",
    "Camera",
    "Cause",
    "CauseKind",
    "CentroidPath",
    "Change",
    "Checkpoint",
    "Choices",
    "ClusterEvent",
    "ClusterEventKind",
    "ClusterLink",
    "ClusterReport",
    "Composition",
    "ConceptContent",
    "ConceptDrift",
    "ConceptShare",
    "ConceptTrend",
    "Corridor",
    "CorridorStep",
    "Decision",
    "Divergence",
    "DriftPolicy",
    "DriftReport",
    "EvalOrigin",
    "EvalRun",
    "Frame",
    "FrameStep",
    "GapClosures",
    "Gauges",
    "Heartbeat",
    "Job",
    "JobEvent",
    "JobEventKind",
    "JobResult",
    "JobState",
    "JobStatus",
    "Judgement",
    "Kind",
    "Log",
    "Look",
    "MapFilter",
    "MapRows",
    "ModelFingerprint",
    "Moment",
    "NearestCount",
    "Novelty",
    "Outcome",
    "PairDrift",
    "PairPoint",
    "PairTrend",
    "PartDrift",
    "PredictionBatch",
    "Predictions",
    "Provenance",
    "RetrainingPolicy",
    "SampleDrift",
    "Selection",
    "SelectionMode",
    "SelectionStep",
    "SharedView",
    "Since",
    "Snapshot",
    "SnapshotBatch",
    "SnapshotRows",
    "SpaceMap",
    "Spaces",
    "Span",
    "SpanBrief",
    "SpanMoment",
    "SpanOrigin",
    "SpanStatus",
    "SplitData",
    "TimeUnit",
    "Trace",
    "TracedRow",
    "Trained",
    "TrainedSplit",
    "Trainer",
    "TrainingTask",
    "Trend",
    "TriagedSpan",
    "Verdict",
    "View",
    "WaitingSet",
    "WindowDrift",
    "from_json",
    "to_json",
]
