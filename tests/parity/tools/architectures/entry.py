"""What an architecture of the interchange matrix is, and how one is entered into the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..oracle import draw

__all__ = ["ARCHITECTURES", "CLASSES", "SPARSE", "Architecture", "N", "architecture", "kinds"]

# Samples in all: two steps of training.
N = 4
CLASSES = 3
SPARSE = "sparse_categorical_crossentropy"


class Architecture(NamedTuple):
    """A model that either library can build, and what to train it on.

    Attributes:
        make: gives the model, not compiled, of a library.
        x: inputs of `N` samples.
        y: targets of them; None for a model that is not trained.
        compile: gives the arguments of `compile`, of a library.
        precision: how equal predictions can be.
    """

    make: Callable[[Any], Any]
    x: Any
    y: Any
    compile: Callable[[Any], dict[str, Any]]
    precision: float

    @property
    def name(self) -> str:
        return self.make.__name__


ARCHITECTURES: dict[str, Architecture] = {}


def architecture(
    x: Any,
    y: Any = None,
    loss: Any = "mse",
    optimizer: Callable[[Any], Any] = lambda k: k.optimizers.Adam(0.01),
    precision: float = 1e-5,
    **settings: Any,
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Enter the function that stands below into the list."""

    def enter(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def compiled(k: Any) -> dict[str, Any]:
            return {"optimizer": optimizer(k), "loss": loss, **settings}

        ARCHITECTURES[make.__name__] = Architecture(make, x, y, compiled, precision)
        return make

    return enter


def kinds(*shape: int, high: int = CLASSES) -> Any:
    """Return a class for each sample, or for each place of each."""
    return draw((N, *shape), "int32", seed=7, high=high)
