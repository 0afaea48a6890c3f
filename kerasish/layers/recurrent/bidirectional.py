"""Bidirectional: a recurrent layer in both directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, cast

import jax
import jax.numpy as jnp

from kerasish.core.dtypes import cast_floats
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.serialization import registry
from kerasish.core.tree import sublayers
from kerasish.core.types import Array, ArrayLike, Config, PyTree, Shape
from kerasish.layers._shared import register

__all__ = ["Bidirectional"]


class RecurrentLayer(Protocol):
    """What `Bidirectional` needs of the layer that it wraps."""

    name: str
    built: bool
    go_backwards: bool
    return_sequences: bool
    return_state: bool
    stateful: bool
    zero_output_for_mask: bool
    states: PyTree

    def __call__(self, sequences: Array, **options: Any) -> PyTree:
        """Apply the layer to sequences."""
        ...

    def build(self, sequences_shape: Shape) -> None:
        """Add the weights."""
        ...

    def reset_state(self) -> None:
        """Set the states of a stateful layer to zeros."""
        ...

    def get_config(self) -> Config:
        """Return the constructor arguments."""
        ...

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """Make a layer from what `get_config` returned."""
        ...


_MERGES: dict[str | None, Callable[[Any, Any], Any]] = {
    "sum": jnp.add,
    "mul": jnp.multiply,
    "ave": lambda a, b: (a + b) / 2,
    "concat": lambda a, b: jnp.concatenate([a, b], -1),
    None: lambda a, b: (a, b),
}


@register()
class Bidirectional(Layer):
    """Runs a layer in both directions and merges the outputs (Schuster & Paliwal, 1997).

    Both layers are copies of the given one, made from its config; its own weights are not used.

    Shapes: those of the layer; with `merge_mode="concat"` the last axis is twice as
    long. With `return_state` a tuple: the output, then the last states of the
    forward and of the backward layer.

    Calling it takes what a call of the layer takes; of `initial_state`, the first
    half is the forward layer's. Where a mask is false, the outputs of all steps are 0.

    Args:
        layer: a recurrent layer: `LSTM`, `GRU`, `SimpleRNN`, `RNN`, or any layer that has
            `go_backwards`, `return_sequences` and `return_state` of the same meaning.
        merge_mode: `"concat"`, `"sum"`, `"mul"`, `"ave"`, or None for two outputs.
        weights: arrays that the weights of both layers begin with, as `set_weights` takes them.
        backward_layer: the layer from the end; it is used as it is. By default a second one like
            `layer`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if the layers cannot be used, or there is no such `merge_mode`.

    Examples:
        >>> import numpy as np
        >>> from kerasish.layers import LSTM
        >>> Bidirectional(LSTM(4, return_sequences=True))(np.ones((2, 5, 3), "float32")).shape
        (2, 5, 8)
    """

    _kerasish_foreign_config: ClassVar = {"weights": None}

    def __init__(
        self,
        layer: RecurrentLayer,
        merge_mode: str | None = "concat",
        weights: Sequence[ArrayLike] | None = None,
        backward_layer: RecurrentLayer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(weights=weights, **kwargs)
        for each in (layer, backward_layer):
            if each is not None or each is layer:
                _check_recurrent(each)
        if merge_mode not in _MERGES:
            modes = ", ".join(map(repr, _MERGES))
            raise ArgumentError(f"merge_mode must be one of {modes}; got {merge_mode!r}.")
        self.merge_mode = merge_mode
        self.forward_layer = _copy(layer, "forward_")
        if backward_layer is None:
            backward_layer = _copy(layer, "backward_", go_backwards=not layer.go_backwards)
        self.backward_layer = backward_layer
        self._check_pair()
        self.return_sequences: bool = layer.return_sequences
        self.return_state: bool = layer.return_state
        self.stateful: bool = getattr(layer, "stateful", False)
        self.supports_masking = True
        if self.return_sequences:
            for each in (self.forward_layer, self.backward_layer):
                # Otherwise the two would repeat different outputs in masked steps.
                each.zero_output_for_mask = True

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ArgumentError(
                "The two layers of Bidirectional go in different directions: one of them needs "
                f"go_backwards=True; here both have {forward.go_backwards}."
            )
        for name in ("return_sequences", "return_state", "stateful"):
            values = [getattr(each, name, False) for each in (forward, backward)]
            if values[0] != values[1]:
                raise ArgumentError(
                    f"The two layers of Bidirectional have the same {name}; here it is {values[0]} "
                    f"in the forward and {values[1]} in the backward layer."
                )

    def build(self, sequences_shape: Shape, initial_state_shape: PyTree | None = None) -> None:
        for each in (self.forward_layer, self.backward_layer):
            if not each.built:
                each.build(sequences_shape)

    def call(
        self,
        sequences: Array,
        initial_state: PyTree | None = None,
        mask: Array | None = None,
        training: bool | None = None,
    ) -> PyTree:
        pair = (self.forward_layer, self.backward_layer)
        outputs: list[Any] = []
        states: list[Any] = []
        for each, start in zip(pair, self._split_initial_state(initial_state), strict=True):
            found = each(sequences, mask=mask, training=training, **start)
            output, *after = found if self.return_state else (found,)
            outputs.append(output)
            states += after
        if self.return_sequences:
            outputs[1] = jnp.flip(outputs[1], 1)
        outputs, states = jax.tree.map(
            lambda y: cast_floats(y, self.compute_dtype), (outputs, states)
        )
        merged = _MERGES[self.merge_mode](*outputs)
        if not self.return_state:
            return merged
        return (*merged, *states) if isinstance(merged, tuple) else (merged, *states)

    def _split_initial_state(self, states: PyTree) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the arguments that give each layer its half of the states."""
        if states is None:
            return {}, {}
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        if len(states) % 2:
            raise ShapeError(
                f"Layer {self.name!r} takes as many initial states for the forward as for the "
                f"backward layer; {len(states)} were given."
            )
        half = len(states) // 2
        return {"initial_state": states[:half]}, {"initial_state": states[half:]}

    def compute_mask(self, _: PyTree, mask: Array | None) -> Array | list[Array | None] | None:
        mask = mask if self.return_sequences else None
        return [mask, mask] if self.merge_mode is None else mask

    @property
    def states(self) -> tuple[PyTree, ...] | None:
        """The states of both layers, if they are stateful."""
        if not self.stateful or not self.built:
            return None
        return (*self.forward_layer.states, *self.backward_layer.states)

    def reset_state(self) -> None:
        """Reset the states of a stateful layer to zeros."""
        for each in (self.forward_layer, self.backward_layer):
            if getattr(each, "stateful", False):
                each.reset_state()

    reset_states = reset_state

    def get_config(self) -> Config:
        return super().get_config() | {"layer": registry.serialize(self.forward_layer)}


def _check_recurrent(layer: object) -> None:
    needed = ("go_backwards", "return_sequences", "return_state")
    if isinstance(layer, Layer) and all(hasattr(layer, name) for name in needed):
        return
    shown = type(layer).__name__ if isinstance(layer, Layer) else repr(layer)
    raise ArgumentError(
        "Bidirectional wraps a recurrent layer (`LSTM`, `GRU`, `RNN`, ...), that is, one with "
        f"{', '.join(needed)}; got {shown}."
    )


def _copy(layer: RecurrentLayer, prefix: str, **changed: bool) -> RecurrentLayer:
    """Return a new layer of the same settings."""
    name = layer.name if layer.name.startswith(prefix) else prefix + layer.name
    config = layer.get_config() | changed | {"name": name}
    # Whatever the layer is made of is known here, also if it is not registered.
    with registry.custom_objects(_classes(cast(Layer, layer))):
        copy: RecurrentLayer = type(layer).from_config(config)
        return copy


def _classes(layer: Layer) -> dict[str, type]:
    found: dict[str, type] = {}
    for child in sublayers(layer).values():
        found |= _classes(child)
    name = registry.registered_name(type(layer)) or type(layer).__name__
    return found | {name: type(layer)}
