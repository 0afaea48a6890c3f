"""run_cell: apply a cell of any kind over a sequence."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from kerasish.core.dtypes import cast_floats
from kerasish.core.errors import ShapeError
from kerasish.core.layer import Layer
from kerasish.core.scope import Scope, current_scope
from kerasish.core.types import Array, PyTree
from kerasish.layers.recurrent.gated_cell import GatedCell
from kerasish.layers.recurrent.stacked_cells import StackedRNNCells

__all__ = ["ScanConfig", "run_cell"]


class ScanConfig(NamedTuple):
    """Options of a scan over timesteps.

    Attributes:
        training: whether dropout drops.
        mask: which timesteps count, `(time, batch)`; None for all.
        reverse: whether to begin at the end.
        unroll: whether to write all steps one after another.
    """

    training: bool
    mask: Array | None = None
    reverse: bool = False
    unroll: bool = False


def run_cell(
    cell: Layer, x: Array, states: PyTree, config: ScanConfig
) -> tuple[Array, Array, PyTree]:
    """Run a cell over a sequence.

    Args:
        cell: the cell.
        x: the inputs, `(time, batch, ...)`.
        states: the states before the first step, in the cell's structure.
        config: how to scan.

    Returns:
        The outputs, `(time, batch, ...)`, each where its input is; the one of
        the last step; and the last states.
    """
    scope = current_scope()
    assert scope is not None, "a layer is only called in a scope"
    if isinstance(cell, StackedRNNCells):
        # One cell after another over the whole time: it comes to the same.
        new = []
        with scope.layer_context(
            cell.name, training=config.training, compute_dtype=cell.compute_dtype
        ):
            for each, own in zip(cell.cells, states, strict=True):
                x, last, after = run_cell(each, x, own, config)
                new.append(after)
        return x, last, new
    if not isinstance(cell, GatedCell):
        return _scan_generic_cell(scope, cell, x, states, config)
    unroll = config.unroll and isinstance(x.shape[0], int)
    x, carry = jax.tree.map(lambda a: cast_floats(a, cell.compute_dtype), (x, tuple(states)))
    with scope.layer_context(cell.name, training=config.training, compute_dtype=cell.compute_dtype):
        outputs, carry = cell.scan(
            x,
            carry,
            training=config.training,
            mask=config.mask,
            reverse=config.reverse,
            unroll=unroll or 1,
        )
    return outputs, carry[0], list(carry)


def _scan_generic_cell(
    scope: Scope, cell: Layer, x: Array, states: PyTree, config: ScanConfig
) -> tuple[Array, Array, PyTree]:
    """Call a cell of the user's at each step, differentiated by JAX.

    Where the mask leaves a step out, the last output is repeated; before the
    first step that counts, it is zero.
    """
    structure = jax.tree.structure(states)
    key = None if scope.rng is None else scope.next_key()

    def call(x: Array, states: PyTree, timestep: Array | int) -> tuple[Array, PyTree]:
        with scope.timestep_context(key, timestep):
            output, new = cell(x, states, training=config.training)
        return output, _match_structure(new, states, cell)

    def body(carry: PyTree, now: PyTree) -> tuple[PyTree, PyTree]:
        (timestep, before, states), (x, counts) = carry, now
        output, new = call(x, states, timestep)
        if counts is not None:
            output, new = jax.tree.map(
                lambda a, b: jnp.where(counts.reshape((-1,) + (1,) * (a.ndim - 1)), a, b),
                (output, new),
                (before, states),
            )
        return (timestep + 1, None if counts is None else output, new), output

    before = None
    if config.mask is not None:
        found = jax.eval_shape(
            lambda x: call(x, states, 0)[0], jax.typeof(x).update(shape=x.shape[1:])
        )
        before = jnp.zeros(found.shape, found.dtype)
    start = jnp.zeros((), "int32"), before, states
    unroll = config.unroll and isinstance(x.shape[0], int)
    (_, _, states), outputs = jax.lax.scan(
        body, start, (x, config.mask), reverse=config.reverse, unroll=unroll or 1
    )
    return (
        outputs,
        outputs[0 if config.reverse else -1],
        jax.tree.unflatten(structure, jax.tree.leaves(states)),
    )


def _match_structure(new: PyTree, states: PyTree, cell: Layer) -> PyTree:
    """Return the new states in the structure of the old ones.

    Raises:
        ShapeError: if a cell returned other states than it was given.
    """
    shapes = [[leaf.shape for leaf in jax.tree.leaves(tree)] for tree in (new, states)]
    if shapes[0] != shapes[1]:
        raise ShapeError(
            f"The cell {cell.name!r} was given states of shapes {shapes[1]} and returned states of "
            f"shapes {shapes[0]}; `call(inputs, states)` returns the output and as many new states."
        )
    leaves = [a.astype(b.dtype) for a, b in zip(*map(jax.tree.leaves, (new, states)), strict=True)]
    return jax.tree.unflatten(jax.tree.structure(states), leaves)
