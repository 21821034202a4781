"""The simulator: four vendors and the host of cohort files, each on a loopback port.

Belongs here: putting the parts together, starting and stopping, and what a test may ask or change.
Does not belong here: the same over HTTP (``control.py``), the parts themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from journey_assets.simulator.amplitude import Amplitude, AmplitudeOptions
from journey_assets.simulator.amplitude_cohorts import OtherHost
from journey_assets.simulator.clock import Clock, real_clock
from journey_assets.simulator.control import Control
from journey_assets.simulator.faults import Fault, FaultScript
from journey_assets.simulator.mave import BASE, Mave, MaveOptions
from journey_assets.simulator.mavenoid import Mavenoid, MavenoidOptions
from journey_assets.simulator.population import Population
from journey_assets.simulator.quotas import Limits
from journey_assets.simulator.segment import Segment, SegmentOptions
from journey_assets.simulator.served import Ledger, Served, ServedRequest
from journey_assets.simulator.truths import UPGRADE, PlantedTruths
from journey_assets.simulator.wire import Port, Vendor

#: The ports of ``python -m journey_assets.simulator``.
FIXED_PORTS: Mapping[str, int] = {
    "amplitude": 8701,
    "segment": 8702,
    "mavenoid": 8703,
    "mavera": 8704,
    "other_host": 8705,
}
EPHEMERAL_PORTS: Mapping[str, int] = dict.fromkeys(FIXED_PORTS, 0)


@dataclass(frozen=True, slots=True)
class Keys:
    """The demo's credentials; they open nothing but the simulator."""

    amplitude_api_key: str = "demo-amplitude-api-key"
    amplitude_secret_key: str = "demo-amplitude-secret-key"  # noqa: S105 - opens the play only
    segment_token: str = "demo-segment-token"  # noqa: S105
    segment_space_id: str = "spa_demo"
    mavenoid_token: str = "ma_demo_token"  # noqa: S105
    mavera_api_key: str = "mvra_live_demo"


@dataclass(frozen=True, slots=True)
class Options:
    """How the vendors behave. latency: seconds that every answer of a vendor takes."""

    limits: Limits = field(default_factory=Limits)
    amplitude: AmplitudeOptions = field(default_factory=AmplitudeOptions)
    segment: SegmentOptions = field(default_factory=SegmentOptions)
    mavenoid: MavenoidOptions = field(default_factory=MavenoidOptions)
    mave: MaveOptions = field(default_factory=MaveOptions)
    latency: Mapping[str, float] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)


