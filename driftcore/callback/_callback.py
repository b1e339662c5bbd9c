"""What happens when a trainer saves: a snapshot, an eval run, and a comparison with the reference."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from driftcore.callback._models import functions_of, in_use
from driftcore.errors import DriftcoreError, one_line
from driftcore.store import Store
from driftcore.workflows.evaluate import log_eval
from driftcore.workflows.on_arrival import compare_on_arrival
from driftcore.workflows.snapshot import column_named, columns_of, snapshot

# what a trainer may call on its callbacks; all but saving is none of our business
_EVENT = "on_"
_BATCH = 256
# what a model, its tokenizer and a full disk may raise besides: days of training do not end for a picture of them
_FORESEEN = (DriftcoreError, ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class DriftloopCallback:
    """Stores a snapshot, and an eval run where it can predict, whenever a trainer saves a checkpoint.

    It has every method that `transformers.TrainerCallback` has, so it needs no import of it. What goes wrong here is
    warned of in one line and never ends a training, unless it is `strict`. Of several processes the first stores; a
    model that is spread over them (FSDP, ZeRO-3) cannot be run by one, and is better stored after the training.

    Parameters
    ----------
    store : Store
    samples : mapping of columns, data frame, or dataset
        With an id and a text, and where there is one a label; the same samples at every checkpoint.
    encode : function of a list of texts, optional
        Embeds with the model as it is then. Left out, a SentenceTransformer embeds by its own `encode`, and a sequence
        classifier of transformers by the mean of its last hidden state.
    predict : function of a list of texts, optional
        Returns the predictions, or a pair of predictions and confidences. Left out, a sequence classifier answers by
        its logits where `encode` is left out, too; otherwise there is no eval run.
    run : str
        What checkpoints are called, before their step: ``run-step00500``.
    split : str
    text : str, optional
        Name of the column that is embedded, where it is not named as usual.
    compare : bool
        Compare each with the store's reference at once.
    strict : bool
        Let failures end the training.

    Raises
    ------
    BadInputError
        If the samples have no id or no text; that is known before the training begins.
    """

    def __init__(
        self,
        store: Store,
        samples: Any,
        *,
        encode: Callable[[list[Any]], Any] | None = None,
        predict: Callable[[list[Any]], Any] | None = None,
        run: str = "run",
        split: str = "validation",
        text: str | None = None,
        compare: bool = True,
        strict: bool = False,
    ) -> None:
        self._store = store
        self._samples = columns_of(samples)
        self._ids = self._samples[column_named(self._samples, "id")]
        self._text = column_named(self._samples, "text", text)
        self._encode = encode
        self._predict = predict
        self._run = run
        self._split = split
        self._compare = compare
        self._strict = strict

    def __getattr__(self, name: str) -> Any:
        # trainers call `on_train_begin`, `on_log` and others, more of them with each version
        if name.startswith(_EVENT):
            return lambda *_given, **_named: None
        raise AttributeError(name)

    def on_save(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Called by the trainer after it saved; `state.global_step` names the checkpoint."""
        if not getattr(state, "is_world_process_zero", True):
            return
        checkpoint = f"{self._run}-step{int(state.global_step):05d}"
        model = given.get("model")
        try:
            with in_use(model):
                self._keep(checkpoint, model, given.get("processing_class", given.get("tokenizer")))
        except _FORESEEN as error:
            if self._strict:
                raise
            warnings.warn(f"Driftloop could not keep all of '{checkpoint}': {one_line(error, 500)}", stacklevel=2)

    def _keep(self, checkpoint: str, model: Any, tokenizer: Any) -> None:
        texts = list(self._samples[self._text])
        encode, predict, batch_size = self._encode, self._predict, _BATCH
        if encode is None:
            encode, own = functions_of(model, tokenizer, self._labels())
            # a model batches by itself, and better: texts of one length together
            predict, batch_size = predict or own, len(texts)
        snapshot(
            self._store,
            encode,
            self._samples,
            checkpoint=checkpoint,
            split=self._split,
            text=self._text,
            batch_size=batch_size,
        )
        if predict is not None:
            log_eval(self._store, self._answers(predict(texts)), checkpoint=checkpoint, split=self._split)
        if self._compare:
            compare_on_arrival(self._store, checkpoint, self._split)

    def _answers(self, said: Any) -> dict[str, Any]:
        predictions, confidences = said if isinstance(said, tuple) else (said, None)
        words = [None if each is None else str(each) for each in predictions]
        columns = {"id": self._ids, "prediction": np.array(words, dtype=object)}
        return columns if confidences is None else {**columns, "confidence": np.asarray(confidences, dtype=np.float32)}

    def _labels(self) -> frozenset[str]:
        return frozenset(str(label) for label in self._samples.get("label", ()) if label is not None)
