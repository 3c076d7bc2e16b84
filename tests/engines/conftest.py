"""Properties are about results: the machine of a test may be busy, so no example is failed for its duration."""

from hypothesis import settings

settings.register_profile("engines", deadline=None)
settings.load_profile("engines")
