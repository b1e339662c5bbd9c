"""What is heavy is imported when it is first used."""

from __future__ import annotations

import subprocess
import sys

import driftcore

HEAVY = {
    "hdbscan", "lancedb", "numba", "pandas", "playwright", "plotly", "pyarrow", "pydantic",
    "scipy", "sklearn", "streamlit", "typer", "umap",
}  # fmt: skip


def heavy_modules_after(statement: str) -> set[str]:
    """Which of the heavy libraries a fresh interpreter has loaded after a statement."""
    code = f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.split())


def test_import_driftcore_stays_light():
    assert heavy_modules_after("import driftcore") == set()


def test_the_lightness_test_sees_what_is_loaded():
    assert heavy_modules_after("import driftcore; driftcore.DriftPolicy; import scipy") >= {"scipy"}


def test_the_command_answers_help_without_the_slow_libraries():
    assert heavy_modules_after("import driftcore.cli") & {"hdbscan", "lancedb", "numba", "streamlit", "umap"} == set()


def test_every_name_that_is_promised_can_be_had():
    assert [name for name in driftcore.__all__ if getattr(driftcore, name, None) is None] == []


def test_a_name_that_is_not_there_is_an_attribute_error():
    assert not hasattr(driftcore, "no_such_name")
