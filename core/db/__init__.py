from core.db.base import Base, Id, JSONList, JSONMap, JSONValue, Timestamped
from core.db.engine import build_engine, get_engine, is_sqlite, reset_engine
from core.db.types import BoundedText, LongText, MoneyAmount, UTCDateTime, storable

__all__ = [
    "Base",
    "BoundedText",
    "Id",
    "JSONList",
    "JSONMap",
    "JSONValue",
    "LongText",
    "MoneyAmount",
    "Timestamped",
    "UTCDateTime",
    "build_engine",
    "get_engine",
    "is_sqlite",
    "reset_engine",
    "storable",
]
