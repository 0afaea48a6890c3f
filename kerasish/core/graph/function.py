"""Function: a graph of operations, to be computed for other inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from kerasish.core.errors import ShapeError
from kerasish.core.graph.graph import Graph
from kerasish.core.graph.operation import Operation
from kerasish.core.graph.symbolic import SymbolicTensor, infer, shape_of, to_aval

if TYPE_CHECKING:
    from kerasish.core.layer import Layer

__all__ = ["Function"]


class Function(Operation):
    """The computation between tensors of a graph, as a function of arrays.

    It keeps no weights of its own and cannot be trained: that is what `Model` is for.

    Args:
        inputs: a tensor from `Input`, or a structure of them.
        outputs: tensors that were computed from the inputs alone.
        name: a name.

    Raises:
        ArgumentError: if the outputs need a tensor that is not among the inputs.
        ShapeError: if it is called on arrays of another structure or shape.

    Examples:
        >>> import kerasish
        >>> a, b = kerasish.Input((3,)), kerasish.Input((3,))
        >>> total = Function([a, b], kerasish.ops.sum(a + b, axis=-1))
        >>> total([np.ones((2, 3)), np.ones((2, 3))]).tolist()
        [6.0, 6.0]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        self._graph = Graph(inputs, outputs)
        self._inputs = inputs
        self._outputs = outputs

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The tensors that it begins at."""
        return jax.tree.leaves(self._inputs)

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The tensors that it ends with."""
        return jax.tree.leaves(self._outputs)

    @property
    def operations(self) -> list[Layer | Operation]:
        """The layers and operations between them, in order."""
        return self._graph.operations

    def call(self, inputs: Any) -> Any:
        """Compute the outputs for arrays in the structure of the inputs."""
        self._check(inputs)
        return self._graph.run(inputs)

    def _check(self, inputs: Any) -> None:
        ours: Any = jax.tree.structure(self._inputs)
        if ours != (given := jax.tree.structure(inputs)):
            raise ShapeError(f"The function {self.name!r} takes {ours}; it got {given}.")
        for tensor, array in zip(self.inputs, jax.tree.leaves(inputs), strict=True):
            shape = np.shape(array)
            fits = len(shape) == tensor.ndim and all(
                expected is None or not isinstance(n, int) or n == expected
                for n, expected in zip(shape, tensor.shape, strict=True)
            )
            if not fits:
                raise ShapeError(
                    f"The function {self.name!r} takes an array of shape {tensor.shape} for "
                    f"{tensor.name!r}; it got one of shape {shape}."
                )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shapes of the outputs for those of the inputs, None where unknown."""
        structure: Any = jax.tree.structure(self._inputs)
        shapes = structure.flatten_up_to(input_shape)
        avals = [to_aval(shape, x.dtype) for shape, x in zip(shapes, self.inputs, strict=True)]
        given = jax.tree.unflatten(structure, avals)
        return shape_of(infer(self.call, (given,), {}))

    def get_config(self) -> dict[str, Any]:
        """Refuse: a function is part of no file.

        Raises:
            NotImplementedError: always, as in Keras; `Model(inputs, outputs)` can be saved.
        """
        raise NotImplementedError("A Function has no config; use `Model(inputs, outputs)`.")
