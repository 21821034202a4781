"""Every setting of the project, in one declaration.

Belongs here: the name, default, meaning and validation of each setting, and reading them from
the environment. The README's table, ``.env.example``, the Launchpad's fields and the checks of
credentials all read this declaration. Does not belong here: what a setting does.
"""

import logging
import os
import re
from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict, JsonValue

from journey_assets.addresses import base_url
from journey_assets.errors import ExplainedError
from journey_assets.identifiers import EMAIL_KEYS, PLACEHOLDERS, form_key
from journey_assets.places import home, placed

_LOG = logging.getLogger(__name__)

Vendor = Literal["amplitude", "segment", "mavenoid", "mavera"]

#: How each vendor is written in messages to people.
VENDOR_NAMES: Mapping[Vendor, str] = {
    "amplitude": "Amplitude",
    "segment": "Segment",
    "mavenoid": "Mavenoid",
    "mavera": "Mavera",
}

#: The settings a vendor cannot do without.
CREDENTIALS: Mapping[Vendor, tuple[str, ...]] = {
    "amplitude": ("AMPLITUDE_API_KEY", "AMPLITUDE_SECRET_KEY"),
    "segment": ("SEGMENT_TOKEN", "SEGMENT_SPACE_ID"),
    "mavenoid": ("MAVENOID_TOKEN",),
    "mavera": ("MAVERA_API_KEY",),
}

_SEGMENT_HOSTS = {
    "listing": "https://api.segmentapis.com",
    "profile_api": "https://profiles.segment.com",
}

#: The schemas of figures about paths, and of what is read beside them.
_FIGURES: list[JsonValue] = ["journeys.", "channels.", "support.", "analyses."]

# What a field says of itself beside its meaning. concerns: beginnings of the names of the tables whose
# rows depend on it, directly or through what they are computed from; without it all computed tables do.
# fetched: it acts when rows are fetched, so that figures have it from the rows they read and not from
# the run that computes them. personal: its values are ids, of which only number and hash are told.
_SECRET: JsonDict = {"secret": True, "concerns": []}
_KEY: JsonDict = {"secret": True, "concerns": ["identity.", *_FIGURES]}
_NO_FIGURE: JsonDict = {"concerns": []}
_EVENTS: JsonDict = {"concerns": ["raw.amplitude_events", *_FIGURES], "fetched": True}
_COHORT_IDS: JsonDict = {"concerns": ["raw.amplitude_users", *_FIGURES], "fetched": True}
_LISTS: JsonDict = {**_COHORT_IDS, "personal": True}
_PROFILES: JsonDict = {"concerns": ["raw.segment_", "channels.", "analyses."], "fetched": True}
_PROFILE_IDS: JsonDict = {**_PROFILES, "personal": True}
_PERSONS: JsonDict = {"concerns": ["identity.", *_FIGURES]}
_INTERVALS: JsonDict = {"concerns": ["identity.coverage", *_FIGURES]}
_QUESTION: JsonDict = {"concerns": [*_FIGURES]}
_MAVE: JsonDict = {"concerns": ["analyses."]}
#: Bytes; what lies beside the database has some more, and no file system takes more than 255.
_LONGEST_FILE_NAME = 200

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=-]+)*/?", re.ASCII)


class SettingsError(ExplainedError):
    """A setting is missing or unusable; the message names it and how to mend it."""


