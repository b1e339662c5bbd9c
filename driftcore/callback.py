"""A callback for the trainers of transformers and sentence-transformers: a snapshot at every saved checkpoint.

>>> trainer.add_callback(DriftloopCallback(store, samples, encode=model.encode))            # doctest: +SKIP
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from driftcore.errors import DriftcoreError
from driftcore.store import Store
from driftcore.workflows.evaluate import log_eval
from driftcore.workflows.on_arrival import compare_on_arrival
from driftcore.workflows.snapshot import columns_of, snapshot

# what a trainer may call on its callbacks; all but saving is none of our business
_EVENT = "on_"


class DriftloopCallback:
    """Stores a snapshot, and an eval run, whenever a trainer saves a checkpoint.

    It has every method that `transformers.TrainerCallback` has, so it needs no import of it. What goes wrong here is
    warned of and never ends a training, unless it is `strict`.

    Parameters
    ----------
    store : Store
    samples : mapping of columns, data frame, or dataset
        With an id and a text, and where there is one a label; the same samples at every checkpoint.
    encode : function of a list of texts
        Embeds with the model as it is then: ``model.encode`` of a SentenceTransformer.
    predict : function of a list of texts, optional
        Returns the predictions, or a pair of predictions and confidences; without it there is no eval run.
    run : str
        What checkpoints are called, before their step: ``run-step00500``.
    split : str
    compare : bool
        Compare each with the store's reference at once.
    strict : bool
        Let failures end the training.
    """

    def __init__(
        self,
        store: Store,
        samples: Any,
        *,
        encode: Callable[[list[Any]], Any],
        predict: Callable[[list[Any]], Any] | None = None,
        run: str = "run",
        split: str = "validation",
        text: str = "text",
        compare: bool = True,
        strict: bool = False,
    ) -> None:
        self._store = store
        self._samples = columns_of(samples)
        self._encode = encode
        self._predict = predict
        self._run = run
        self._split = split
        self._text = text
        self._compare = compare
        self._strict = strict

    def __getattr__(self, name: str) -> Any:
        # trainers call `on_train_begin`, `on_log` and others, more of them with each version
        if name.startswith(_EVENT):
            return lambda *_given, **_named: None
        raise AttributeError(name)

    def on_save(self, args: Any, state: Any, control: Any, **_named: Any) -> None:
        """Called by the trainer after it saved; `state.global_step` names the checkpoint."""
        try:
            self._keep(f"{self._run}-step{int(state.global_step):05d}")
        except DriftcoreError as error:
            if self._strict:
                raise
            warnings.warn(f"Driftloop kept nothing of this checkpoint: {error}", stacklevel=2)

    def _keep(self, checkpoint: str) -> None:
        snapshot(
            self._store,
            self._encode,
            self._samples,
            checkpoint=checkpoint,
            split=self._split,
            text=self._text,
        )
        if self._predict is not None:
            said = self._predict(list(self._samples[self._text]))
            predictions, confidences = said if isinstance(said, tuple) else (said, None)
            columns: dict[str, Any] = {
                "id": next(self._samples[name] for name in ("id", "sample_id") if name in self._samples),
                "prediction": np.array([str(each) for each in predictions], dtype=object),
            }
            if confidences is not None:
                columns["confidence"] = np.asarray(confidences, dtype=np.float32)
            log_eval(self._store, columns, checkpoint=checkpoint, split=self._split)
        if self._compare:
            compare_on_arrival(self._store, checkpoint, self._split)
