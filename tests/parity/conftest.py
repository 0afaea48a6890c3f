import warnings
from collections.abc import Iterator

import jax
import pytest


@pytest.fixture(autouse=True)
def _keras_as_it_is() -> Iterator[None]:
    """Let Keras broadcast between ranks, which other tests forbid, and keep its NumPy 1 ways."""
    with jax.numpy_rank_promotion("allow"), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning
        )
        yield


@pytest.fixture(autouse=True, scope="package")
def _compile_quickly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Almost all the time of these tests goes into compiling what runs once on a few numbers."""
    from .tools.oracle import compiling_quickly  # skips where Keras is not installed

    with compiling_quickly(tmp_path_factory.mktemp("compiled")):
        yield