class Settings(BaseModel):
    """The project's settings; field ``window_days`` is variable ``JOURNEY_WINDOW_DAYS``.

    A field's variable is its name in capitals, with ``JOURNEY_`` before it unless it belongs to a
    vendor or is one of the unprefixed names of :data:`UNPREFIXED`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amplitude_api_key: str = Field(
        "", description="API key of the project.", json_schema_extra=_SECRET
    )
    amplitude_secret_key: str = Field(
        "", description="Secret key of the project.", json_schema_extra=_SECRET
    )
    amplitude_base_url: str = Field(
        "https://amplitude.com",
        description="EU projects: `https://analytics.eu.amplitude.com`.",
        json_schema_extra=_NO_FIGURE,
    )
    amplitude_source: Literal["user_activity", "export"] = Field(
        "user_activity",
        description="`user_activity` asks per tracked user; `export` takes every event.",
        json_schema_extra=_EVENTS,
    )
    converter_user_ids: str = Field(
        "",
        description="Converters: a comma list of ids, or `@path` to a file with one id a line.",
        json_schema_extra=_LISTS,
    )
    non_converter_user_ids: str = Field(
        "",
        description="Non-converters: a comma list of ids, or `@path` to a file.",
        json_schema_extra=_LISTS,
    )
    amplitude_converter_cohort_id: str = Field(
        "",
        description="An Amplitude cohort of converters, instead of a list.",
        json_schema_extra=_COHORT_IDS,
    )
    amplitude_non_converter_cohort_id: str = Field(
        "",
        description="An Amplitude cohort of non-converters, instead of a list.",
        json_schema_extra=_COHORT_IDS,
    )
    conversion_event: str = Field(
        "",
        description="Instead of lists: who has this event converted. "
        "Needed for `export` without lists.",
        json_schema_extra=_QUESTION,
    )
    amplitude_queries_per_hour: int = Field(
        360,
        ge=1,
        description="The project's quota for user activity and user search.",
        json_schema_extra=_NO_FIGURE,
    )
    amplitude_concurrency: int = Field(
        10, ge=1, description="Amplitude requests under way at once.", json_schema_extra=_NO_FIGURE
    )

    segment_token: str = Field(
        "", description="Access token of the space.", json_schema_extra=_SECRET
    )
    segment_space_id: str = Field(
        "", description="The space's id, `spa_…`.", json_schema_extra=_NO_FIGURE
    )
    segment_api: Literal["listing", "profile_api"] = Field(
        "listing",
        description="`listing` reads the space's profiles; `profile_api` asks per profile.",
        json_schema_extra=_PROFILES,
    )
    segment_base_url: str = Field(
        "",
        description="Default by `SEGMENT_API`: `https://api.segmentapis.com` or "
        "`https://profiles.segment.com`; EU: `https://profiles.euw1.segment.com`.",
        json_schema_extra=_NO_FIGURE,
    )
    segment_profile_ids: str = Field(
        "",
        description="For `profile_api`: a comma list of `type:value`, or `@path`; "
        "default: tracked users and support e-mails.",
        json_schema_extra=_PROFILE_IDS,
    )

    mavenoid_token: str = Field("", description="Bearer token.", json_schema_extra=_SECRET)
    mavenoid_base_url: str = Field(
        "https://analytics-api.mavenoid.com",
        description="Address of the Analytics API.",
        json_schema_extra=_NO_FIGURE,
    )

    mavera_api_key: str = Field(
        "", description="API key, `mvra_live_…`.", json_schema_extra=_SECRET
    )
    mavera_base_url: str = Field(
        "https://app.mavera.io/api/v1",
        description="Address of Mavera's API.",
        json_schema_extra=_NO_FIGURE,
    )
    mavera_max_credits_per_run: int = Field(
        300,
        ge=0,
        description="A run that would pass this many credits stops before it asks.",
        json_schema_extra=_NO_FIGURE,
    )

    vendors: str = Field(
        "amplitude,segment,mavenoid",
        description="Vendors in use; the assets of one left out materialize empty.",
        json_schema_extra=_MAVE,
    )
    database: str = Field(
        "data/journey_assets.duckdb",
        description="The DuckDB file; reports, quota state and snapshots live beside it. "
        "Never a name like a schema's (`journeys.duckdb`). Relative paths start from `DAGSTER_HOME`, "
        "or else the project's folder.",
        json_schema_extra=_NO_FIGURE,
    )
    event_store: str = Field(
        "",
        description="Where the events are: empty in the database; a folder, or `s3://bucket/prefix`, as "
        "Parquet by day (docs/scale.md). `make migrate-events` moves those of an existing database.",
        json_schema_extra=_NO_FIGURE,
    )
    engine: Literal["local", "ray"] = Field(
        "local",
        description="Where paths are counted: `local`, or on a cluster of `ray` (needs "
        "`JOURNEY_EVENT_STORE`; docs/scale.md). The rows are the same.",
        json_schema_extra=_NO_FIGURE,
    )
    ray_address: str = Field(
        "",
        description="The Ray cluster, as Ray writes it (`10.0.0.5:6379`, `ray://…`); empty: a Ray of this "
        "machine, for the time of the run.",
        json_schema_extra=_NO_FIGURE,
    )
    aws_access_key_id: str = Field(
        "",
        description="Access key of an event store `s3://…`; empty: as Amazon's clients look for it.",
        json_schema_extra=_SECRET,
    )
    aws_secret_access_key: str = Field("", description="Its secret key.", json_schema_extra=_SECRET)
    aws_session_token: str = Field(
        "", description="Of temporary credentials.", json_schema_extra=_SECRET
    )
    aws_region: str = Field("", description="Region of the bucket.", json_schema_extra=_NO_FIGURE)
    aws_endpoint_url: str = Field(
        "",
        description="Address of another object store that speaks S3; http:// on loopback only.",
        json_schema_extra=_NO_FIGURE,
    )
    inbox: str = Field(
        "",
        description="Folder in which export archives downloaded by hand are looked for; default: "
        "`inbox/amplitude` beside the database.",
        json_schema_extra=_NO_FIGURE,
    )
    alert_webhook_url: str = Field(
        "",
        description="Where a failed run is told, as JSON with the line as `text`; empty: nowhere.",
        json_schema_extra=_SECRET,
    )
    summary_webhook_url: str = Field(
        "",
        description="Where a day's summary is posted, once, as JSON with `text` (Slack, Teams, Mattermost); "
        "empty: nowhere.",
        json_schema_extra=_SECRET,
    )
    sensor_seconds: int = Field(
        30,
        ge=5,
        description="Seconds between two looks of a sensor, as read when the code location loads.",
        json_schema_extra=_NO_FIGURE,
    )
    schedule: str = Field(
        "30 3 * * *",
        description="When the schedule `daily` runs, as cron has it: minute, hour, day, month, weekday; UTC "
        "unless a time zone follows (`30 6 * * 1-5 Europe/Stockholm`). As read when the code location loads.",
        json_schema_extra=_NO_FIGURE,
    )
    start_date: str = Field(
        "2026-01-01", description="First partition.", json_schema_extra=_NO_FIGURE
    )
    window_days: int = Field(
        30,
        ge=1,
        le=3660,
        description="Trailing window of every downstream asset, in days.",
        json_schema_extra=_PERSONS,
    )
    compare_to: str = Field(
        "previous_window",
        description="What `journeys/changes` compares with: `previous_window` (as many days before the "
        "window), `previous_week` (the last 7 days with the 7 before), or `FIRST...LAST`, two dates: "
        "days that the window does not share. It needs the raw rows of those days.",
        json_schema_extra=_QUESTION,
    )
    raw_retention_days: int | None = Field(
        None,
        ge=1,
        description="Raw rows of days before so many are removed by the job `housekeeping`; at least the "
        "window, whose figures need them, and with JOURNEY_COMPARE_TO=previous_window twice as many for "
        "`journeys/changes`. None keeps all.",
        json_schema_extra=_NO_FIGURE,
    )
    instance_retention_days: int = Field(
        30,
        ge=2,
        description="Runs that ended so many days ago, and their events, are removed from Dagster's "
        "instance by the job `housekeeping`.",
        json_schema_extra=_NO_FIGURE,
    )
    funnels: str = Field(
        "",
        description="File (TOML) of the funnels that `journeys/funnels` computes: tables `[[funnel]]` with "
        "`name`, `steps` (globs in order), `within` (`7 days`), `order` (`in order`, `strict`, `any order`).",
        json_schema_extra=_QUESTION,
    )
    cohorts: str = Field(
        "",
        description="Labels of any number of cohorts, instead of the two lists: `@path` to a file "
        "with `id,label` a line. Each label is then compared with all others.",
        json_schema_extra=_LISTS,
    )
    cohort_source: Literal["auto", "lists", "conversion_event"] = Field(
        "auto",
        description="What makes the cohorts: `lists` (or labels), `conversion_event`, or `auto`: "
        "lists where there are any.",
        json_schema_extra=_QUESTION,
    )
    max_events: int | None = Field(
        None,
        ge=1,
        description="Keep the first N events of a path; none keeps all.",
        json_schema_extra=_QUESTION,
    )
    session_gap_minutes: int = Field(
        30, ge=1, description="A longer pause ends a session.", json_schema_extra=_QUESTION
    )
    path_unit: Literal["person", "session"] = Field(
        "person",
        description="What a path is: all of a person's events, or each session (which then counts "
        "as a person, and tests take sessions as independent).",
        json_schema_extra=_QUESTION,
    )
    start_event: str = Field(
        "",
        description="Paths begin with this event; persons without it have none.",
        json_schema_extra=_QUESTION,
    )
    start_occurrence: Literal["first", "last"] = Field(
        "first",
        description="Which occurrence of the start event begins the path.",
        json_schema_extra=_QUESTION,
    )
    end_event: str = Field(
        "",
        description="Paths end with this event, where they have it.",
        json_schema_extra=_QUESTION,
    )
    end_occurrence: Literal["first", "last"] = Field(
        "first",
        description="Which occurrence of the end event after the start ends the path.",
        json_schema_extra=_QUESTION,
    )
    event_names: str = Field(
        "",
        description="Events renamed or merged: comma list of `glob=name`, the first that matches "
        "(`Checkout*=Checkout`; `*` and `?` only, `\\,` is a comma).",
        json_schema_extra=_QUESTION,
    )
    step_property: str = Field(
        "",
        description="Events told apart by a property: comma list of `event=property`; "
        "`Page Viewed=path` makes steps such as `Page Viewed: /pricing`.",
        json_schema_extra=_QUESTION,
    )
    step_property_limit: int = Field(
        20,
        ge=1,
        description="Most frequent values kept of such a property; the rest is `(other)`.",
        json_schema_extra=_QUESTION,
    )
    event_limit: int | None = Field(
        None,
        ge=1,
        description="Keep the N most frequent events, the rest as one event `(other)`; none keeps "
        "all.",
        json_schema_extra=_QUESTION,
    )
    collapse: bool = Field(
        False,
        description="`1` counts consecutive repeats of an event once in every statistic.",
        json_schema_extra=_QUESTION,
    )
    step_limit: int = Field(
        30,
        ge=1,
        le=10_000,
        description="Steps shown one by one; the rest is summed exactly.",
        json_schema_extra=_QUESTION,
    )
    variant_limit: int = Field(
        1000,
        ge=1,
        description="Variants listed per cohort; the rest is summed exactly.",
        json_schema_extra=_QUESTION,
    )
    min_persons: int = Field(
        25,
        ge=1,
        description="A signal needs this many persons with it, or `JOURNEY_MIN_SHARE`.",
        json_schema_extra=_QUESTION,
    )
    min_share: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of all persons that is enough for a signal, too.",
        json_schema_extra=_QUESTION,
    )
    min_cohort_persons: int = Field(
        10,
        ge=1,
        description="A comparison needs this many persons of each cohort at the event.",
        json_schema_extra=_QUESTION,
    )
    heavy_ratio: float = Field(
        20,
        ge=0,
        description="A person with more than so many times the events that 99% of persons have in the "
        "window is counted, but left out of what counts occurrences (a bot); 0 leaves nobody out.",
        json_schema_extra=_QUESTION,
    )
    heavy_events: int = Field(
        1000,
        ge=1,
        description="Nobody with fewer events in the window is left out so.",
        json_schema_extra=_QUESTION,
    )
    golden_support: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of converters who must do the golden path's events for the first time in "
        "its order (θ).",
        json_schema_extra=_QUESTION,
    )
    permutations: int = Field(
        2000,
        ge=99,
        le=1_000_000,
        description="Permutations behind a p-value or a correction.",
        json_schema_extra=_QUESTION,
    )
    seed: int = Field(
        20260101,
        ge=0,
        description="Seed of everything that is drawn at random.",
        json_schema_extra=_QUESTION,
    )
    excluded_events: str = Field(
        "$*,session_start,session_end",
        description="Event types left out of paths: comma list of globs (`*` and `?` only; `\\,` is a "
        "comma).",
        json_schema_extra=_QUESTION,
    )
    include_revenue: bool = Field(
        False,
        description="`1` keeps `$revenue` and `revenue_amount` although a glob excludes them.",
        json_schema_extra=_QUESTION,
    )
    confidence_level: float = Field(
        0.95, gt=0.5, lt=1, description="Level of every interval.", json_schema_extra=_INTERVALS
    )
    hash_key: str = Field(
        "",
        description="Key of the hash that stands for e-mail addresses, persons and agents; "
        "empty: a random key made once beside the database.",
        json_schema_extra=_KEY,
    )
    placeholder_ids: str = Field(
        PLACEHOLDERS,
        description="Values that name nobody wherever an identifier stands: comma list, in any case; "
        "zeros and dashes alone never do.",
        json_schema_extra=_PERSONS,
    )
    shared_id_limits: str = Field(
        "*=10,conversation=100",
        description="An identifier that more Amplitude ids, or more Segment profiles, carry than this "
        "joins nobody: comma list of `type=number`, `*` for the types not named; `conversation` is for "
        "addresses, by the conversations that carry them.",
        json_schema_extra=_PERSONS,
    )
    support_email_keys: str = Field(
        EMAIL_KEYS,
        description="Keys of Mavenoid's forms that hold a person's e-mail address, the surest first: "
        "comma list, compared by letters and digits alone, in any case.",
        json_schema_extra=_PERSONS,
    )
    memory_limit: str = Field(
        "4GB",
        pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$",
        description="Memory that a run may use.",
        json_schema_extra=_NO_FIGURE,
    )
    lock_timeout_seconds: float = Field(
        120,
        gt=0,
        description="How long to wait for the database file while another process has it.",
        json_schema_extra=_NO_FIGURE,
    )
    max_reject_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of unreadable fields above which a raw table's check fails.",
        json_schema_extra=_NO_FIGURE,
    )
    min_kept_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="A run that would replace a vendor's stored rows of a day by fewer than this share "
        "of them, or by none, is refused.",
        json_schema_extra=_NO_FIGURE,
    )
    replace_anyway: bool = Field(
        False,
        description="`1` for one run: it may replace stored rows by few or none, as the tag "
        "`journey/replace_anyway=1` says in the UI.",
        json_schema_extra=_NO_FIGURE,
    )
    names_anyway: bool = Field(
        False,
        description="`1` for one run: settings may name events that were never stored, as the tag "
        "`journey/names_anyway=1` says in the UI.",
        json_schema_extra=_NO_FIGURE,
    )

    @field_validator("start_date")
    @classmethod
    def _is_a_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value

    @field_validator("schedule")
    @classmethod
    def _is_a_schedule(cls, value: str) -> str:
        fields = value.split()
        if len(fields) not in (5, 6):
            raise ValueError("not five fields of cron and a time zone")
        if len(fields) == 6:
            try:
                ZoneInfo(fields[5])
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("there is no such time zone") from None
        return " ".join(fields)

    @field_validator("compare_to")
    @classmethod
    def _is_a_comparison(cls, value: str) -> str:
        if value in {"previous_window", "previous_week"}:
            return value
        first, dots, last = value.partition("...")
        if not dots:
            raise ValueError("neither previous_window, previous_week nor FIRST...LAST")
        if date.fromisoformat(first) > date.fromisoformat(last):
            raise ValueError("the first day is after the last")
        return value

    @field_validator("raw_retention_days")
    @classmethod
    def _keeps_the_window(cls, value: int | None, info: ValidationInfo) -> int | None:
        window = info.data.get("window_days")
        if value is not None and window is not None and value < window:
            raise ValueError(f"figures need the raw rows of their window, {window} days")
        return value

    @field_validator("vendors")
    @classmethod
    def _are_vendors(cls, value: str) -> str:
        unknown = set(split_list(value)) - {"amplitude", "segment", "mavenoid"}
        if unknown:
            raise ValueError(f"unknown vendor {', '.join(sorted(unknown))}")
        return value

    @field_validator("event_names", "step_property")
    @classmethod
    def _are_pairs(cls, value: str) -> str:
        split_pairs(value)
        return value

    @field_validator(
        "amplitude_base_url", "segment_base_url", "mavenoid_base_url", "mavera_base_url"
    )
    @classmethod
    def _is_plain_address(cls, value: str, info: ValidationInfo) -> str:
        # Segment's depends on SEGMENT_API, so that its default is empty.
        return base_url(value) if value or info.field_name != "segment_base_url" else value

    @field_validator("aws_endpoint_url")
    @classmethod
    def _is_an_endpoint(cls, value: str) -> str:
        if not value:
            return value
        address = base_url(value)
        if "/" in address.partition("://")[2]:
            raise ValueError(
                "the address of an object store has no path: the bucket stands in the store"
            )
        return address

    @field_validator("event_store")
    @classmethod
    def _is_a_store(cls, value: str) -> str:
        scheme, found, rest = value.partition("://")
        if found and (scheme != "s3" or not _BUCKET.fullmatch(rest)):
            raise ValueError("an event store is a folder, or s3://bucket/prefix in small letters")
        if any(sign in value for sign in "*?[]'"):
            raise ValueError("the name of an event store has none of * ? [ ] '")
        return value.rstrip("/") or value

    @field_validator("shared_id_limits")
    @classmethod
    def _are_limits(cls, value: str) -> str:
        for _, most in split_pairs(value):
            if not (most.isascii() and most.isdigit() and 0 < int(most) < 10**9):
                raise ValueError("an entry of the comma list is not one type, =, and a number")
        return value

    @field_validator("database", "inbox")
    @classmethod
    def _is_a_path(cls, value: str) -> str:
        try:
            usable = len(os.fsencode(placed(value).name)) <= _LONGEST_FILE_NAME
        except (OSError, RuntimeError, ValueError):
            usable = False
        if not usable:
            raise ValueError("no file can have this path")
        return value

    @field_validator("database")
    @classmethod
    def _is_no_schema_name(cls, value: str) -> str:
        # DuckDB names a file by what stands before its first dot, and takes names in any case.
        if Path(value).name.partition(".")[0].casefold() in SCHEMAS:
            raise ValueError(
                f"a file named {Path(value).name} would make DuckDB's schema of that name ambiguous"
            )
        return value

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings from ``environ`` (default: the process's environment).

        An empty variable counts as not set. Raises :class:`SettingsError` naming the variable.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {
            field: environ[variable(field)].strip()
            for field in cls.model_fields
            if environ.get(variable(field), "").strip()
        }
        return cls.checked(given)

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> Self:
        """Build from field values; raises :class:`SettingsError` naming variable and reason."""
        try:
            return cls.model_validate(dict(given))
        except ValueError as error:
            raise SettingsError(_one_line(error)) from None

    def placeholders(self) -> frozenset[str]:
        """Values that name nobody, in small letters."""
        return frozenset(value.lower() for value in split_list(self.placeholder_ids))

    def email_keys(self) -> tuple[str, ...]:
        """Keys of support forms that hold an address, for comparing; the surest first."""
        return tuple(dict.fromkeys(form_key(key) for key in split_list(self.support_email_keys)))

    def id_limits(self) -> dict[str, int]:
        """How many may carry an identifier, by its type in small letters; ``*`` for other types."""
        limits = {type_.lower(): int(most) for type_, most in split_pairs(self.shared_id_limits)}
        return {"*": 10, **limits}

    def vendor_list(self) -> frozenset[str]:
        """The vendors in use."""
        return frozenset(split_list(self.vendors))

    def segment_url(self) -> str:
        """Segment's address for the chosen API."""
        return self.segment_base_url or _SEGMENT_HOSTS[self.segment_api]

    def address(self, vendor: Vendor) -> str:
        """The vendor's base URL."""
        urls: Mapping[Vendor, str] = {
            "amplitude": self.amplitude_base_url,
            "segment": self.segment_url(),
            "mavenoid": self.mavenoid_base_url,
            "mavera": self.mavera_base_url,
        }
        return urls[vendor]

    def database_path(self) -> Path:
        """The DuckDB file, absolute."""
        return placed(self.database)

    def directory(self) -> Path:
        """The folder of the database, where everything a run keeps lives."""
        return self.database_path().parent

    def event_store_location(self) -> str:
        """The event store as ``s3://bucket/prefix`` or an absolute folder; empty when there is none."""
        store = self.event_store
        return store if not store or store.startswith("s3://") else str(placed(store))

    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        number, unit = re.fullmatch(r"([\d.]+)\s?(\w+)", self.memory_limit).groups()  # type: ignore[union-attr]
        return int(float(number) * {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}[unit])

    def inbox_folder(self) -> Path:
        """The folder of archives downloaded by hand."""
        return placed(self.inbox) if self.inbox else self.directory() / "inbox" / "amplitude"

    def missing_credentials(self, vendor: Vendor) -> tuple[str, ...]:
        """Names of the variables that ``vendor`` needs and that are empty."""
        return tuple(name for name in CREDENTIALS[vendor] if not getattr(self, name.lower()))


