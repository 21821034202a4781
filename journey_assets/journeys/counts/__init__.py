"""Counts that several statistics stand on, one module each."""

from journey_assets.journeys.counting import Count, among_compared

#: A code of an event in a binary: big-endian, so that binaries compare like the codes.
CODE = ">u4"

#: By what counts are kept apart that comparisons are stratified by.
STRATA = ("cohort", "platform", "country")

_HERE = "journey_assets.journeys.counts"

#: Occurrences of states and of what follows them, with the sums over persons that variances need.
CELLS = Count(
    f"{_HERE}.cells",
    {
        "cells": ("cohort", "event", "next_event", "ending"),
        "states": ("cohort", "event"),
        "starts": ("cohort", "event"),
    },
)

#: Paths by their length and ending, and what else is summed over the paths of a cohort.
LENGTHS = Count(
    f"{_HERE}.lengths", {"lengths": ("cohort", "length", "ending"), "cohorts": ("cohort",)}
)

#: How many persons there are, and how many of them are new, heavy, or left out of comparisons.
POPULATION = Count(f"{_HERE}.population", {"members": ("cohort",), "population": ()}, of="everyone")

#: Collapsed paths, a row each, as four big-endian bytes an event: they sort as the events' names do.
WALKS = Count(f"{_HERE}.walks", {"walks": ("cohort",)}, rows=True)

#: The events of a path in the order of their first occurrences, bytes as those of walks.
FIRST_ORDERS = Count(f"{_HERE}.first_orders", {"first_orders": ("cohort", "events")})

#: What comparisons read of them.
COMPARED_CELLS, COMPARED_WALKS, COMPARED_FIRST_ORDERS = map(
    among_compared, (CELLS, WALKS, FIRST_ORDERS)
)
