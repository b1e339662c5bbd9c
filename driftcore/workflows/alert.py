"""What a gate sends and leaves behind: files for other tools, a signed webhook, a message to Slack."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

from driftcore.alerts import check_address, junit, markdown, prometheus, send_slack, send_webhook
from driftcore.errors import BadInputError, DeliveryError, one_line
from driftcore.records import Gate
from driftcore.store import Store


def alert(
    store: Store, gate: Gate, *, webhook: str | None = None, slack: str | None = None, secret: str | None = None
) -> tuple[str, ...]:
    """Tell the addresses that are given about a gate; returns what was not delivered, one line each.

    A lost alert does not change the gate: whoever calls says the lines, and goes on.

    Parameters
    ----------
    store : Store
    gate : Gate
    webhook, slack : str, optional
        Where the signed JSON goes, and Slack's incoming webhook.
    secret : str, optional
        Signs the webhook; left out, the one of `webhook_secret`.

    Raises
    ------
    BadInputError
        If an address or the secret cannot be one.
    """
    lost = []
    try:
        if webhook is not None:
            send_webhook(webhook, gate, secret=webhook_secret(store, secret))
    except DeliveryError as error:
        lost.append(str(error))
    try:
        if slack is not None:
            send_slack(slack, gate)
    except DeliveryError as error:
        lost.append(str(error))
    return tuple(lost)


def webhook_secret(store: Store, configured: str | None) -> str:
    """What signs webhooks: the configured secret, else one that is derived from the store's own.

    Derived and not the store's own, for a receiver that knew that one could sign share links.
    """
    if configured:
        return configured
    derived = hmac.new(store.secret().encode(), b"driftloop webhook", hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(derived).decode("ascii")


def check_places(files: Mapping[str, Path | None], *addresses: str | None) -> None:
    """Refuse files that cannot be written and addresses that are none, before minutes of work.

    Raises
    ------
    BadInputError
    """
    for name, path in files.items():
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            why = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
            raise BadInputError(f"--{name} '{one_line(path)}' {why}: name a file in a folder that is there.")
    for address in addresses:
        if address is not None:
            check_address(address)


def write_alerts(gate: Gate, files: Mapping[str, Path | None], *, queue: Mapping[str, int] | None = None) -> None:
    """Write a gate as ``junit``, ``markdown`` or ``prometheus``, each whole or not at all.

    Raises
    ------
    BadInputError
        If a file cannot be written.
    """
    for name, path in files.items():
        if path is not None:
            with _replaced(path) as half:
                half.write_bytes(_content(name, gate, queue))


def _content(name: str, gate: Gate, queue: Mapping[str, int] | None) -> bytes:
    if name == "prometheus":
        return prometheus(gate, queue=queue)
    return junit(gate) if name == "junit" else markdown(gate).encode("utf-8")


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A place beside `path` that becomes it at the end: a scraper that reads meanwhile finds the old or the new."""
    try:
        handle, name = mkstemp(dir=path.absolute().parent, prefix=".driftloop-")
        os.close(handle)
        try:
            yield Path(name)
            # made for this user only, but the scraper is another one
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise BadInputError(f"Cannot write '{one_line(path)}': {error.strerror}. Choose another place.") from error
