"""Work that takes long tells that it goes on."""

import threading

from journey_assets.vendors.telling import telling


def test_it_is_told_again_and_again_until_the_work_is_done() -> None:
    lines: list[str] = []
    told_twice = threading.Event()

    def log(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            told_twice.set()

    with telling(log, lambda: f"{len(lines)} so far", every=0.001):
        assert told_twice.wait(10)
    after = len(lines)
    assert lines[0] == "0 so far (0 s so far)"
    assert lines[1].startswith("1 so far")
    assert after == len(lines)
    assert not [each for each in threading.enumerate() if each.name == "telling"]
