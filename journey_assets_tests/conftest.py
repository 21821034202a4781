"""What holds for all tests."""

import gc

import pytest
from hypothesis import settings

# A deadline would make a property test fail on a busy machine; no test times itself.
# Examples are the same in every run, so that a run fails for what was changed and for nothing else.
settings.register_profile("journey", deadline=None, derandomize=True)
settings.load_profile("journey")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of Dagster's UI: they mostly wait, and the others run meanwhile."""
    items.sort(key=lambda item: not item.path.name.startswith("test_ui_"))


def pytest_collection_finish() -> None:
    """Spare the garbage collector from looking through all that was imported, again and again."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end it may look: DuckDB counts what was never freed, and says so."""
    gc.unfreeze()
