"""The functional graph: tensors without values, and the calls that made them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, filter_traceback
from kerasish.core.scope import Scope
from kerasish.core.types import PyTree

__all__ = [
    "GraphCallable",
    "Node",
    "SymbolicTensor",
    "has_symbolic",
    "infer",
    "shape_of",
    "static_shape",
    "symbolic_call",
    "to_aval",
]


class SymbolicTensor:
    """A shape, a dtype, and which call it comes from.

    Python's operators and the functions of `kerasish.ops` take it as they take
    an array; what comes back is another one.

    Args:
        shape: the sizes, None where one is unknown.
        dtype: the dtype.
        sparse: whether the data may be sparse matrices; they become dense batch by batch.
        ragged: must be False: arrays have one length.
        record_history: without effect: calls are always recorded.
        name: a name for it.

    Raises:
        ArgumentError: if it is to be ragged.

    Attributes:
        aval: the shape (sizes may be symbolic) and dtype, as JAX has them.
        optional: whether a model takes None in the place of this input.
        shape: the sizes, None where one is unknown, the batch first.
        dtype: the NumPy dtype.
        node: the call that made it; None for a bare tensor.
        index: which output of that call it is.
    """

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
    ) -> None:
        if ragged:
            raise ArgumentError(
                "Ragged tensors do not exist in JAX; pad the sequences to one length and mask "
                "what was added: `kerasish.utils.pad_sequences`, `Embedding(mask_zero=True)`."
            )
        self.aval = to_aval(shape, np.dtype(dtype))
        self.sparse = bool(sparse)
        self.ragged = False
        self.record_history = record_history
        self.optional = False
        self.name = name
        self.node: Node | None = None
        self.index = 0

    @classmethod
    def of(cls, aval: jax.ShapeDtypeStruct) -> SymbolicTensor:
        """Return a tensor of the shape and dtype of an abstract array."""
        tensor = cls(())
        tensor.aval = aval
        return tensor

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The sizes, None where one is unknown."""
        return static_shape(self.aval.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the array that will stand here."""
        dtype: np.dtype[Any] = np.dtype(self.aval.dtype)
        return dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions, batch included."""
        return len(self.aval.shape)

    # In `array * tensor` it is the tensor that records, also where the array is NumPy's.
    __array_priority__ = 100

    @property
    def __jax_array__(self) -> Any:
        # A property, because JAX asks whether there is one and does not call it.
        if sys._getframe(1).f_globals.get("__name__", "").endswith("numpy.array_methods"):
            raise AttributeError("the operators of arrays leave it to those of this class")
        raise ArgumentError(
            f"{self!r} has a shape but no values yet, so a jax.numpy function cannot take it. Use "
            "the function of that name in `kerasish.ops`, or call yours as a layer: "
            "`kerasish.layers.Lambda(lambda x: ...)(tensor)`."
        )

    # For type checkers: `graph/operation.py` defines the operators.
    if TYPE_CHECKING:

        def __add__(self, other: PyTree) -> SymbolicTensor: ...

        def __radd__(self, other: PyTree) -> SymbolicTensor: ...

        def __sub__(self, other: PyTree) -> SymbolicTensor: ...

        def __rsub__(self, other: PyTree) -> SymbolicTensor: ...

        def __mul__(self, other: PyTree) -> SymbolicTensor: ...

        def __rmul__(self, other: PyTree) -> SymbolicTensor: ...

        def __truediv__(self, other: PyTree) -> SymbolicTensor: ...

        def __rtruediv__(self, other: PyTree) -> SymbolicTensor: ...

        def __floordiv__(self, other: PyTree) -> SymbolicTensor: ...

        def __rfloordiv__(self, other: PyTree) -> SymbolicTensor: ...

        def __mod__(self, other: PyTree) -> SymbolicTensor: ...

        def __rmod__(self, other: PyTree) -> SymbolicTensor: ...

        def __pow__(self, other: PyTree) -> SymbolicTensor: ...

        def __rpow__(self, other: PyTree) -> SymbolicTensor: ...

        def __matmul__(self, other: PyTree) -> SymbolicTensor: ...

        def __rmatmul__(self, other: PyTree) -> SymbolicTensor: ...

        def __and__(self, other: PyTree) -> SymbolicTensor: ...

        def __rand__(self, other: PyTree) -> SymbolicTensor: ...

        def __or__(self, other: PyTree) -> SymbolicTensor: ...

        def __ror__(self, other: PyTree) -> SymbolicTensor: ...

        def __xor__(self, other: PyTree) -> SymbolicTensor: ...

        def __rxor__(self, other: PyTree) -> SymbolicTensor: ...

        def __lt__(self, other: PyTree) -> SymbolicTensor: ...

        def __le__(self, other: PyTree) -> SymbolicTensor: ...

        def __gt__(self, other: PyTree) -> SymbolicTensor: ...

        def __ge__(self, other: PyTree) -> SymbolicTensor: ...

        def __neg__(self) -> SymbolicTensor: ...

        def __abs__(self) -> SymbolicTensor: ...

        def __invert__(self) -> SymbolicTensor: ...

        def __round__(self, ndigits: int = 0) -> SymbolicTensor: ...

        def __getitem__(self, index: PyTree) -> SymbolicTensor: ...

        def reshape(self, newshape: Sequence[int]) -> SymbolicTensor: ...

        def squeeze(self, axis: int | None = None) -> SymbolicTensor: ...

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__jax_array__

    def __bool__(self) -> bool:
        raise ArgumentError(
            f"{self!r} has no values yet, so it is neither true nor false. Choose between values "
            "with `kerasish.ops.where`, and combine conditions with `&`, `|` and `~`."
        )

    def __len__(self) -> int:
        raise ArgumentError(f"{self!r} has no length; its sizes are in `shape`.")

    def __iter__(self) -> Iterator[Any]:
        raise ArgumentError(
            f"{self!r} cannot be iterated over. `kerasish.ops.unstack(tensor, axis=...)` gives "
            "the parts along an axis whose size is known."
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of. A graph copies the calls; alone, a tensor is its shape."""
        kept = ("shape", "dtype", "sparse", "record_history", "name", "optional")
        return {name: getattr(self, name) for name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        optional = state.pop("optional")
        self.__init__(**state)  # type: ignore[misc]
        self.optional = optional

    def __repr__(self) -> str:
        return f"<SymbolicTensor shape={self.shape}, dtype={self.dtype.name}, name={self.name}>"


class GraphCallable(Protocol):
    """What a graph needs of a layer or operation."""

    _kerasish_nodes: list[Node]

    @property
    def name(self) -> str:
        """The name, unique in a graph."""
        ...

    def __call__(self, *args: Any, **kwargs: Any) -> PyTree:
        """Compute from arrays, or record a call."""
        ...


class Node:
    """One call in a graph: its arguments and the tensors it returned.

    Args:
        layer: what was called: a layer, or the operation that stands for a function.
        args: positional arguments, with SymbolicTensors among them.
        kwargs: keyword arguments, likewise.
        outputs: what came back, a structure of SymbolicTensors.
    """

    def __init__(
        self,
        layer: GraphCallable,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        outputs: Any,
    ) -> None:
        self.layer = layer
        self.args = args
        self.kwargs = kwargs
        self.outputs = outputs
        for index, tensor in enumerate(jax.tree.leaves(outputs)):
            tensor.node, tensor.index = self, index
        layer._kerasish_nodes.append(self)

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The tensors among the arguments, in order."""
        leaves = jax.tree.leaves((self.args, self.kwargs))
        return [leaf for leaf in leaves if isinstance(leaf, SymbolicTensor)]

    @property
    def parents(self) -> list[Node]:
        """The calls that made the inputs."""
        return [tensor.node for tensor in self.inputs if tensor.node is not None]


def has_symbolic(*structure: Any) -> bool:
    """Return whether there is a SymbolicTensor anywhere in the arguments."""
    return any(isinstance(leaf, SymbolicTensor) for leaf in jax.tree.leaves(structure))


def static_shape(shape: Sequence[Any]) -> tuple[int | None, ...]:
    """Return a shape with None for each size that is not a plain number."""
    return tuple(int(n) if isinstance(n, (int, np.integer)) else None for n in shape)


def shape_of(structure: Any) -> Any:
    """Return the static shapes of a structure of arrays, in the same structure."""
    return jax.tree.map(
        lambda x: static_shape(np.shape(x) if np.isscalar(x) else x.shape), structure
    )


@functools.cache
def unknown_size(axis: int) -> Any:
    """Return the symbol for an unknown size in that axis, one for the whole process.

    Unknown sizes of the same axis are taken to agree, so that two inputs of
    unknown length can be added, as in Keras.
    """
    scope = None if axis == 0 else unknown_size(0).scope
    return jax.export.symbolic_shape(f"d{axis}", scope=scope)[0]


def to_aval(shape: Sequence[int | None], dtype: Any) -> jax.ShapeDtypeStruct:
    """Return an abstract array whose None sizes are symbols."""
    sizes = [unknown_size(axis) if n is None else n for axis, n in enumerate(shape)]
    return jax.ShapeDtypeStruct(tuple(sizes), dtype)


def infer(function: Callable[..., Any], args: Any, kwargs: Any, **scope: Any) -> Any:
    """Return the abstract outputs of a call, declaring weights on the way.

    Nothing is computed and nothing allocated. Arrays and SymbolicTensors among
    the arguments are abstract during the call; anything else passes as it is.
    """
    leaves, structure = jax.tree.flatten((args, kwargs))
    traced = [i for i, leaf in enumerate(leaves) if hasattr(leaf, "shape")]
    avals = [
        leaf.aval
        if isinstance(leaf, SymbolicTensor)
        else jax.ShapeDtypeStruct(leaf.shape, leaf.dtype)
        for leaf in (leaves[i] for i in traced)
    ]

    def run(values: list[Any], key: jax.Array) -> Any:
        filled = list(leaves)
        for i, value in zip(traced, values, strict=True):
            filled[i] = value
        inner_args, inner_kwargs = jax.tree.unflatten(structure, filled)
        with Scope(building=True, rng=key, **scope):
            return function(*inner_args, **inner_kwargs)

    key = jax.eval_shape(lambda: jax.random.key(0))
    with filter_traceback():
        return jax.eval_shape(run, avals, key)


def symbolic_call(layer: GraphCallable, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Record a call on SymbolicTensors and return the tensors it gives."""
    avals = infer(layer, args, kwargs)
    outputs = jax.tree.map(SymbolicTensor.of, avals)
    Node(layer, args, kwargs, outputs)
    return outputs
