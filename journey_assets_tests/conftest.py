"""What holds for all tests."""

from hypothesis import settings

# A deadline would make a property test fail on a busy machine; no test times itself.
# Examples are the same in every run, so that a run fails for what was changed and for nothing else.
settings.register_profile("journey", deadline=None, derandomize=True)
settings.load_profile("journey")
