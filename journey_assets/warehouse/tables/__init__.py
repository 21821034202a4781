"""The declarations of tables, one module per schema of the database.

The tables of ``journeys`` are declared by their entries (``journeys/statistics``).
"""
