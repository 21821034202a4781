"""The documents that are written from declarations, so that they cannot be wrong.

Belongs here: rendering ``docs/tables.md``, ``.env.example`` and the README's asset graph and table of
settings.
``make docs`` writes them; a test compares them with what stands in the project.
"""

import sys
from pathlib import Path

from dagster import AssetKey

from journey_assets.definitions import build_definitions
from journey_assets.errors import exit_code
from journey_assets.settings import CREDENTIALS, VENDOR_NAMES, Settings, secret_fields, variable
from journey_assets.shell.resources import vendor_of
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.schema import Column, Table

_ROOT = Path(__file__).resolve().parent.parent


def documents(root: Path = _ROOT) -> dict[Path, str]:
    """Every generated document: path → text."""
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = _with_part(text, "graph", f"```mermaid\n{asset_graph()}\n```")
    return {
        root / "docs" / "tables.md": tables_document(),
        root / ".env.example": env_example(),
        readme: _with_part(text, "settings", settings_table()),
    }


def _with_part(text: str, name: str, part: str) -> str:
    """``text`` with ``part`` between the comments that mark its place."""
    start, end = f"<!-- {name}: written by make docs -->", f"<!-- {name} end -->"
    before, _, rest = text.partition(start)
    return f"{before}{start}\n{part}\n{end}{rest.partition(end)[2]}"


def asset_graph() -> str:
    """The asset graph as Mermaid: a box for each group (of ``raw``, each vendor) with its assets."""
    graph = build_definitions({}).resolve_asset_graph()
    keys = sorted(graph.materializable_asset_keys)
    tables = (table.schema for table in all_tables() if table.asset)
    groups = list(dict.fromkeys([*tables, *(key.path[0] for key in keys)]))
    boxes: dict[str, list[str]] = {}
    for key in sorted(keys, key=lambda key: (groups.index(key.path[0]), key)):
        boxes.setdefault(_box(key), [f"<b>{key.path[0]}</b>"]).append(key.path[1])
    arrows = {
        f"  {_box(parent)} --> {_box(key)}"
        for key in keys
        for parent in graph.get(key).parent_keys
        if _box(parent) != _box(key)
    }
    # From top to bottom, as wide as a page: from left to right its words would be too small.
    lines = [f'  {box}["{"<br/>".join(names)}"]' for box, names in boxes.items()]
    return "\n".join(["flowchart TB", *lines, *sorted(arrows)])


def _box(key: AssetKey) -> str:
    """The group of an asset; in ``raw``, with the vendor that is asked for it."""
    group = key.path[0]
    return f"{group}_{vendor_of(key)}" if group == "raw" else group


def tables_document() -> str:
    """``docs/tables.md``: every table with its columns, from the declarations."""
    parts = [
        "# Tables",
        "Written by `make docs` from the declarations in `journey_assets/journeys/statistics/*/table.py` "
        "and `journey_assets/warehouse/tables`. An asset key `schema/table` is the DuckDB table "
        "`schema.table`; the first column is the partition. 🔒 marks columns that may hold personal data.",
    ]
    for table in all_tables():
        parts += [f"## {table.full_name}", _about(table), _columns(table)]
    return "\n\n".join(parts) + "\n"


def _about(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    named = f" Within a partition a row is named by {key}." if key else ""
    kind = "" if table.asset else " Kept by the project itself; not an asset."
    return f"{table.description}\n\nOne row per {table.grain}.{named}{kind}"


def _columns(table: Table) -> str:
    lines = ["| column | type | |", "|---|---|---|"]
    lines += [f"| `{c.name}` | {c.type} | {_meaning(c)} |" for c in table.columns]
    return "\n".join(lines)


def _meaning(column: Column) -> str:
    text = column.description.replace("|", "\\|").replace("\n", " ")
    return f"🔒 {text}" if column.personal else text


def settings_table() -> str:
    """The README's table of settings."""
    lines = ["| variable | default | |", "|---|---|---|"]
    for field, info in Settings.model_fields.items():
        note = " Secret." if field in secret_fields() else ""
        lines.append(f"| `{variable(field)}` | {_default(field)} | {info.description}{note} |")
    return "\n".join(lines)


def _default(field: str) -> str:
    value = Settings.model_fields[field].default
    if value is None or value == "":
        return "—"
    return f"`{int(value) if isinstance(value, bool) else value}`"


def env_example() -> str:
    """``.env.example``: every variable with its meaning; the credentials first and open."""
    lines = [
        "# Copy to .env and fill in. Every variable can be set in the environment instead.",
        "# Credentials: the ones of the vendors in use (JOURNEY_VENDORS), and Mavera's.",
    ]
    needed = [name for vendor in VENDOR_NAMES for name in CREDENTIALS[vendor]]
    by_name = {variable(field): field for field in Settings.model_fields}
    lines += [f"{name}=" for name in needed]
    for name, field in by_name.items():
        if name not in needed:
            info = Settings.model_fields[field]
            default = "" if info.default in (None, "") else str(info.default)
            lines += ["", f"# {info.description}", f"# {name}={default}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the documents."""
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(exit_code(main))
