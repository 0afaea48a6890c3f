"""The weights of a layer, to look at and to set."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, NotBuiltError, ShapeError
from kerasish.core.named import Named
from kerasish.core.paths import to_name
from kerasish.core.scope import current_scope
from kerasish.core.seeds import SeedGenerator
from kerasish.core.serialization import registry
from kerasish.core.settings import config
from kerasish.core.tree import (
    all_layers,
    collect_attributes,
    own_variables,
    sublayers,
    variables_with_paths,
)
from kerasish.core.variable import Variable

__all__ = ["Weighted"]


@runtime_checkable
class Measure(Protocol):
    """What a metric is known by."""

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take a batch into account."""
        ...

    def reset_state(self) -> None:
        """Forget everything."""
        ...

    def result(self) -> Any:
        """Return the value since the last reset."""
        ...


class Weighted(Named):
    """A thing with weights, its own and those of its parts.

    Args:
        name: a name, unique within the parent; made from the class otherwise.
        trainable: whether optimizers change the weights.
        dtype: a dtype or a policy such as `"mixed_bfloat16"`.
    """

    def __init__(self, name: str | None, trainable: bool, dtype: Any) -> None:
        super().__init__(name, dtype)
        self._kerasish_trainable = bool(trainable)
        self.built = False
        self._kerasish_seed: int | None = None
        self._kerasish_randomness = SeedGenerator()
        self._kerasish_added_losses: list[jax.Array] = []

    def _kerasish_settle_weights(self) -> None:
        """Make this the root that its weights' paths and first values go by."""
        seed = self._kerasish_take_seed()
        places = {id(self): self.name}
        for layer in all_layers(self):
            layer._kerasish_path = places[id(layer)]
            for name, child in sublayers(layer).items():
                places.setdefault(id(child), f"{layer._kerasish_path}/{name}")
        for path, variable in variables_with_paths(self):
            variable.path = path
            if not variable.has_value:
                variable.seed = seed

    def _kerasish_take_seed(self) -> int:
        """Return the seed of the weights: the first that it or a model within it was built with."""
        seed: int | None = None
        for layer in (self, *all_layers(self)):
            if seed is None:
                seed, layer._kerasish_seed = layer._kerasish_seed, None
        seed = config.next_seed() if seed is None else seed
        # What was within this one has no seed now, so that another model around it has its own.
        self._kerasish_seed = seed
        return seed

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Declare a weight. Keep what is returned in an attribute.

        Args:
            shape: its shape; a scalar by default.
            initializer: a name, an initializer, or `(shape, dtype) -> array`;
                `"glorot_uniform"` for floats and `"zeros"` for integers
                unless given.
            dtype: its dtype; the layer's by default.
            trainable: whether it is a parameter (else it is state).
            autocast: whether a mixed dtype policy applies to it.
            regularizer: a penalty on its value, added to the loss.
            constraint: a projection applied after each update.
            aggregation: how copies on several devices become one; see `Variable`.
            overwrite_with_gradient: whether its gradient takes its place; see `Variable`.
            name: its name within the layer.

        Returns:
            The variable. Its value is drawn when first needed.

        Raises:
            ShapeError: if a size is unknown.
            ArgumentError: if the name is given first, in the place of the shape.
        """
        dtype = np.dtype(dtype or self.variable_dtype)
        if initializer is None:
            floating = jnp.issubdtype(dtype, jnp.floating)
            initializer = "glorot_uniform" if floating else "zeros"
        if isinstance(shape, str):
            raise ArgumentError(
                f"add_weight takes the shape first; write `add_weight(shape=..., name={shape!r})`."
            )
        shape = (shape,) if isinstance(shape, int) else tuple(shape or ())
        if not all(isinstance(n, (int, np.integer)) for n in shape):
            raise ShapeError(
                f"Layer {self.name!r} cannot make a weight {name!r} of shape {shape}: a size is "
                "unknown. Give that size in `Input(shape=...)`."
            )
        variable = Variable(
            registry.resolve("initializers", initializer),
            shape,
            dtype,
            trainable=trainable,
            autocast=autocast,
            aggregation=aggregation,
            name=name or "variable",
            regularizer=registry.resolve("regularizers", regularizer),
            constraint=registry.resolve("constraints", constraint),
        )
        variable.overwrite_with_gradient = overwrite_with_gradient
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Declare a weight; see `add_weight`.

        Args:
            shape: its shape.
            initializer: a name, an initializer, or `(shape, dtype) -> array`.
            dtype: its dtype; the layer's by default.
            trainable: whether it is a parameter (else it is state).
            autocast: whether a mixed dtype policy applies to it.
            regularizer: a penalty on its value, added to the loss.
            constraint: a projection applied after each update.
            name: its name within the layer.
        """
        return self.add_weight(
            shape,
            initializer,
            dtype,
            trainable,
            autocast,
            regularizer,
            constraint,
            name=name,
        )

    @property
    def trainable(self) -> bool:
        """Whether optimizers change the weights; setting it also sets all sublayers."""
        return self._kerasish_trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._kerasish_trainable = bool(value)
        for layer in self._kerasish_sublayers():
            layer.trainable = value

    @property
    def weights(self) -> list[Variable]:
        """All weights, in Keras's order."""
        return [variable for _, variable in variables_with_paths(self) if variable.saved]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        return [variable for _, variable in variables_with_paths(self, trainable=True)]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that optimizers leave alone."""
        return [
            variable
            for _, variable in variables_with_paths(self, trainable=False)
            if variable.saved
        ]

    @property
    def variables(self) -> list[Variable]:
        """The weights, and what else `stateless_call` carries from call to call."""
        return [variable for _, variable in variables_with_paths(self)] + self._kerasish_seeds

    @property
    def trainable_variables(self) -> list[Variable]:
        """The first argument of `stateless_call`: the weights that optimizers change."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The second argument of `stateless_call`: all other variables.

        The last is the state of the random numbers, if a layer draws some: one that has
        an attribute `seed`, or a `SeedGenerator` in any attribute.
        """
        return [
            variable for _, variable in variables_with_paths(self, trainable=False)
        ] + self._kerasish_seeds

    @property
    def _kerasish_seeds(self) -> list[Variable]:
        """The state of the random numbers, in a list; an empty one if none are drawn."""
        draws = any(map(_draws, all_layers(self)))
        return [self._kerasish_randomness.state] if draws else []

    @property
    def losses(self) -> list[jax.Array]:
        """What `add_loss` was given in the last call, and the penalties of the regularizers.

        Within a call it is that call; else it is the last one outside of any transformation.
        """
        scope = current_scope()
        added = self._kerasish_added_losses if scope is None else scope.losses
        penalties = [
            v.regularizer(v.value) for v in self.trainable_weights if v.regularizer is not None
        ]
        return [*added, *penalties]

    @property
    def metrics(self) -> list[Any]:
        """The metrics in attributes of the layer and of those within it, each once."""
        found = {id(m): m for layer in all_layers(self) for m in collect_attributes(layer, Measure)}
        return list(found.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of all metrics, in order."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights as NumPy arrays, in the order of `weights`."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Assign all weights, in the order of `weights`.

        Args:
            weights: as many arrays as there are weights, of the same shapes. A tree as `params`
                gives it is assigned to `params`.

        Raises:
            ShapeError: if they do not fit; then nothing is changed.
            ArgumentError: if they are a tree.

        Warns:
            UserWarning: if they are JAX arrays that could be the leaves of a tree, which are in
                the order of their names.
        """
        own = self.weights
        if isinstance(weights, Mapping):
            raise ArgumentError(
                f"`set_weights` of {self.name!r} takes a list of arrays in the order of `weights`; "
                "got a dict. Assign a tree: `model.params = tree`, `model.state = tree`."
            )
        if len(own) != len(weights):
            raise ShapeError(
                f"{self.name!r} has {len(own)} weights; {len(weights)} arrays were given."
            )
        for variable, value in zip(own, weights, strict=True):
            if np.shape(value) != variable.shape:
                raise ShapeError(
                    f"The weight {to_name(variable.path)!r} has shape {variable.shape}; the "
                    f"array given for it has shape {np.shape(value)}. The leaves of a tree are in "
                    "another order: assign the tree to `model.params`."
                )
        if all(isinstance(value, jax.Array) for value in weights):
            _warn_of_leaves(self)
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the weights of this layer itself, without sublayers, into a store: `"0"`, `"1"`."""
        for i, variable in enumerate(self._kerasish_file_variables()):
            store[str(i)] = np.array(self._kerasish_file_value(variable))

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the weights of this layer itself from what `save_own_variables` has filled.

        Raises:
            ShapeError: if the store holds another number of arrays, or one does not fit.
        """
        own = self._kerasish_file_variables()
        if len(store) != len(own):
            raise ShapeError(
                f"{self.name!r} has {len(own)} weights of its own; the store holds {len(store)}."
            )
        for i, variable in enumerate(own):
            variable.assign(np.asarray(store[str(i)]))
        for variable, value in self._kerasish_after_loading():
            variable.assign(value)

    def _kerasish_file_variables(self) -> list[Variable]:
        """Return the weights of this layer itself that a file has, in its order."""
        return own_variables(self)

    def _kerasish_file_value(self, variable: Variable) -> Any:
        """Return what a file has for one of `file_variables`."""
        return variable.value

    def _kerasish_after_loading(self) -> Iterable[tuple[Variable, Any]]:
        """Return what else changes when `file_variables` were loaded: weights and their values."""
        return ()

    def count_params(self) -> int:
        """Return the number of single numbers in all weights."""
        self._kerasish_require_built()
        return sum(variable.size for variable in self.weights)

    def add_metric(self, *_: Any, **__: Any) -> None:
        """Refuse: Keras has no such thing any more either.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            f"{self.name!r} takes no metrics by `add_metric`. Give them to `compile(metrics=...)`, "
            "or keep one in an attribute and call its `update_state` inside `call`."
        )

    # Nothing is quantized.
    quantization_mode: ClassVar[None] = None

    def quantize(
        self, mode: Any = None, type_check: bool = True, config: Any = None, **kwargs: Any
    ) -> None:
        """Refuse: there is no quantization here.

        Args:
            mode: what to quantize to.
            type_check: without effect.
            config: without effect.
            **kwargs: without effect.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            f"{self.name!r} cannot be quantized (here to {mode!r}): there is no quantization. "
            "Give layers `dtype='bfloat16'` to halve their weights."
        )

    def _kerasish_require_built(self) -> None:
        if not self.built:
            raise NotBuiltError(
                f"{self.name!r} has no weights yet, because its input shape is not known. Begin "
                "with `kerasish.Input(shape=...)`, call it on data once, or call `fit`."
            )


def _draws(layer: Weighted) -> bool:
    """Return whether a layer says by its attributes that it draws random numbers."""
    generators = collect_attributes(layer, SeedGenerator)
    return hasattr(layer, "seed") or any(
        each is not layer._kerasish_randomness for each in generators
    )


def _warn_of_leaves(layer: Weighted) -> None:
    """Warn if the leaves of a tree would pass for a list in the order of `weights`."""
    kinds = (
        [each for each in variables_with_paths(layer, kind) if each[1].saved]
        for kind in (True, False)
    )
    leaves = [v for kind in kinds for _, v in sorted(kind, key=lambda each: each[0])]
    own = layer.weights
    moved = [v for v, leaf in zip(own, leaves, strict=True) if v is not leaf]
    if moved and all(v.shape == leaf.shape for v, leaf in zip(own, leaves, strict=True)):
        warnings.warn(
            f"`set_weights` of {layer.name!r} took JAX arrays in the order of `weights`, where "
            f"{to_name(moved[0].path)!r} comes before {to_name(moved[1].path)!r}. If they are "
            "`jax.tree.leaves(params)`, which are sorted by name, assign the tree instead: "
            "`model.params = params`. NumPy arrays are taken without this warning.",
            stacklevel=3,
        )
