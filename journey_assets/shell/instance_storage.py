"""Where Dagster's instance keeps its runs, events and schedules: beside the data, for their owner alone.

Belongs here: the storage classes that ``dagster.yaml`` names. Dagster's own take a relative folder as
one of the working folder, so that a command started elsewhere would begin another instance there.
"""

from typing import TYPE_CHECKING, Any

from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from journey_assets.places import placed, private_folder
from journey_assets.shell.event_storage import EventStorage

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData


class InstanceStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage with our event log; ``base_dir`` starts from the project's home."""

    def __init__(self, base_dir: str, inst_data: "ConfigurableClassData | None" = None) -> None:
        folder = private_folder(placed(base_dir))
        self._run_storage = SqliteRunStorage.from_local(str(folder / "history"))
        self._event_log_storage = EventStorage(str(folder / "history" / "runs"))
        self._schedule_storage = SqliteScheduleStorage.from_local(str(folder / "schedules"))
        self.base_dir = str(folder)
        self._inst_data = inst_data
        # Not that of DagsterSqliteStorage, which would open storages of its own.
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def from_config_value(
        cls, inst_data: "ConfigurableClassData | None", config_value: Any
    ) -> "InstanceStorage":
        """The storage that ``dagster.yaml`` describes."""
        return cls(config_value["base_dir"], inst_data)


class ArtifactStorage(LocalArtifactStorage):
    """Dagster's folder for files of runs; ``base_dir`` starts from the project's home."""

    @classmethod
    def from_config_value(
        cls, inst_data: "ConfigurableClassData | None", config_value: Any
    ) -> "ArtifactStorage":
        """The folder that ``dagster.yaml`` describes."""
        return cls(str(placed(config_value["base_dir"])), inst_data)
