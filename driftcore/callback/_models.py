"""What a trainer's own model makes of texts: the vectors of an encoder, the vectors and answers of a classifier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line

Encode = Callable[[list[Any]], Any]
Predict = Callable[[list[Any]], Any]

_BATCH = 64
_CLASSIFIER = "ForSequenceClassification"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classified:
    """One forward pass: a vector a text, the class with the largest probability, and that probability."""

    vectors: NDArray[np.float32]
    classes: NDArray[np.int64]
    confidences: NDArray[np.float32]


@contextmanager
def in_use(model: Any) -> Iterator[None]:
    """The model without dropout, and afterwards as it was: who trains it goes on training."""
    was_training = getattr(model, "training", None)
    if was_training is None:
        yield
        return
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def functions_of(model: Any, tokenizer: Any, labels: Collection[str]) -> tuple[Encode, Predict | None]:
    """How a model embeds, and how it predicts where it is a classifier.

    A SentenceTransformer embeds by its own `encode`. A sequence classifier of transformers gives the mean of its last
    hidden state over the tokens, and the classes of its logits in the words of the samples' `labels`; texts are run
    through it once for both.

    Raises
    ------
    BadInputError
        If the model is neither, or comes without a tokenizer.
    """
    if hasattr(model, "encode"):
        return (lambda texts: model.encode(texts, convert_to_numpy=True, show_progress_bar=False)), None
    # every model of transformers has an `id2label`, those that write texts, too
    if not any(_CLASSIFIER in each.__name__ for each in type(model).__mro__) or not callable(tokenizer):
        raise BadInputError(
            f"{one_line(type(model).__name__)} is neither a SentenceTransformer nor a sequence classifier with its "
            "tokenizer as the trainer's processing_class: say encode=… and, for an eval run, predict=…"
        )
    made: dict[tuple[Any, ...], Classified] = {}

    def classified(texts: list[Any]) -> Classified:
        if tuple(texts) not in made:
            made.clear()
            made[tuple(texts)] = run_classifier(model, tokenizer, texts)
        return made[tuple(texts)]

    def predict(texts: list[Any]) -> tuple[NDArray[np.object_], NDArray[np.float32]]:
        answers = classified(texts)
        words = class_names({int(number): str(name) for number, name in model.config.id2label.items()}, labels)
        return np.array([words[number] for number in answers.classes], dtype=object), answers.confidences

    return (lambda texts: classified(texts).vectors), predict if labels else None


def class_names(names: dict[int, str], labels: Collection[str]) -> dict[int, str]:
    """What to call each class, so that answers are in the words of the labels: by its name, else by its number.

    Raises
    ------
    BadInputError
        If the labels are neither: each answer would be called wrong.

    Examples
    --------
    >>> class_names({0: "LABEL_0", 1: "LABEL_1"}, {"0", "1"})
    {0: '0', 1: '1'}
    """
    numbers = {number: str(number) for number in names}
    for words in (names, numbers):
        if set(labels) & set(words.values()):
            return words
    raise BadInputError(
        f"None of the samples' labels ({listed(sorted(labels), 3)}) is a class of the model "
        f"({listed(names.values(), 3)}): set config.id2label, or say predict=…"
    )


def run_classifier(model: Any, tokenizer: Any, texts: list[Any]) -> Classified:
    """A sequence classifier of transformers over some texts, in batches, on the device where it is."""
    import torch

    vectors, classes, confidences = [], [], []
    with torch.inference_mode():
        for start in range(0, len(texts), _BATCH):
            tokens = tokenizer(texts[start : start + _BATCH], padding=True, truncation=True, return_tensors="pt")
            tokens = tokens.to(model.device)
            said = model(**tokens, output_hidden_states=True)
            # padding is no part of a text: its mean is over the tokens that stand there
            mask = tokens["attention_mask"].unsqueeze(-1)
            pooled = (said.hidden_states[-1].float() * mask).sum(1) / mask.sum(1).clamp(min=1)
            best = said.logits.float().softmax(-1).max(-1)
            vectors.append(pooled.cpu().numpy())
            classes.append(best.indices.cpu().numpy())
            confidences.append(best.values.cpu().numpy())
    return Classified(
        vectors=np.concatenate(vectors), classes=np.concatenate(classes), confidences=np.concatenate(confidences)
    )
