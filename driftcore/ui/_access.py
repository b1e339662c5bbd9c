"""Who may change things: the check stands where the action is, not only in the button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from driftcore.errors import NotAllowedError, one_line
from driftcore.records import SharedView
from driftcore.settings import Access, read_settings
from driftcore.ui._guest import guest
from driftcore.ui._run import once_a_run

Content = TypeVar("Content")

_ASK = "ask whoever runs this dashboard to list {whom} under [access] in driftloop.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a session belongs to.

    Attributes
    ----------
    email : str or None
        As the provider vouches for it; None without sign-in, for guests, and where nothing is vouched for.
    role : {"editor", "viewer", "guest"}
    """

    email: str | None
    role: Literal["editor", "viewer", "guest"]


def person() -> Person:
    """Who this session belongs to; without sign-in whoever reaches the dashboard is an editor.

    Raises
    ------
    NotAllowedError
        If nobody has signed in yet, or who did may not come in.
    BadInputError
        If the settings cannot be read.
    """
    return _judged(*_session())


def may_edit() -> bool:
    """Whether the person may save, export, queue and ingest; viewers and the guests of a share link may not."""
    return person().role == "editor"


def require_editor(what: str) -> None:
    """Refuse what the person may not do.

    For a download's content, which is made outside of the session, there is `only_for_editors`.

    Raises
    ------
    NotAllowedError
        If the person may only look; `what` names the action, as in "save spans".
    """
    _refuse_others(person(), what)


def only_for_editors(what: str, make: Callable[[], Content]) -> Callable[[], Content]:
    """`make`, for the person of this session, who is asked again for the right to it when it runs.

    Streamlit makes a download's content in a thread of its own, which knows nothing of who pressed the button.
    """
    shared, claims = _session()

    def made() -> Content:
        _refuse_others(_judged(shared, claims), what)
        return make()

    return made


def signed_in() -> bool | None:
    """Whether the person of this session signed in; None where sign-in is not configured."""
    told = st.user.to_dict().get("is_logged_in")
    return None if told is None else told is True


def _session() -> tuple[SharedView | None, Mapping[str, Any]]:
    """The share link and the claims that this session came with."""
    # without a session, st.user is empty, as it is where nobody has to sign in
    if get_script_run_ctx(suppress_warning=True) is None:
        raise NotAllowedError("Nobody is known to have asked for this: do it from a page of the dashboard.")
    return guest(), st.user.to_dict()


def _judged(shared: SharedView | None, claims: Mapping[str, Any]) -> Person:
    if shared is not None:
        return Person(email=None, role="guest")
    access = once_a_run("settings", read_settings).access
    if "is_logged_in" not in claims:
        # streamlit looks for secrets on the disk each time that it is asked
        once_a_run("meant to be open", lambda: _check_meant_to_be_open(access))
        return Person(email=None, role="editor")
    if claims["is_logged_in"] is not True:
        raise NotAllowedError("Nobody is signed in: open the page anew and sign in.")
    email = _vouched_for(claims)
    role = (access or Access()).role(email)
    if role is None and email is None:
        raise NotAllowedError("Your account has no e-mail address that is verified: verify it, and sign in again.")
    if role is None:
        raise NotAllowedError(f"{one_line(email)} may not open this dashboard: {_ASK.format(whom='it')}.")
    return Person(email=email, role=role)


def _check_meant_to_be_open(access: Access | None) -> None:
    """Sign-in that was meant and is not found must not open the dashboard to everybody."""
    if access is not None:
        raise NotAllowedError(
            "driftloop.toml says who may do what, but sign-in is not configured: put [auth] into "
            ".streamlit/secrets.toml of the folder that the dashboard is started in, or take [access] away."
        )
    # Streamlit goes on without secrets that it cannot read
    found = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    if found and not st.secrets.load_if_toml_exists():
        raise NotAllowedError("secrets.toml cannot be read: correct it, and start the dashboard again.")


def _vouched_for(claims: Mapping[str, Any]) -> str | None:
    """The e-mail address, unless the provider says that it has not seen the person read mail there."""
    email = claims.get("email")
    # many providers do not say it; some write it as a text
    verified = str(claims.get("email_verified", True)).lower() == "true"
    return email if isinstance(email, str) and email and verified else None


def _refuse_others(whose: Person, what: str) -> None:
    if whose.role == "guest":
        raise NotAllowedError(f"A share link is for reading: it does not {what}.")
    if whose.role == "viewer":
        name = one_line(whose.email or "An account without a verified e-mail address")
        raise NotAllowedError(f"{name} may look, but not {what}: {_ASK.format(whom='it as an editor')}.")