#: Settings whose variable does not start with ``JOURNEY_`` or a vendor's name.
UNPREFIXED = frozenset(
    {
        *("converter_user_ids", "non_converter_user_ids", "conversion_event", "alert_webhook_url"),
        "summary_webhook_url",
        *("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
        *("aws_region", "aws_endpoint_url", "ray_address"),
    }
)

#: Variables of ours that are no settings.
_OTHER_VARIABLES = frozenset({"JOURNEY_CACHE_KEY", "JOURNEY_PROFILE"})

#: Tag of a run, ``1``: names that no stored event has are taken as they are.
NAMES_ANYWAY = "journey/names_anyway"

#: The database's schemas.
SCHEMAS = frozenset({"raw", "identity", "journeys", "channels", "support", "analyses", "warehouse"})


def variable(field: str) -> str:
    """The environment variable of a field of :class:`Settings`."""
    own = field in UNPREFIXED or field.startswith(tuple(f"{vendor}_" for vendor in VENDOR_NAMES))
    return field.upper() if own else f"JOURNEY_{field.upper()}"


def secret_fields() -> frozenset[str]:
    """Fields whose value must never be shown."""
    return frozenset(
        name
        for name, field in Settings.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("secret")
    )


def concerns(field: str, table: str) -> bool:
    """Whether rows of ``table`` (``schema.table``) depend on the setting, whoever reads it for them."""
    beginnings = _said(field).get("concerns", ["identity.", *_FIGURES])
    return table.startswith(tuple(str(each) for each in cast("list[str]", beginnings)))


def is_fetched(field: str) -> bool:
    """Whether the setting acts when rows are fetched, not when they are computed."""
    return bool(_said(field).get("fetched"))


def is_personal(field: str) -> bool:
    """Whether the setting's values are ids of persons or profiles."""
    return bool(_said(field).get("personal"))


def _said(field: str) -> Mapping[str, Any]:
    said = Settings.model_fields[field].json_schema_extra
    return said if isinstance(said, dict) else {}


def did_you_mean(given: str, names: Collection[str]) -> str:
    """`` Did you mean A, or B?`` with the names most like ``given`` in any case; "" for none.

    Names that are shown are bounded and hold no address.
    """
    from journey_assets.names import plain_name

    by_folded = {name.casefold(): name for name in sorted(names)}
    found = get_close_matches(given.casefold(), list(by_folded), n=3, cutoff=0.6)
    return (
        f" Did you mean {', or '.join(plain_name(by_folded[each]) for each in found)}?"
        if found
        else ""
    )


def unknown_variables(names: Collection[str]) -> list[str]:
    """A sentence for each of the variables' names that looks like a setting and is none."""
    known = {variable(field) for field in Settings.model_fields} | _OTHER_VARIABLES
    sentences = []
    for name in sorted(set(names) - known):
        ours = name.upper().startswith("JOURNEY_")
        # Other programs have variables, too: of those only what nearly is a setting is told.
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.6 if ours else 0.88)
        named = [each for each in known if each == name.upper().removeprefix("JOURNEY_")]
        named += [each for each in known if each == f"JOURNEY_{name.upper()}"]
        if ours or near:
            meant = next(iter(named or near), None)
            sentences.append(
                f"{name} is no setting and changes nothing."
                + (f" Did you mean {meant}?" if meant else "")
            )
    return sentences


