"""lm-evaluation-harness: `samples_<task>_<time>.jsonl`, one row per document and filter.

Read in its source (0.4.0 to 0.4.13): log-probs, answers and targets are written as text, tuples as lists; the
arguments are ``{"gen_args_0": {"arg_0": …}}``, before 0.4.3 lists; the oldest files are one JSON list without
`filter`, `metrics` and hashes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from driftcore.errors import BadInputError
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import leaves, listing, mapping, number, score_of, text
from driftcore.readers.evals._rows import EvalReading, EvalRow

_NOT_METRICS = frozenset(
    {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"}
    | {"doc_hash", "prompt_hash", "target_hash"}
)
# what these accuracies take for the answer: the likeliest choice per letter or byte
_BY_LENGTH: Mapping[str, Callable[[str], int]] = {"acc_norm": len, "acc_bytes": lambda name: len(name.encode())}


def is_lm_eval(file: EvalFile) -> bool:
    """Samples, or the totals that lie beside them."""
    first = mapping(file.first)
    return {"doc_id", "doc", "arguments"} <= first.keys() or _is_totals(first)


def read_lm_eval(file: EvalFile) -> EvalReading:
    """One row per document and filter; the filter is the variant."""
    if _is_totals(mapping(file.first)):
        raise BadInputError(
            f"{file.path.name} holds lm-evaluation-harness's totals, not its samples: run it with --log_samples, and "
            "give the file samples_<task>_<time>.jsonl that lies beside this one."
        )
    rows = tuple(_row(mapping(record)) for _, record in file.records())
    return EvalReading(
        tool="lm-eval",
        rows=rows,
        source=file.path.name,
        own_ids=("doc_hash",),
        variants_are="filters",
        default_metric=_first_verdict(rows),
    )


def _is_totals(first: Mapping[str, Any]) -> bool:
    return {"results", "configs", "versions"} <= first.keys()


def _row(record: Mapping[str, Any]) -> EvalRow:
    requests = _requests(record.get("arguments"))
    answers = listing(record.get("filtered_resps")) or [first_of(each) for each in listing(record.get("resps"))]
    options = _options(requests, answers)
    named = [name for name in listing(record.get("metrics")) if isinstance(name, str)]
    metrics = named or [name for name in record if name not in _NOT_METRICS]
    scores = {name: score for name in metrics if (score := score_of(record.get(name))) is not None}
    if options:
        scores |= {
            name: replace(scores[name], answer=_likeliest(options, length))
            for name, length in _BY_LENGTH.items()
            if name in scores
        }
    fields = {"doc_hash": text(record.get("doc_hash")), "doc_id": text(record.get("doc_id"))}
    fields |= dict(leaves(record.get("doc"), "doc"))
    if requests:
        fields["prompt"] = text(first_of(requests[0]))
    return EvalRow(
        fields={name: value for name, value in fields.items() if value is not None},
        prediction=_likeliest(options) if options else _answered(requests, answers),
        targets=_targets(record.get("target"), [name for name, _ in options]),
        scores=scores,
        variant=text(record.get("filter")) or "",
    )


def first_of(value: Any) -> Any:
    """The first of a list, however deep; any other value is itself."""
    while isinstance(value, list):
        value = value[0] if value else None
    return value


def _requests(arguments: Any) -> list[list[Any]]:
    """What was asked, one list of arguments a request."""
    if isinstance(arguments, dict):
        return [list(each.values()) if isinstance(each, dict) else [each] for each in arguments.values()]
    return [list(each) for each in listing(arguments) if isinstance(each, list)]


def _options(requests: Sequence[Sequence[Any]], answers: Sequence[Any]) -> list[tuple[str, float]]:
    """The choices and their log-probs; empty where the task is not multiple choice."""
    pairs = [(listing(each), request) for each, request in zip(answers, requests, strict=False)]
    found = [number(pair[0]) if len(pair) == 2 else None for pair, _ in pairs]
    if len(pairs) < 2 or len(answers) != len(requests) or any(value is None for value in found):
        return []
    # a second half without a prompt are the same choices by themselves: what acc_mutual_info subtracts
    n_choices = len(pairs) // 2 if text(first_of(requests[-1])) == "" else len(pairs)
    names = [(text(request[1]) or "").strip() if len(request) > 1 else "" for _, request in pairs[:n_choices]]
    if len(set(names)) < n_choices:
        # the same continuation of several prompts: the choices have no names but their numbers
        names = [str(place) for place in range(n_choices)]
    return [(name, value) for name, value in zip(names, found, strict=False) if value is not None]


def _likeliest(options: Sequence[tuple[str, float]], length: Callable[[str], int] | None = None) -> str:
    likely = [value / max(length(name), 1) if length else value for name, value in options]
    return options[likely.index(max(likely))][0]


def _answered(requests: Sequence[Sequence[Any]], answers: Sequence[Any]) -> str | None:
    """What was generated; of a single continuation that was only rated, itself where it was the likeliest."""
    if not answers or (requests and len(requests[0]) < 2):
        # a text that was only rated (perplexity) has no answer
        return None
    rated = listing(answers[0])
    if len(rated) == 2 and text(rated[1]) in ("True", "False") and requests and len(requests[0]) > 1:
        return (text(requests[0][1]) or "").strip() if text(rated[1]) == "True" else ""
    return text(first_of(answers[0]))


def _targets(target: Any, choices: Sequence[str]) -> tuple[str, ...]:
    """The target, and for multiple choice its name in place of its index."""
    said = target
    if isinstance(target, str) and target.startswith("["):
        # several targets are written as Python writes a list
        try:
            said = ast.literal_eval(target)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            said = target
    values = [text(each) for each in (said if isinstance(said, list) else [said])]
    return tuple(_named(value, choices) for value in values if value is not None)


def _named(target: str, choices: Sequence[str]) -> str:
    return choices[int(target)] if target.isdecimal() and int(target[:9]) < len(choices) else target.strip()


def _first_verdict(rows: Sequence[EvalRow]) -> str | None:
    """The first metric that is right or wrong for every sample, as `acc` and `exact_match` are; f1 is not."""
    values: dict[str, set[float | None]] = {}
    for row in rows:
        for name, score in row.scores.items():
            values.setdefault(name, set()).add(score.value)
    return next((name for name, found in values.items() if found <= {0.0, 1.0}), None)
