"""Qdrant: a client with the name of a collection, or the points that scrolling gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftcore.errors import BadInputError
from driftcore.readers.sources._records import Columns, Record, columns_of_records

_SOURCE = "Qdrant"
_PAGE = 1000


def from_qdrant(
    points: Any,
    *,
    collection: str | None = None,
    vector: str = "default",
    label: str | None = None,
    text: str | None = None,
) -> Columns:
    """Points of a Qdrant collection as columns for `ingest`.

    Parameters
    ----------
    points : a client, the points of a scroll, or its answer as exported JSON
        A client is scrolled page by page, and needs `collection`.
    collection : str, optional
    vector : str
        Which of several named vectors.
    label, text : str, optional
        Fields of the payload that hold the label and the text.

    Raises
    ------
    BadInputError
        If there is no point, no vector, no such field, or a client comes without the name of a collection.
    """
    if hasattr(points, "scroll"):
        if collection is None:
            raise BadInputError("Qdrant: a client was given without collection=NAME: say which one to read.")
        points = _scrolled(points, collection)
    elif isinstance(points, Mapping):
        answer = points.get("result", points)
        points = answer.get("points", []) if isinstance(answer, Mapping) else answer
    elif isinstance(points, tuple):
        # what `client.scroll` answers: a page, and where the next one begins
        points = points[0]
    return columns_of_records(_records(points), source=_SOURCE, label=label, text=text, vector=vector)


def _scrolled(client: Any, collection: str) -> Iterator[Any]:
    offset = None
    while True:
        page, offset = client.scroll(
            collection_name=collection, limit=_PAGE, offset=offset, with_payload=True, with_vectors=True
        )
        yield from page
        if offset is None:
            return


def _records(points: Iterable[Any]) -> Iterator[Record]:
    for each in points:
        exported = isinstance(each, Mapping)
        point_id = each["id"] if exported else each.id
        payload = each.get("payload") if exported else each.payload
        vectors = each.get("vector") if exported else each.vector
        yield str(point_id), vectors, payload or {}
