"""Where answers wait, as lines of JSON on disk, between the network and the database.

Belongs here: where that folder is, and writing records to a file in it.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from journey_assets.warehouse.folders import process_folder

#: Keys that we add to a vendor's record start so; they never reach the ``extra`` column.
OWN_KEY = "_journey_"


def staging_folder(directory: Path) -> AbstractContextManager[Path]:
    """A private folder below ``directory``/staging, gone when the block ends."""
    return process_folder(directory / "staging")


class RecordWriter:
    """Appends vendor records to an NDJSON file, so that memory holds one answer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = 0
        # A text cut in the middle of an emoji is JSON, but no UTF-8: its half sign becomes "?".
        self._file = path.open("w", encoding="utf-8", errors="replace")

    def write(self, records: Iterable[object], own: Mapping[str, object] | None = None) -> None:
        """Append ``records``; ``own`` values are added to objects under :data:`OWN_KEY` names."""
        added = {f"{OWN_KEY}{name}": value for name, value in (own or {}).items()}
        for record in records:
            whole = {**record, **added} if isinstance(record, dict) else record
            self._file.write(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n")
            self.records += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
