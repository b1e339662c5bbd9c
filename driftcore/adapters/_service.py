"""One service over HTTP: signed requests to one host, tried again where it may help, never sent on elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from driftcore.errors import BadInputError, TrainingError, one_line
from driftcore.signing import signed_headers

if TYPE_CHECKING:
    import httpx

# two minutes in all: as long as a service needs to start again
_ATTEMPTS = 8
_FIRST_WAIT_S = 1.0
_TIMEOUT_S = 30.0
_LARGEST_STATUS = 1 << 20
_LARGEST_OUTPUT = 1 << 31


class _TryAgainError(Exception):
    """The service is busy or away."""


class Service:
    """A host that trains; `wait` is called with seconds between attempts, and may raise to give up.

    Raises
    ------
    TrainingError
        If the address is none.
    """

    def __init__(self, url: str, *, secret: str, wait: Callable[[float], None]) -> None:
        import httpx

        try:
            self._url = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise TrainingError("The option url is no address: http:// or https://, a host and a path.") from error
        if self._url.scheme not in ("http", "https") or not self._url.host:
            raise TrainingError("The option url is no address: http:// or https://, a host and a path.")
        self.host = one_line(self._url.host)
        self._secret, self._wait, self._delivery_id = secret, wait, ""
        # a redirect is never followed: what is sent is for the host that was named
        self._client = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, body: bytes, *, delivery_id: str) -> dict[str, Any]:
        """POST the request; the service's status."""
        self._delivery_id = delivery_id
        return self._status(self._answer("POST", self._url, body, _LARGEST_STATUS))

    def status(self, where: str) -> dict[str, Any]:
        """How far the service is."""
        return self._status(self.fetch(where, most=_LARGEST_STATUS))

    def fetch(self, where: str, *, most: int = _LARGEST_OUTPUT) -> bytes:
        """The content of an address of the same host, relative to the request's own."""
        import httpx

        try:
            url = self._url.join(where)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise TrainingError(f"{self.host} names no address: {one_line(where)!r}.") from error
        if (url.scheme, url.host, url.port) != (self._url.scheme, self._url.host, self._url.port):
            raise TrainingError(f"{self.host} sends on to {one_line(url.host)!r}: only its own addresses are asked.")
        return self._answer("GET", url, b"", most)

    def _answer(self, method: str, url: httpx.URL, body: bytes, most: int) -> bytes:
        import httpx
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        patient = Retrying(
            retry=retry_if_exception_type((httpx.TransportError, _TryAgainError)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential(multiplier=_FIRST_WAIT_S),
            sleep=self._wait,
            reraise=True,
        )
        try:
            return patient(lambda: self._attempt(method, url, body, most))
        except (httpx.TransportError, _TryAgainError) as error:
            why = one_line(error, 120) or type(error).__name__
            raise TrainingError(f"{self.host} could not be asked in {_ATTEMPTS} attempts: {why}.") from error

    def _attempt(self, method: str, url: httpx.URL, body: bytes, most: int) -> bytes:
        try:
            # of this attempt: a receiver refuses what was signed minutes ago
            signed = signed_headers(self._secret, body, delivery_id=self._delivery_id, at=datetime.now(UTC))
        except BadInputError as error:
            raise TrainingError(str(error)) from error
        headers = {"content-type": "application/json", "user-agent": "driftloop", **signed}
        with self._client.stream(method, url, content=body or None, headers=headers) as answer:
            if answer.status_code == 429 or answer.status_code >= 500:
                raise _TryAgainError(f"it answered {answer.status_code}")
            if not answer.is_success:
                raise TrainingError(f"{self.host} refused with status {answer.status_code} at {one_line(url.path)}.")
            parts, size = [], 0
            for part in answer.iter_bytes():
                size += len(part)
                if size > most:
                    raise TrainingError(f"{self.host} answers more than {most / 1e6:,.0f} MB at {one_line(url.path)}.")
                parts.append(part)
        return b"".join(parts)

    def _status(self, content: bytes) -> dict[str, Any]:
        try:
            status = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise TrainingError(f"{self.host} does not answer in JSON: {one_line(content[:200])}.") from error
        if not isinstance(status, dict):
            raise TrainingError(f"{self.host} answers with {one_line(status)}: an object with a 'state' is meant.")
        return status
