"""A play of the four vendors on loopback ports, with one deterministic population.

``python -m journey_assets.simulator`` runs it alone; tests use :class:`Simulator`. It stands apart:
nothing of the project imports it but the demo, and it imports nothing of the project.

The data's way: ``truths`` (what is planted) → ``walks`` → ``people`` → ``lives`` → ``population`` →
one module per vendor → ``wire`` (HTTP), beside it ``quotas``, ``faults``, ``served``, ``control``.
"""

from journey_assets.simulator.amplitude import AmplitudeOptions
from journey_assets.simulator.clock import ManualClock
from journey_assets.simulator.faults import Fault
from journey_assets.simulator.mave import MaveOptions
from journey_assets.simulator.mavenoid import MavenoidOptions
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.quotas import Limits, Rate
from journey_assets.simulator.segment import SegmentOptions
from journey_assets.simulator.simulator import FIXED_PORTS, Keys, Options, Simulator
from journey_assets.simulator.truths import JourneyModel, PlantedTruths

__all__ = [
    "FIXED_PORTS",
    "AmplitudeOptions",
    "Fault",
    "JourneyModel",
    "Keys",
    "Limits",
    "ManualClock",
    "MaveOptions",
    "MavenoidOptions",
    "Options",
    "PlantedTruths",
    "Population",
    "PopulationConfig",
    "Rate",
    "SegmentOptions",
    "Simulator",
]
