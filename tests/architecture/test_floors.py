"""The floors and the doors of DESIGN.md hold, and the tool that watches them really sees."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lint_imports(folder: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_imports_go_down_the_floors_and_each_library_has_one_door():
    code, said = lint_imports(ROOT)
    assert code == 0, said


def test_an_import_that_breaks_the_floors_or_uses_another_door_is_seen(tmp_path):
    shutil.copytree(ROOT / "driftcore", tmp_path / "driftcore", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    wrong = {
        "door-streamlit": ("errors.py", "streamlit"),
        "door-plotly": ("ui/__init__.py", "plotly"),
        "door-lancedb": ("workflows/__init__.py", "lancedb"),
        "door-umap": ("clustering/__init__.py", "umap"),
        "door-hdbscan": ("projection.py", "hdbscan"),
        "door-typer": ("ui/__init__.py", "typer"),
        "door-torch": ("stats/__init__.py", "torch"),
        "door-ray": ("store/__init__.py", "ray"),
        "door-lance": ("store/__init__.py", "lance"),
        "floors": ("records/__init__.py", "driftcore.store"),
    }
    for file, library in wrong.values():
        with (tmp_path / "driftcore" / file).open("a") as source:
            # inside a function, where an import made when first used hides
            source.write(f"\n\ndef _{library.replace('.', '_')}():\n    import {library}\n")

    code, said = lint_imports(tmp_path)

    assert code == 1, said
    assert f"Contracts: 0 kept, {len(wrong)} broken" in said, said


def test_a_module_without_a_floor_is_seen(tmp_path):
    shutil.copytree(ROOT / "driftcore", tmp_path / "driftcore", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "driftcore" / "homeless.py").write_text('"""Nobody said where this stands."""\n')

    code, said = lint_imports(tmp_path)

    assert code == 1, said
    assert "homeless" in said
