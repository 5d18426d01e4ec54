"""Files that people hand in: checked by content, kept once per content in one folder, given out as downloads only."""

from core.files.models import StoredFile
from core.files.store import Kept, keep, open_file, path_of, record

__all__ = ["Kept", "StoredFile", "keep", "open_file", "path_of", "record"]
