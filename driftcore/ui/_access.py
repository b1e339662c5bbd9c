"""Who may change things: the check stands where the action is, not only in the button."""

from __future__ import annotations

from driftcore.errors import NotAllowedError
from driftcore.ui._guest import guest


def may_edit() -> bool:
    """Whether the person may save, export, queue and ingest; the guest of a share link may not."""
    return guest() is None


def require_editor(what: str) -> None:
    """Refuse what the person may not do.

    Raises
    ------
    NotAllowedError
        If the person may only look; `what` names the action, as in "save spans".
    """
    if guest() is not None:
        raise NotAllowedError(f"A share link is for reading: it does not {what}.")
