"""What all assets share with Dagster: settings as resources, clear failures, metadata."""
