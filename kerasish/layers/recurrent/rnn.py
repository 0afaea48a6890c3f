"""RNN: a cell applied at each timestep of a sequence."""

from __future__ import annotations

import inspect
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from kerasish.core.dtypes import cast_floats
from kerasish.core.errors import ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, PyTree, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.recurrent.gated_cell import GatedCell
from kerasish.layers.recurrent.loop import ScanConfig, run_cell
from kerasish.layers.recurrent.stacked_cells import StackedRNNCells, check_cell, initial_states

__all__ = ["RNN", "share_settings"]


@register()
class RNN(Layer):
    """Applies a cell at each timestep of a sequence.

    A cell is a layer whose `call(inputs, states)` takes the input of one timestep and a list of
    states, and returns an output and the new states. It has a `state_size` (an integer, or a list
    of them for several states), and may have an `output_size` and `get_initial_state(batch_size)`.

    Shapes: `(batch, steps, features) -> (batch, units)`; `(batch, steps, units)` with
    `return_sequences`. With `return_state` a tuple: the output, then the last states.

    Calling it takes, beside the sequences, `initial_state` (the states to begin
    with, a list), `mask` (`(batch, steps)`, false for the steps to be left out:
    the state stays and the output is repeated) and `training`.

    Args:
        cell: a cell, or a list of them, to be stacked.
        return_sequences: whether to return the outputs of all timesteps instead of the last one
            only.
        return_state: whether to also return the final states.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether a batch begins with the states that the last one ended with, sample by
            sample, in calls, `fit`, `evaluate` and `predict` alike, until `reset_states`. It needs
            a fixed batch size.
        unroll: whether to unroll the loop over timesteps. Only for short sequences.
        zero_output_for_mask: whether the output is 0 where the mask is false.
        **kwargs: `name`, `trainable`, `dtype`, `activity_regularizer`.

    Raises:
        ArgumentError: if `cell` is not a cell.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> from kerasish.layers import LSTMCell
        >>> layer = RNN(LSTMCell(4), return_sequences=True, return_state=True)
        >>> outputs, h, c = layer(np.ones((2, 5, 3), "float32"))
        >>> outputs.shape, h.shape, c.shape
        ((2, 5, 4), (2, 4), (2, 4))
    """

    def __init__(
        self,
        cell: Layer,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.cell: Any = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        check_cell(self.cell)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: PyTree = None
        self.supports_masking = True
        self.input_spec = self._expected(None)

    def _expected(self, features: int | None) -> InputSpec:
        axes = {-1: features} if features else None
        if isinstance(self.cell, GatedCell):
            return _sequence_spec(self.cell.input_spec)
        if isinstance(self.cell, StackedRNNCells):
            return InputSpec(ndim=3, axes=axes)
        return InputSpec(min_ndim=3, axes=axes)

    @property
    def state_size(self) -> PyTree:
        """The size of the state, or a list of sizes: that of the cell."""
        return self.cell.state_size

    def build(self, sequences_shape: Shape, initial_state_shape: PyTree | None = None) -> None:
        self._expected(None).check(tuple(sequences_shape), self.name)
        batch, _, *features = sequences_shape
        if not self.cell.built:
            self.cell.build((batch, *features))
        if self.stateful:
            self._add_state_weights((batch, *features))
        self.input_spec = self._expected(features[-1])

    def initial_states(self, timestep_shape: Shape) -> list[PyTree]:
        """Return the states before the first step.

        Args:
            timestep_shape: the shape of the input of one timestep, the batch first.
        """
        return self.get_initial_state(timestep_shape[0])

    def _add_state_weights(self, timestep_shape: Shape) -> None:
        if timestep_shape[0] is None:
            raise ShapeError(
                f"Layer {self.name!r} is stateful, so its batch size must be fixed: give it in "
                "`Input(shape, batch_size=...)`."
            )
        shapes = jax.eval_shape(lambda: self.initial_states(timestep_shape))
        self.states = jax.tree.map(self._add_state_weight, shapes)

    def _add_state_weight(self, like: jax.ShapeDtypeStruct) -> Variable:
        state = self.add_weight(like.shape, "zeros", trainable=False, name="rnn_state")
        state.saved = False
        return state

    def get_initial_state(self, batch_size: int | None) -> list[PyTree]:
        """Return the states before the first step, in the cell's structure."""
        return initial_states(self.cell, batch_size)

    def reset_state(self) -> None:
        """Reset the states of a stateful layer to zeros."""
        for state in jax.tree.leaves(self.states, is_leaf=lambda leaf: hasattr(leaf, "assign")):
            state.assign(jnp.zeros(state.shape, state.dtype))

    reset_states = reset_state

    def call(
        self,
        sequences: Array,
        initial_state: PyTree | None = None,
        mask: Array | None = None,
        training: bool = False,
    ) -> PyTree:
        states = self._start(sequences, initial_state)
        mask = None if mask is None else self._time_major_mask(mask, sequences)
        config = ScanConfig(training, mask, self.go_backwards, self.unroll)
        x = jnp.swapaxes(sequences, 0, 1)
        outputs, last, states = run_cell(self.cell, x, states, config)
        self._store_states(states)
        if mask is not None and self.zero_output_for_mask:
            outputs = _zero_masked_steps(mask, outputs)
            last = outputs[0 if self.go_backwards else -1]
        if self.return_sequences:
            outputs = jnp.flip(outputs, 0) if self.go_backwards else outputs
            last = jnp.swapaxes(outputs, 0, 1)
        found = (last, *self._returned(states)) if self.return_state else last
        return jax.tree.map(lambda y: cast_floats(y, self.compute_dtype), found)

    def _returned(self, states: list[PyTree]) -> list[PyTree]:
        """Return the states as callers get them: one state of a stacked cell is not in a list."""
        if not isinstance(self.cell, StackedRNNCells):
            return states
        return [own[0] if len(own) == 1 else own for own in states]

    def _start(self, sequences: Array, given: PyTree) -> list[PyTree]:
        """Return the states to begin with, once they are known to fit."""
        kept = given is None and self.stateful
        if kept:
            given = jax.tree.map(lambda state: state.value, self.states, is_leaf=_is_variable)
        first = self.initial_states((sequences.shape[0], *sequences.shape[2:]))
        if given is None:
            return first
        leaves, wanted = jax.tree.leaves(given), jax.tree.leaves(first)
        if len(leaves) != len(wanted):
            raise ShapeError(
                f"Layer {self.name!r} has {len(wanted)} states; {len(leaves)} initial states were "
                "given."
            )
        for leaf, like in zip(leaves, wanted, strict=True):
            if kept and not _shapes_match(leaf.shape[:1], like.shape[:1]):
                raise ShapeError(
                    f"Layer {self.name!r} is stateful: it keeps a state for each of "
                    f"{leaf.shape[0]} samples, and this batch has {like.shape[0]}. Give whole "
                    f"batches of {leaf.shape[0]}, or a model for other batches the same weights."
                )
            if not _shapes_match(leaf.shape, like.shape):
                raise ShapeError(
                    f"Layer {self.name!r} takes states of shape {_static_shape(like.shape)} for "
                    f"this input; one of shape {_static_shape(leaf.shape)} was given."
                )
        states = [leaf.astype(like.dtype) for leaf, like in zip(leaves, wanted, strict=True)]
        found: list[PyTree] = jax.tree.unflatten(jax.tree.structure(first), states)
        return found

    def _time_major_mask(self, mask: Array, sequences: Array) -> Array:
        """Return the mask with the time first."""
        if mask.ndim == 3 and mask.shape[2] == 1:
            mask = mask[..., 0]
        if mask.ndim != 2 or not _shapes_match(mask.shape, sequences.shape[:2]):
            raise ShapeError(
                f"Layer {self.name!r} takes a mask of shape (batch, steps), here "
                f"{_static_shape(sequences.shape[:2])}; it got {_static_shape(mask.shape)}."
            )
        return jnp.swapaxes(mask, 0, 1).astype(bool)

    def _store_states(self, states: PyTree) -> None:
        if self.stateful:
            kept = jax.tree.leaves(self.states, is_leaf=_is_variable)
            for variable, value in zip(kept, jax.tree.leaves(states), strict=True):
                variable.assign(value)

    def compute_mask(self, _: PyTree, mask: Array | None) -> Array | list[Array | None] | None:
        mask = mask if self.return_sequences else None
        if not self.return_state:
            return mask
        return [mask] + [None for _ in jax.tree.leaves(self.state_size)]


def share_settings(layer: RNN, cell: GatedCell) -> None:
    """Copy the settings of a cell to the layer that made it."""
    for name in inspect.signature(type(layer)).parameters:
        if hasattr(cell, name) and not hasattr(layer, name):
            setattr(layer, name, getattr(cell, name))


def _sequence_spec(spec: InputSpec | None) -> InputSpec:
    """Return what is expected of a sequence of what `spec` expects."""
    spec = spec or InputSpec()
    axes = {axis + (axis > 0): size for axis, size in (spec.axes or {}).items()}
    return InputSpec(ndim=None if spec.ndim is None else spec.ndim + 1, axes=axes or None)


def _is_variable(leaf: object) -> bool:
    return hasattr(leaf, "assign")


def _shapes_match(shape: Shape, wanted: Shape) -> bool:
    """Return whether a shape agrees with another in all sizes that are known."""
    known = (
        (a, b)
        for a, b in zip(shape, wanted, strict=False)
        if isinstance(a, int) and isinstance(b, int)
    )
    return len(shape) == len(wanted) and all(a == b for a, b in known)


def _static_shape(shape: Shape) -> Shape:
    return tuple(n if isinstance(n, int) else None for n in shape)


def _zero_masked_steps(mask: Array, outputs: Array) -> Array:
    return jnp.where(
        mask.reshape(mask.shape + (1,) * (outputs.ndim - 2)), outputs, jnp.zeros((), outputs.dtype)
    )
