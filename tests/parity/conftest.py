"""Which comparisons the default run takes, and how Keras behaves in them."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator

import jax
import pytest

from tests.compiling import compile_fast

# Tests with many variants of one class. The default run takes the first and every third after it,
# always the same ones, so that every class is compared; `-m exhaustive` takes the others.
SAMPLED = {
    "test_attention.py": ("test_attention_mask", "test_heads", "test_masks_by_name"),
    "test_confusion_metrics.py": ("test_metric",),
    "test_conv_lstm.py": ("test_conv_lstm",),
    "test_convolution.py": (
        "test_convolutions",
        "test_convolutions_of_each_channel",
        "test_transposed_convolutions",
    ),
    "test_losses.py": ("test_loss",),
    "test_optimizers.py": ("test_ten_steps",),
    "test_pooling.py": ("test_pooling",),
    "test_recurrent.py": (
        "test_bidirectional",
        "test_layers",
        "test_masks",
        "test_more_layers",
        "test_more_masks",
    ),
}
EVERY = 3

_CLASSES = re.compile(r"\b(?!True|False|None)[A-Z]\w*[a-z]\w*|\b\dD")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: Counter[tuple[str, ...]] = Counter()
    for item in items:
        test = getattr(item, "originalname", "")
        if test in SAMPLED.get(item.path.name, ()) and "parity" in item.path.parts:
            group = (test, *_CLASSES.findall(item.name.removeprefix(test)))
            if seen[group] % EVERY:
                item.add_marker("exhaustive")
            seen[group] += 1


@pytest.fixture(autouse=True)
def _relaxed_for_keras() -> Iterator[None]:
    """Allow what Keras's own code does: broadcasts between ranks, and NumPy 1 conventions."""
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
