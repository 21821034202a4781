"""A simulator's data and a vendor's never share a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from journey_assets.warehouse.database import Database, Session, WarehouseError
from journey_assets.warehouse.origins import check_origins

SIMULATED = {"Amplitude": "http://127.0.0.1:8701", "Mavera": "http://localhost:8704/api/v1"}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Database(tmp_path / "store.duckdb").session() as opened:
        yield opened


def test_a_simulators_database_refuses_a_vendor(session: Session) -> None:
    check_origins(session, SIMULATED)
    with pytest.raises(
        WarehouseError, match=r"holds the simulator's sample data.*JOURNEY_DATABASE"
    ):
        check_origins(session, {"Amplitude": "https://amplitude.com"})


def test_a_vendors_database_refuses_a_simulator(session: Session) -> None:
    check_origins(session, {"Amplitude": "https://amplitude.com"})
    with pytest.raises(WarehouseError, match=r"holds data of Amplitude at amplitude\.com"):
        check_origins(session, SIMULATED)


def test_mave_is_not_asked_for_real_about_simulated_data(session: Session) -> None:
    check_origins(session, {"Amplitude": "http://127.0.0.1:1"})
    with pytest.raises(WarehouseError, match="Mavera"):
        check_origins(session, {"Mavera": "https://app.mavera.io/api/v1"})


def test_one_run_that_mixes_both_is_refused(session: Session) -> None:
    mixed = {"Amplitude": "https://amplitude.com", "Segment": "http://127.0.0.1:1"}
    with pytest.raises(WarehouseError, match="would be mixed"):
        check_origins(session, mixed)


def test_another_port_of_the_simulator_is_the_same_origin(session: Session) -> None:
    check_origins(session, SIMULATED)
    check_origins(session, {"Amplitude": "http://127.0.0.1:9"})
