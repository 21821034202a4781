"""Persons by segment: how many, who converted, and how long their paths are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.counting import Columns, Task
from journey_assets.journeys.kernels import NEVER, tally
from journey_assets.journeys.paths import Paths, Rules

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Integers


def count(paths: Paths, task: Task) -> dict[str, Columns]:
    """Relation ``segment_persons``: persons, those of whom it is known whether they converted, and
    those who did. Relation ``segment_lengths``: paths by their events.
    """
    persons = Members.of(paths, task)
    segments = int(persons.segment.max(initial=0)) + 1
    keys, number = tally(paths.length * segments + persons.segment[paths.person])
    present, of_segment = np.unique(persons.segment, return_inverse=True)

    def by_segment(which: "np.ndarray") -> "Integers":
        return np.bincount(of_segment[which], minlength=len(present))

    return {
        "segment_persons": {
            "segment": present,
            "persons": np.bincount(of_segment),
            "known": by_segment(persons.converted >= 0),
            "converters": by_segment(persons.converted > 0),
        },
        "segment_lengths": {
            "segment": keys % segments,
            "length": keys // segments,
            "paths": number,
        },
    }


@dataclass(frozen=True)
class Members:
    """Persons, by their places: the code of the segment, and converted or not, −1 where not known."""

    segment: "Integers"
    converted: "Integers"

    @classmethod
    def of(cls, paths: Paths, task: Task) -> "Members":
        """The persons whose paths these are; asked is what :func:`segments_of_persons` gives."""
        persons = len(task.persons)
        converted = np.full(persons, -1, dtype=np.int64)
        np.maximum.at(converted, paths.person, _converted(paths, task.rules))
        if task.asked is None:
            return cls(np.zeros(persons, dtype=np.int64), converted)
        return cls(task.asked[task.persons.code], converted)


def _converted(paths: Paths, rules: Rules) -> "Integers":
    """Of each path: by the cohort where it says so, else by the conversion event."""
    by_event = np.where(paths.converted == NEVER, 0, 1) if rules.settings.conversion_event else -1
    said = {"converter": 1, "non_converter": 0}
    by_cohort = np.array([said.get(cohort, -1) for cohort in rules.cohorts])[paths.cohort]
    return np.where(by_cohort < 0, by_event, by_cohort)
