"""Signing in and out: the page before the dashboard, the account in its header, and the way back to what was asked."""

from __future__ import annotations

import ipaddress
import sys

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError

from driftcore.ui._access import person, signed_in
from driftcore.ui._guest import guest
from driftcore.ui._stash import stash_choices, unstash_choices
from driftcore.ui._text import plain

_BACK = "went-back-to-choices"
_MAY = {
    "editor": "**Editor**: may save, export and compute.",
    "viewer": "**Viewer**: may look at everything, and neither save nor export.",
}


def must_sign_in() -> bool:
    """Whether nothing may be shown before someone signs in; a share link's guest need not."""
    return signed_in() is False and guest() is None


def sign_in_page() -> None:
    """The page in place of all others until someone signs in."""
    with st.container(horizontal_alignment="center", gap="medium"):
        st.title("Driftloop", anchor=False, width="content")
        st.markdown("Sign in, and the page that you asked for opens.", width="content")
        if st.button("Sign in", key="sign-in", type="primary", icon=":material/login:"):
            _sign_in()
    stash_choices()


def _sign_in() -> None:
    try:
        st.login()
    except StreamlitMissingAuthlibError:
        st.error(
            "Sign-in needs packages that are not installed: pip install 'driftloop[auth]'.", icon=":material/error:"
        )
    except StreamlitAuthError as error:
        st.error(plain(f"[auth] in secrets.toml is not complete: {error}"), icon=":material/error:")


def back_to_choices(*, landed: bool) -> None:
    """Once in a session, lead who signed in to what they had asked for; `landed` is where the sign-in leads."""
    if signed_in() and guest() is None and not st.session_state.get(_BACK):
        st.session_state[_BACK] = True
        unstash_choices(go=landed)


def account() -> None:
    """Who is signed in, what they may do, and the way out."""
    if not signed_in() or guest() is not None:
        return
    whose = person()
    with st.popover("Account", icon=":material/account_circle:", key="account"):
        # not as Markdown, which makes a link of an address
        st.text(whose.email or "Signed in without a verified e-mail address")
        st.markdown(_MAY[whose.role])
        sign_out()


def sign_out() -> None:
    """A button that ends the sign-in, for who is signed in."""
    if signed_in() and guest() is None:
        st.button("Sign out", key="sign-out", icon=":material/logout:", on_click=st.logout)


@st.cache_resource(show_spinner=False)
def warn_when_open(address: str | None, signs_in: bool) -> None:
    """Say once, where the server was started, that it listens to more than this machine and lets everybody edit."""
    if signs_in or _is_this_machine(address):
        return
    print(
        f"Warning: the dashboard listens at {address or 'all addresses'} without sign-in: whoever reaches it may read, "
        "save and export. Configure [auth], or listen at localhost.",
        file=sys.stderr,
        flush=True,
    )


def _is_this_machine(address: str | None) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
