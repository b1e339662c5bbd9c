"""The model: n-grams in, an embedding and an intent out."""

import numpy as np
import pytest

from driftcore.demo.classifier import N_DIMS, IntentClassifier, hashed_ngrams

TEXTS = ("I lost my card", "my card was stolen", "what is the rate for yen", "convert euros to yen") * 8
LABELS = ("card_lost", "card_lost", "exchange_rate", "exchange_rate") * 8


def trained(
    n_epochs: int, seed: int = 0, intents: tuple[str, ...] = ("card_lost", "exchange_rate")
) -> IntentClassifier:
    model = IntentClassifier(intents, rng=np.random.default_rng(seed))
    model.fit(hashed_ngrams(TEXTS), LABELS, n_epochs=n_epochs)
    return model


def test_it_learns_what_it_is_shown():
    features = hashed_ngrams(TEXTS)
    model = trained(n_epochs=60)
    predictions, confidences = model.predict(model.embed(features))
    assert predictions.tolist() == list(LABELS)
    assert ((confidences > 0.5) & (confidences <= 1)).all()


@pytest.mark.parametrize("intents", [("card_lost", "exchange_rate"), ("card_lost", "exchange_rate", "fees")])
def test_the_prediction_is_read_off_the_embedding_alone(intents):
    model, features = trained(n_epochs=5, intents=intents), hashed_ngrams(TEXTS)
    predictions, confidences = model.predict(model.embed(features))
    # the library's own forward pass, from the features
    np.testing.assert_array_equal(predictions, model._network.predict(features))
    np.testing.assert_allclose(confidences, model._network.predict_proba(features).max(axis=1), rtol=1e-5)


def test_fitting_again_goes_on_where_it_stopped():
    features = hashed_ngrams(TEXTS)
    once, twice = trained(n_epochs=4), trained(n_epochs=2)
    twice.fit(features, LABELS, n_epochs=2)
    np.testing.assert_array_equal(twice.embed(features), once.embed(features))


def test_another_seed_is_another_space():
    features = hashed_ngrams(TEXTS)
    assert not np.allclose(trained(2, seed=0).embed(features), trained(2, seed=1).embed(features), atol=0.01)


@pytest.mark.parametrize("text", ["", "?", "x", "refund " * 500])
def test_every_text_has_a_usable_vector(text):
    vector = trained(n_epochs=1).embed(hashed_ngrams([text]))
    assert vector.shape == (1, N_DIMS) and vector.dtype == np.float32
    assert np.isfinite(vector).all() and np.linalg.norm(vector) > 0
