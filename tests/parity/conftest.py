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
    settings = {
        "jax_disable_most_optimizations": True,
        "jax_compilation_cache_dir": str(tmp_path_factory.mktemp("compiled")),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: jax.config.values[name] for name in settings}
    for name, value in settings.items():
        jax.config.update(name, value)
    yield
    for name, value in before.items():
        jax.config.update(name, value)
