"""Tests of journey_assets; behaviours named as sentences."""
