"""DeepEval: `test_run_*.json`, one row per test case; G-Eval's grades come with it.

Read in its source (4.3.1): keys are camelCase and left out where None. A metric that failed has an `error`; a flaky
one never decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftcore.errors import BadInputError, one_line
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import first, last_said, leaves, listing, mapping, number, targets_of, text
from driftcore.readers.evals._rows import EvalReading, EvalRow, Score

_CASES = ("testCases", "test_cases")
_TALKS = ("conversationalTestCases", "conversational_test_cases")
_MARKS = frozenset({*_TALKS, "metricsScores", "metrics_scores", "testPassed", "test_passed", "testFile"})


def is_deepeval(file: EvalFile) -> bool:
    """A test run."""
    run = _run(file)
    return any(isinstance(run.get(name), list) for name in (*_CASES, *_TALKS)) and bool(_MARKS & run.keys())


def read_deepeval(file: EvalFile) -> EvalReading:
    """One row per test case, single or a conversation; `success`, the verdict of all metrics, unless one is named."""
    run = _run(file)
    cases = [mapping(case) for case in (*listing(first(run, *_CASES)), *listing(first(run, *_TALKS)))]
    if not cases:
        raise BadInputError(f"{file.path.name} holds no test cases: DeepEval ran none. Run it again.")
    rows = tuple(_row(case) for case in cases)
    return EvalReading(
        tool="deepeval",
        rows=rows,
        source=file.path.name,
        own_ids=("name",),
        default_metric="success" if any("success" in row.scores for row in rows) else None,
    )


def _run(file: EvalFile) -> Mapping[str, Any]:
    """The test run, also where it is wrapped as in the tool's own cache."""
    document = mapping(file.content) if file.kind == "document" else {}
    return mapping(first(document, "testRunData", "test_run_data")) or document


def _row(case: Mapping[str, Any]) -> EvalRow:
    turns = first(case, "turns")
    fields = {"name": text(case.get("name")), "input": text(case.get("input")) or last_said(turns, "user")}
    for name in ("metadata", "additionalMetadata", "additional_metadata"):
        fields |= dict(leaves(case.get(name), name))
    for name in ("comments", "scenario"):
        fields[name] = text(case.get(name))
    metrics = [mapping(each) for each in listing(first(case, "metricsData", "metrics_data"))]
    scores = {text(each.get("name")) or "metric": _score(each) for each in metrics}
    verdict = _verdict(case, metrics)
    return EvalRow(
        fields={name: value for name, value in fields.items() if value is not None},
        prediction=text(first(case, "actualOutput", "actual_output")) or last_said(turns, "assistant"),
        targets=targets_of(first(case, "expectedOutput", "expected_output", "expectedOutcome", "expected_outcome")),
        scores=({"success": verdict} if verdict is not None else {}) | scores,
        error=_error(case, metrics, verdict),
    )


def _score(metric: Mapping[str, Any]) -> Score:
    success = metric.get("success")
    if metric.get("error") is not None:
        return Score()
    return Score(value=number(metric.get("score")), correct=success if isinstance(success, bool) else None)


def _verdict(case: Mapping[str, Any], metrics: list[Mapping[str, Any]]) -> Score | None:
    """Whether all that may decide passed: unknown where one failed to run and no other says that it is wrong."""
    deciding = [each for each in metrics if each.get("flaky") is not True]
    value = number(metrics[0].get("score")) if len(metrics) == 1 else None
    success = case.get("success")
    failed = [each.get("error") is not None for each in deciding]
    if any(failed):
        wrong = any(each.get("success") is False and each.get("error") is None for each in deciding)
        return Score(value=value, correct=False if wrong else None)
    if isinstance(success, bool):
        return Score(value=value, correct=success)
    return Score(value=value) if value is not None else None


def _error(case: Mapping[str, Any], metrics: list[Mapping[str, Any]], verdict: Score | None) -> str | None:
    """What the case failed with; what one metric failed with counts where no metric came to a verdict."""
    said = case.get("error")
    if said is None and (verdict is None or verdict == Score()) and all(each.get("error") for each in metrics):
        said = next((each["error"] for each in metrics), None)
    return None if said is None else one_line(said, 200)
