import warnings
from collections.abc import Iterator

import jax
import pytest

from tests.compiling import compile_fast


@pytest.fixture(autouse=True)
def _keras_as_it_is() -> Iterator[None]:
    """Let Keras broadcast between ranks, which other tests forbid, and keep its NumPy 1 ways."""
    with jax.numpy_rank_promotion("allow"), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning
        )
        yield


@pytest.fixture(autouse=True, scope="package")
def _compile_fast() -> Iterator[None]:
    from .tools import oracle  # noqa: F401  Skips where Keras is not installed.

    with compile_fast():
        yield
