"""The places of the way that paths skip."""

from typing import TYPE_CHECKING

import numpy as np

from journey_assets.journeys.kernels import compiled

if TYPE_CHECKING:
    from journey_assets.journeys.kernels import Codes, Integers


@compiled
def add_skips(
    codes: "Codes",
    lengths: "Integers",
    persons: "Integers",
    place_of: "Integers",
    skips: "Integers",
) -> None:
    """Add to ``skips`` [i, j] the persons whose next event behind place i, in the order of places, is at j.

    codes, lengths, persons: see :func:`~.read_orders.read_orders`; an order has no event twice.
    place_of: the place of each event, from 1, 0 of those that take no part.
    """
    there = np.zeros(len(skips), dtype=np.bool_)
    begin = 0
    for order in range(len(lengths)):
        last = 0
        for each in range(begin, begin + lengths[order]):
            there[place_of[codes[each]]] = True
            last = max(last, place_of[codes[each]])
        begin += lengths[order]
        before = 0
        for place in range(1, last + 1):
            if there[place]:
                there[place] = False
                skips[before, place] += persons[order]
                before = place
