"""The DuckDB file: table declarations, short transactions, partition replacement."""
