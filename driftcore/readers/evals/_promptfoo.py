"""promptfoo: `results.json` (rows in `results.results[]`) or `.jsonl`, one row per test, provider and prompt.

Read in its source (versions 2 to 4 of the results): `success` is false for a failed assertion and for an error, and
`failureReason` (0 none, 1 assertion, 2 error) tells which. A repeated test has a `testIdx` of its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftcore.errors import BadInputError, one_line
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import first, last_said, leaves, listing, mapping, number, text
from driftcore.readers.evals._rows import EvalReading, EvalRow, Score

_ERROR = ("2", "error")
# assertions whose value is an answer; `equals` says it whole, the others a part of it, or what a judge compares with
_WHOLE = frozenset({"equals", "iequals"})
_PART = frozenset(
    {"contains", "icontains", "starts-with", "contains-any", "icontains-any", "contains-all", "icontains-all"}
    | {"similar", "levenshtein", "factuality", "model-graded-factuality", "answer", "rouge-n", "bleu", "is-json"}
)
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def is_promptfoo(file: EvalFile) -> bool:
    """A file of results, or rows of it."""
    first_one = mapping(file.first)
    results = first_one.get("results")
    if isinstance(results, dict):
        return isinstance(results.get("results"), list) and bool({"prompts", "stats", "table"} & results.keys())
    rows = listing(results)
    return _is_row(mapping(rows[0]) if rows else first_one)


def _is_row(row: Mapping[str, Any]) -> bool:
    return {"success", "vars", "prompt"} <= row.keys() and bool({"provider", "promptIdx", "promptId"} & row.keys())


def read_promptfoo(file: EvalFile) -> EvalReading:
    """One row per test, provider and prompt; provider and prompt are the variant, `success` the verdict."""
    records = [mapping(record) for record in _records(file)]
    if not records:
        raise BadInputError(f"{file.path.name} holds no results: promptfoo ran no test. Run it again.")
    names = _variant_names(records)
    epochs = _epochs(records, names)
    rows = tuple(_row(record, name, epoch) for record, name, epoch in zip(records, names, epochs, strict=True))
    return EvalReading(
        tool="promptfoo",
        rows=rows,
        source=file.path.name,
        own_ids=(),
        variants_are="providers and prompts",
        default_metric="success" if any("success" in row.scores for row in rows) else None,
    )


def _records(file: EvalFile) -> Iterator[Any]:
    results = mapping(file.first).get("results")
    if isinstance(results, dict | list) and file.kind == "document":
        yield from listing(results.get("results")) if isinstance(results, dict) else results
    else:
        yield from (record for _, record in file.records())


def _row(record: Mapping[str, Any], variant: str, epoch: int) -> EvalRow:
    response = record.get("response")
    output = response.get("output") if isinstance(response, dict) else response
    test = mapping(record.get("testCase"))
    variables = mapping(record.get("vars")) or mapping(test.get("vars"))
    fields = dict(leaves(variables, "vars"))
    fields |= dict(leaves(test.get("metadata"), "metadata")) | dict(leaves(record.get("metadata"), "metadata"))
    prompt = _prompt_text(mapping(record.get("prompt")).get("raw"))
    for name, value in (("description", first(record, "description") or test.get("description")), ("prompt", prompt)):
        if isinstance(value, str):
            fields[name] = value
    return EvalRow(
        fields=fields,
        prediction=text(output),
        targets=_targets(record, variables),
        scores=_scores(record),
        error=_error(record, output),
        variant=variant,
        epoch=epoch,
    )


def _prompt_text(raw: Any) -> str | None:
    """A prompt of messages is their JSON; what the user says in it is the text."""
    if not isinstance(raw, str) or not raw.lstrip().startswith("["):
        return raw if isinstance(raw, str) else None
    try:
        return last_said(json.loads(raw), "user") or raw
    except (ValueError, RecursionError):
        return raw


def _error(record: Mapping[str, Any], output: Any) -> str | None:
    """The error of the provider; an assertion that failed stands under `error`, too, and is none."""
    said = first(record, "error") or mapping(record.get("response")).get("error")
    reason = record.get("failureReason")
    if reason is None:
        failed = bool(said) and output is None and not mapping(record.get("gradingResult")).get("componentResults")
    else:
        failed = (text(reason) or "").lower() in _ERROR
    return one_line(said or "the provider failed", 200) if failed else None


def _scores(record: Mapping[str, Any]) -> dict[str, Score]:
    parts = [mapping(part) for part in listing(mapping(record.get("gradingResult")).get("componentResults"))]
    named = mapping(record.get("namedScores"))
    scores = {}
    if parts or named or mapping(record.get("gradingResult")).get("pass") is False or record.get("success") is False:
        # without an assertion every answer "succeeds", which says nothing of it
        success = record.get("success")
        verdict = success if isinstance(success, bool) else None
        scores["success"] = Score(value=number(record.get("score")), correct=verdict)
    for name, value in named.items():
        passed = [part.get("pass") for part in parts if mapping(part.get("assertion")).get("metric") == name]
        verdict = all(passed) if passed and all(isinstance(each, bool) for each in passed) else None
        scores[name] = Score(value=number(value), correct=verdict)
    return scores


def _targets(record: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[str, ...]:
    test = mapping(record.get("testCase"))
    parts = listing(mapping(record.get("gradingResult")).get("componentResults"))
    asserted = list(_assertions(listing(test.get("assert"))))
    asserted += [mapping(mapping(part).get("assertion")) for part in parts]
    for kinds in (_WHOLE, _PART):
        for assertion in asserted:
            value = assertion.get("value")
            if assertion.get("type") in kinds and value is not None:
                values = value if isinstance(value, list) else [value]
                return tuple(_filled(found, variables) for found in map(text, values) if found is not None)
    return ()


def _assertions(asserted: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Every assertion, also those in sets."""
    for each in map(mapping, asserted):
        yield each
        yield from (mapping(inner) for inner in listing(each.get("assert")))


