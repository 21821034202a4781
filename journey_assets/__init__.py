"""Customer journeys across Amplitude, Segment and Mavenoid, explained by Mave.

The folders follow the data: ``vendors`` (HTTP clients) → ``raw`` (what the vendors said) →
``identity`` → ``journeys`` / ``channels`` / ``support`` (statistics) → ``analyses`` (Mave) →
``reports``. ``warehouse`` holds the database and the table declarations, ``settings`` every
setting; ``definitions`` wires it all into one Dagster code location.
"""
