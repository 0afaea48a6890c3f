"""Pytrees of arrays, held as the weights of a layer."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.config import next_seed
from kerasish.core.errors import ArgumentError
from kerasish.core.variable import Variable

__all__ = ["First", "Held", "known_sizes"]


class First:
    """The first values of a tree, computed when one of them is first needed.

    Args:
        make: returns the tree for a random key.
        seed: what the key is made of; drawn if it is None.
    """

    def __init__(self, make: Any, seed: int | None = None) -> None:
        self.make = make
        self.seed = next_seed() if seed is None else seed
        self._leaves: list[Any] | None = None

    def shapes(self) -> Any:
        """Return the tree of shapes and dtypes, without computing anything."""
        return jax.eval_shape(lambda: self.make(self._key()))

    def leaf(self, index: int) -> Any:
        """Return the value of one leaf."""
        if self._leaves is None:
            # Asked for within a trace, it must not become a part of it.
            with jax.ensure_compile_time_eval():
                self._leaves = [np.asarray(x) for x in jax.tree.leaves(self.make(self._key()))]
        return self._leaves[index]

    def _key(self) -> jax.Array:
        return jax.random.key(self.seed)


class Held:
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
        self, tree: Any, trainable: bool, name: str, first: First | None = None, offset: int = 0
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
            value = leaf if first is None else _drawn(first, offset + index)
            floating = jnp.issubdtype(leaf.dtype, jnp.floating)
            self.variables.append(
                Variable(
                    value,
                    leaf.shape,
                    leaf.dtype,
                    trainable=trainable and bool(floating),
                    name=words or name,
                )
            )

    def value(self) -> Any:
        """Return the tree with the values that the variables have here."""
        return jax.tree.unflatten(self.structure, [v.value for v in self.variables])

    def assign(self, tree: Any) -> None:
        """Give the variables new values.

        Raises:
            ArgumentError: if the structure is another one.
        """
        leaves = jax.tree.leaves(tree)
        structure: Any = jax.tree.structure(tree)
        if structure != self.structure:
            raise ArgumentError(
                f"The new state has the structure {structure}; the old one has {self.structure}."
            )
        for variable, leaf in zip(self.variables, leaves, strict=True):
            variable.assign(leaf)


def _drawn(first: First, index: int) -> Any:
    return lambda shape, dtype: first.leaf(index)


def known_sizes(inputs: Any) -> Any:
    """Return the shapes and dtypes of some inputs, with 1 for each size that is not known."""

    def known(x: Any) -> jax.ShapeDtypeStruct:
        shape = [n if isinstance(n, int) else 1 for n in x.shape]
        return jax.ShapeDtypeStruct(tuple(shape), x.dtype)

    return jax.tree.map(known, inputs)
