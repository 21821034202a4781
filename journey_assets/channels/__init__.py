"""Which channels people use: the segment of each profile, the segments, and moves between them."""