def _filled(template: str, variables: Mapping[str, Any]) -> str:
    """A value that quotes variables, as the test had them."""
    return _VARIABLE.sub(lambda match: text(variables.get(match[1])) or match[0], template)


def _variant_names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The provider, and the prompt where there are several; a number where both are the same twice."""
    providers = [_provider(record.get("provider")) for record in records]
    prompts = [mapping(record.get("prompt")) for record in records]
    labels = [one_line(first(prompt, "label", "raw") or "", 60) for prompt in prompts]
    several = len(set(labels)) > 1 and not _vary_with_test(records, labels)
    names = [
        f"{provider} | {label}" if several else provider for provider, label in zip(providers, labels, strict=True)
    ]
    places = [text(record.get("promptIdx")) or "" for record in records]
    pairs = set(zip(names, places, strict=True))
    n_places = Counter(name for name, _ in pairs)
    return [f"{name} #{place}" if n_places[name] > 1 else name for name, place in zip(names, places, strict=True)]


def _vary_with_test(records: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> bool:
    """Whether a label is the filled-in prompt of one test rather than the name of a prompt."""
    places = {(text(record.get("promptIdx")), _provider(record.get("provider"))) for record in records}
    return len(set(labels)) > len(places)


def _provider(provider: Any) -> str:
    if isinstance(provider, dict):
        return one_line(first({name: value or None for name, value in provider.items()}, "label", "id") or "", 60)
    return one_line(provider or "", 60)


def _epochs(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[int]:
    """Which run of the same test each row is; the same row twice is no other run, and stays in its epoch."""
    runs: dict[tuple[str, str], list[str]] = defaultdict(list)
    epochs = []
    for record, name in zip(records, names, strict=True):
        seen = runs[name, json.dumps([record.get("vars"), mapping(record.get("testCase")).get("description")])]
        # old versions do not number their tests: there, a repeated one is another run
        test = text(record.get("testIdx")) or f"run {len(seen)}"
        if test not in seen:
            seen.append(test)
        epochs.append(seen.index(test) + 1)
    return epochs
