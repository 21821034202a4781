"""What holds for all tests."""

from hypothesis import settings

# A deadline would make a property test fail on a busy machine; no test times itself.
settings.register_profile("journey", deadline=None)
settings.load_profile("journey")
