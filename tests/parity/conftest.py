import jax
import pytest


@pytest.fixture(autouse=True)
def _keras_may_promote_ranks():
    """Keras relies on broadcasting between ranks, which the rest of the tests forbid."""
    with jax.numpy_rank_promotion("allow"):
        yield
