"""What the vendors said, typed and kept: one table per kind of record, nothing silently dropped."""
