"""The callback in the hands of the real trainers: `make test-integrations` brings torch and what they need.

The models are tiny and begin at random; nothing is fetched. Not collected with the other tests, for they go without
torch.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    BertTokenizerFast,
    Trainer,
    TrainingArguments,
)

from driftcore import DriftloopCallback, open_store
from driftcore.store import Store

TOPICS = {"refund": ["refund", "money"], "cancel": ["cancel", "order"], "card": ["card", "lost"]}
FILLERS = ["my", "is", "please", "the", "now", "up", "account"]
STEPS, SAVED = 150, ["run-step00050", "run-step00100", "run-step00150"]


@pytest.fixture(scope="module")
def samples() -> datasets.Dataset:
    """Of three topics, whose words tell them apart; of different lengths, so that batches are padded."""
    rng = np.random.default_rng(0)
    rows: dict[str, list[Any]] = {"id": [], "text": [], "label": []}
    for row in range(120):
        words = [*list(TOPICS.values())[row % 3], *rng.choice(FILLERS, rng.integers(1, 8))]
        rows["id"].append(f"s{row}")
        rows["text"].append(" ".join(rng.permutation(words)))
        rows["label"].append(row % 3)
    return datasets.Dataset.from_dict(rows).cast_column("label", datasets.ClassLabel(names=list(TOPICS)))


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizerFast:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *FILLERS, *chain(*TOPICS.values())]
    return BertTokenizerFast(vocab={word: number for number, word in enumerate(words)}, model_max_length=16)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def config(tokenizer: BertTokenizerFast, **settings: Any) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        initializer_range=0.2,
        **settings,
    )


def trained(
    samples: datasets.Dataset, tokenizer: BertTokenizerFast, folder: Path, callbacks: list[Any], **settings: Any
) -> Trainer:
    """A classifier after `STEPS` steps, saved three times on the way."""
    torch.manual_seed(0)
    model = BertForSequenceClassification(config(tokenizer, num_labels=3, **settings))
    rows = samples.map(lambda row: tokenizer(row["text"], padding="max_length", max_length=12, truncation=True))
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=STEPS,
        save_steps=50,
        learning_rate=3e-3,
        per_device_train_batch_size=16,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        seed=0,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=rows, processing_class=tokenizer, callbacks=callbacks)
    trainer.train()
    return trainer


def test_a_classifier_is_stored_with_its_vectors_and_answers_at_every_saved_step(
    store: Store, samples: datasets.Dataset, tokenizer: BertTokenizerFast, tmp_path: Path
) -> None:
    names = dict(enumerate(TOPICS))
    callback = DriftloopCallback(store, samples, strict=True)
    trainer = trained(samples, tokenizer, tmp_path / "out", [callback], id2label=names)

    assert [each.checkpoint for each in store.checkpoints()] == SAVED
    rows, said = store.snapshots.rows(SAVED[-1], "validation"), store.evals.rows(SAVED[-1], "validation")
    assert said is not None and rows.labels is not None
    assert rows.labels.tolist() == [names[number] for number in samples["label"]]
    # one text at a time, so without any padding
    model = trainer.model.eval()
    for row in range(0, 120, 17):
        tokens = tokenizer(samples["text"][row], return_tensors="pt")
        with torch.no_grad():
            hidden, logits = model.bert(**tokens).last_hidden_state[0], model(**tokens).logits[0]
        np.testing.assert_allclose(rows.vectors[row], hidden.mean(0), atol=1e-5)
        place = said.sample_ids.tolist().index(f"s{row}")
        assert said.predictions[place] == names[int(logits.argmax())]
        assert said.confidences[place] == pytest.approx(float(logits.softmax(0).max()), abs=1e-5)
    # two words tell the topics apart: it learns them
    assert store.checkpoints()[-1].accuracy == 1.0
    assert {report.current for report in store.reports.all()} == set(SAVED[1:])


def test_training_goes_the_same_way_with_the_callback_as_without(
    store: Store, samples: datasets.Dataset, tokenizer: BertTokenizerFast, tmp_path: Path
) -> None:
    watched = trained(samples, tokenizer, tmp_path / "a", [DriftloopCallback(store, samples, strict=True)],
                      id2label=dict(enumerate(TOPICS)))  # fmt: skip
    alone = trained(samples, tokenizer, tmp_path / "b", [])
    for one, other in zip(watched.model.parameters(), alone.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_model_without_names_answers_in_numbers_and_foreign_labels_are_not_called_wrong(
    store: Store, samples: datasets.Dataset, tokenizer: BertTokenizerFast, tmp_path: Path
) -> None:
    numbers = {name: samples[name] for name in ("id", "text")} | {"label": [str(each) for each in samples["label"]]}
    trained(samples, tokenizer, tmp_path / "a", [DriftloopCallback(store, numbers, strict=True)])
    assert store.checkpoints()[-1].accuracy == 1.0

    named = DriftloopCallback(store, samples, run="named")
    with pytest.warns(UserWarning, match=r"'named-step00[0-9]+': None of the samples' labels .* set config.id2label"):
        trained(samples, tokenizer, tmp_path / "b", [named])
    assert store.evals.get("named-step00150", "validation") is None


def test_an_encoder_that_breaks_does_not_end_the_training(
    store: Store, samples: datasets.Dataset, tokenizer: BertTokenizerFast, tmp_path: Path
) -> None:
    def broken(_texts: list[str]) -> Any:
        return torch.zeros(2, 3) @ torch.zeros(2, 3)

    with pytest.warns(UserWarning, match="could not keep all of 'run-step00[0-9]+': mat1 and mat2"):
        trainer = trained(samples, tokenizer, tmp_path, [DriftloopCallback(store, samples, encode=broken)])
    assert trainer.state.global_step == STEPS
    assert not store.checkpoints()


def test_a_sentence_transformer_is_stored_at_every_saved_step(
    store: Store, samples: datasets.Dataset, tokenizer: BertTokenizerFast, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    BertModel(config(tokenizer)).save_pretrained(tmp_path / "bert")
    tokenizer.save_pretrained(tmp_path / "bert")
    encoder = Transformer(str(tmp_path / "bert"))
    model = SentenceTransformer(modules=[encoder, Pooling(32)], device="cpu")
    before = model.encode(samples["text"])
    texts = samples["text"]
    pairs = datasets.Dataset.from_dict({"anchor": texts[:-3], "positive": texts[3:]})
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path / "out"),
        max_steps=STEPS,
        save_steps=50,
        learning_rate=1e-3,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        seed=0,
    )
    SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=pairs,
        loss=MultipleNegativesRankingLoss(model),
        callbacks=[DriftloopCallback(store, samples, strict=True)],
    ).train()

    assert [each.checkpoint for each in store.checkpoints()] == SAVED
    last = store.snapshots.rows(SAVED[-1], "validation").vectors
    np.testing.assert_allclose(last, model.encode(texts), atol=1e-5)
    assert np.abs(last - before).max() > 0.1
    assert store.evals.all() == ()
