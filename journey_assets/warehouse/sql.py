"""The SQL files, which stand beside the code that runs them."""

from importlib.resources import files


def sql_of(package: str, name: str) -> str:
    """The text of ``name.sql`` in ``package``; a name may lead into a folder of it."""
    return files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")
