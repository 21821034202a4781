"""Where the code of a table is, for the UI: its declaration says so."""

from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import dagster as dg

from journey_assets.warehouse.schema import Table

_ROOT = Path(str(files("journey_assets"))).parent

#: Files of an entry that fill nothing.
_NOT_FILLING = frozenset({"picture"})


def source_files(table: Table) -> Sequence[Path]:
    """The files that fill ``table``, at least one: its SQL first, of a package ``figures.sql``.

    Raises FileNotFoundError when there are none where :attr:`Table.code` says.
    """
    spec = find_spec(table.code)
    if spec is not None and spec.submodule_search_locations:
        folder, names = Path(spec.submodule_search_locations[0]), "*"
    else:
        package, _, names = table.code.rpartition(".")
        folder = Path(str(files(package)))
    found = [path for end in ("sql", "py") for path in sorted(folder.glob(f"{names}.{end}"))]
    filling = [path for path in found if path.stem not in _NOT_FILLING]
    if not filling:
        raise FileNotFoundError(f"{table.full_name} is filled by {table.code}, and there is none")
    return sorted(filling, key=lambda path: path.name != "figures.sql")


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
    return path.relative_to(_ROOT if _ROOT in path.parents else path.parent.parent).as_posix()
