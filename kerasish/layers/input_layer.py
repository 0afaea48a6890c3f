"""Input and InputLayer: the inputs of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import Node, SymbolicTensor
from kerasish.core.layer import Layer
from kerasish.core.settings import config
from kerasish.core.types import Config, DTypeLike, Shape
from kerasish.layers._shared import register

__all__ = ["Input", "InputLayer"]


@register()
class InputLayer(Layer):
    """The layer behind `Input`: the shape and dtype of an input of a model.

    Args:
        shape: the shape of one sample, None where a size is unknown.
        batch_size: a fixed batch size; None for any.
        dtype: the dtype of the input; `floatx()` by default.
        sparse: whether the data may be sparse matrices; they become dense batch by batch.
        ragged: must not be True: arrays have one length.
        batch_shape: the shape with the batch, instead of `shape` and `batch_size`.
        input_tensor: a tensor of a graph to begin at, instead of a shape; what made it is not
            looked at any more.
        optional: whether the model accepts None for this input.
        name: name of the layer.
        **kwargs: `input_shape` and `batch_input_shape`, old names of `shape` and `batch_shape`.

    Raises:
        ArgumentError: if there is no shape or it cannot be one.

    Examples:
        >>> InputLayer((28, 28), name="image").output.shape
        (None, 28, 28)
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: DTypeLike | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: SymbolicTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        super().__init__(name=name, **kwargs)
        if input_tensor is not None:
            batch_shape, dtype = _shape_and_dtype_of(input_tensor, shape, batch_shape, dtype)
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
        self.sparse, self.optional = bool(sparse), bool(optional)
        tensor = input_tensor
        if tensor is None:
            tensor = SymbolicTensor(given, self._dtype, self.sparse, bool(ragged))
        tensor.name, tensor.optional = self.name, self.optional
        self._kerasish_traced_shape = tensor.shape
        Node(self, (), {}, tensor)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        tensor = SymbolicTensor(self.batch_shape, self._dtype, self.sparse, name=self.name)
        tensor.optional = self.optional
        Node(self, (), {}, tensor)

    @property
    def dtype(self) -> str:
        """The dtype of the tensor."""
        return self._dtype

    def get_config(self) -> Config:
        return {
            "batch_shape": list(self.batch_shape),
            "dtype": self._dtype,
            "sparse": self.sparse,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def _shape_and_dtype_of(
    tensor: object,
    shape: Sequence[int | None] | None,
    batch_shape: Sequence[int | None] | None,
    dtype: DTypeLike | None,
) -> tuple[Shape, str]:
    """Return the shape, batch included, and the dtype of a tensor.

    Raises:
        ArgumentError: if it is not one, or others are given that do not agree.
    """
    if not isinstance(tensor, SymbolicTensor):
        raise ArgumentError(
            f"Input(tensor=...) takes a tensor of a graph; got {type(tensor).__name__}. Give "
            "arrays to the model when you call it."
        )
    other = tensor.shape
    for name, said, found in (
        ("shape", shape, other[1:]),
        ("batch_shape", batch_shape, other),
        ("dtype", None if dtype is None else (str(dtype),), (tensor.dtype.name,)),
    ):
        if said is not None and tuple(said) != found:
            raise ArgumentError(
                f"Input(tensor=...) has the {name} of the tensor; leave `{name}={said!r}` out, the "
                f"tensor has {found}."
            )
    return other, tensor.dtype.name


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: SymbolicTensor | None = None,
    optional: bool = False,
) -> SymbolicTensor:
    """Return a symbolic tensor that a functional model begins with.

    Args:
        shape: the shape of one sample, without the batch; None where a size is unknown.
        batch_size: a fixed batch size; None for any.
        dtype: the dtype of the input; `floatx()` by default.
        sparse: whether the data may be sparse matrices; they become dense batch by batch.
        ragged: must not be True: arrays have one length.
        batch_shape: the shape with the batch, instead of `shape` and `batch_size`.
        name: a name, also the key under which `fit` takes this input from a dict.
        tensor: a tensor of a graph to begin at, instead of a shape; what made it is not looked at
            any more.
        optional: whether the model accepts None for this input.

    Returns:
        A SymbolicTensor of shape `(batch, *shape)`.

    Raises:
        ArgumentError: if there is no shape or it cannot be one.

    Examples:
        >>> Input((28, 28, 1)).shape
        (None, 28, 28, 1)
    """
    layer = InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name
    )
    output: SymbolicTensor = layer.output
    return output
