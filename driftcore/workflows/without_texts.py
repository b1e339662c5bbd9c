"""A report without anything that comes from the samples' texts: for whoever may see numbers and labels only."""

from __future__ import annotations

import re
from dataclasses import replace

from driftcore.records import ConceptDrift, DriftReport
from driftcore.workflows._sentence import sentence

# what all touched samples begin with, in a line of the cause
_PREFIX = re.compile(r"the prefix '.*' tells them apart", re.DOTALL)


def without_texts(report: DriftReport) -> DriftReport:
    """The same findings without words that set samples apart, quoted beginnings of texts, and sample ids.

    Labels stay. The sentence is said anew where it quoted words.
    """
    concepts = tuple(_without_words(concept) for concept in report.concepts)
    spans = tuple(replace(span, words=()) for span in report.spans)
    evidence = tuple(_PREFIX.sub("a common prefix tells them apart", line) for line in report.cause.evidence)
    summary = report.summary
    if concepts != report.concepts:
        summary = sentence(
            report.reference, report.current, concepts, report.pairs, report.global_, spans, report.policy
        )
    novelty = None if report.windows is None else report.windows.novelty
    windows = report.windows
    if windows is not None and novelty is not None:
        windows = replace(windows, novelty=replace(novelty, sample_ids=()))
    return replace(
        report,
        concepts=concepts,
        spans=spans,
        summary=summary,
        cause=replace(report.cause, evidence=evidence),
        windows=windows,
    )


def _without_words(concept: ConceptDrift) -> ConceptDrift:
    return concept if concept.part is None else replace(concept, part=replace(concept.part, words=()))
