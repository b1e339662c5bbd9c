"""Embeddings where people have them: tracing tables and vector databases, as columns that `ingest` takes.

No client library is needed: what a client returns, or the client or collection itself, is handed in by the caller.
"""

from __future__ import annotations

from driftcore.readers.sources._chroma import from_chroma
from driftcore.readers.sources._openinference import from_openinference
from driftcore.readers.sources._phoenix import PhoenixTables, from_phoenix
from driftcore.readers.sources._qdrant import from_qdrant
from driftcore.readers.sources._weaviate import from_weaviate

__all__ = ["PhoenixTables", "from_chroma", "from_openinference", "from_phoenix", "from_qdrant", "from_weaviate"]