class Simulator:
    """The vendors, running between ``start`` and ``stop`` or within a ``with`` block.

    Ports are ephemeral unless ``ports`` says otherwise. mave_clock: Mavera's own, where the other
    vendors' stands still: threads are looked for by the time at which they began. Names of
    vendors: ``amplitude``, ``segment``, ``mavenoid``, ``mavera``, ``other_host``.
    """

    def __init__(
        self,
        *,
        population: Population | None = None,
        options: Options | None = None,
        ports: Mapping[str, int] = EPHEMERAL_PORTS,
        clock: Clock = real_clock,
        mave_clock: Clock | None = None,
    ) -> None:
        self.population = population or Population()
        self.options = options or Options()
        self.clock = clock
        self._ledger = Ledger()
        self._faults = FaultScript()
        self._ports: dict[str, Port] = {}
        keys, limits, play = self.options.keys, self.options.limits, self.population
        self.amplitude = Amplitude(
            play, clock, limits, (keys.amplitude_api_key, keys.amplitude_secret_key),
            self.options.amplitude, lambda: self.url("other_host"),
        )  # fmt: skip
        self.segment = Segment(
            play, clock, limits, keys.segment_token, keys.segment_space_id,
            self.options.segment, lambda: self.url("segment"),
        )  # fmt: skip
        self.mavenoid = Mavenoid(play, clock, limits, keys.mavenoid_token, self.options.mavenoid)
        self.mavera = Mave(mave_clock or clock, limits, keys.mavera_api_key, self.options.mave)
        vendors: tuple[Vendor, ...] = (
            self.amplitude, self.segment, self.mavenoid, self.mavera,
            OtherHost(self.amplitude.cohorts),
        )  # fmt: skip
        control = Control(self)
        for vendor in vendors:
            self._ports[vendor.name] = Port(
                vendor,
                port=ports[vendor.name],
                ledger=self._ledger,
                faults=self._faults,
                control=control.answer,
                latency=self.options.latency.get(vendor.name, 0.0),
            )

    def start(self) -> Self:
        """Begin to answer on all ports."""
        for port in self._ports.values():
            port.start()
        return self

    def stop(self) -> None:
        """Stop answering and free the ports."""
        for port in self._ports.values():
            port.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def prepare(self, days: int) -> None:
        """Draw and pack the last ``days`` days of events before anybody asks for them."""
        hour = int(self.clock() // 3600)
        self.amplitude.archive.zip(hour - 24 * days, hour)

    def url(self, vendor: str) -> str:
        """The address of a vendor's port."""
        return self._ports[vendor].url

    def environment(self) -> dict[str, str]:
        """Variables that lead the project to this simulator: addresses and credentials."""
        keys = self.options.keys
        return {
            "AMPLITUDE_API_KEY": keys.amplitude_api_key,
            "AMPLITUDE_SECRET_KEY": keys.amplitude_secret_key,
            "AMPLITUDE_BASE_URL": self.url("amplitude"),
            "SEGMENT_TOKEN": keys.segment_token,
            "SEGMENT_SPACE_ID": keys.segment_space_id,
            "SEGMENT_BASE_URL": self.url("segment"),
            "MAVENOID_TOKEN": keys.mavenoid_token,
            "MAVENOID_BASE_URL": self.url("mavenoid"),
            "MAVERA_API_KEY": keys.mavera_api_key,
            "MAVERA_BASE_URL": f"{self.url('mavera')}{BASE}",
        }

    def demo_environment(self) -> dict[str, str]:
        """:meth:`environment`, and the source that takes the whole population."""
        source = {"AMPLITUDE_SOURCE": "export", "CONVERSION_EVENT": UPGRADE}
        return self.environment() | source

    @property
    def truths(self) -> PlantedTruths:
        """What is planted in the population."""
        return self.population.truths

    def script_fault(
        self, vendor: str, path_glob: str, fault: Fault, times: int | None = 1
    ) -> None:
        """Let the next ``times`` matching requests go wrong; None until :meth:`clear_faults`."""
        self._faults.add(vendor, path_glob, fault, times)

    def clear_faults(self, vendor: str = "*") -> None:
        """Mend a vendor, or all."""
        self._faults.clear(vendor)

    def break_vendor(self, vendor: str, status: int = 503) -> None:
        """Let every request of a vendor fail until :meth:`clear_faults`."""
        self.script_fault(vendor, "*", Fault.of_status(status), times=None)

    def statistics(self) -> dict[str, dict[str, Served]]:
        """What was served: vendor → documented path → counts."""
        return self._ledger.statistics()

    def requests(self, vendor: str = "*") -> list[ServedRequest]:
        """The latest requests, oldest first."""
        return self._ledger.requests(vendor)

    def clear_statistics(self) -> None:
        """Begin to count anew."""
        self._ledger.clear()

    def change_conversation(self, conversation_id: str, **fields: Any) -> None:
        """Change fields of a conversation; its ``updated_at`` becomes now.

        Raises ``KeyError`` when there is no such conversation within 120 days.
        """
        # The longest window first would draw months of lives for what is mostly of the last days.
        for days in (1, 31, 120):
            if any(row["id"] == conversation_id for row in self.conversations(days)):
                break
        else:
            raise KeyError(conversation_id)
        self.mavenoid.change_conversation(conversation_id, **fields)

    def conversations(self, days: int = 1) -> list[dict[str, Any]]:
        """Rows of the conversations of the last ``days`` periods of 24 hours."""
        now = self.clock()
        return self.mavenoid.conversations(now - days * 86_400, now)

    def user_ids(self) -> tuple[list[str], list[str]]:
        """User ids of the two cohorts of the last 30 days: who upgraded, who was only active."""
        return self.amplitude.cohorts.user_ids()

    def make_ambiguous(self, user_id: str) -> None:
        """Let Amplitude's search find two users of this id."""
        self.amplitude.make_ambiguous(user_id)
