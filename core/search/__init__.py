"""Search: one interface, an engine inside or Elasticsearch, and the database when neither answers."""

from core.search.engines import get_engine, reset_engine
from core.search.fallback import like_fallback
from core.search.following import FoldedText, Searchable, enqueue_rebuild, touch
from core.search.indexing import Drift, check_drift, index_ids, rebuild
from core.search.interface import (
    Document,
    FieldSpec,
    Hit,
    IndexSpec,
    Range,
    SearchQuery,
    SearchResult,
    get_spec,
    list_specs,
    register,
)
from core.search.querying import search
from core.search.tasks import engine_status, lag
from core.search.text import fold

__all__ = [
    "Document",
    "Drift",
    "FieldSpec",
    "FoldedText",
    "Hit",
    "IndexSpec",
    "Range",
    "SearchQuery",
    "SearchResult",
    "Searchable",
    "check_drift",
    "engine_status",
    "enqueue_rebuild",
    "fold",
    "get_engine",
    "get_spec",
    "index_ids",
    "lag",
    "like_fallback",
    "list_specs",
    "rebuild",
    "register",
    "reset_engine",
    "search",
    "touch",
]
