"""Chroma: a collection, or the columns that its `get` gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcore.errors import BadInputError
from driftcore.readers.sources._records import Columns, Record, columns_of_records

_SOURCE = "Chroma"
_PAGE = 1000
_PARTS = ("embeddings", "documents", "metadatas")


def from_chroma(collection: Any, *, label: str | None = None) -> Columns:
    """Entries of a Chroma collection as columns for `ingest`; the documents are the texts.

    Parameters
    ----------
    collection : a client's collection, or the dict that ``get(include=["embeddings", "documents", "metadatas"])`` gave
        A collection is read page by page.
    label : str, optional
        Field of the metadata that holds the label.

    Raises
    ------
    BadInputError
        If there is no entry, no embedding, or no such field.
    """
    pages = _pages(collection) if hasattr(collection, "get") and not isinstance(collection, Mapping) else [collection]
    records = (record for page in pages for record in _records(page))
    return columns_of_records(records, source=_SOURCE, label=label, text=None)


def _pages(collection: Any) -> Iterator[Mapping[str, Any]]:
    offset = 0
    while True:
        page = collection.get(include=list(_PARTS), limit=_PAGE, offset=offset)
        if not len(page["ids"]):
            return
        yield page
        offset += len(page["ids"])


def _records(page: Mapping[str, Any]) -> Iterator[Record]:
    if "ids" not in page:
        raise BadInputError("Chroma: the answer has no ids: hand in what collection.get(include=[…]) gave.")
    ids = page["ids"]
    embeddings, documents, metadatas = (_column(page.get(part), len(ids)) for part in _PARTS)
    for sample_id, vector, document, fields in zip(ids, embeddings, documents, metadatas, strict=True):
        told = {} if document is None else {"text": document}
        yield str(sample_id), vector, {**(fields or {}), **told}


def _column(values: Any, length: int) -> Any:
    return [None] * length if values is None else values
