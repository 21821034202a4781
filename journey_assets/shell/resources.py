"""Settings and secrets as Dagster resources.

Belongs here: making every setting editable in the Launchpad with the environment's value as its
default, handing secrets over as ``EnvVar``, and refusing a run whose vendors lack credentials
before anything is fetched. Does not belong here: the settings themselves
(:mod:`journey_assets.settings`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import dagster as dg
from pydantic import PrivateAttr, create_model

from journey_assets.settings import (
    VENDOR_NAMES,
    Settings,
    Vendor,
    secret_fields,
    split_list,
    variable,
)
from journey_assets.shell.failures import clear_failures, failure
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.origins import check_origins

#: Tag of a job or run that names the vendors it calls, as a comma list. A run over chosen assets
#: needs the credentials of those vendors of its assets that are named, or of all without the tag.
VENDORS_TAG = "journey/vendors"


class SecretsResource(dg.ConfigurableResource[Any]):
    """The secrets; each field is an ``EnvVar``, so the UI shows the variable's name only."""

    def values(self) -> dict[str, str]:
        """Secret by field of :class:`Settings`."""
        return {field: str(getattr(self, field)) for field in secret_fields()}


#: The job that moves events between database and store.
MIGRATING = "migrate_events"


class SettingsResource(dg.ConfigurableResource[Any]):
    """Every setting that is no secret, editable in the Launchpad."""

    secrets: dg.ResourceDependency[SecretsResource]
    _log: Callable[[str], None] | None = PrivateAttr(default=None)

    def read(self) -> Settings:
        """The run's settings, secrets included."""
        plain = {
            field: getattr(self, field)
            for field in Settings.model_fields
            if field not in secret_fields()
        }
        return Settings.checked(plain | self.secrets.values())

    def warehouse(self) -> Database:
        """The database as the settings describe it; the run's log tells what it waits for."""
        database = Database.of(self.read())
        return replace(database, log=self._log) if self._log else database

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Refuse the run when a vendor of its assets lacks a credential, or is not the database's.

        Runs before the first asset, so that nothing is fetched by a run that cannot end well.
        """
        if (run := context.run) is None or run.job_name == MIGRATING:
            return  # the migration opens a database that no other run may use
        named = run.tags.get(VENDORS_TAG)
        asked = asked_vendors(run.asset_selection, named)
        called = asked if named is None else asked & set(split_list(named))
        self._log = context.log.info if context.log else None
        with clear_failures():
            settings = self.read()
            used = used_vendors(settings, asked)
            check_credentials(settings, used_vendors(settings, called))
            with self.warehouse().session() as session:
                with session.writing():
                    pass  # a file of an earlier version is brought up to date before it is read
                check_origins(session, {VENDOR_NAMES[v]: settings.address(v) for v in used})


def asked_vendors(keys: Collection[dg.AssetKey] | None, named: str | None) -> set[str]:
    """The vendors whose tables a run over ``keys`` fills; without keys, those ``named`` by its tag."""
    if keys:
        return {str(vendor) for key in keys if (vendor := vendor_of(key))}
    return set(split_list(named or ""))


def vendor_of(key: dg.AssetKey) -> Vendor | None:
    """The vendor that the asset's run asks: ``raw/amplitude_events`` asks Amplitude."""
    vendors = (t.vendor for t in all_tables() if [t.schema, t.name] == list(key.path) and t.vendor)
    return cast("Vendor | None", next(vendors, None))


def used_vendors(settings: Settings, asked: set[str]) -> list[Vendor]:
    """Those of ``asked`` that are not left out by JOURNEY_VENDORS; Mavera cannot be."""
    return [
        v for v in VENDOR_NAMES if v in asked and (v == "mavera" or v in settings.vendor_list())
    ]


def check_credentials(settings: Settings, used: Sequence[Vendor]) -> None:
    """Raise a clear failure that names the variables missing for the vendors ``used``."""
    lines = [
        f"{VENDOR_NAMES[vendor]}: {' and '.join(missing)} not set"
        for vendor in used
        if (missing := settings.missing_credentials(vendor))
    ]
    if lines:
        raise failure(
            "; ".join(lines)
            + ". Set what is missing in the environment or in .env (see .env.example), leave a "
            "vendor out with JOURNEY_VENDORS, or try `make demo`, which needs no keys."
        )


def build_resources(environ: Mapping[str, str]) -> dict[str, Any]:
    """The resources ``settings`` and ``secrets`` with the environment's values as defaults.

    Raises :class:`journey_assets.settings.SettingsError` when a variable's value is unusable.
    """
    settings = Settings.from_env(environ)
    secrets = _subclass("Secrets", SecretsResource, settings, only=secret_fields())(
        **{
            field: dg.EnvVar(variable(field))
            for field in secret_fields()
            # An EnvVar that is not set fails with Dagster's words; ours come from the check.
            if environ.get(variable(field), "").strip()
        }
    )
    plain = frozenset(Settings.model_fields) - secret_fields()
    model = _subclass("Settings", SettingsResource, settings, only=plain)
    return {"secrets": secrets, "settings": model(secrets=secrets)}


def _subclass(name: str, base: type, settings: Settings, *, only: frozenset[str]) -> type[Any]:
    """``base`` with the fields ``only`` of :class:`Settings`, defaults from ``settings``."""
    fields: dict[str, Any] = {}
    for field, info in Settings.model_fields.items():
        if field in only:
            copy = info._copy()
            copy.default = "" if field in secret_fields() else getattr(settings, field)
            fields[field] = (info.annotation, copy)
    return create_model(name, __base__=base, __module__=__name__, __doc__=base.__doc__, **fields)
