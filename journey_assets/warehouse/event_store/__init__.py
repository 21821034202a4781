"""The events of ``raw`` as Parquet outside of the database: in a folder, or on an object store.

Belongs here: everything that knows how the store is laid out. Does not belong here: which events a
day has (:mod:`journey_assets.raw.amplitude_store`), what is counted over them (``journeys``).

The layout::

    <store>/days/2026-11-20.0000000003.json                      a manifest: version 3 of the day
    <store>/events/event_date=2026-11-20/0000000003-<run>-0.parquet      the files that it names

A **day** is what its newest manifest says. A writer first lays the files down under its run's name,
which nobody reads, and then creates the manifest of the next version. Creating is exclusive, in a
folder by a hard link, on an object store by a conditional PUT: of two writers who began with the same
version one is told so, reads what the other stored, and begins anew. So no lock is held while events
are read, parsed, sorted or written; a killed writer leaves files that no manifest names, and the
sweep removes them. Files and manifests are never changed, and replaced ones stay for a day, so that
whoever reads by a manifest can finish.

**Codes.** Machines that write side by side share no dictionary, so none is needed. An event is its
name: Parquet keeps a dictionary of the column in every row group, and readers take its codes. An
owner (pair of Amplitude id and user id) is a hash of 64 bits of both, the same on every machine. The
rows of a day are ordered by shard, owner, time and rank, and row groups end where shards do, so that
a shard of a day is one range of the file, and an owner's events of a day follow each other.

A database with a store is a **mirror** of its manifests: ledger rows, names and views are brought up
to them whenever it is opened (:mod:`.mirror`), so that whatever reads ``raw.amplitude_events`` or
``raw.coded_events`` reads the store. A worker without the database reads shards by
:mod:`.reading`.
"""
