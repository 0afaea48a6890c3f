"""Base of pooling layers over windows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from kerasish.core.errors import ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.types import Array
from kerasish.layers._shared import standardize_data_format, standardize_padding, standardize_tuple

__all__ = ["Pooling"]


class Pooling(Layer):
    """Reduces each window of `rank` spatial axes; see `MaxPooling1D` for its arguments."""

    rank: ClassVar[int]

    def __init__(
        self,
        pool_size: int | Sequence[int],
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = standardize_tuple(pool_size, self.rank, "pool_size")
        strides = self.pool_size if strides is None else strides
        self.strides = standardize_tuple(strides, self.rank, "strides")
        self.padding = standardize_padding(padding)
        self.data_format, self._channels = standardize_data_format(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @abstractmethod
    def reduce(self, x: Array) -> Array:
        """Return the reduction of each window."""

    def call(self, inputs: Array) -> Array:
        if self.padding == "valid":
            space = inputs.shape[2:] if self._channels == 1 else inputs.shape[1:-1]
            for size, extent in zip(space, self.pool_size, strict=True):
                if isinstance(size, int) and size < extent:
                    raise ShapeError(
                        f"Layer {self.name!r} has windows of {self.pool_size}, larger than its "
                        f"input {inputs.shape[1:]}; use padding='same' or pool less before it."
                    )
        return self.reduce(inputs)
