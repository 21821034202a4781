"""What a table is: one declaration that DDL, checks, pictures, the UI and documentation read.

Belongs here: the types :class:`Column` and :class:`Table` and what follows from them alone. Where the
declarations themselves stand says :mod:`journey_assets.warehouse.catalog`.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """Where a raw column's value stands in the vendor's JSON record.

    names: the record's keys, the documented spelling first, other spellings seen after it.
    required: documented as always there; missing is noted in ``raw.rejects``.
    essential: a record without a usable value is not stored but kept in ``raw.rejects`` only.
    """

    names: tuple[str, ...]
    required: bool = False
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column: DuckDB type, meaning, and whether it may hold personal data.

    verbatim: the words of somebody outside, kept as they came. identifies: the types of identifier
    that the value is, or that may stand in it (``email`` in JSON), by which a person is found and kept
    out; ``@column`` takes the type from another column.
    """

    name: str
    type: str
    description: str
    personal: bool = False
    nullable: bool = True
    source: Source | None = None
    verbatim: bool = False
    identifies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """What must add up: two sums that are one by definition, in tables of one run.

    A table computed at another time stands on other rows. reads: the tables of the sums,
    ``schema.table`` each. left, right: SELECTs of ``as_of``, ``what`` the sum is of, and ``sum``.
    """

    reads: tuple[str, ...]
    says: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the warehouse; its first column is always the partition (a DATE).

    grain: what one row stands for. key: the columns that, with the partition, name a row. snapshot:
    rows have no history: a run stores them under its last partition, and leaves the others alone or
    empty. vendor: who is asked for the rows, if anybody is.

    What works on tables is named, so that a declaration imports nothing. code: the module that fills
    the table, with the SQL file of its name beside it, or the SQL file alone, or a package whose files
    all do. persons: SQL that says how many persons (users, profiles) stand behind a partition's rows;
    where rows count persons more than once, of the one row or column that counts each once. picture:
    ``module:function`` from a :class:`journey_assets.pictures.day.Day` to an SVG; without one the UI
    shows the rows a day. ties: what must add up with other tables.
    """

    schema: str
    name: str
    grain: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    asset: bool = field(default=True)
    snapshot: bool = field(default=False)
    vendor: str = field(default="")
    code: str = field(default="")
    persons: str = field(default="")
    picture: str = field(default="")
    ties: tuple[Tie, ...] = field(default=())

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.full_name} declares a column twice")
        if self.columns[0].type != "DATE":
            raise ValueError(f"{self.full_name} must start with its partition, a DATE")
        if missing := set(self.key) - set(names):
            raise ValueError(f"{self.full_name} has no column {sorted(missing)} of its key")

    @property
    def full_name(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.name}"

    @property
    def of_vendor(self) -> bool:
        """Whether its rows are what a vendor sent: a smaller answer may be a useless one.

        Computed tables shrink by their definitions.
        """
        return self.schema == "raw" and self.asset

    @property
    def result(self) -> str:
        """Name of the session's table in which a computation leaves the rows to store."""
        return f"result_{self.schema}_{self.name}"

    @property
    def partition(self) -> str:
        """Name of the partition column."""
        return self.columns[0].name

    @property
    def names(self) -> tuple[Column, ...]:
        """The columns of names and words from outside, which are masked when they leave ``raw``.

        All text of ``raw`` that is not personal data: that is told apart from names by whoever reads
        it, and hashed or left behind.
        """
        if self.schema != "raw":
            return ()
        texts = ("VARCHAR", "VARCHAR[]")
        return tuple(each for each in self.columns if each.type in texts and not each.personal)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called ``name``; raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.full_name} has no column {name}")

    def ddl(self, catalog: str) -> str:
        """``CREATE TABLE IF NOT EXISTS`` for this table in ``catalog``."""
        columns = ",\n  ".join(
            f'"{c.name}" {c.type}{"" if c.nullable else " NOT NULL"}{_compression(c.type)}'
            for c in self.columns
        )
        return f"CREATE TABLE IF NOT EXISTS {catalog}.{self.full_name} (\n  {columns}\n)"


def _compression(type_: str) -> str:
    """Vendors' JSON repeats its keys in every row: zstd writes it in a third of the time DuckDB's
    own choice takes, and into a tenth of the space."""
    return " USING COMPRESSION zstd" if type_ == "JSON" else ""
