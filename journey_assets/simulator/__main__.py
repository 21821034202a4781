"""``python -m journey_assets.simulator``: the vendors until Ctrl-C.

Prints the environment to export, one ``NAME=value`` a line, then what is served where on stderr.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace

from journey_assets.errors import exit_code
from journey_assets.simulator.amplitude_cohorts import CONVERTERS, NON_CONVERTERS
from journey_assets.simulator.population import Population, PopulationConfig
from journey_assets.simulator.quotas import Limits, Rate
from journey_assets.simulator.simulator import (
    EPHEMERAL_PORTS,
    FIXED_PORTS,
    Options,
    Simulator,
)

_PREPARED_DAYS = 31


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        simulator = _simulator(asked)
    except OSError as error:
        sys.stderr.write(f"The ports from {asked.port} on cannot be had: {error.strerror}.\n")
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with simulator:
        for name, value in simulator.demo_environment().items():
            sys.stdout.write(f"{name}={value}\n")
        sys.stdout.flush()
        sys.stderr.write(
            f"Simulator running. Cohorts: {CONVERTERS} (converters), {NON_CONVERTERS} (others). "
            "Ctrl-C stops it.\n"
        )
        # Whoever starts the simulator will soon ask for a month; by then most of it is there.
        threading.Thread(target=simulator.prepare, args=(_PREPARED_DAYS,), daemon=True).start()
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m journey_assets.simulator", description="Plays the four vendors on loopback."
    )
    default = PopulationConfig()
    parser.add_argument(
        "--port",
        type=int,
        default=FIXED_PORTS["amplitude"],
        help="first of five ports; 0 takes any free ones",
    )
    parser.add_argument("--seed", type=int, default=default.seed, help="seed of the population")
    parser.add_argument(
        "--newcomers-per-day", type=float, default=default.newcomers_per_day, metavar="N"
    )
    parser.add_argument(
        "--amplitude-queries-per-hour",
        type=int,
        default=Limits().amplitude_users.calls,
        metavar="N",
    )
    parser.add_argument("--mave-latency", type=float, default=1.0, metavar="SECONDS")
    return parser


def _simulator(asked: argparse.Namespace) -> Simulator:
    config = PopulationConfig(seed=asked.seed, newcomers_per_day=asked.newcomers_per_day)
    limits = replace(Limits(), amplitude_users=Rate(asked.amplitude_queries_per_hour, 3600))
    shift = asked.port - FIXED_PORTS["amplitude"]
    fixed = {vendor: port + shift for vendor, port in FIXED_PORTS.items()}
    return Simulator(
        population=Population(config),
        options=Options(limits=limits, latency={"mavera": asked.mave_latency}),
        ports=fixed if asked.port else EPHEMERAL_PORTS,
    )


if __name__ == "__main__":
    sys.exit(exit_code(main))
