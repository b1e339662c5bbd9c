"""Inspect AI: a log as `.eval` (a zip of JSON) or `.json`, one row per sample and epoch.

Read in its source (0.3.285): the zip's `summaries.json` carries ids, targets and scores of all samples, shortened to
1 kB; a run that was killed has only the journal that it is made from. Where an answer is not in the summary, the
sample's own part is read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from driftcore.errors import BadInputError, one_line
from driftcore.readers._jsonl import json_value
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import last_said, leaves, listing, mapping, score_of, targets_of, text
from driftcore.readers.evals._rows import EvalReading, EvalRow, Score
from driftcore.readers.evals._zip import member

_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_JOURNAL = re.compile(r"_journal/summaries/(\d+)\.json")
_SHORTENED = "(content truncated)"
_DAMAGED = "Is the log damaged? Write or copy it again."


def is_inspect(file: EvalFile) -> bool:
    """A log in either form."""
    if file.kind == "zip":
        return any(name == "header.json" or name.startswith(("_journal/", "samples/")) for name in file.names)
    first = mapping(file.first)
    return {"status", "eval"} <= first.keys() and isinstance(first["eval"], dict)


def read_inspect(file: EvalFile) -> EvalReading:
    """One row per sample and epoch; the scorers are the metrics."""
    header, samples = _unzipped(file) if file.kind == "zip" else _document(mapping(file.first))
    if not samples:
        raise BadInputError(
            f"{file.path.name} is a log of Inspect without samples (status '{_status(header)}'): "
            "run the eval with --log-samples, and to its end."
        )
    return EvalReading(
        tool="inspect",
        rows=tuple(_row(sample) for sample in samples),
        source=file.path.name,
        own_ids=("id",),
        metrics_are="scorers",
        notes=_notes(header, len(samples)),
    )


def _document(log: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    return log, [mapping(sample) for sample in listing(log.get("samples"))]


def _unzipped(file: EvalFile) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    source = file.path.name
    with zipfile.ZipFile(file.path) as archive:

        def part(name: str) -> Any:
            content = member(archive, name, source=source)
            return json_value(content, name=source, where=one_line(name), advice=_DAMAGED, shown=False)

        headers = (part(name) for name in ("header.json", "_journal/start.json") if name in file.names)
        header = mapping(next(headers, None))
        there = frozenset(file.names)
        samples = [_whole(summary, there, part) for summary in _summaries(file.names, part)]
    return header, samples


def _summaries(names: Sequence[str], part: Callable[[str], Any]) -> Iterator[Mapping[str, Any]]:
    """One summary a sample and epoch; of a sample that was run again, the last."""
    if "summaries.json" in names:
        parts = ["summaries.json"]
    else:
        numbered = [match for match in map(_JOURNAL.fullmatch, names) if match]
        parts = [match[0] for match in sorted(numbered, key=lambda match: int(match[1]))]
    if parts:
        every = [mapping(summary) for name in parts for summary in listing(part(name))]
    else:
        every = [mapping(part(name)) for name in dict.fromkeys(names) if name.startswith("samples/")]
    yield from {(text(each.get("id")), text(each.get("epoch"))): each for each in every}.values()


def _whole(summary: Mapping[str, Any], names: Collection[str], part: Callable[[str], Any]) -> Mapping[str, Any]:
    """The sample itself where its summary does not say all that is needed."""
    name = f"samples/{text(summary.get('id'))}_epoch_{text(summary.get('epoch'))}.json"
    if name not in names or _says_enough(summary):
        return summary
    return mapping(part(name))


def _says_enough(summary: Mapping[str, Any]) -> bool:
    if summary.get("error") is not None:
        return True
    scores = mapping(summary.get("scores"))
    answers = [mapping(score).get("answer") for score in scores.values()]
    # what is longer than a kilobyte was shortened
    short = all(isinstance(answer, str) and len(answer) < 1000 for answer in answers)
    return bool(answers) and short and _SHORTENED not in str([summary.get("input"), summary.get("target")])


def _row(sample: Mapping[str, Any]) -> EvalRow:
    error = sample.get("error")
    fields = {"id": text(sample.get("id")), "input": last_said(sample.get("input"), "user")}
    fields |= dict(leaves(sample.get("metadata"), "metadata"))
    scores = mapping(sample.get("scores")) or _old_score(sample)
    epoch = sample.get("epoch")
    return EvalRow(
        fields={name: value for name, value in fields.items() if value is not None},
        prediction=_answer(sample, scores),
        targets=targets_of(sample.get("target")),
        scores={name: found for scorer, score in scores.items() for name, found in _scores(scorer, mapping(score))},
        error=None if error is None else one_line(mapping(error).get("message") or error, 200),
        epoch=epoch if isinstance(epoch, int) else 1,
    )


def _old_score(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """Before there could be several scorers, a sample had one `score`."""
    return {"score": sample["score"]} if isinstance(sample.get("score"), dict) else {}


def _answer(sample: Mapping[str, Any], scores: Mapping[str, Any]) -> str | None:
    answers = (mapping(score).get("answer") for score in scores.values())
    given = next((answer for answer in answers if isinstance(answer, str)), None)
    output = mapping(sample.get("output"))
    if given is not None or not output:
        return given
    completion = output.get("completion")
    choices = listing(output.get("choices"))
    said = last_said([mapping(mapping(choices[0]).get("message"))], "assistant") if choices else None
    return text(completion if completion not in (None, "") else said if said is not None else completion)


def _scores(scorer: str, score: Mapping[str, Any]) -> Iterator[tuple[str, Score]]:
    value = score.get("value")
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    for name, part in [(scorer, value)] if parts is None else [(f"{scorer}.{key}", each) for key, each in parts]:
        found = Score(value=_GRADES[part]) if isinstance(part, str) and part in _GRADES else score_of(part)
        answer = score.get("answer")
        # neither a grade nor a number, or NaN: the scorer could not say
        yield name, replace(found or Score(), answer=answer if isinstance(answer, str) else None)


def _status(header: Mapping[str, Any]) -> str:
    return one_line(text(header.get("status")) or "started", 20)


def _notes(header: Mapping[str, Any], n_samples: int) -> tuple[str, ...]:
    """A log that did not come to its end is a part of an eval, and says so."""
    dataset = mapping(mapping(header.get("eval")).get("dataset"))
    planned = dataset.get("samples")
    status = _status(header)
    if status == "success":
        return ()
    of = f" of {planned}" if isinstance(planned, int) else ""
    return (f"the log's status is '{status}': {n_samples} samples{of} were run",)
