"""What the page says is what the report says, and nothing that comes from samples becomes part of the page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest

from driftcore.handout import Findings, render
from driftcore.handout._text import as_json, short
from tests.handout.conftest import AT
from tests.handout.worlds import BRACES, IMAGE, NAMES, SCRIPT, TEXTS, WORD, Page


def test_markup_in_labels_and_texts_stays_text(page: bytes) -> None:
    read = Page(page)
    tags = [tag for tag, _ in read.elements]
    assert tags.count("script") == 2
    assert "img" not in tags
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    for hostile in (SCRIPT, IMAGE, BRACES):
        assert hostile in read.text
    assert str(7 * 191) not in read.text


def test_the_data_of_the_map_comes_back_as_it_was(page: bytes) -> None:
    content = Page(page).contents["script"][0]
    data = json.loads(content)
    assert {short(name) for name in NAMES} == set(data["labels"])
    assert set(data["texts"]) == {short(text, 160) for text in TEXTS}
    assert not set("<>&\u2028\u2029") & set(content)


@pytest.mark.parametrize("text", ["</script>", "<!--", "<script", "]]>", "a\u2028b\u2029c", "&lt;", "\\u003c", '"'])
def test_escaped_json_is_the_same_json(text: str) -> None:
    written = as_json({text: [text, None, 1.5]})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {text: [text, None, 1.5]}


def test_the_browser_may_run_this_script_use_this_style_and_nothing_else(page: bytes) -> None:
    read = Page(page)
    policy = next(value for value in read.attributes("meta", "content") if "default-src" in value)
    allowed = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert allowed["default-src"] == "'none'"
    for kind, content in (("script", read.contents["script"][1]), ("style", read.contents["style"][0])):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert allowed[f"{kind}-src"] == f"'sha256-{digest}'"
    assert not [attributes for _, attributes in read.elements if "style" in attributes]


def test_the_page_names_nothing_outside_itself(page: bytes) -> None:
    read = Page(page)
    places = [value for tag in ("a", "link", "script", "use") for value in read.attributes(tag, "href")]
    assert [place for place in places if not place.startswith(("#", "data:"))] == []
    assert read.attributes("script", "src") == []
    ids = {attributes.get("id") for _, attributes in read.elements}
    assert {place[1:] for place in places if place.startswith("#")} <= ids


def test_the_numbers_are_the_reports(page: bytes, findings: Findings) -> None:
    report, read = findings.report, Page(page)
    exact = [float(value) for value in read.attributes("data", "value")]
    gauges, moved = report.global_, [concept for concept in report.concepts if concept.kind != "none"]
    pair = next(pair for pair in report.pairs if {pair.a, pair.b} == {moved[0].concept, moved[0].toward})
    n_in_spans = sum(span.n_samples for span in report.spans)
    cards = [gauges.accuracy_current, len(moved), pair.gap_closure, gauges.churn, n_in_spans]
    assert exact[:6] == [*cards, gauges.typical_displacement]
    assert report.summary in read.text
    cells = read.attributes("td", "data-v")
    for concept in report.concepts:
        assert str(concept.displacement) in cells
        assert str(concept.accuracy_current) in cells


def test_the_verdict_has_a_word_and_a_sign(page: bytes, findings: Findings) -> None:
    assert findings.report.verdict == "regression"
    text = Page(page).text
    assert re.search(r"▼\s*Regression", text[: text.index("Key numbers")])


def test_the_worst_concept_stands_first(page: bytes, findings: Findings) -> None:
    names = [value for value in Page(page).attributes("th", "data-v") if value in {short(name) for name in NAMES}]
    assert names == [short(concept.concept) for concept in findings.report.concepts]
    assert names[0] == short(NAMES[1])


def test_where_it_comes_from_is_told(page: bytes, findings: Findings) -> None:
    text = Page(page).text
    assert findings.report.report_id in text
    assert findings.stamp in text
    assert "2026-03-02 10:30 UTC" in text
    assert f"min_standout = {findings.report.policy.min_standout}" in text
    for side in findings.sides:
        assert side.fingerprint[:16] in text


def test_every_note_of_the_report_is_told(findings: Findings) -> None:
    told = replace(findings, report=replace(findings.report, notes=("No <b>eval</b> run.",)), remarks=("No map: why.",))
    text = Page(render(told, at=AT)).text
    assert "No <b>eval</b> run." in text
    assert "No map: why." in text


def test_the_spans_come_with_texts_and_the_words_that_set_them_apart(page: bytes) -> None:
    text = Page(page).text
    apart = text[text.index("What sets them apart") :]
    assert WORD in apart[:200]
    assert sum(short(each, 300) in text for each in TEXTS) == 6
