"""StackedRNNCells: several cells as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, PyTree, Shape
from kerasish.layers._shared import register
from kerasish.layers.recurrent.gated_cell import zero_states

__all__ = ["StackedRNNCells", "check_cell", "initial_states"]


@register()
class StackedRNNCells(Layer):
    """A stack of cells: each takes the output of the one before.

    Args:
        cells: the cells, the lowest first.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if one of them is not a cell.

    Examples:
        >>> import numpy as np
        >>> from kerasish.layers import RNN, GRUCell, LSTMCell
        >>> x = np.ones((2, 5, 3), "float32")
        >>> RNN(StackedRNNCells([LSTMCell(8), GRUCell(4)]))(x).shape
        (2, 4)
    """

    def __init__(self, cells: Sequence[Layer], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ArgumentError(f"StackedRNNCells takes a list of cells; got {cells!r}.")
        for cell in cells:
            check_cell(cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[PyTree]:
        """The `state_size` of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The size of the last cell's output."""
        return _output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[PyTree]:
        """Return the states of each cell before the first step."""
        return [initial_states(cell, batch_size) for cell in self.cells]

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape)
        for cell in self.cells:
            if not cell.built:
                cell.build(shape)
            shape = (shape[0], _output_size(cell))

    def call(
        self, inputs: Array, states: PyTree, training: bool = False, **kwargs: Array | None
    ) -> tuple[Array, list[PyTree]]:
        new = []
        for cell, own in zip(self.cells, states, strict=True):
            inputs, after = cell(inputs, own, training=training, **kwargs)
            new.append(after)
        return inputs, new


def check_cell(cell: object) -> None:
    """Check that an object is a cell.

    Raises:
        ArgumentError: if it is not a layer, or has no `state_size`.
    """
    if not isinstance(cell, Layer):
        raise ArgumentError(
            f"A cell is a layer with a `state_size`, whose `call(inputs, states)` returns the "
            f"output and the new states; got {cell!r}."
        )
    if not hasattr(cell, "state_size"):
        raise ArgumentError(
            f"The cell {cell.name!r} ({type(cell).__name__}) has no attribute `state_size`; set it "
            "to the size of the state, or to a list of sizes."
        )


def initial_states(cell: Layer, batch_size: int | None) -> list[PyTree]:
    """Return the initial states of a cell: those of its `get_initial_state`, or zeros."""
    if not hasattr(cell, "get_initial_state"):
        return zero_states(cell, batch_size)
    states = cell.get_initial_state(batch_size=batch_size)
    return list(states) if isinstance(states, (list, tuple)) else [states]


def _output_size(cell: Layer) -> int:
    size = getattr(cell, "output_size", cell.state_size)
    return int(size if isinstance(size, int) else size[0])
