"""Where a model begins: `Input` and the layer behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from kerasish.core import config
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.symbolic import Node, SymbolicTensor, to_aval
from kerasish.layers._shared import register

__all__ = ["Input", "InputLayer"]


@register()
class InputLayer(Layer):
    """The start of a graph: says what shape and dtype comes in.

    Args:
        shape: the shape of one sample, None where a size is unknown.
        batch_size: a fixed batch size; None for any.
        dtype: the dtype of the input; `floatx()` by default.
        batch_shape: the shape with the batch, instead of `shape` and `batch_size`.
        name: a name.

    Examples:
        >>> InputLayer((28, 28), name="image").output.shape
        (None, 28, 28)
    """

    _kerasish_foreign_config: ClassVar = {
        "sparse": (False, None),
        "ragged": (False, None),
        "optional": (False,),
    }

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if batch_shape is None and shape is None:
            raise ArgumentError("Input needs the shape of one sample: `Input(shape=(28, 28, 1))`.")
        if isinstance(shape, int):
            raise ArgumentError(f"shape must be a tuple; write `Input(shape=({shape},))`.")
        given = (batch_size, *(shape or ())) if batch_shape is None else tuple(batch_shape)
        if not all(n is None or (isinstance(n, int) and n >= 0) for n in given):
            raise ArgumentError(f"A shape is made of whole numbers and None; got {given}.")
        self.batch_shape = given
        self._dtype = str(dtype or config.floatx())
        self.built = True
        tensor = SymbolicTensor(to_aval(given, self._dtype), name=self.name)
        self._kerasish_traced_shape = tensor.shape
        Node(self, (), {}, tensor)

    @property
    def dtype(self) -> str:
        """The dtype of the tensor."""
        return self._dtype

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": list(self.batch_shape),
            "dtype": self._dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
        }


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
) -> SymbolicTensor:
    """Return a tensor to build a model from.

    Args:
        shape: the shape of one sample, without the batch; None where a size is unknown.
        batch_size: a fixed batch size; None for any.
        dtype: the dtype of the input; `floatx()` by default.
        batch_shape: the shape with the batch, instead of `shape` and `batch_size`.
        name: a name, also the key under which `fit` takes this input from a dict.

    Returns:
        A SymbolicTensor of shape `(batch, *shape)`.

    Raises:
        ArgumentError: if there is no shape or it cannot be one.

    Examples:
        >>> Input((28, 28, 1)).shape
        (None, 28, 28, 1)
    """
    tensor: SymbolicTensor = InputLayer(shape, batch_size, dtype, batch_shape, name).output
    return tensor
