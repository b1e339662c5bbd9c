"""A view that is kept comes back as it was, says what changed behind it, and opens by a signed link only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.errors import BadInputError, NotAllowedError, NotFoundError
from driftcore.records import Camera, MapFilter, SelectionStep, View
from driftcore.store import Store
from driftcore.testing import World, make_world, moved
from driftcore.workflows.share import (
    changes_behind,
    keep_view,
    last_moment,
    open_token,
    share_token,
    signing_secret,
)

SECRET = "a secret of the test, long enough"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CHOICES = {"current": ["week 2"], "reference": ["week 1"], "concepts": ["cancel", "refund"]}
STEPS = (
    SelectionStep(
        mode="replace", checkpoint="week 2", polygon=((0.0, 0.1), (1.0, 0.2), (0.5, 0.9)), filter=MapFilter(text="é")
    ),
    SelectionStep(mode="subtract", checkpoint="week 1", sample_ids=("a", "b")),
)


@pytest.fixture
def world() -> World:
    return make_world(n_concepts=4, n_per_concept=12)


@pytest.fixture
def store(tmp_path: Path, world: World) -> Store:
    store = open_store(tmp_path / "store.lance")
    for name, vectors in {"week 1": world.vectors, "week 2": moved(world, 0, toward=1, share=0.25)}.items():
        ingest(store, {"id": world.sample_ids, "label": world.labels, "embedding": vectors}, checkpoint=name)
    return store


def kept(store: Store, **other: object) -> View:
    settings: dict[str, object] = {"steps": STEPS, "camera": Camera(x=0.1, y=-0.2, width=0.8), **other}
    return keep_view(store, "map", CHOICES, **settings)


def test_a_view_comes_back_with_its_choices_its_selection_and_its_zoom(store: Store) -> None:
    view = store.views.get(kept(store, who="ada@example.org").view_id)
    assert view.page == "map"
    assert view.choices == (("concepts", ("cancel", "refund")), ("current", ("week 2",)), ("reference", ("week 1",)))
    assert view.steps == STEPS
    assert view.camera == Camera(x=0.1, y=-0.2, width=0.8)
    assert view.who == "ada@example.org"


def test_the_same_view_again_gets_the_same_short_id_and_is_kept_once(store: Store) -> None:
    first, again = kept(store), kept(store, who="someone else")
    assert first.view_id == again.view_id
    assert again.created_at == first.created_at
    assert len(first.view_id) == 10
    assert len(store.views.all()) == 1


@pytest.mark.parametrize("other", [{"steps": STEPS[:1]}, {"camera": Camera(x=0.3)}])
def test_another_selection_or_zoom_is_another_view(store: Store, other: dict[str, object]) -> None:
    assert kept(store, **other).view_id != kept(store).view_id


def test_a_zoom_that_differs_by_less_than_a_pixel_is_the_same_view(store: Store) -> None:
    assert kept(store, camera=Camera(x=0.1, y=-0.2, width=0.80001)).view_id == kept(store).view_id


def test_a_view_that_nobody_kept_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError, match="No view 'nope' in this store"):
        store.views.get("nope")


def test_nothing_changed_behind_a_view_that_was_just_kept(store: Store) -> None:
    compare(store, "week 1", "week 2")
    assert changes_behind(store, kept(store)) == ()


def test_a_new_eval_run_a_report_and_a_map_are_told_by_name(store: Store, world: World) -> None:
    view = kept(store)
    log_eval(store, {"id": world.sample_ids, "prediction": world.labels}, checkpoint="week 2")
    compare(store, "week 1", "week 2")
    make_frame(store, "week 1")
    assert changes_behind(store, view) == (
        "The eval run of 'week 2' (validation) was added.",
        "The map of 'week 1' at 'week 2' was added.",
        "The drift report of 'week 1' and 'week 2' was added.",
    )


def test_what_is_gone_or_another_one_is_told(store: Store, tmp_path: Path, world: World) -> None:
    view = kept(store)
    # another store under the same names: week 1 holds other vectors, week 2 is not there
    other = open_store(tmp_path / "other.lance")
    columns = {"id": world.sample_ids, "label": world.labels, "embedding": -world.vectors}
    ingest(other, columns, checkpoint="week 1")
    said = changes_behind(other, view)
    assert "The snapshot of 'week 1' (validation) is another one." in said
    assert "The snapshot of 'week 2' (validation) is gone." in said


def test_a_token_opens_its_view_until_its_last_moment(store: Store) -> None:
    view = kept(store)
    token = share_token(view.view_id, SECRET, until=NOON)
    shared = open_token(store, token, SECRET, now=NOON - timedelta(seconds=1))
    assert (shared.view, shared.until) == (view, NOON)


def test_a_token_is_refused_from_its_last_moment_on(store: Store) -> None:
    token = share_token(kept(store).view_id, SECRET, until=NOON)
    with pytest.raises(NotAllowedError, match="expired on 2026-05-01 12:00 UTC"):
        open_token(store, token, SECRET, now=NOON)


def test_a_token_with_a_later_end_written_into_it_is_refused(store: Store) -> None:
    token = share_token(kept(store).view_id, SECRET, until=NOON)
    payload, signature = token.split(".")
    view_id, until = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    later = json.dumps([view_id, until + 10**6], separators=(",", ":")).encode()
    forged = base64.urlsafe_b64encode(later).decode().rstrip("=")
    with pytest.raises(NotAllowedError, match="not valid"):
        open_token(store, f"{forged}.{signature}", SECRET, now=NOON)


@pytest.mark.parametrize("broken", ["", ".", "x", "é.ü", "WyJ4Il0", "A" * 5000])
def test_what_is_no_token_is_refused_in_one_line(store: Store, broken: str) -> None:
    with pytest.raises(NotAllowedError, match="not valid") as refusal:
        open_token(store, broken, SECRET, now=NOON)
    assert "\n" not in str(refusal.value)


def test_a_token_signed_with_another_secret_is_refused(store: Store) -> None:
    token = share_token(kept(store).view_id, SECRET + "!", until=NOON)
    with pytest.raises(NotAllowedError, match="not valid"):
        open_token(store, token, SECRET, now=NOON - timedelta(days=1))


def test_a_token_is_signed_with_hmac_sha256(store: Store) -> None:
    token = share_token("abc", SECRET, until=NOON)
    payload, signature = token.rsplit(".", 1)
    # itsdangerous derives a key from salt and secret, then signs the payload; written out here by hand
    key = hashlib.sha256(b"driftloop.share" + b"signer" + SECRET.encode()).digest()
    expected = hmac.new(key, payload.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected


def test_a_short_secret_is_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match="at least 16"):
        share_token("abc", "password", until=NOON)


def test_a_store_keeps_one_secret_and_a_configured_one_goes_first(store: Store, tmp_path: Path) -> None:
    made = signing_secret(store, None)
    assert signing_secret(open_store(store.uri), None) == made
    assert len(made) >= 32
    assert signing_secret(open_store(tmp_path / "second.lance"), None) != made
    assert signing_secret(store, SECRET) == SECRET


def test_a_link_lasts_whole_days_and_ninety_at_most() -> None:
    assert last_moment(14, now=NOON) == datetime(2026, 5, 15, 12, tzinfo=UTC)
    for days in (0, 91):
        with pytest.raises(BadInputError, match="1 to 90 days"):
            last_moment(days, now=NOON)
