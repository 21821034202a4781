"""One number for cohort, pair of events and bucket of durations."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Buckets: eight for each of the 63 possible highest bits, and for none.
BUCKETS = 512


def columns(keys: "NDArray[np.int64]", radix: int) -> "dict[str, NDArray[np.int64]]":
    """The cohort, pair and bucket of each key; radix: one more than there are events."""
    return {
        "cohort": keys // BUCKETS // radix // radix,
        "event": keys // BUCKETS // radix % radix,
        "next_event": keys // BUCKETS % radix,
        "bucket": keys % BUCKETS,
    }
