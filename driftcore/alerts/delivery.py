"""Delivery: one POST, tried again where it may help, to the place that was named and no other."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from driftcore.alerts.slack import slack
from driftcore.errors import BadInputError, DeliveryError, one_line
from driftcore.records import Gate, to_json
from driftcore.signing import signed_headers

if TYPE_CHECKING:
    import httpx

_ATTEMPTS = 4
_TIMEOUT_S = 10.0
_FIRST_WAIT_S = 0.5


class _TryAgainError(Exception):
    """The receiver is busy or away."""


def send_webhook(url: str, gate: Gate, *, secret: str, first_wait_s: float = _FIRST_WAIT_S) -> str:
    """POST a gate as signed JSON, and return the delivery's id.

    The body is ``{"type": "driftloop.gate.failed", "timestamp": …, "data": {…}}`` with the fields of `Gate`; its
    headers are those of `signed_headers`. A receiver that is away or busy (5xx, 429) is tried four times under one id.

    Raises
    ------
    BadInputError
        If the address or the secret cannot be one.
    DeliveryError
        If nobody took it.
    """
    told = {"type": f"driftloop.gate.{gate.status}", "timestamp": gate.at.isoformat(), "data": to_json(gate)}
    body, delivery_id = _encoded(told), f"msg_{uuid.uuid4().hex}"

    def headers() -> Mapping[str, str]:
        # of this attempt: a receiver refuses what was signed minutes ago
        return signed_headers(secret, body, delivery_id=delivery_id, at=datetime.now(UTC))

    _post(url, body, headers, first_wait_s)
    return delivery_id


def send_slack(url: str, gate: Gate, *, first_wait_s: float = _FIRST_WAIT_S) -> None:
    """POST a gate to one of Slack's incoming webhooks.

    Raises
    ------
    BadInputError
        If the address cannot be one.
    DeliveryError
        If Slack did not take it.
    """
    _post(url, _encoded(slack(gate)), dict, first_wait_s)


def check_address(url: str) -> None:
    """Refuse what is no address of a webhook, before minutes of work and not after them.

    Raises
    ------
    BadInputError
    """
    import httpx

    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        parts = httpx.URL("")
    if parts.scheme not in ("http", "https") or not parts.host:
        # the address itself may be the secret
        raise BadInputError("The address of a webhook is http:// or https://, a host and a path.")


def _post(url: str, body: bytes, headers: Callable[[], Mapping[str, str]], first_wait_s: float) -> None:
    import httpx

    check_address(url)
    patient = Retrying(
        retry=retry_if_exception_type((httpx.TransportError, _TryAgainError)),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=first_wait_s, max=20 * first_wait_s),
        reraise=True,
    )
    try:
        # a redirect is never followed: the body is for the place that was named
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            patient(lambda: _attempt(client, url, body, headers()))
    except (httpx.TransportError, _TryAgainError) as error:
        why = one_line(error, 120) or type(error).__name__
        raise DeliveryError(f"The alert did not reach {_host(url)} in {_ATTEMPTS} attempts: {why}.") from error


def _attempt(client: httpx.Client, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    own = {"content-type": "application/json", "user-agent": "driftloop"}
    answer = client.post(url, content=body, headers={**own, **headers})
    if answer.status_code == 429 or answer.status_code >= 500:
        raise _TryAgainError(f"it answered {answer.status_code}")
    if answer.is_redirect:
        raise DeliveryError(f"{_host(url)} sends alerts on to another place: name the last address itself.")
    if not answer.is_success:
        raise DeliveryError(f"{_host(url)} refused the alert: {answer.status_code} {one_line(answer.text, 120)}")


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _host(url: str) -> str:
    """Where an alert goes, for a message: paths of webhooks are secrets."""
    import httpx

    return one_line(httpx.URL(url).host)
