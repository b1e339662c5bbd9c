"""Alerts that are really sent: to a server of this machine, which takes, refuses, stumbles and sends on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from driftcore.alerts import check_address, send_slack, send_webhook
from driftcore.errors import BadInputError, DeliveryError
from driftcore.signing import verify
from tests.alerts.gates import a_gate

SECRET = "a secret of some length"


@dataclass(slots=True, kw_only=True)
class Receiver:
    """What the server answers next (200 when it has nothing left to say), and what it was sent."""

    answers: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(state.answers.pop(0) if state.answers else 200)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/hook/very-secret"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_arrives_signed_over_exactly_its_body(receiver: Receiver) -> None:
    delivery_id = send_webhook(receiver.url, a_gate("refünd"), secret=SECRET)

    (path, headers, body), *more = receiver.got
    assert (path, more) == ("/hook/very-secret", [])
    assert verify(SECRET, body, headers) == delivery_id
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert (told["type"], told["timestamp"]) == ("driftloop.gate.failed", "2026-01-31T12:00:00+00:00")
    assert told["data"]["checks"][1]["concept"] == "refünd"


def test_a_receiver_that_stumbles_is_tried_again_under_the_same_id(receiver: Receiver) -> None:
    receiver.answers = [503, 429, 500]
    delivery_id = send_webhook(receiver.url, a_gate("refund"), secret=SECRET, first_wait_s=0.01)
    assert [verify(SECRET, body, headers) for _, headers, body in receiver.got] == [delivery_id] * 4


def test_a_receiver_that_stays_away_ends_in_one_line_without_its_secret_path(receiver: Receiver) -> None:
    receiver.answers = [503] * 9
    with pytest.raises(DeliveryError, match=r"did not reach 127\.0\.0\.1 in 4 attempts: it answered 503") as lost:
        send_slack(receiver.url, a_gate("refund"), first_wait_s=0.01)
    assert len(receiver.got) == 4
    assert "very-secret" not in str(lost.value)


def test_nobody_at_the_address_is_said_in_one_line() -> None:
    # port 1 is a service that nobody has run for decades
    with pytest.raises(DeliveryError, match=r"in 4 attempts: .*refused"):
        send_slack("http://127.0.0.1:1/x", a_gate(), first_wait_s=0.01)


def test_a_refusal_is_final(receiver: Receiver) -> None:
    receiver.answers = [403]
    with pytest.raises(DeliveryError, match="refused the alert: 403"):
        send_webhook(receiver.url, a_gate(), secret=SECRET, first_wait_s=0.01)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, code: int) -> None:
    receiver.answers = [code]
    with pytest.raises(DeliveryError, match="another place"):
        send_webhook(receiver.url, a_gate(), secret=SECRET, first_wait_s=0.01)
    assert [path for path, _, _ in receiver.got] == ["/hook/very-secret"]


def test_slack_gets_json_with_text_and_blocks(receiver: Receiver) -> None:
    send_slack(receiver.url, a_gate("refund"))
    message = json.loads(receiver.got[0][2])
    assert message["text"].startswith(":x: Driftloop: failed") and message["blocks"]


@pytest.mark.parametrize(
    "url", ["", "example.org/x", "file:///etc/passwd", "ftp://example.org", "http://", "http://a\x00b"]
)
def test_what_is_no_address_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(BadInputError, match="address of a webhook is") as refused:
        check_address(url)
    # such an address may be the secret itself
    assert "etc" not in str(refused.value) and "example" not in str(refused.value)
