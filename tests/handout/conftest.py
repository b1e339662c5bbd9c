"""The page of a hostile store, made once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftcore.handout import Findings, find, render
from driftcore.store import Store
from tests.handout.worlds import WEEKS, hostile_store

AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return hostile_store(tmp_path_factory.mktemp("handout") / "store.lance")


@pytest.fixture(scope="session")
def findings(store: Store) -> Findings:
    return find(store, WEEKS[0], WEEKS[-1])


@pytest.fixture(scope="session")
def page(findings: Findings) -> bytes:
    return render(findings, at=AT)


@pytest.fixture(scope="session")
def page_without_texts(store: Store) -> bytes:
    return render(find(store, WEEKS[0], WEEKS[-1], texts=False), at=AT)


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "no such folder" / "report.html"
