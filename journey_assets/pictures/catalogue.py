"""The picture of a table: the one that its declaration names, or its rows a day."""

from importlib import import_module

from journey_assets.pictures.day import Day
from journey_assets.pictures.days import rows_by_day
from journey_assets.warehouse.schema import Table


def picture(table: Table, day: Day) -> bytes | None:
    """The SVG picture of the partition, nothing where it has no rows to draw.

    Needs the file attached.
    """
    if not table.picture:
        return rows_by_day(day, table)
    module, _, function = table.picture.partition(":")
    drawn: bytes | None = getattr(import_module(module), function)(day)
    return drawn
