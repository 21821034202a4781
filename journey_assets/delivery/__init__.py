"""Figures for other tools: files of every table, and a copy of the database that nobody writes to.

Belongs here: what is made of stored figures for whoever reads them elsewhere. Does not belong here:
figures, and the report that people read (:mod:`journey_assets.reports`).
"""
