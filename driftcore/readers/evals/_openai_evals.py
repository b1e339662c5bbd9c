"""OpenAI evals: a JSONL of events, pivoted to one row per sample.

Read in its source: the first line is the `spec` of the run, the last its `final_report`; in between come events with
`sample_id`, `type` and `data`. A wrong match has `picked` null, and then what was sampled is the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from driftcore.errors import BadInputError, one_line
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import first, last_said, leaves, mapping, score_of, targets_of, text
from driftcore.readers.evals._rows import EvalReading, EvalRow, Score

_EVENT = frozenset({"run_id", "event_id", "sample_id", "type", "data"})


@dataclass(slots=True)
class _Sample:
    """What the events said of one sample so far."""

    sampled: str | None = None
    prompt: Any = None
    raw: Any = None
    metrics: dict[str, Score] = field(default_factory=dict)
    matches: list[Mapping[str, Any]] = field(default_factory=list)
    error: str | None = None


def is_openai_evals(file: EvalFile) -> bool:
    """A spec, or an event."""
    first_one = mapping(file.first)
    spec = mapping(first_one.get("spec"))
    return {"run_id", "eval_name"} <= spec.keys() or first_one.keys() >= _EVENT


def read_openai_evals(file: EvalFile) -> EvalReading:
    """One row per sample of a run (the variant, where a file holds several) and match."""
    samples: dict[tuple[str, str], _Sample] = defaultdict(_Sample)
    finished = False
    for _, record in file.records():
        event = mapping(record)
        finished = finished or "final_report" in event
        if event.get("sample_id") is not None:
            key = text(event.get("run_id")) or "", text(event["sample_id"]) or ""
            _add(samples[key], event.get("type"), mapping(event.get("data")))
    if not samples:
        raise BadInputError(f"{file.path.name} holds no events of samples: the eval ran on none. Run it again.")
    several = len({run for run, _ in samples}) > 1
    rows = tuple(
        row for (run, sample_id), sample in samples.items() for row in _rows(sample, sample_id, run if several else "")
    )
    return EvalReading(
        tool="openai-evals",
        rows=rows,
        source=file.path.name,
        own_ids=("sample_id",),
        variants_are="runs",
        default_metric="correct"
        if any(row.scores.get("correct", Score()).correct is not None for row in rows)
        else None,
        notes=() if finished else ("the run has no final report: it did not come to its end",),
    )


def _add(sample: _Sample, kind: Any, data: Mapping[str, Any]) -> None:
    if kind == "match":
        sample.matches.append(data)
    elif kind == "sampling":
        sampled = data.get("sampled")
        sample.sampled = text(sampled[0] if isinstance(sampled, list) and sampled else sampled)
        sample.prompt = data.get("prompt") if sample.prompt is None else sample.prompt
    elif kind == "metrics":
        sample.metrics |= {name: found for name, value in data.items() if (found := score_of(value)) is not None}
    elif kind == "raw_sample":
        sample.raw = dict(data)
    elif kind == "error":
        sample.error = one_line(first(data, "message", "type") or "the eval failed", 200)


def _rows(sample: _Sample, sample_id: str, run: str) -> list[EvalRow]:
    asked = mapping(sample.raw).get("input")
    fields = {
        "sample_id": sample_id,
        **dict(leaves(sample.raw, "raw")),
        "prompt": last_said(sample.prompt if sample.prompt is not None else asked, "user"),
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return [
        EvalRow(
            fields=known,
            prediction=_answer(match, sample),
            targets=targets_of(match.get("expected", mapping(sample.raw).get("ideal"))),
            scores=_scores(match, sample),
            error=sample.error,
            variant=run,
            epoch=epoch,
        )
        for epoch, match in enumerate(sample.matches or [{}], start=1)
    ]


def _answer(match: Mapping[str, Any], sample: _Sample) -> str | None:
    picked = match.get("picked")
    picked = picked[0] if isinstance(picked, list) and picked else picked
    if picked not in (None, [], ""):
        return text(picked)
    sampled = text(match.get("sampled")) if match.get("sampled") is not None else sample.sampled
    # a match that was decided had an answer, even where no event holds it
    return sampled if sampled is not None or "correct" not in match else ""


def _scores(match: Mapping[str, Any], sample: _Sample) -> dict[str, Score]:
    correct = match.get("correct")
    verdict = {"correct": Score(value=float(correct), correct=correct)} if isinstance(correct, bool) else {}
    return verdict | sample.metrics
