"""A LoRA training and the embedding of every text with it, as a program of its own: a crash takes no worker along.

``python -m driftcore.adapters._lora_run FOLDER`` reads ``settings.json``, ``train.parquet`` (text, label, weight,
stays), ``texts.parquet`` (text) and, where training goes on from an adapter, ``model/``. It leaves ``vectors.npy``
(row i is text i) and the adapter under ``adapter/``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from peft import LoraConfig
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import batch_to_device
from torch.nn import functional

# cosines are in [-1, 1]: with 0.05 a row is learnt when its own concept is some 0.2 closer than all others
_TEMPERATURE = 0.05
_WARM_UP = 0.1
# above it two embeddings of a text are the same but for rounding
_SAME = 0.95
# what a row that is to stay pays for each unit of squared distance: on Banking77 other concepts then move 0.11, not
# 0.28, and what was to be learnt is learnt as well
_HOLD = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a training needs beside its rows; `learning_rate` is reached after a tenth of the steps, and falls to 0."""

    model: str
    rank: int
    epochs: int
    batch_size: int
    learning_rate: float
    max_length: int
    seed: int
    goes_on: bool


def main(folder: Path) -> None:
    """Train, embed, save."""
    settings = Settings(**json.loads((folder / "settings.json").read_text()))
    train, texts = pd.read_parquet(folder / "train.parquet"), pd.read_parquet(folder / "texts.parquet")["text"].tolist()
    torch.manual_seed(settings.seed)
    model = adapted(settings, folder / "model")
    refuse_another_model(model, texts, np.load(folder / "known.npy"), settings)
    # a row is read forth and back once an epoch, and every text is read once in the end; backwards costs twice as much
    steps = Steps(3 * settings.epochs * len(train) + len(texts))
    fit(model, train, settings, steps)
    np.save(folder / "vectors.npy", embed(model, texts, settings, steps))
    model[0].model.save_pretrained(folder / "adapter")


def adapted(settings: Settings, kept: Path) -> SentenceTransformer:
    """The encoder, frozen, with a new adapter or the one that was kept."""
    try:
        model = SentenceTransformer(settings.model)
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        sys.exit(f"the model {settings.model!r} cannot be loaded: {first_line}")
    model.max_seq_length = min(settings.max_length, model.max_seq_length or settings.max_length)
    if settings.goes_on:
        model.load_adapter(str(kept), is_trainable=True)
    else:
        config = LoraConfig(
            r=settings.rank, lora_alpha=2 * settings.rank, target_modules="all-linear", task_type="FEATURE_EXTRACTION"
        )
        model.add_adapter(config)
    return model


def refuse_another_model(
    model: SentenceTransformer, texts: Sequence[str], known: NDArray[np.float32], settings: Settings
) -> None:
    """End where the model does not make the vectors of the checkpoint that is to be trained further."""
    made = embed(model, texts[: len(known)], settings)
    if made.shape == known.shape:
        cosine = functional.cosine_similarity(torch.tensor(made), torch.tensor(known)).mean().item()
        if cosine > _SAME:
            return
        found = f"mean cosine {cosine:.2f}"
    else:
        found = f"{made.shape[1]} dimensions instead of {known.shape[1]}"
    kept = " with the adapter that was kept" if settings.goes_on else ""
    sys.exit(
        f"the model {settings.model!r}{kept} does not make the vectors of the current checkpoint ({found}): "
        "name the folder of that checkpoint's own model"
    )


class Steps:
    """Tells how much of the work is done."""

    def __init__(self, n_steps: int) -> None:
        self.n_steps, self.n_done = n_steps, 0

    def take(self, n: int, what: str) -> None:
        """So much more is done."""
        self.n_done += n
        print(f"PROGRESS {self.n_done / self.n_steps:.4f} {what}", flush=True)


def fit(model: SentenceTransformer, train: pd.DataFrame, settings: Settings, steps: Steps) -> None:
    """Train the adapter together with one direction for each concept, which begins at the mean of its rows.

    Rows that are to stay are held where they were, so that their concepts do not move along.
    """
    texts, weights = train["text"].tolist(), train["weight"].to_numpy()
    codes, concepts = pd.factorize(train["label"], sort=True)
    device = model.device
    began = functional.normalize(torch.tensor(embed(model, texts, settings), device=device))
    means = torch.stack([began[np.flatnonzero(codes == code)].mean(dim=0) for code in range(len(concepts))])
    directions = torch.nn.Parameter(means)
    parameters = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW([*parameters, directions], lr=settings.learning_rate, weight_decay=0.01)
    n_batches = settings.epochs * -(-len(texts) // settings.batch_size)
    # not below 11: planned for ten steps, of which one warms up, it divides by zero
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, max(n_batches, 11), pct_start=_WARM_UP
    )
    targets, counted = torch.tensor(codes, device=device), torch.tensor(weights, dtype=torch.float32, device=device)
    stays = torch.tensor(train["stays"].to_numpy(), dtype=torch.float32, device=device)
    model.train()
    rng, lengths = np.random.default_rng(settings.seed), np.array([len(text) for text in texts])
    for epoch in range(settings.epochs):
        losses = []
        for rows in mixed_batches(lengths, settings.batch_size, rng):
            vectors = functional.normalize(forward(model, [texts[row] for row in rows]))
            scores = vectors @ functional.normalize(directions).T / _TEMPERATURE
            strayed = (vectors - began[rows]).square().sum(dim=1)
            each = functional.cross_entropy(scores, targets[rows], reduction="none") + _HOLD * stays[rows] * strayed
            loss = (each * counted[rows]).sum() / counted[rows].sum()
            if not torch.isfinite(loss):
                sys.exit(f"the loss is {loss.item()} in epoch {epoch + 1}: try a lower learning_rate")
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
            losses.append(loss.item())
            steps.take(3 * len(rows), f"epoch {epoch + 1} of {settings.epochs}")
        print(f"epoch {epoch + 1} of {settings.epochs}: loss {np.mean(losses):.4f}", flush=True)


def embed(
    model: SentenceTransformer, texts: Sequence[str], settings: Settings, steps: Steps | None = None
) -> NDArray[np.float32]:
    """One vector a text, as the model makes them."""
    model.eval()
    # neighbours of one length: nothing is computed for padding
    order = np.argsort([len(text) for text in texts])
    found: NDArray[np.float32] | None = None
    with torch.inference_mode():
        for rows in batches(order, 4 * settings.batch_size):
            vectors = forward(model, [texts[row] for row in rows]).float().cpu().numpy()
            found = np.empty((len(texts), vectors.shape[1]), dtype=np.float32) if found is None else found
            found[rows] = vectors
            if steps:
                steps.take(len(rows), "embedding")
    assert found is not None
    return found


def forward(model: SentenceTransformer, texts: Sequence[str]) -> torch.Tensor:
    """The vectors of some texts, through which gradients flow back."""
    return model(batch_to_device(model.preprocess(list(texts)), model.device))["sentence_embedding"]


def mixed_batches(lengths: NDArray[np.intp], size: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Every row once, in batches of chance in which texts are of similar length: half as much to compute."""
    windows = batches(rng.permutation(len(lengths)), 16 * size)
    made = [rows for window in windows for rows in batches(window[np.argsort(lengths[window])], size)]
    rng.shuffle(made)
    return made


def batches(rows: NDArray[np.intp], size: int) -> Iterator[NDArray[np.intp]]:
    """Rows, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
