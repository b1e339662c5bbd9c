"""A span as a file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcore.export import COLUMNS, as_csv, manifest, retraining_table, weights

law = settings(deadline=None, derandomize=True, max_examples=100)

# what a spreadsheet takes for the beginning of a formula
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# everything utf-8 can carry, and often what matters
texts = st.text(st.sampled_from("=-'\",\r\n\t \0a") | st.characters(codec="utf-8"), max_size=20)


def rows(content: bytes) -> list[list[str]]:
    """What another program reads: Python's csv, line ends left as they are."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def read_back(text: str) -> str:
    """One text cell after a round trip, beside a plain one so that the line is never blank."""
    ((_, cell),) = rows(as_csv(pd.DataFrame({"id": ["s1"], "text": [text]})))[1:]
    return cell


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "before", ["", " ", "   ", "\t", "\r", "\n", "\r\n", "\u00a0", "\u3000", " \t ", "\0", "\ufeff"]
)
def test_a_cell_that_could_be_a_formula_becomes_text(before: str, start: str) -> None:
    formula = f"{before}{start}HYPERLINK(A1)"

    assert read_back(formula) == "'" + formula


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\0"])
def test_a_cell_that_begins_with_a_tab_a_line_end_or_a_nul_becomes_text(start: str) -> None:
    assert read_back(start + "plain") == "'" + start + "plain"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0"])
def test_known_attacks_are_text(text: str) -> None:
    assert read_back(text) == "'" + text


def test_a_formula_behind_a_lone_carriage_return_does_not_begin_a_row_of_its_own() -> None:
    assert rows(as_csv(pd.DataFrame({"text": ["harmless\r=1+1"]}))) == [["text"], ["harmless\r=1+1"]]


@given(text=texts)
@law
def test_no_text_cell_begins_like_a_formula(text: str) -> None:
    assert not read_back(text).lstrip().startswith(STARTS)


@given(text=texts)
@law
def test_a_cell_comes_back_as_it_was_but_for_one_apostrophe(text: str) -> None:
    assert read_back(text) in (text, "'" + text)


@pytest.mark.parametrize(
    "text",
    [
        'she said "no", twice',
        "two\nlines",
        "two\r\nlines",
        "two\rlines",
        "a,b;c\td",
        "👩‍👩‍👧 🏳️‍🌈",
        "أريد استرداد أموالي",
        "1=1",
        "a-b",
        "'quoted'",
        "",
    ],
)
def test_a_harmless_cell_comes_back_exactly(text: str) -> None:
    assert read_back(text) == text


def test_numbers_are_left_alone() -> None:
    table = pd.DataFrame({"count": [-1, 2], "shift": [-0.5, 1e-9], "narrow": np.array([-0.25, 4], dtype=np.float32)})

    assert rows(as_csv(table))[1:] == [["-1", "-0.5", "-0.25"], ["2", "1e-09", "4.0"]]


def test_a_missing_cell_stays_empty() -> None:
    found = rows(as_csv(pd.DataFrame({"id": ["s1", "s2"], "text": [None, "=1"], "shift": [np.nan, 1.0]})))

    assert found[1:] == [["s1", "", ""], ["s2", "'=1", "1.0"]]


def test_a_text_column_of_pandas_own_kind_is_neutralised() -> None:
    table = pd.DataFrame(
        {"text": pd.array(["=1", None, "a"], dtype="string"), "label": pd.Categorical(["=1", "b", "b"])}
    )

    assert rows(as_csv(table))[1:] == [["'=1", "'=1"], ["", "b"], ["a", "b"]]


def test_the_table_itself_is_not_changed() -> None:
    table = pd.DataFrame({"text": ["=1"]})

    as_csv(table)

    assert table["text"].tolist() == ["=1"]


def test_an_empty_table_is_its_header() -> None:
    assert as_csv(pd.DataFrame({"id": [], "text": []})) == b"id,text\r\n"


def columns(n_rows: int) -> dict[str, np.ndarray]:
    return {name: np.array([f"{name} {row}" for row in range(n_rows)], dtype=object) for name in COLUMNS}


def test_a_retraining_table_has_its_columns_in_their_order() -> None:
    given_columns = dict(reversed(columns(2).items()))

    table = retraining_table(given_columns)

    assert tuple(table.columns) == COLUMNS
    assert table["text"].tolist() == ["text 0", "text 1"]


def test_a_missing_column_is_named() -> None:
    incomplete = columns(2)
    del incomplete["reason"]

    with pytest.raises(KeyError, match="reason"):
        retraining_table(incomplete)


def test_the_manifest_says_where_the_file_came_from_and_how_to_know_it_again() -> None:
    table = retraining_table({**columns(3), "label": np.array(["refund", "refund", None], dtype=object)})
    content = as_csv(table)

    facts = json.loads(manifest(table, content, span_id="span-1", reference="2026-W01"))

    assert facts["span_id"] == "span-1"
    assert facts["reference"] == "2026-W01"
    assert facts["n_rows"] == 3
    assert facts["labels"] == {"refund": 2}
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()


def test_what_is_wrong_now_counts_twice() -> None:
    # right, wrong, unknown
    assert weights(np.array([1, 0, np.nan], dtype=np.float32)).tolist() == [1, 2, 1]
