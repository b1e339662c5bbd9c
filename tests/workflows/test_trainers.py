import importlib
import sys

import pytest

from driftcore.adapters.head import HeadTrainer
from driftcore.errors import NotFoundError, TrainingError
from driftcore.workflows import trainers
from driftcore.workflows.trainers import find_trainer, trainer_names


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Install a package with one trainer, as pip would lay it down."""

    def install(source, *, name="ours", value="our_trainer:Ours"):
        (tmp_path / "our_trainer.py").write_text(source)
        folder = tmp_path / "our_trainer-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: our-trainer\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[driftloop.trainers]\n{name} = {value}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()

    yield install
    sys.modules.pop("our_trainer", None)


def test_what_comes_along_is_found_by_name():
    assert isinstance(find_trainer("head"), HeadTrainer)
    for name in ("align", "head", "lowrank"):
        assert callable(find_trainer(name).train)


def test_every_name_that_is_listed_says_where_its_trainer_is():
    assert set(trainers.BUILT_IN) == {"align", "head", "lowrank", "lora", "command", "webhook", "demo"}
    assert trainer_names()[: len(trainers.BUILT_IN)] == tuple(trainers.BUILT_IN)


def test_an_unknown_name_is_answered_with_all_names():
    with pytest.raises(NotFoundError, match=r"No trainer named 'hed'\. Known: align, head, lowrank, .*demo"):
        find_trainer("hed")


def test_a_team_adds_its_own_by_an_entry_point(plug_in):
    plug_in("class Ours:\n    def train(self, task, *, beat, log): return None\n")
    assert type(find_trainer("ours")).__name__ == "Ours"
    assert trainer_names()[-1] == "ours"


def test_a_name_that_comes_along_cannot_be_taken(plug_in):
    plug_in("class Ours:\n    def train(self, task, *, beat, log): return None\n", name="head")
    assert isinstance(find_trainer("head"), HeadTrainer)
    assert trainer_names().count("head") == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("class Other: pass", "AttributeError"),
        ("def broken(:", "SyntaxError"),
        ("class Ours:\n    def __init__(self, path): pass", "TypeError"),
        ("raise RuntimeError('no\\nlicence')", "RuntimeError: no licence"),
        ("class Ours: pass", "has no method train"),
    ],
)
def test_a_broken_plug_in_is_told_in_one_line(plug_in, source, message):
    plug_in(source)
    with pytest.raises(TrainingError, match=message) as told:
        find_trainer("ours")
    assert "'ours' (our_trainer:Ours)" in str(told.value)
    assert "\n" not in str(told.value)
