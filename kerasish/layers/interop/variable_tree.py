"""VariableTree: a pytree of arrays as the weights of a layer."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.names import path_hash
from kerasish.core.scope import seeded_key
from kerasish.core.types import Array, ArrayLike, DTypeLike, PyTree, Shape
from kerasish.core.variable import Variable

__all__ = ["LazyValues", "VariableTree", "placeholder_shapes"]


class LazyValues:
    """The initial values of a tree, computed when one of them is first needed.

    Args:
        make: returns the tree for a random key.
        seed: what the key is made of; if it is None, the model's seed and the layer's path.
    """

    def __init__(self, make: Callable[[Array], PyTree], seed: int | None = None) -> None:
        self.make = make
        self.seed = seed
        self._known: tuple[tuple[int, tuple[str, ...]], list[np.ndarray]] | None = None

    def shapes(self) -> PyTree:
        """Return the tree of shapes and dtypes, without computing anything."""
        return jax.eval_shape(lambda: self.make(jax.random.key(0)))

    def leaf(self, index: int, seed: int | Array, path: tuple[str, ...]) -> ArrayLike:
        """Return the value of one leaf.

        Args:
            index: which one.
            seed: the seed of the model.
            path: that of the layer.
        """
        if isinstance(seed, jax.core.Tracer) and self.seed is None:
            return self._leaves(seed, path)[index]
        given = int(seed) if self.seed is None else self.seed, path
        if self._known is None or self._known[0] != given:
            # Asked for within a trace, it must not become a part of it.
            with jax.ensure_compile_time_eval():
                self._known = given, [np.asarray(x) for x in self._leaves(*given)]
        return self._known[1][index]

    def _leaves(self, seed: int | Array, path: tuple[str, ...]) -> list[Array]:
        own = self.seed
        key = seeded_key(seed, path_hash(*path)) if own is None else jax.random.key(own)
        return jax.tree.leaves(self.make(key))


class LeafInitializer:
    """The initializer of one leaf.

    Args:
        first: where the values of all of them come from.
        index: which one it is.
        depth: length of its path within the layer.
    """

    def __init__(self, first: LazyValues, index: int, depth: int) -> None:
        self.first, self.index, self.depth = first, index, depth

    def draw_at(self, seed: int | Array, path: tuple[str, ...]) -> ArrayLike:
        """Return the value for a seed of the model and the path of the variable."""
        return self.first.leaf(self.index, seed, path[: -self.depth])

    def __call__(self, shape: Shape, dtype: DTypeLike) -> ArrayLike:
        """Return the value for a seed of 0."""
        return self.draw_at(0, ())


class VariableTree:
    """A tree whose arrays are variables.

    Args:
        tree: the abstract tree, or one of arrays.
        trainable: whether its floating arrays are trained.
        name: what its single array is called, if it is no more than that.
        first: where its values come from; those of `tree` if it is None.
        offset: the index of its first leaf among those of `first`.

    Attributes:
        variables: one for each leaf.

    Raises:
        ArgumentError: if a leaf is not numbers.
    """

    def __init__(
        self,
        tree: PyTree,
        trainable: bool,
        name: str,
        first: LazyValues | None = None,
        offset: int = 0,
    ) -> None:
        found, self.structure = jax.tree_util.tree_flatten_with_path(tree)
        self.variables = []
        for index, (path, leaf) in enumerate(found):
            words = jax.tree_util.keystr(path, simple=True, separator=".").removesuffix(".value")
            leaf = leaf if hasattr(leaf, "dtype") else np.asarray(leaf)
            if not (jnp.issubdtype(leaf.dtype, jnp.number) or leaf.dtype == bool):
                raise ArgumentError(
                    f"The {name} of the layer must be arrays of numbers; {words!r} is {leaf.dtype}."
                )
            keys = [jax.tree_util.keystr((key,), simple=True) for key in path]
            keys = (keys[:-1] if keys[-1:] == ["value"] else keys) or [name]
            value = leaf if first is None else LeafInitializer(first, offset + index, len(keys))
            floating = jnp.issubdtype(leaf.dtype, jnp.floating)
            variable = Variable(
                value,
                leaf.shape,
                leaf.dtype,
                trainable=trainable and bool(floating),
                name=words or name,
            )
            variable.keys = tuple(keys)
            self.variables.append(variable)

    def value(self) -> PyTree:
        """Return the tree with the values that the variables have here."""
        return jax.tree.unflatten(self.structure, [v.value for v in self.variables])

    def assign(self, tree: PyTree) -> None:
        """Give the variables new values.

        Raises:
            ArgumentError: if the structure is another one.
        """
        leaves = jax.tree.leaves(tree)
        structure: jax.tree_util.PyTreeDef = jax.tree.structure(tree)
        if structure != self.structure:
            raise ArgumentError(
                f"The new state has the structure {structure}; the old one has {self.structure}."
            )
        for variable, leaf in zip(self.variables, leaves, strict=True):
            variable.assign(leaf)


def placeholder_shapes(inputs: PyTree) -> PyTree:
    """Return the shapes and dtypes of some inputs, with 1 for each size that is not known."""

    def known(x: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
        shape = [n if isinstance(n, int) else 1 for n in x.shape]
        return jax.ShapeDtypeStruct(tuple(shape), x.dtype)

    return jax.tree.map(known, inputs)
