"""Tests of what is remembered."""

import pytest

# The contract's cases are no test modules, but their assertions are to be explained.
pytest.register_assert_rewrite("tests.storage.contract")
