"""What UMAP compiles is kept on disk, and whoever waits for nobody compiles it beforehand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from driftcore import projection
from driftcore.projection._compiled import compiled_umap
from driftcore.workflows.warm import warm_up, warm_up_in_background


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose cache folder is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_what_the_layout_is_optimized_with_is_kept_on_disk() -> None:
    from umap import layouts, umap_

    compiled_umap()

    kernels = (layouts._nb_optimize_layout_euclidean_single_epoch, umap_.smooth_knn_dist)
    assert all(Path(kernel.stats.cache_path).is_dir() for kernel in kernels)


def test_it_is_compiled_once(cold: Path) -> None:
    assert not projection.is_warm()

    assert warm_up()
    assert projection.is_warm()
    assert not warm_up()


def test_where_it_is_compiled_no_process_is_started(cold: Path) -> None:
    warm_up()
    before = {path: path.stat().st_mtime_ns for path in cold.rglob("*")}

    warm_up_in_background()

    assert {path: path.stat().st_mtime_ns for path in cold.rglob("*")} == before


def test_a_folder_that_cannot_be_written_is_no_failure(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cold / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cold / "file"))

    projection.warm_up()

    assert not projection.is_warm()


def test_the_module_that_an_installation_runs_leaves_it_compiled(cold: Path) -> None:
    # the environment is inherited, the empty cache folder with it
    subprocess.run([sys.executable, "-m", "driftcore.projection"], check=True, timeout=300)

    assert projection.is_warm()


def test_asking_whether_it_is_compiled_imports_nothing_that_takes_seconds() -> None:
    asked = "import sys; from driftcore.projection import is_warm; is_warm(); print('numba' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True, timeout=60)

    assert said.stdout.strip() == "False"
