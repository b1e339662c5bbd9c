"""The wheel holds all that the command opens: the app and its pages, their settings, the demo's phrases."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as hatchling builds it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        yield archive


@pytest.fixture(scope="module")
def names(wheel: zipfile.ZipFile) -> set[str]:
    return set(wheel.namelist())


def files(folder: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(pattern)}


def test_the_app_its_pages_its_settings_and_the_phrases_come_with_it(names: set[str]) -> None:
    outside = {"app.py", ".streamlit/config.toml"} | files("pages", "*.py") | files("data", "*.toml")

    assert len(outside) > 6
    assert {f"driftcore/_bundled/{name}" for name in outside} <= names


def test_every_module_of_the_package_comes_with_it(names: set[str]) -> None:
    assert files("driftcore", "**/*.py") <= names


def test_the_app_finds_its_settings_beside_it(names: set[str]) -> None:
    # streamlit reads .streamlit/config.toml of the folder it runs in and of the folder of the script
    assert {"driftcore/_bundled/app.py", "driftcore/_bundled/.streamlit/config.toml"} <= names


def test_nothing_else_comes_with_it(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"driftcore"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".lance"))]


def test_the_command_is_installed(wheel: zipfile.ZipFile, names: set[str]) -> None:
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))

    assert "driftloop = driftcore.cli:main" in wheel.read(entry_points).decode()


def test_a_source_distribution_can_be_built_into_the_same_wheel(tmp_path: Path, names: set[str]) -> None:
    import tarfile

    (built,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(built) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    (again,) = WheelBuilder(str(source)).build(directory=str(tmp_path / "again"), versions=["standard"])

    with zipfile.ZipFile(again) as archive:
        assert set(archive.namelist()) == names
