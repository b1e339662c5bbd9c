"""Weaviate: a collection, or the objects that its iterator gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftcore.readers.sources._records import Columns, Record, columns_of_records

_SOURCE = "Weaviate"


def from_weaviate(
    collection: Any, *, vector: str = "default", label: str | None = None, text: str | None = None
) -> Columns:
    """Objects of a Weaviate collection as columns for `ingest`.

    Parameters
    ----------
    collection : a client's collection, or its objects, or exported dicts with uuid, properties and vector
        A collection is read page by page with its own iterator.
    vector : str
        Which of several named vectors.
    label, text : str, optional
        Properties that hold the label and the text.

    Raises
    ------
    BadInputError
        If there is no object, no vector, or no such property.
    """
    objects: Iterable[Any] = collection
    if hasattr(collection, "iterator"):
        objects = collection.iterator(include_vector=True)
    return columns_of_records(_records(objects), source=_SOURCE, label=label, text=text, vector=vector)


def _records(objects: Iterable[Any]) -> Iterator[Record]:
    for each in objects:
        exported = isinstance(each, Mapping)
        uuid = (each.get("uuid") or each.get("id")) if exported else each.uuid
        properties = (each.get("properties") or {}) if exported else each.properties
        vectors = _exported_vectors(each) if exported else each.vector
        yield str(uuid), vectors, properties


def _exported_vectors(each: Mapping[str, Any]) -> Any:
    """REST answers keep an unnamed vector in one field and named ones in another, and the other field empty."""
    return next((each[name] for name in ("vector", "vectors") if each.get(name) is not None and len(each[name])), None)
