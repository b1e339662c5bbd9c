"""What several test folders share: the demo, really trained, once for all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's store, built by the command that a user runs."""
    store = tmp_path_factory.mktemp("demo") / "driftloop.lance"
    command = [str(Path(sys.executable).parent / "driftloop"), "demo", "--no-app", "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return store
