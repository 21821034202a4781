"""The declarations of all tables, one module per schema of the database."""
