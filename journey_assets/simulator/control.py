"""Steering the simulator over HTTP, for tests in other processes: paths under ``/_control``.

| request | does |
|---|---|
| ``GET /_control/environment`` | the variables of ``Simulator.demo_environment`` |
| ``GET /_control/truths`` | the planted truths |
| ``GET /_control/statistics`` | what was served: vendor → path → counts |
| ``DELETE /_control/statistics`` | counts begin anew |
| ``POST /_control/faults`` | ``{"vendor", "path", "fault": {"kind", …}, "times"}``; null = for good |
| ``DELETE /_control/faults`` | clears the faults; ``?vendor=`` those of one vendor |
| ``GET /_control/conversations?days=1`` | conversations of the last days |
| ``POST /_control/conversations/{id}`` | changes fields of a conversation |
| ``POST /_control/ambiguous/{user_id}`` | the search finds two users of this id |

Belongs here: translating requests to calls of the simulator. Every port answers them.
"""

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from journey_assets.simulator.faults import Fault
from journey_assets.simulator.wire import CONTROL, Answer, Request, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_assets.simulator.simulator import Simulator


class Control:
    """The control interface of one simulator."""

    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator
        self._answers: dict[tuple[str, str], Callable[[Request, str], Any]] = {
            ("GET", "environment"): lambda *_: simulator.demo_environment(),
            ("GET", "truths"): lambda *_: dataclasses.asdict(simulator.truths),
            ("GET", "statistics"): lambda *_: self._statistics(),
            ("DELETE", "statistics"): lambda *_: simulator.clear_statistics(),
            ("POST", "faults"): lambda request, _: self._add_fault(request),
            ("DELETE", "faults"): lambda request, _: simulator.clear_faults(
                request.param("vendor", "*")
            ),
            ("GET", "conversations"): lambda request, _: simulator.conversations(
                request.number("days", 1) or 1
            ),
            ("POST", "conversations"): lambda request, name: simulator.change_conversation(
                name, **json.loads(request.body)
            ),
            ("POST", "ambiguous"): lambda _, name: simulator.make_ambiguous(name),
        }

    def answer(self, request: Request) -> Answer:
        """Carry out a control request; 400 says what it lacks."""
        subject, _, name = request.path.removeprefix(f"{CONTROL}/").partition("/")
        wanted = self._answers.get((request.method, subject))
        if wanted is None:
            return json_answer({"error": "no such control"}, 404)
        try:
            return json_answer({"done": True} if (said := wanted(request, name)) is None else said)
        except (KeyError, TypeError, ValueError) as error:
            return json_answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def _statistics(self) -> dict[str, dict[str, Any]]:
        return {
            vendor: {route: served.as_json() for route, served in routes.items()}
            for vendor, routes in self._simulator.statistics().items()
        }

    def _add_fault(self, request: Request) -> None:
        asked = json.loads(request.body)
        fault = Fault(**asked["fault"])
        self._simulator.script_fault(
            asked["vendor"], asked.get("path", "*"), fault, asked.get("times", 1)
        )
