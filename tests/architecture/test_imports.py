"""The shape of the code: floors, doors, light imports, short files, names that resolve."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import driftcore

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "driftcore").rglob("*.py"))
HEAVY = ("umap", "hdbscan", "lancedb", "streamlit", "sklearn", "pandas", "numba", "plotly", "pydantic", "scipy", "ray")


def test_imports_go_down_the_floors_and_through_the_doors() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def loaded_by(statement: str) -> set[str]:
    """The heavy libraries that a fresh interpreter holds after a statement."""
    code = f"import sys; {statement}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    ["import driftcore", "import driftcore.cli", "import driftcore.records", "import driftcore.testing"],
)
def test_an_import_alone_stays_light(statement: str) -> None:
    # the command reads its settings when it runs, not when it is imported
    allowed = {"pydantic"} if statement == "import driftcore.cli" else set()

    assert loaded_by(statement) <= allowed


def test_opening_a_store_needs_neither_umap_nor_streamlit(tmp_path: Path) -> None:
    loaded = loaded_by(f"import driftcore; driftcore.open_store({str(tmp_path / 'store')!r}).checkpoints()")

    assert not loaded & {"umap", "hdbscan", "sklearn", "streamlit", "plotly", "numba"}


@pytest.mark.parametrize("name", driftcore.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(driftcore, name).__doc__


def test_a_name_that_is_not_public_is_said_to_be_missing() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = driftcore.nothing


def test_the_names_for_type_checkers_are_the_public_ones() -> None:
    assert set(driftcore._HOMES) == set(driftcore.__all__)
    assert list(driftcore.__all__) == sorted(driftcore.__all__)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_answers_one_question(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_opens_with_one_sentence_of_what_it_knows(module: Path) -> None:
    assert module.read_text(encoding="utf-8").startswith(('"""', 'r"""'))
