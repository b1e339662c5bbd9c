"""Signed webhooks: headers by which a receiver knows who sent a body, that nobody changed it, and that it is fresh."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from driftcore.errors import BadInputError, NotAllowedError

_PREFIX = "whsec_"
_VERSION = "v1"
_MIN_SECRET = 16
TOLERANCE = timedelta(minutes=5)


def signed_headers(secret: str, body: bytes, *, delivery_id: str, at: datetime) -> dict[str, str]:
    """The three headers of the Standard Webhooks scheme for one delivery of `body`.

    Parameters
    ----------
    secret : str
        Shared with the receiver: ``whsec_`` and the key in base64, as the scheme's libraries write it; any other text
        of at least 16 characters is the key itself, in UTF-8.
    body : bytes
        Exactly what is sent: a receiver that formats the JSON anew before it verifies will find it changed.
    delivery_id : str
        The same for each attempt at the same delivery, so that a receiver can drop doubles.
    at : datetime
        When this attempt is made, with its time zone.

    Raises
    ------
    BadInputError
        If the secret is too short or not base64, the id holds a dot or white space, or the time has no zone.

    Notes
    -----
    ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body`` (standardwebhooks.com, version 1.0).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 31, tzinfo=UTC)
    >>> headers = signed_headers("a secret of some length", b"{}", delivery_id="msg_1", at=at)
    >>> headers["webhook-timestamp"]
    '1769817600'
    >>> verify("a secret of some length", b"{}", headers, now=at)
    'msg_1'
    """
    if at.tzinfo is None:
        raise BadInputError(f"The time of a delivery, {at.isoformat()}, has no time zone: give it one.")
    # a dot would let two different pairs of id and time be signed alike
    if (
        not delivery_id
        or not delivery_id.isascii()
        or any(c == "." or not c.isprintable() or c == " " for c in delivery_id)
    ):
        raise BadInputError("The id of a delivery is ASCII without dots and spaces.")
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"{_VERSION},{_signature(_key(secret), delivery_id, timestamp, body)}",
    }


def verify(
    secret: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: datetime | None = None,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of a delivery whose signature is right and whose time is near; header names in any case.

    Raises
    ------
    NotAllowedError
        If a header is missing, the signature is another one, or the time is more than `tolerance` away.
    BadInputError
        If the secret itself cannot be one.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        delivery_id, timestamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        sent = datetime.fromtimestamp(int(timestamp), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        raise NotAllowedError("The webhook lacks its id, its time or its signature.") from None
    expected = f"{_VERSION},{_signature(_key(secret), delivery_id, timestamp, body)}".encode()
    # several signatures stand side by side while a secret is being changed
    if not any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(" ")):
        raise NotAllowedError("The webhook's signature is wrong: another secret, or the body was changed.")
    if abs((now or datetime.now(UTC)) - sent) > tolerance:
        raise NotAllowedError(f"The webhook was sent at {sent:%Y-%m-%d %H:%M:%S} UTC: too long ago, or not yet.")
    return delivery_id


def _key(secret: str) -> bytes:
    if len(secret) < _MIN_SECRET:
        raise BadInputError(
            f"The secret that signs webhooks has {len(secret)} characters: give DRIFTLOOP_WEBHOOK_SECRET at least "
            f"{_MIN_SECRET}, random ones."
        )
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadInputError("The secret that signs webhooks begins with whsec_ but does not go on in base64.") from None


def _signature(key: bytes, delivery_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
