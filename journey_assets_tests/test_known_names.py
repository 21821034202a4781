"""Settings that name events are held against the events that were ever stored."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.raw.coded_events import code_days
from journey_assets.settings import SettingsError, unknown_variables
from journey_assets_tests.journeys_store import AS_OF, Store

NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 9)
LONG_AGO = NOW - timedelta(days=40)


def store(directory: Path, **settings: Any) -> Store:
    """Three persons of the window with `Sign Up` and `Use`; long ago somebody had `Upgrade`."""
    found = Store(directory, **({"conversion_event": "Upgrade", "names_anyway": False} | settings))
    found.events([(person, "Sign Up", NOW) for person in range(3)])
    found.events([(person, "Use", NOW + timedelta(minutes=1)) for person in range(3)])
    found.events([(9, "Upgrade", LONG_AGO), (9, "mail a@b.example", LONG_AGO)])
    with found.session() as session:
        found._store(session)
        code_days(session, LONG_AGO.date(), AS_OF)
    return found


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"conversion_event": "Upgraded"}, "CONVERSION_EVENT=Upgraded: no event that was ever"),
        ({"conversion_event": "upgrade"}, "Did you mean Upgrade?"),
        ({"start_event": "Signup"}, "Did you mean Sign Up?"),
        ({"end_event": "Uze"}, "Did you mean Use?"),
        ({"start_event": "Upgrade", "conversion_event": "Use"}, "without it there is no path"),
        ({"event_names": "Sing Up=Start"}, "JOURNEY_EVENT_NAMES: Sing Up=Start"),
        ({"step_property": "Uses=plan"}, "JOURNEY_STEP_PROPERTY: Uses=plan"),
    ],
)
def test_a_name_that_no_event_has_is_refused_with_those_like_it(
    tmp_path: Path, given: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        store(tmp_path, **given).figures(SUMMARY)
    line = str(refused.value)
    assert said in line
    assert "journey/names_anyway=1" in line
    assert "\n" not in line


def test_a_known_event_that_nobody_has_in_the_window_is_no_mistake(tmp_path: Path) -> None:
    rows = store(tmp_path).figures(SUMMARY)
    assert {row["cohort"]: row["persons"] for row in rows} == {"converter": 0, "non_converter": 3}


def test_a_run_that_insists_takes_names_as_they_are(tmp_path: Path) -> None:
    given = store(tmp_path, conversion_event="Upgraded", names_anyway=True)
    assert {row["persons"] for row in given.figures(SUMMARY)} == {0, 3}


def test_addresses_are_not_suggested(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        store(tmp_path, conversion_event="mailed a@c.example").figures(SUMMARY)
    assert "@" not in str(refused.value)


def test_variables_that_are_nearly_settings_are_told() -> None:
    said = unknown_variables(
        ["JOURNEY_START_EVNT", "JOURNEY_CONVERSION_EVENT", "CONVERSION_EVNT", "PATH", "SEGMENT_DIR"]
    )
    assert said == [
        "CONVERSION_EVNT is no setting and changes nothing. Did you mean CONVERSION_EVENT?",
        "JOURNEY_CONVERSION_EVENT is no setting and changes nothing. Did you mean CONVERSION_EVENT?",
        "JOURNEY_START_EVNT is no setting and changes nothing. Did you mean JOURNEY_START_EVENT?",
    ]
    assert unknown_variables(["JOURNEY_WINDOW_DAYS", "CONVERSION_EVENT", "HOME"]) == []
