"""A table of very many rows: fifty in sight, the others a page away."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def table() -> None:
    import streamlit as st

    from driftcore.ui._pager import rows_in_sight, turn_pages

    n_rows = st.session_state["n"]
    seen = rows_in_sight(n_rows, key="page")
    st.markdown(f"{seen.start}:{seen.stop}")
    turn_pages(n_rows, key="page", what="samples")


def opened(n_rows: int, *, page: int | None = None) -> AppTest:
    app = AppTest.from_function(table, default_timeout=60)
    app.session_state["n"] = n_rows
    if page is not None:
        app.session_state["page"] = page
    return app.run()


def test_a_short_table_has_no_pages_to_turn() -> None:
    app = opened(50)
    assert (app.markdown[0].value, app.caption[0].value) == ("0:50", "50 samples")
    assert not app.get("pagination")


def test_a_long_one_begins_with_its_first_fifty_rows() -> None:
    app = opened(1_000_000)
    assert (app.markdown[0].value, app.caption[0].value) == ("0:50", "1–50 of 1,000,000 samples")
    assert app.get("pagination")[0].proto.num_pages == 20_000


def test_the_last_page_ends_where_the_table_does() -> None:
    app = opened(120, page=3)
    assert (app.markdown[0].value, app.caption[0].value) == ("100:120", "101–120 of 120 samples")


def test_where_the_table_has_grown_shorter_the_first_page_is_in_sight() -> None:
    app = opened(60, page=3)
    assert not app.exception
    assert (app.markdown[0].value, app.caption[0].value) == ("0:50", "1–50 of 60 samples")
