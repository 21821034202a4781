"""One picture of each table whose figures are seen faster than read."""
