"""The address survives signing in: the sign-in drops it, so the browser's tab remembers it for ten minutes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

# sessionStorage belongs to one tab and one origin, and survives the way to the provider and back
_SCRIPT = """
const KEY = "driftloop-asked";
const MINUTES = 10;

export default function ({ data, parentElement }) {
  // nothing to see: without this it would push the page down by a line
  const own = parentElement.getRootNode().host ?? parentElement;
  own.closest("[data-testid=stElementContainer]")?.style.setProperty("display", "none");
  const here = location.pathname + location.search;
  if (data.keep) {
    // the bare start: where a sign-in that failed leads, which must not forget what was asked for before it
    if (location.search === "" && location.pathname.endsWith("/")) return;
    sessionStorage.setItem(KEY, JSON.stringify({ here, at: Date.now() }));
    return;
  }
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  if (!data.go) return;
  if (kept === null || kept.here === here || Date.now() - kept.at > MINUTES * 60_000) return;
  const target = new URL(kept.here, location.origin);
  // a path of two slashes would lead to another server
  if (target.origin === location.origin) location.replace(target);
}
"""


def stash_choices() -> None:
    """Remember the address in this tab: call it on the page that offers to sign in."""
    _script()(key="stash-choices", data={"keep": True}, height=1)


def unstash_choices(*, go: bool) -> None:
    """Forget the remembered address, and go there where a person who signed in lands, the default page."""
    _script()(key="unstash-choices", data={"keep": False, "go": go}, height=1)


@cache
def _script() -> ComponentRenderer:
    return st.components.v2.component("driftloop_stash", js=_SCRIPT)
