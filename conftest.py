"""Which doctests need libraries that are not installed, and the programs that all tests share."""

import importlib.util

import pytest

from tests.compiling import keep_programs, remove_old_programs

collect_ignore = [] if importlib.util.find_spec("sklearn") else ["kerasish/wrappers/estimators.py"]


def pytest_configure(config: pytest.Config) -> None:
    """Keep compiled programs in `.pytest_cache`, unless pytest runs without its cache."""
    cache = getattr(config, "cache", None)
    if cache is not None:
        folder = cache.mkdir("programs")
        keep_programs(folder)
        if not hasattr(config, "workerinput"):
            remove_old_programs(folder)
