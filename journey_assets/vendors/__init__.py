"""The vendors' clients: the only place that speaks to Amplitude, Segment, Mavenoid and Mavera.

Belongs here: what is on the wire, that is requests, paging, limits and errors. Answers leave as
Python values or as files. Does not belong here: what a row means, where it is stored, Dagster and
DuckDB. All clients share one transport (:mod:`.transport`), one quota (:mod:`.quota`) and one
vocabulary of failures (:mod:`.errors`).
"""
