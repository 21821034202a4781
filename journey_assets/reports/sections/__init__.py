"""The sections of the report: which figures each shows, and how it says them."""
