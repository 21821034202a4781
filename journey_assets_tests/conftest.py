"""What holds for all tests."""

import gc

import pytest
from hypothesis import settings

# A deadline would make a property test fail on a busy machine; no test times itself.
# Examples are the same in every run, so that a run fails for what was changed and for nothing else.
settings.register_profile("journey", deadline=None, derandomize=True)
settings.load_profile("journey")

# Much is imported and thrown away at once: to look seldom saves a tenth of the tests' time.
gc.set_threshold(100_000, 50, 100)

#: Files of a minute and more, first: begun last, one worker would end alone. Those of Dagster's UI
#: mostly wait, and the others run meanwhile.
_LONG = ("test_ui_pipeline.py", "test_repeatability.py", "test_github_actions.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; files are handed out whole, as fixtures of a module are made once."""
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else 9)


def pytest_collection_finish() -> None:
    """Spare the garbage collector from looking through all that was imported, again and again."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end it may look: DuckDB counts what was never freed, and says so."""
    gc.unfreeze()
