"""``make backup`` and ``make restore``: one copy of everything that a machine keeps, and back again."""
