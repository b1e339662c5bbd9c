"""Signed deliveries: the scheme's published example, and another program's HMAC."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcore.errors import BadInputError, NotAllowedError
from driftcore.signing import signed_headers, verify

law = settings(deadline=None, derandomize=True, max_examples=50)

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes long ..").decode()
BODY = b'{"status":"failed"}'
AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    # the example of the scheme's documentation: secret, id, time stamp, body and the signature they give
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        delivery_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def checked_elsewhere(key: bytes, body: bytes, headers: dict[str, str]) -> None:
    """Raise unless the signature is the HMAC-SHA256 that another library makes of what the scheme says is signed."""
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1"
    other = HMAC(key, SHA256())
    other.update(f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body)
    other.verify(base64.b64decode(signature))


@law
@given(body=st.binary(), key=st.binary(min_size=16, max_size=64))
def test_another_library_verifies_what_is_signed(body: bytes, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = signed_headers(secret, body, delivery_id="msg_1", at=datetime.now(UTC))
    checked_elsewhere(key, body, headers)
    assert verify(secret, body, {name.title(): value for name, value in headers.items()}) == "msg_1"


def test_a_secret_without_prefix_is_the_key_itself() -> None:
    headers = signed_headers("sixteen letters!", BODY, delivery_id="msg_1", at=AT)
    checked_elsewhere(b"sixteen letters!", BODY, headers)


def test_a_changed_body_id_time_or_secret_is_refused() -> None:
    headers = signed_headers(SECRET, BODY, delivery_id="msg_1", at=AT)
    others = [
        (SECRET, BODY + b" ", headers),
        (SECRET, BODY, {**headers, "webhook-id": "msg_2"}),
        (SECRET, BODY, {**headers, "webhook-timestamp": str(int(AT.timestamp()) + 1)}),
        (SECRET, BODY, {**headers, "webhook-signature": "v1,"}),
        (SECRET, BODY, {**headers, "webhook-signature": "v1,é"}),
        (SECRET, BODY, {"webhook-id": "msg_1"}),
        ("another secret of some length", BODY, headers),
    ]
    for secret, body, given_headers in others:
        with pytest.raises(NotAllowedError):
            verify(secret, body, given_headers, now=AT)


def test_an_old_delivery_is_refused_and_one_of_two_signatures_is_enough() -> None:
    headers = signed_headers(SECRET, BODY, delivery_id="msg_1", at=AT)
    with pytest.raises(NotAllowedError, match="too long ago"):
        verify(SECRET, BODY, headers, now=AT + timedelta(minutes=6))
    both = {**headers, "webhook-signature": f"v1,abcd {headers['webhook-signature']}"}
    assert verify(SECRET, BODY, both, now=AT) == "msg_1"


@pytest.mark.parametrize("secret", ["short", "whsec_not base64 at all"])
def test_a_secret_that_cannot_be_one_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(BadInputError) as refused:
        signed_headers(secret, BODY, delivery_id="msg_1", at=AT)
    assert secret not in str(refused.value)


@pytest.mark.parametrize("delivery_id", ["", "a.b", "a b", "a\nb", "é"])
def test_an_id_that_could_be_read_as_something_else_is_refused(delivery_id: str) -> None:
    with pytest.raises(BadInputError, match="id of a delivery"):
        signed_headers(SECRET, BODY, delivery_id=delivery_id, at=AT)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadInputError, match="no time zone"):
        signed_headers(SECRET, BODY, delivery_id="msg_1", at=AT.replace(tzinfo=None))
