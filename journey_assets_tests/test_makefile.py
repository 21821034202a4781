"""The Makefile hands on what it is given, whatever signs are in it."""

import os
import subprocess

import pytest

from journey_assets_tests.command_line import ROOT


def command_of(*arguments: str) -> str:
    """What a target would run."""
    # The tests themselves may run within make, which then says which folder it enters and leaves.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_an_id_arrives_as_it_was_given() -> None:
    given = """user_id:$device:1'x"`y` z"""
    command = command_of("forget", f"ID={given}")
    printed = subprocess.run(
        ["bash", "-c", command.replace("python -m journey_assets.forget", "printf %s")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == given


@pytest.mark.parametrize(("value", "overwrites"), [("1", True), ("0", False), ("", False)])
def test_only_1_insists(value: str, overwrites: bool) -> None:
    command = command_of("restore", "FROM=/copies/one", f"OVERWRITE={value}")
    assert ("--overwrite" in command) is overwrites
