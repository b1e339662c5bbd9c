"""Tables of very many rows, a page at a time: what is not in sight is neither read nor sent."""

from __future__ import annotations

import streamlit as st

ROWS_A_PAGE = 50


def rows_in_sight(n_rows: int, *, key: str) -> slice:
    """The rows of a table that stand on the page which is turned to; the first page where it has grown shorter.

    Parameters
    ----------
    n_rows : int
        Of the whole table.
    key : str
        The pager's, see `turn_pages`.

    Returns
    -------
    slice
        At most `ROWS_A_PAGE` rows.
    """
    number = st.session_state.get(key, 1)
    start = (number - 1) * ROWS_A_PAGE if (number - 1) * ROWS_A_PAGE < n_rows else 0
    return slice(start, min(start + ROWS_A_PAGE, n_rows))


def turn_pages(n_rows: int, *, key: str, what: str) -> None:
    """Which rows are in sight, in words, and the pages to turn where there is more than one.

    Parameters
    ----------
    n_rows : int
    key : str
    what : str
        What a row is and how they are ordered, as in "samples, the most shifted first".
    """
    n_pages = -(-n_rows // ROWS_A_PAGE)
    if n_pages > 1:
        seen = rows_in_sight(n_rows, key=key)
        if st.session_state.get(key, 1) > n_pages:
            st.session_state[key] = 1
        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(n_pages, key=key)
            st.caption(f"{seen.start + 1:,}–{seen.stop:,} of {n_rows:,} {what}", width="content")
    else:
        st.caption(f"{n_rows:,} {what}")
