"""What other programs read in the formats: an XML parser, a Markdown parser, Prometheus' own parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from driftcore.alerts import junit, markdown, prometheus, slack
from driftcore.errors import one_line
from tests.alerts.gates import AT, MISCHIEF, a_gate

law = settings(deadline=None, derandomize=True, max_examples=100)
labels = st.text(st.sampled_from("<>&|`@#[]()\\*_$:!\n\0\x07 -=.~wh") | st.characters(codec="utf-8"), max_size=30)


def test_junit_has_one_case_a_check_and_counts_them() -> None:
    root = ET.fromstring(junit(a_gate("refund", "cancel")))
    suite = root.find("testsuite")
    assert suite is not None
    # overall, two failing, one stable, one too small
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["5", "3", "0", "1"]
    kinds = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert kinds == {
        "overall": ["failure"],
        "concept refund": ["failure"],
        "concept cancel": ["failure"],
        "concept quiet": [],
        "concept small": ["skipped"],
    }


def test_junit_has_an_error_where_nothing_could_be_evaluated() -> None:
    root = ET.fromstring(junit(a_gate(status="not_evaluated", sentence="no samples in common")))
    assert [(case.get("message"), root.get("errors")) for case in root.iter("error")] == [("no samples in common", "1")]
    assert root.find(".//failure") is None


@law
@given(label=labels)
def test_any_label_is_well_formed_xml_and_stays_text(label: str) -> None:
    root = ET.fromstring(junit(a_gate(label)))
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "failure", "skipped", "system-out"
    }  # fmt: skip
    assert len(list(root.iter("testcase"))) == 4


def tokens_of(text: str) -> list[tuple[str, str]]:
    """Type and content of each leaf that a Markdown parser finds, HTML allowed."""
    parsed = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [
        (leaf.type, leaf.content)
        for token in parsed
        for leaf in (token.children if token.children is not None else [token])
        if leaf.content
    ]


def test_markdown_says_the_verdict_first_and_has_a_row_for_each_concept_that_is_not_stable() -> None:
    text = markdown(a_gate("refund", "cancel"))
    assert text.splitlines()[0] == "### ❌ Driftloop: failed"
    assert "| ` refund ` | **silent** | 20.0 % | ` refund ` | 90.0 % → 87.5 % | 60 |" in text
    assert "1 stable, 1 too small to be judged" in text


@pytest.mark.parametrize("label", MISCHIEF)
def test_a_label_is_shown_in_markdown_and_does_nothing(label: str) -> None:
    shown = one_line(label)
    leaves = tokens_of(markdown(a_gate(label)))
    assert {kind for kind, _ in leaves} <= {"text", "code_inline", "text_special", "softbreak"}
    spans = [content.strip() for kind, content in leaves if kind == "code_inline"]
    # its own name and where it went, in a span that holds all of it: rows and cells stay what they are
    assert spans.count(shown.strip()) == 2
    # what is shown outside of spans has no @ or # that anything could follow
    said = "".join(content for kind, content in leaves if kind != "code_inline")
    assert all(said[place + 1] == "\u2060" for place, c in enumerate(said) if c in "@#")


@law
@given(label=labels)
def test_no_label_adds_a_row_or_a_cell_or_a_link(label: str) -> None:
    parsed = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown(a_gate(label)))
    kinds = [token.type for token in parsed]
    # the head and one row of six cells
    assert (kinds.count("tr_open"), kinds.count("th_open"), kinds.count("td_open")) == (2, 6, 6)
    assert (kinds.count("heading_open"), kinds.count("list_item_open")) == (1, 1)
    leaves = {leaf.type for token in parsed for leaf in token.children or []}
    assert leaves <= {"text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close"}


@law
@given(label=labels)
def test_prometheus_own_parser_reads_every_label_back(label: str) -> None:
    told = prometheus(a_gate(label), queue={"queued": 2, "failed": 1}).decode("utf-8")
    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    found = {(s.name, s.labels.get("concept"), s.labels.get("state")): s.value for s in samples}
    assert found["driftloop_concept_displacement", label, None] == 0.2
    assert found["driftloop_gate_status", None, None] == 1
    assert found["driftloop_last_run_timestamp_seconds", None, None] == AT.timestamp()
    assert found["driftloop_queue_jobs", None, "queued"] == 2


def test_the_status_that_prometheus_reads_is_the_exit_code() -> None:
    assert b'driftloop_gate_status{split="validation"} 0.0' in prometheus(a_gate(status="passed"))
    assert b'driftloop_gate_status{split="validation"} 3.0' in prometheus(a_gate(status="not_evaluated"))
    assert b"queue" not in prometheus(a_gate())


@law
@given(names=st.lists(labels | st.text("<&>", min_size=500, max_size=4000), min_size=1, max_size=30))
def test_slack_gets_text_beside_blocks_within_its_limits_and_without_markup(names: list[str]) -> None:
    message = slack(a_gate(*names))
    header, *others = message["blocks"]
    assert header["text"]["text"] == "Driftloop: failed" and len(message["blocks"]) <= 50
    texts = [block["text"]["text"] for block in others[:-1]] + [others[-1]["elements"][0]["text"]]
    assert all(0 < len(text) <= 3000 for text in texts) and len(message["text"]) <= 4000
    for text in [*texts, message["text"]]:
        assert "<" not in text and ">" not in text
        plain = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert "&" not in plain


def test_slack_says_the_verdict_first() -> None:
    assert slack(a_gate("refund"))["text"].startswith(":x: Driftloop: failed. ")
    assert slack(a_gate(status="not_evaluated", sentence="<!channel> & co"))["text"] == (
        ":warning: Driftloop: not evaluated. &lt;!channel&gt; &amp; co"
    )
