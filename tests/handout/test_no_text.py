"""Where texts are left out, no text is anywhere in the bytes."""

from __future__ import annotations

import html
import json

from tests.handout.worlds import IMAGE, SAMPLE_IDS, SCRIPT, TEXTS, WORD, Page


def test_no_text_no_id_no_word_and_no_free_answer_is_in_the_bytes(page_without_texts: bytes) -> None:
    written = page_without_texts.decode()
    # escaped and cut texts as well: the number at the end of each text is in no other place
    for form in (written, html.unescape(written), Page(page_without_texts).text):
        assert [text for row, text in enumerate(TEXTS) if text in form or f"nr{row}." in form] == []
        assert [sample_id for sample_id in SAMPLE_IDS if sample_id in form] == []
        assert WORD not in form
        assert "free text." not in form.replace("answers in free text.", "")
        assert "an answer in free" not in form


def test_the_search_would_have_found_them(page: bytes) -> None:
    written = html.unescape(page.decode())
    assert f"nr{len(TEXTS) - 1}." in written
    assert WORD in written
    assert "an answer in free" in written


def test_the_data_holds_no_texts(page_without_texts: bytes) -> None:
    data = json.loads(Page(page_without_texts).contents["script"][0])
    assert set(data["texts"]) == {None}


def test_labels_stay_and_the_page_says_what_was_left_out(page_without_texts: bytes) -> None:
    text = Page(page_without_texts).text
    assert SCRIPT in text
    assert IMAGE in text
    assert "Sample texts were left out on request" in text
