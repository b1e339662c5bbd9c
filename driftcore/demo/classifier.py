"""A small text encoder with a classifier on top, trained further week after week."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.neural_network import MLPClassifier

N_CHARACTER_BUCKETS = 2**12
N_WORD_BUCKETS = 2**11
N_DIMS = 96
BATCH_SIZE = 128

_SAVED_VERSION = 1
_WEIGHTS = ("encoder", "head", "encoder_bias", "head_bias")


def hashed_ngrams(texts: Sequence[str]) -> csr_matrix:
    """Count character and word n-grams in hash buckets: what the encoder sees of a text.

    Parameters
    ----------
    texts : Sequence of str
        One text per row.

    Returns
    -------
    scipy.sparse.csr_matrix of shape (n_texts, n_buckets)
        float32; the characters of a row have length 1, and so have its words.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import HashingVectorizer

    characters = HashingVectorizer(
        analyzer="char_wb", ngram_range=(3, 4), n_features=N_CHARACTER_BUCKETS, dtype=np.float32
    )
    words = HashingVectorizer(ngram_range=(1, 2), n_features=N_WORD_BUCKETS, dtype=np.float32, token_pattern=r"\S+")
    return hstack([characters.transform(texts), words.transform(texts)], format="csr")


class IntentClassifier:
    """An encoder (n-grams to one hidden layer) and the classifier that reads it.

    Parameters
    ----------
    intents : Sequence of str
        Every label it will ever be asked to learn.
    rng : numpy.random.Generator
        Sets its first weights and the order in which it sees its rows.
    """

    def __init__(self, intents: Sequence[str], *, rng: np.random.Generator) -> None:
        self.intents = np.array(sorted(intents))
        self._network = _network(rng)

    @classmethod
    def restored(cls, content: bytes, *, rng: np.random.Generator) -> IntentClassifier:
        """The model that `saved` wrote, ready to be trained further; `rng` orders the rows that it will see.

        Raises
        ------
        ValueError
            If the content is not such a model.
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            if int(arrays["version"]) != _SAVED_VERSION:
                raise ValueError(f"This model is of version {arrays['version']}, not {_SAVED_VERSION}.")
            model = cls(arrays["intents"].tolist(), rng=rng)
            weights = [arrays[name] for name in _WEIGHTS]
        model._network.set_params(batch_size=1)
        # one row lays out the network; what it learnt from it is overwritten, its momentum forgotten
        model._network.partial_fit(np.zeros((1, len(weights[0])), np.float32), model.intents[:1], classes=model.intents)
        model._network.coefs_, model._network.intercepts_ = weights[:2], weights[2:]
        del model._network._optimizer
        return model

    def saved(self) -> bytes:
        """The model as an NPZ file without pickles: intents and weights, not the optimizer's momentum."""
        weights = (*self._network.coefs_, *self._network.intercepts_)
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, version=_SAVED_VERSION, intents=self.intents, **dict(zip(_WEIGHTS, weights, strict=True))
        )
        return buffer.getvalue()

    def fit(self, features: csr_matrix, labels: Sequence[str], *, n_epochs: int) -> None:
        """Train on these rows, starting from what was learnt before.

        Parameters
        ----------
        features : csr_matrix of shape (n_samples, n_buckets)
            From `hashed_ngrams`.
        labels : Sequence of str
            One intent per row.
        n_epochs : int
            How often every row is seen.
        """
        self._network.set_params(batch_size=min(BATCH_SIZE, features.shape[0]))
        for _ in range(n_epochs):
            self._network.partial_fit(features, np.asarray(labels), classes=self.intents)

    def embed(self, features: csr_matrix) -> NDArray[np.float32]:
        """The hidden activations: shape (n_samples, `N_DIMS`), each in (-1, 1)."""
        weights, bias = self._network.coefs_[0], self._network.intercepts_[0]
        vectors: NDArray[np.float32] = np.tanh(features @ weights + bias, dtype=np.float32)
        return vectors

    def predict(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
        """The most likely intent of each embedded row, and its probability."""
        weights, bias = self._network.coefs_[1], self._network.intercepts_[1]
        scores = (vectors @ weights + bias).astype(np.float64)
        if scores.shape[1] == 1:  # of two intents the network scores only the second, against 0
            scores = np.hstack([np.zeros_like(scores), scores])
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return self.intents[odds.argmax(axis=1)], odds.max(axis=1) / odds.sum(axis=1)


def _network(rng: np.random.Generator) -> MLPClassifier:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        hidden_layer_sizes=(N_DIMS,),
        activation="tanh",
        alpha=1e-4,
        learning_rate_init=4e-4,
        random_state=np.random.RandomState(int(rng.integers(2**32))),
    )
