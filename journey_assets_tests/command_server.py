"""``python -m journey_assets_tests.command_server``: runs commands without importing Dagster for each.

This process imports what the commands import, and nothing else happens in it. For every request (a
line of JSON) it forks; the child takes the request's environment, folder and output, runs the
command's ``main`` and ends as an interpreter ends. The answers are two lines: the child's process id
at once, its exit code at its end.
"""

import gc
import importlib
import json
import os
import sys
import warnings
from typing import TypedDict

import dagster as dg

#: The modules whose ``main`` the commands are.
_MAINS = {
    "dagster": "dagster._cli",
    "dg": "dagster_dg_cli.cli",
    "range_run": "journey_assets_tests.range_run",
}

#: What runs import beside Dagster; nothing that starts threads, which a fork would lose.
_LIBRARIES = ("matplotlib.backends.backend_svg", "matplotlib.figure", "scipy.sparse", "scipy.stats")


class Request(TypedDict):
    """A command with its arguments, and where it runs; ``output`` is a file."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    output: str


def main() -> None:
    """Answer requests until there are no more."""
    for module in (*_MAINS.values(), *_LIBRARIES):
        importlib.import_module(module)
    with dg.DagsterInstance.local_temp():
        gc.freeze()  # an instance imports as much again
    gc.set_threshold(100_000, 50, 100)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
        print(child, flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _become(request: Request) -> None:
    """Be the command from here on."""
    streams = (os.open(os.devnull, os.O_RDONLY), *[os.open(request["output"], os.O_WRONLY)] * 2)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:0] = os.environ["PYTHONPATH"].split(os.pathsep)
    sys.argv = request["arguments"]
    warnings.simplefilter("ignore")
    sys.exit(importlib.import_module(_MAINS[sys.argv[0]]).main())


if __name__ == "__main__":
    main()
