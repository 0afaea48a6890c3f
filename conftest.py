"""Which examples in docstrings need libraries that are not installed."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("sklearn") else ["kerasish/wrappers/estimators.py"]
