"""One bucket for all tests of this folder, and a store's address in it for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.storage.bucket import Bucket


@pytest.fixture(scope="session")
def server() -> Iterator[Bucket]:
    bucket = Bucket()
    yield bucket
    bucket.go()


@pytest.fixture
def bucket(server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The bucket, there, and known to the environment."""
    server.come()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def uri(bucket: Bucket) -> str:
    """Where nothing is yet."""
    return f"s3://{bucket.name}/{uuid.uuid4().hex[:8]}/store"
