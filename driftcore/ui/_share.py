"""Links that travel: a view's short id, a read-only link to it, and what either opens in a fresh session."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from driftcore.errors import DriftcoreError
from driftcore.records import View
from driftcore.settings import bundled, read_settings
from driftcore.store import Store
from driftcore.ui._access import may_edit, person, require_editor
from driftcore.ui._chosen import camera, selection_steps, set_camera, set_selection
from driftcore.ui._guest import admit, guest, refuse_when_over
from driftcore.ui._reading import current_store, shared_store
from driftcore.ui._text import plain
from driftcore.workflows.share import (
    DAYS,
    DEFAULT_DAYS,
    changes_behind,
    keep_view,
    last_moment,
    looked_at_split,
    open_token,
    share_token,
    signing_secret,
)

_OPEN_PAGE, _RESTORED, _NOTES = "open-page", "restored-views", "view-notes"
_KEPT, _FAILED, _TOKEN = "kept-view", "kept-view-failed", "kept-token"
_POPOVER, _DAYS = "share-view", "share-days"

# what is in an address beside the choices
_NOT_CHOICES = ("view", "share", "embed", "embed_options")


def admit_by_link() -> None:
    """Make this session a guest's where its address carries a share link; once a guest, always a guest.

    Raises
    ------
    NotAllowedError
        If the link is not valid, or not any more.
    NotFoundError
        If there is no store, or not this view.
    """
    refuse_when_over()
    token = st.query_params.get("share")
    if token is None or guest() is not None:
        return
    store = shared_store()
    admit(shared := open_token(store, token, _secret(store)))
    _put_back(shared.view)


def restore_view(page: str) -> None:
    """Put back what a link's view shows, once in a session; then the person may change it.

    What the address says beside the view id goes first: it was chosen after the view was opened.
    """
    st.session_state[_OPEN_PAGE] = page
    shared = guest()
    if shared is not None:
        if page != shared.view.page:
            _go_to(shared.view.page, {"share": st.query_params.get("share", "")})
        return
    asked = st.query_params.get("view")
    restored: set[str] = st.session_state.setdefault(_RESTORED, set())
    if asked is None or asked in restored:
        return
    try:
        view = current_store().views.get(asked)
        chosen = dict(view.choices) | _choices()
        if view.page != page:
            _go_to(view.page, {**chosen, "view": (asked,)})
        restored.add(asked)
        _put_back(view)
    except DriftcoreError as error:
        restored.add(asked)
        st.session_state[_NOTES] = asked, (str(error),)
        return
    for key, values in chosen.items():
        st.query_params[key] = list(values)


def view_notes() -> None:
    """The banner of a shared view, and what changed behind a view since it was kept."""
    shared = guest()
    if shared is not None:
        by = f" by {plain(shared.view.who)}" if shared.view.who else ""
        st.info(
            f"Shared view{by} of {shared.view.created_at:%Y-%m-%d} until {shared.until:%Y-%m-%d %H:%M} UTC, read-only",
            icon=":material/visibility:",
        )
    view_id, notes = st.session_state.get(_NOTES, ("", ()))
    if notes and (shared is not None or st.query_params.get("view") == view_id):
        st.warning("  \n".join(plain(note) for note in notes), icon=":material/history:")


def copy_link() -> None:
    """The links to this view: one for people who work here, one that opens nothing but it. Not for guests."""
    if guest() is not None:
        return
    with st.popover("Copy link", icon=":material/link:", key=_POPOVER, on_change=_keep) as opened:
        if not opened.open:
            return
        failed = st.session_state.get(_FAILED)
        if failed is not None:
            st.error(plain(failed), icon=":material/error:")
            return
        view: View | None = st.session_state.get(_KEPT)
        if view is None:
            st.markdown("Whoever may open the dashboard sees the same choices with this link.")
            _address(_page_path(), _choices())
            if not may_edit():
                st.caption("Without zoom and selection: a link with these is kept in the store, by an editor.")
            return
        st.markdown("**For people with access**")
        _address(view.page, {"view": (view.view_id,)})
        st.caption(
            "Opens this page with the same checkpoints, colours, filters, zoom and selection, and says so when the "
            "data behind it has changed."
        )
        _read_only_link(view)


def _read_only_link(view: View) -> None:
    st.markdown("**For anyone, read-only**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.selectbox(
            "Ends after",
            DAYS,
            index=DAYS.index(DEFAULT_DAYS),
            key=_DAYS,
            format_func=lambda number: "1 day" if number == 1 else f"{number} days",
            width=140,
        )
        asked = st.button("Make a read-only link", key="share-sign", icon=":material/visibility:")
    if asked:
        require_editor("make share links")
        until = last_moment(days)
        st.session_state[_TOKEN] = view.view_id, share_token(view.view_id, _secret(current_store()), until=until), until
    of_view, token, until = st.session_state.get(_TOKEN, ("", "", None))
    if of_view == view.view_id and until is not None:
        _address(view.page, {"share": (token,)})
        st.caption(
            f"Opens this one view without an account until {until:%Y-%m-%d %H:%M} UTC, sample texts included; nothing "
            "can be changed, saved or exported with it."
        )


def _keep() -> None:
    """Keep the view at the moment when the popover opens: then the page has written all of its choices.

    Who may not write to the store gets the address with the choices instead.
    """
    st.session_state.pop(_FAILED, None)
    st.session_state.pop(_KEPT, None)
    if not st.session_state[_POPOVER] or not may_edit():
        return
    try:
        store = current_store()
        st.session_state[_KEPT] = keep_view(
            store,
            _page_path(),
            _choices(),
            steps=selection_steps(),
            camera=camera(),
            split=looked_at_split(store),
            who=person().email,
        )
    except DriftcoreError as error:
        st.session_state[_FAILED] = str(error)


def _choices() -> dict[str, tuple[str, ...]]:
    """Every choice that the address says now."""
    keys = [key for key in st.query_params if key not in _NOT_CHOICES]
    return {key: tuple(st.query_params.get_all(key)) for key in sorted(keys)}


def _put_back(view: View) -> None:
    set_selection(view.steps)
    set_camera(view.camera)
    store = current_store()
    changed = changes_behind(store, view, split=looked_at_split(store))
    since = f"The data has changed since this view was kept on {view.created_at:%Y-%m-%d}:"
    st.session_state[_NOTES] = view.view_id, (since, *changed) if changed else ()


def _go_to(page: str, query: dict[str, tuple[str, ...]] | dict[str, str]) -> None:
    st.switch_page(bundled("pages") / f"{page}.py", query_params=query)


def _page_path() -> str:
    return str(st.session_state.get(_OPEN_PAGE, ""))


def _address(page: str, query: dict[str, tuple[str, ...]]) -> None:
    """A link with a button that copies it."""
    here = str(st.context.url or "").split("?")[0].rstrip("/")
    # the address of the default page ends at the server's root, that of any other in its name
    root = here.removesuffix(f"/{_page_path()}")
    st.code(f"{root}/{page}?{urlencode(query, doseq=True)}", language=None, wrap_lines=True)


def _secret(store: Store) -> str:
    configured = read_settings().secret
    return signing_secret(store, None if configured is None else configured.get_secret_value())
