"""The span: samples that drifted together between a reference and a current checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SpanOrigin = Literal["found", "lasso", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanBrief:
    """A span as a list shows it; `mean_shift` is a cosine distance."""

    span_id: str
    concept: str
    kind: str
    n_samples: int
    n_mispredicted: int | None
    mean_shift: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span with its samples: found by the segmenter, drawn by a person with the lasso, or merged from such spans.

    `concept` is the concept of most of its samples; `polygon` is what was drawn, in map units; `report_id` names
    the drift report that it comes from, whose policy and shifts are the span's. The samples are of the current
    checkpoint's `split`; `reference_split` is named where the reference is another one. `words` set its texts apart:
    those of a part from the rest of its concept, those of a concept from the one that it heads for. `merged_from` are
    the ids of the spans that it was merged from.
    """

    span_id: str
    report_id: str
    name: str
    origin: SpanOrigin
    reference: str
    current: str
    split: str
    concept: str
    kind: str
    toward: str | None
    n_samples: int
    n_mispredicted: int | None
    mean_shift: float
    sample_ids: tuple[str, ...]
    created_at: datetime
    polygon: tuple[tuple[float, float], ...] = ()
    words: tuple[str, ...] = ()
    reference_split: str | None = None
    merged_from: tuple[str, ...] = ()

    @property
    def brief(self) -> SpanBrief:
        """The span without its samples."""
        return SpanBrief(
            span_id=self.span_id,
            concept=self.concept,
            kind=self.kind,
            n_samples=self.n_samples,
            n_mispredicted=self.n_mispredicted,
            mean_shift=self.mean_shift,
            words=self.words,
        )
