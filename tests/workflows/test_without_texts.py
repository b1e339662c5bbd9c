"""A report without texts says the same, without a word of what the samples say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from driftcore import compare, open_store
from driftcore.records import Cause, DriftReport, PartDrift
from driftcore.workflows._touched import Texts, touched_finding
from driftcore.workflows.without_texts import without_texts
from tests.workflows.worlds import store_checkpoint

WORDS = ("my pension", "zanzibar")


@pytest.fixture
def report(tmp_path: Path) -> DriftReport:
    store = open_store(tmp_path / "store.lance")
    store_checkpoint(store, "before", week=0)
    store_checkpoint(store, "after", week=1, share=0.3)
    return compare(store, "before", "after")


def test_a_report_without_words_stays_as_it_is(report: DriftReport) -> None:
    clean = without_texts(report)
    assert replace(clean, spans=report.spans) == report
    assert [span.words for span in clean.spans] == [()] * len(report.spans)


def test_words_of_a_part_are_gone_from_the_sentence_too(report: DriftReport) -> None:
    part = PartDrift(
        n=12,
        displacement=0.4,
        rest_displacement=0.01,
        toward="concept 4",
        standout=9.0,
        p_value=0.0,
        q_value=0.0,
        neighbor_overlap=0.3,
        neighbor_overlap_rest=0.9,
        cohesion=0.5,
        accuracy_reference=None,
        accuracy_current=None,
        words=WORDS,
    )
    moved, *others = report.concepts
    said = f"Since before 12 of the {moved.n} samples (“{', '.join(WORDS)}”) have moved."
    quoted = replace(report, concepts=(replace(moved, kind="part", part=part), *others), summary=said)

    clean = without_texts(quoted)

    assert not any(word in str(clean) for word in WORDS)
    assert f"12 of the {moved.n} samples of '{moved.concept}' have moved 40 %" in clean.summary


def test_what_all_touched_texts_begin_with_is_not_quoted(report: DriftReport) -> None:
    # the touched texts begin alike, and nothing else tells them from the others: the line quotes how they begin
    secret, other = "it's Mr O'Hara's: ", "it's Ms A'Bara's: "
    touched = np.arange(200) % 2 == 0
    texts = np.array([f"{secret if hit else other}{row % 7}" for row, hit in enumerate(touched)], dtype=object)
    found = touched_finding(
        touched,
        np.arange(200) % 5,
        tuple("abcde"),
        together=0.0,
        texts=lambda rows: Texts(reference=texts[rows], current=texts[rows]),
    )
    line = f"{found.kind}, {found.text}"
    assert "O'Hara" in line

    clean = without_texts(replace(report, cause=Cause(kind=found.kind, evidence=(line,))))

    assert "O'Hara" not in str(clean)
    assert "a common prefix tells them apart with AUROC" in clean.cause.evidence[0]
