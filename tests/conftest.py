"""Profiles of hypothesis: `ci` draws the same examples in every run, `nightly` many new ones (HYPOTHESIS_PROFILE=nightly)."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, max_examples=100, database=None)
settings.register_profile("nightly", derandomize=False, deadline=None, print_blob=True, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
