"""Mave's analyses: evidence from the tables, the prompts, asking once, checking its numbers."""
