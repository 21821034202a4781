"""Journeys: the ordered events of persons, and the statistics over them."""