def split_list(text: str) -> tuple[str, ...]:
    """Split a comma list; blanks around entries and empty entries are dropped.

    ``\\,`` is a comma within an entry.
    """
    parts = re.split(r"(?<!\\),", text)
    return tuple(entry for part in parts if (entry := part.replace("\\,", ",").strip()))


def split_pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Split a comma list of ``left=right``; raises ValueError when an entry is something else."""
    pairs = []
    for entry in split_list(text):
        left, _, right = (part.strip() for part in entry.partition("="))
        if not left or not right or "=" in right:
            raise ValueError("an entry of the comma list is not one name, =, and another")
        pairs.append((left, right))
    return tuple(pairs)


def read_list(text: str, name: str) -> tuple[str, ...]:
    """Read a comma list, or the lines of the file ``@path``; order kept, repeats dropped.

    Raises :class:`SettingsError` when the file cannot be read or holds nothing: what should have
    written it may have failed. ``name`` is the variable to mend.
    """
    if not text.startswith("@"):
        return tuple(dict.fromkeys(split_list(text)))
    lines = tuple(dict.fromkeys(line for line in read_lines(Path(text[1:]), name) if line))
    if not lines:
        raise SettingsError(f"{name} names the file {text[1:]}, which holds nothing.")
    return lines


def read_lines(path: Path, name: str) -> list[str]:
    """The lines of a file that the variable ``name`` names, without blanks around them.

    Raises :class:`SettingsError` when it cannot be read.
    """
    try:
        lines = placed(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", "it is not UTF-8 text, or no file can have this path")
        raise SettingsError(
            f"{name} names the file {path}, which cannot be read: {reason}."
        ) from None
    return [line.strip() for line in lines]


def _one_line(error: ValueError) -> str:
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    # The offending input is left out: it may be a secret.
    return " ".join(
        f"{variable(str(issue['loc'][0])) if issue['loc'] else 'settings'}: {issue['msg']}."
        for issue in error.errors(include_input=False)
    )


def environment() -> dict[str, str]:
    """The process's environment over the ``.env`` of the project's home (:func:`.places.home`).

    EnvVar reads the process's environment, so what ``.env`` gives is put there too. Dagster's commands
    have put all of it there before, over what the process was given.
    """
    from dotenv import dotenv_values

    for name, value in dotenv_values(home() / ".env").items():
        if value is not None:
            os.environ.setdefault(name, value)
    for sentence in unknown_variables(os.environ.keys()):
        _LOG.warning(sentence)
    return dict(os.environ)
