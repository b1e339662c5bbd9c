"""Share a view: keep it under a short id, say what changed behind it, and sign a link that opens it and nothing else.

A share link is the view's id and a last moment, signed with the server's secret. Whoever has the link can open that
view until then, without an account; another secret (``DRIFTLOOP_SECRET``) ends all links at once. It limits what a
link opens, not who reaches the server: where no sign-in is configured, anyone who reaches the dashboard can open all
of it, with or without a link.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftcore.errors import BadInputError, NotAllowedError
from driftcore.records import Camera, DriftPolicy, SelectionStep, SharedView, View, to_json
from driftcore.store import Store
from driftcore.workflows.compare import kept_report
from driftcore.workflows.make_frame import step_stamp
from driftcore.workflows.splits import followed_splits

if TYPE_CHECKING:
    from itsdangerous import URLSafeSerializer

DEFAULT_DAYS = 14
DAYS = (1, 7, 14, 30, 90)

# what an address says where a person chose none of several
NO_CHOICE = "none"

_SALT = "driftloop.share"
_MIN_SECRET = 16


def keep_view(
    store: Store,
    page: str,
    choices: Mapping[str, Sequence[str]],
    *,
    steps: tuple[SelectionStep, ...] = (),
    camera: Camera | None = None,
    split: str = "validation",
    who: str | None = None,
) -> View:
    """Keep what a person is looking at and return it with its id; the same view gets the same id.

    Parameters
    ----------
    store : Store
    page : str
        Name of the page, as in its address.
    choices : mapping of str to str
        Every choice that the address says, defaults too.
    steps, camera
        The selection, and the part of the map in sight.
    split : str
        The split that is looked at, where no choice says it.
    who : str, optional
        Who kept it; not part of the view's identity.
    """
    seen = camera or Camera()
    view = View(
        view_id="",
        page=page,
        choices=tuple(sorted((key, tuple(values)) for key, values in choices.items())),
        steps=steps,
        # half a thousandth of the map is less than a pixel
        camera=Camera(x=round(seen.x, 3), y=round(seen.y, 3), width=round(seen.width, 3)),
        behind=tuple(_behind(store, choices, split)),
        created_at=datetime.now(UTC),
        who=who,
    )
    fingerprint = _fingerprint(view)
    return store.views.write(replace(view, view_id=_short(fingerprint)), fingerprint)


def changes_behind(store: Store, view: View, *, split: str = "validation") -> tuple[str, ...]:
    """What changed since the view was kept in what it shows, one sentence each; nothing where all is as it was."""
    before = dict(view.behind)
    now = dict(_behind(store, dict(view.choices), split))
    changed = []
    for name in dict.fromkeys([*before, *now]):
        was, is_ = before.get(name, ""), now.get(name, "")
        if was and not is_:
            changed.append(f"{name} is gone.")
        elif is_ and not was:
            changed.append(f"{name} was added.")
        elif was != is_:
            changed.append(f"{name} is another one.")
    return tuple(changed)


def share_token(view_id: str, secret: str, *, until: datetime) -> str:
    """A signed token that opens one view until a moment; goes into the address after ``?share=``.

    Raises
    ------
    BadInputError
        If the secret is too short to sign with.
    """
    return str(_serializer(secret).dumps([view_id, int(until.timestamp())]))


def open_token(store: Store, token: str, secret: str, *, now: datetime | None = None) -> SharedView:
    """The view that a token opens.

    Raises
    ------
    NotAllowedError
        If it was not signed with this secret, was changed, or has expired.
    NotFoundError
        If the store has no such view.
    """
    from itsdangerous import BadData

    try:
        view_id, last = _serializer(secret).loads(token)
    except BadData:
        raise NotAllowedError(
            "This share link is not valid: it was changed or cut off, or all links were ended. Ask for a new one."
        ) from None
    until = datetime.fromtimestamp(last, UTC)
    if (now or datetime.now(UTC)) >= until:
        raise NotAllowedError(f"This share link expired on {until:%Y-%m-%d %H:%M} UTC. Ask for a new one.")
    return SharedView(view=store.views.get(view_id), until=until)


def last_moment(days: int, *, now: datetime | None = None) -> datetime:
    """When a link made now for so many days ends, in whole seconds.

    Raises
    ------
    BadInputError
        If it is not between 1 and 90 days.
    """
    if not 1 <= days <= max(DAYS):
        raise BadInputError(f"A share link lasts 1 to {max(DAYS)} days, not {days}.")
    return (now or datetime.now(UTC)).replace(microsecond=0) + timedelta(days=days)


def signing_secret(store: Store, configured: str | None) -> str:
    """The secret that share links are signed with: the configured one, else one that the store keeps.

    Whoever can read the store's files can read the kept one and sign links with it. They can read everything that a
    link would show as well; configure a secret where the files are open to more people than the dashboard.
    """
    return configured if configured else store.secret()


def looked_at_split(store: Store) -> str:
    """The split that is looked at where no choice says it: `validation` where there is one.

    Raises
    ------
    NotFoundError
        If the store is empty.
    """
    return followed_splits(store)[0]


def _behind(store: Store, choices: Mapping[str, Sequence[str]], split: str) -> Iterator[tuple[str, str]]:
    """Each thing that a view is computed from, in words, with its fingerprint."""
    split = _only(choices, "split") or split
    reference, *others = (_only(choices, key) for key in ("reference", "current", "beside"))
    known = {snapshot.checkpoint: snapshot for snapshot in store.snapshots.all() if snapshot.split == split}
    compared = dict.fromkeys(name for name in others if name not in ("", NO_CHOICE))
    for name in dict.fromkeys(name for name in (reference, *compared) if name):
        snapshot, run = known.get(name), store.evals.get(name, split)
        yield f"The snapshot of '{name}' ({split})", "" if snapshot is None else snapshot.fingerprint
        yield f"The eval run of '{name}' ({split})", "" if run is None else run.fingerprint
    for name in compared:
        if reference in known and name in known:
            yield f"The map of '{reference}' at '{name}'", step_stamp(store, reference, name, split=split)
            report = kept_report(store, reference, name, split=split)
            yield f"The drift report of '{reference}' and '{name}'", "" if report is None else report.report_id
    if reference in known and any(name in known for name in compared):
        yield "The policy that reports are judged by", _digest(to_json(DriftPolicy()))
    wanted = _only(choices, "span")
    if any(span.span_id == wanted for span in store.spans.all()):
        yield f"The span '{wanted}'", wanted


def _only(choices: Mapping[str, Sequence[str]], key: str) -> str:
    """What was chosen under a key that takes one value, or nothing."""
    return next(iter(choices.get(key, ())), "")


def _fingerprint(view: View) -> str:
    """A hash of what the view shows: not of when it was kept, nor by whom."""
    content = to_json(view)
    return _digest([content[name] for name in ("page", "choices", "steps", "camera", "behind")])


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()


def _short(fingerprint: str) -> str:
    """Ten characters that survive being read aloud: 50 bits, no upper case."""
    return base64.b32encode(bytes.fromhex(fingerprint))[:10].decode("ascii").lower()


def _serializer(secret: str) -> URLSafeSerializer:
    from itsdangerous import URLSafeSerializer

    if len(secret) < _MIN_SECRET:
        raise BadInputError(
            f"The secret that signs share links has {len(secret)} characters: give DRIFTLOOP_SECRET at least "
            f"{_MIN_SECRET}, random ones."
        )
    return URLSafeSerializer(secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
