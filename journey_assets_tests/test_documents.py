"""Documents that are written from declarations are what the declarations say."""

import re
from pathlib import Path

import pytest

from journey_assets.docs import documents


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_a_generated_document_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == documents()[path], "run: make docs"


def test_every_row_of_the_fault_table_names_a_test_that_exists() -> None:
    text = _source(Path(__file__).parents[1] / "docs" / "operations.md")
    table = text.partition("## What a vendor's faults do")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    named = [re.search(r"`(test_\w+\.py)::(test_\w+)` \|$", row) for row in rows]
    assert len(rows) > 40
    assert [row for row, found in zip(rows, named, strict=True) if not found] == []
    missing = [
        found[0]
        for found in named
        if found and f"def {found[2]}(" not in _source(Path(__file__).with_name(found[1]))
    ]
    assert missing == []


def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_every_path_that_the_architecture_names_is_there() -> None:
    root = Path(__file__).parents[1]
    text = _source(root / "docs" / "architecture.md")
    named = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py|\.sql)?)`", text))
    assert len(named) > 40
    assert [path for path in sorted(named) if not (root / "journey_assets" / path).exists()] == []
