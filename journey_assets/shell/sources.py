"""Where the code of a table is, for the UI.

Belongs here: from a table to the files that fill it. A statistic has an entry of its name, with the
SQL of its figures first; another table is filled by the SQL file and the module of its name; where
neither is there, by the one named like the beginning of its name (``mavenoid`` fills
``mavenoid_conversations``), or else by ``compute``.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import dagster as dg

from journey_assets.warehouse.schema import Table

_ROOT = Path(str(files("journey_assets"))).parent


def source_files(package: str, table: Table) -> Sequence[Path]:
    """The files that fill ``table``, at least one: its SQL first."""
    folder = Path(str(files(package)))
    entry = folder / "statistics" / table.name
    if entry.is_dir():
        others = [path for end in ("sql", "py") for path in sorted(entry.glob(f"*.{end}"))]
        return sorted(others, key=lambda path: path.name != "figures.sql")
    parts = table.name.split("_")
    names = ["_".join(parts[:length]) for length in range(len(parts), 0, -1)]
    for name in [*names, "compute"]:
        if found := [path for end in ("sql", "py") if (path := folder / f"{name}.{end}").is_file()]:
            return found
    raise FileNotFoundError(f"nothing in {package} is named like {table.full_name} or compute")


def code_references(paths: Sequence[Path]) -> dg.CodeReferencesMetadataValue:
    """Links to the files, labelled by their place in the project."""
    return dg.CodeReferencesMetadataValue(
        code_references=[
            dg.LocalFileCodeReference(file_path=str(path), line_number=1, label=_label(path))
            for path in paths
        ]
    )


def sql_shown(paths: Sequence[Path]) -> dg.MarkdownMetadataValue:
    """The SQL that fills the table, or the module that does, as markdown."""
    sql = [path for path in paths if path.suffix == ".sql"]
    modules = [f"`{_label(path)}`" for path in paths if path.suffix == ".py"]
    blocks = [f"`{_label(path)}`\n\n```sql\n{path.read_text('utf-8')}\n```" for path in sql]
    if modules:
        done = "The rows are finished by" if sql else "Filled by"
        blocks.append(f"{done} {', '.join(modules)}.")
    return dg.MetadataValue.md("\n\n".join(blocks))


def _label(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()
