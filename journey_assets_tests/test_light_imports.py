"""What a run loads: libraries that take longer to import than a day takes to compute stay out."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from journey_assets_tests.journeys_store import AS_OF, Store
from journey_assets_tests.test_journeys_properties import START

_RUN = """
import sys
from datetime import date
from pathlib import Path
from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics import STATISTICS
from journey_assets_tests.journeys_store import Store
store = Store(Path(sys.argv[1]), conversion_event="pay")
with store.session() as session:
    compute(session, [date.fromisoformat(sys.argv[2])], store.settings, [s.table for s in STATISTICS])
    assert session.con.execute("SELECT count(*) > 0 FROM result_journeys_friction_signals").fetchall()
print(*sorted({"pandas", "scipy.stats", "matplotlib"} & sys.modules.keys()))
"""


def test_computing_journeys_loads_neither_pandas_nor_the_statistics_of_scipy(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, conversion_event="pay")
    names = ("open", "search", "open", "help", "pay")
    store.events(
        (person, name, START + timedelta(hours=person, minutes=place))
        for person in range(60)
        for place, name in enumerate(names[: 3 + person % 3])
    )
    with store.session():
        pass
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path), str(AS_OF)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
