"""What the trainer `lora` says before it begins; that it trains is shown with real weights by `make test-lora`."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from driftcore.adapters.lora import LoraTrainer
from driftcore.errors import TrainingError
from tests.adapters.tasks import rows_of, silent, split_of, task_of


def task_for(folder, *, texts=None, replayed="cancel", **options):
    split = split_of(np.eye(4), ["refund", "refund", "cancel", "cancel"])
    split = replace(split, texts=np.array(["a", "b", "c", "d"] if texts is None else texts, dtype=object))
    table, vectors = rows_of(split, [0, 2], role="gold", labels=["refund", replayed])
    table = table.assign(text=split.texts[[0, 2]])
    return replace(task_of(folder, [split], (table, vectors)), options={"model": "some-encoder", **options})


@pytest.fixture
def without_peft(monkeypatch):
    """An interpreter that cannot import peft, whatever is installed."""
    monkeypatch.setitem(sys.modules, "peft", None)


def said_by(task):
    with pytest.raises(TrainingError) as refused:
        LoraTrainer().train(task, beat=silent, log=silent)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.usefixtures("without_peft")
def test_without_the_extra_the_message_says_what_to_install(tmp_path):
    message = said_by(task_for(tmp_path))
    assert "peft" in message
    assert message.endswith("pip install 'driftloop[lora]'.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": ""}, "needs the option model"),
        ({"epochs": "0"}, "The option epochs is '0': a positive number is meant, as in 8."),
        ({"rank": "2.5"}, "The option rank is 2.5: a whole number is meant, as in 8."),
        ({"learning_rate": "nan"}, "The option learning_rate is 'nan': a positive number is meant, as in 0.001."),
    ],
)
def test_options_that_mean_nothing_are_one_line(tmp_path, options, said):
    assert said in said_by(task_for(tmp_path, **options))


def test_samples_without_a_text_cannot_be_embedded(tmp_path):
    message = said_by(task_for(tmp_path, texts=["a", None, "c", None]))
    assert "2 samples of the split 'validation' are stored without a text" in message


def test_a_retraining_set_of_one_concept_is_too_little(tmp_path):
    assert "there is only 'refund'" in said_by(task_for(tmp_path, replayed="refund"))
