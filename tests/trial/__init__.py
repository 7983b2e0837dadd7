"""A few tests that need nothing but Twisted: `python -m twisted.trial tests.trial`."""
