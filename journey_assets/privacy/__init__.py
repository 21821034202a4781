"""Removing persons and old raw data from everything that a deployment keeps."""
