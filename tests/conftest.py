"""Applied to every test: strict ranks, a seed, marks, and a record of what is compiled."""

from collections.abc import Iterator

import jax
import pytest

import kerasish
from tests.compiling import compile_fast

# `(n,)` against `(n, 1)` gives `(n, n)` without a warning; in tests it is an error.
jax.config.update("jax_numpy_rank_promotion", "raise")

_compiled: list[str] = []

# Comparisons with Keras, kills and hostile files take most of the time: the quick suite leaves
# them out.
_SLOW_FOLDERS = {"parity", "reliability"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not _SLOW_FOLDERS.isdisjoint(item.path.parts):
            item.add_marker("slow")


def _note(event: str, _: float, **details: object) -> None:
    if event == "/jax/core/compile/backend_compile_duration":
        _compiled.append(str(details.get("fun_name")))


jax.monitoring.register_event_duration_secs_listener(_note)


@pytest.fixture(autouse=True)
def seed() -> None:
    """Make each test draw the same numbers, whichever tests ran before it."""
    kerasish.utils.set_random_seed(42)


@pytest.fixture(autouse=True, scope="module")
def _clear_caches() -> Iterator[None]:
    """Drop the programs of each module: together they take gigabytes."""
    yield
    jax.clear_caches()


@pytest.fixture(scope="module")
def fast_programs() -> Iterator[None]:
    """Compile fast in this module: for numbers that are compared to a tolerance."""
    with compile_fast():
        yield


@pytest.fixture
def compiled() -> list[str]:
    """The names of the programs compiled since, such as `jit(train)`; clear it at will."""
    _compiled.clear()
    return _compiled
