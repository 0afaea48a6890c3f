"""Optimizer: Keras's methods around a formula for one weight, as an optax transformation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from typing import Any, ClassVar, Self, TypedDict, cast

import jax.numpy as jnp
import numpy as np
import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.names import snake_case
from kerasish.core.paths import Path, Tree, get_in, nest, to_name
from kerasish.core.serialization.registry import Registry, deserialize, serialize
from kerasish.core.serialization.registry import custom_objects as custom_scope
from kerasish.core.surface.old_names import check_arguments
from kerasish.core.surface.representation import representation
from kerasish.core.surface.reserved import Shadowable
from kerasish.core.types import Array, ArrayLike, Config, DTypeLike, InitializerLike
from kerasish.core.variable import Variable
from kerasish.optimizers import keras_api, keras_subclassing, transformation
from kerasish.optimizers.attributes import CLIPS, HyperparamAttributes, hyperparam, number_of
from kerasish.optimizers.formula import (
    Formula,
    Hyperparams,
    Slots,
    formula_of,
    keras_form_classes,
)
from kerasish.optimizers.keras_api import Grads
from kerasish.optimizers.schedules.base import LearningRate, schedule_of, unwrapped
from kerasish.optimizers.schedules.decay import InverseTimeDecay
from kerasish.optimizers.state import OptimizerState
from kerasish.optimizers.variables import (
    averages_of,
    create_slots,
    weights_by_path,
)

__all__ = [
    "Hyperparams",
    "Optimizer",
    "Setting",
    "Settings",
    "SharedSettings",
    "Slots",
    "optimizers",
    "settings_of",
]

optimizers = Registry("optimizer", "optimizers", instantiate=True)

Setting = bool | int | float | str | None


class SharedSettings(TypedDict, total=False):
    """The settings that every optimizer has, by name, and `decay` of Keras 2."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None
    decay: float


class Settings(SharedSettings, total=False):
    """The same, with weight decay, which some optimizers have a default of their own for."""

    weight_decay: float | None


class Optimizer(HyperparamAttributes):
    """The base of optimizers: a formula for one weight, and wrappers around any formula.

    `init(params)` and `update(grads, state, params)` are pure; together they
    are an `optax.GradientTransformation`, returned by `transformation`. All
    hyperparameters are leaves of the state: changing one compiles nothing.

    A subclass defines `update_one`, the formula, and in `slot_groups` the names of the arrays that
    it keeps for each weight. A subclass may instead define `build` and `update_step`, as in Keras.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        weight_decay: at each step, this share of a weight, times the learning rate, is
            subtracted from it.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: whether to keep a moving average of the weights, which replaces them at the
            end of `fit`.
        ema_momentum: the share of the average that stays at each step.
        ema_overwrite_frequency: after how many steps the average replaces the weights; only at
            the end by default.
        loss_scale_factor: the loss is multiplied by it and the gradients are divided by it, so
            that small gradients in float16 do not underflow.
        gradient_accumulation_steps: how many gradients make one step, with their mean.
        name: a name.
        **hyperparams: the hyperparameters of the formula. With `decay`, which Keras 2 had, the
            learning rate is divided by `1 + decay * step`.

    Raises:
        ArgumentError: if a setting is not valid, or more than one kind of clipping is set.

    Attributes:
        iterations: how many updates were made.
        hyperparams: the numbers that may be changed at any time, by name; each is an attribute,
            too (`optimizer.beta_1 = 0.8`).

    Examples:
        >>> class Signs(Optimizer):
        ...     slot_groups = (("last",),)
        ...     def update_one(self, g, w, slots, hp):
        ...         return -hp.learning_rate * jnp.sign(g + slots["last"]), {"last": g}
        >>> Signs(0.5).apply([[2.0, -1.0]], [weight := Variable([1.0, 1.0])])
        >>> weight.numpy()
        array([0.5, 1.5], dtype=float32)
    """

    slot_groups: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """The slots of each weight, in the order of Keras's files: group after group, and within a
    group weight by weight."""

    shared_slots: ClassVar[tuple[str, ...]] = ()
    """Scalars that are kept once for all weights; they come last in files."""

    signed_hyperparams: ClassVar[tuple[str, ...]] = ()
    """Hyperparameters that may be negative."""

    optional_hyperparams: ClassVar[tuple[str, ...]] = ("weight_decay",)
    """Hyperparameters that may be None."""

    slot_switches: ClassVar[tuple[str, ...]] = ()
    """Hyperparameters whose slots are kept only if they are above 0 when the optimizer is built."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Show the settings that every optimizer has in the signature of each."""
        super().__init_subclass__(**kwargs)
        own = inspect.signature(cls.__init__).parameters
        if "shared" in own:
            shared = [p for p in _PARAMETERS if p.name not in own]
            before = [p for p in own.values() if p.name not in ("self", "shared", "settings")]
            shown = [*before, *shared, _DECAY]
            cls.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **hyperparams: float,
    ) -> None:
        self._kerasish_init_variables()
        self.name = name or snake_case(type(self).__name__)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        if sum(value is not None for value in clips.values()) > 1:
            given = ", ".join(f"{key}={value}" for key, value in clips.items())
            raise ArgumentError(f"Only one of {', '.join(CLIPS)} can be set; got {given}.")
        self.clipnorm, self.clipvalue, self.global_clipnorm = clips.values()
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        if use_ema and not 0 <= ema_momentum <= 1:
            raise ArgumentError(f"ema_momentum must be from 0 to 1; got {ema_momentum!r}.")
        self.ema_overwrite_frequency = _count("ema_overwrite_frequency", ema_overwrite_frequency, 1)
        self.loss_scale_factor = loss_scale_factor
        steps = gradient_accumulation_steps
        self.gradient_accumulation_steps = _count("gradient_accumulation_steps", steps, 2)
        if isinstance(learning_rate, dict):
            learning_rate = deserialize(learning_rate)
        if decay := hyperparams.pop("decay", 0.0) or 0.0:
            learning_rate = InverseTimeDecay(cast(float, learning_rate), 1, decay)
        self._kerasish_schedule = schedule_of(learning_rate)
        if self._kerasish_schedule is not None:
            learning_rate = float(jnp.asarray(self._kerasish_schedule(0)))
        self._kerasish_check_names(hyperparams)
        numbers: dict[str, object] = {**hyperparams, "learning_rate": learning_rate}
        if weight_decay is not None:
            numbers["weight_decay"] = weight_decay
        formula = self._kerasish_formula
        self._kerasish_hyperparams = {
            key: hyperparam(key, value, key in formula.signed_hyperparams)
            for key, value in numbers.items()
        }
        given_switches = (key for key in formula.slot_switches if key in hyperparams)
        self._kerasish_enabled.update(key for key in given_switches if hyperparams[key] > 0)

    def _kerasish_init_variables(self) -> None:
        self._kerasish_iteration = Variable(0, dtype="int32", name="iteration", trainable=False)
        self._kerasish_inner_optimizers: dict[str, Any] = {}
        self.built = False
        self._kerasish_undecayed: tuple[str, ...] = ()
        self._kerasish_enabled: set[str] = set()
        self._kerasish_weights: dict[Path, Variable] = {}
        self._kerasish_slots: dict[Path, Variable] = {}
        self._kerasish_declared: dict[Path, Variable] = {}
        self._kerasish_requested: dict[Path, Variable] | None = None
        self._kerasish_unbuilt: dict[str, Any] | None = None
        self._kerasish_compiled: Callable[..., tuple[Tree, OptimizerState]] | None = None
        self._kerasish_compiled_for: tuple[Any, ...] = ()

    def _kerasish_check_names(self, hyperparams: dict[str, float]) -> None:
        """Refuse names that no constructor has; a class without its own takes any."""
        if type(self).__init__ is Optimizer.__init__:
            return
        makers = (cls.__init__ for cls in type(self).__mro__)  # type: ignore[misc]
        known = {name for make in makers for name in inspect.signature(make).parameters}
        known -= {"self", "args", "kwargs", "shared", "settings", "hyperparams"}
        check_arguments(type(self).__name__, sorted(hyperparams), known)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_kerasish_compiled": None}

    # The formula.

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        """Return what to add to a weight, and its new slots.

        Args:
            g: its gradient, clipped.
            w: the weight, after weight decay.
            slots: the arrays that are kept for it, by name.
            hp: the hyperparameters as attributes, and `hp.t`: the number of this update, from 1.
        """
        raise NotImplementedError

    def init_slots(self, path: str, w: Array) -> Slots:
        """Return the slots of a weight before the first update: zeros, by default.

        They are NumPy arrays, since JAX would compile a program for each shape.

        Args:
            path: the path of the weight, such as `"dense/kernel"`.
            w: the weight.
        """
        groups = self._kerasish_formula.slot_groups
        return {name: np.zeros(w.shape, w.dtype) for group in groups for name in group}

    def prepare_step(self, hp: Hyperparams, shared: Slots) -> tuple[Hyperparams, Slots]:
        """Return the hyperparameters and the shared slots of an update, before it is made."""
        return hp, shared

    def weight_decay_for(self, path: str, w: Array, hp: Hyperparams) -> float | Array | None:
        """Return the weight decay of a weight; None for no decay."""
        return getattr(hp, "weight_decay", None)

    @property
    def _kerasish_formula(self) -> Formula:
        return formula_of(self, Optimizer)

    @property
    def _kerasish_has_own_step(self) -> bool:
        return bool(keras_form_classes(type(self), Optimizer))

    # The pure view. The library calls the reserved names; a subclass may use the others.

    hyperparams = Shadowable(lambda self: self._kerasish_hyperparams)
    hyperparams.__doc__ = "The numbers that may be changed at any time, by name."

    transformation = Shadowable(
        lambda self: optax.GradientTransformation(self._kerasish_init, self._kerasish_update)
    )
    transformation.__doc__ = "This optimizer as an optax transformation."

    def init(self, params: Tree) -> OptimizerState:
        """Return the state before the first step."""
        return self._kerasish_init(params)

    def update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        """Return the updates to add to the weights, and the new state."""
        return self._kerasish_update(grads, state, params)

    def _kerasish_init(self, params: Tree) -> OptimizerState:
        return transformation.init(self, params)

    def _kerasish_update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        return transformation.update(self, grads, state, params)

    # Variables.

    @property
    def iterations(self) -> Variable | Array:
        """How many updates were made."""
        steps = self.gradient_accumulation_steps
        return self._kerasish_iteration.value // steps if steps else self._kerasish_iteration

    @property
    def variables(self) -> list[Variable]:
        """The state in Keras's order: iteration, learning rate, then slots."""
        own = [self._kerasish_iteration, *self._kerasish_rate_variables()]
        own += self._kerasish_slots.values()
        inner = self._kerasish_inner_optimizers.values()
        return own + [variable for each in inner for variable in each.variables]

    def _kerasish_rate_variables(self) -> list[Variable]:
        rate = self._kerasish_hyperparams["learning_rate"]
        return [rate] if self._kerasish_schedule is None else []

    def _kerasish_slot_paths(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        formula = self._kerasish_formula
        for group in (("average",), ("gradient_accumulator",), *formula.slot_groups):
            for weight in weights:
                paths = (("inner", slot, *weight) for slot in group)
                yield from (path for path in paths if get_in(state, path) is not None)
        yield from (("inner", name) for name in formula.shared_slots)

    def _kerasish_create_slots(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        if self._kerasish_has_own_step:
            keras_subclassing.bind_build(self, weights, state, fill=fill)
        else:
            self._kerasish_create_formula_slots(weights, state, fill=fill)

    def _kerasish_create_formula_slots(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        paths = self._kerasish_slot_paths(list(weights), state)
        create_slots(self, weights, state, paths, fill=fill)

    @property
    def learning_rate(self) -> Variable | Array:
        """The learning rate now. Assign a number to change it; nothing is recompiled."""
        if self._kerasish_schedule is not None:
            return jnp.asarray(self._kerasish_schedule(self._kerasish_iteration.value), "float32")
        return self._kerasish_hyperparams["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, value: ArrayLike) -> None:
        if self._kerasish_schedule is not None:
            raise ArgumentError(
                "The learning rate follows a schedule and cannot be set; give the optimizer a "
                "number as `learning_rate` if a callback is to change it."
            )
        self._kerasish_hyperparams["learning_rate"].assign(value)

    # For training loops of the user's own.

    def build(self, variables: Sequence[Variable]) -> None:
        """Create the slots for some weights; `apply` does so for the first weights that it gets.

        Args:
            variables: the weights.
        """
        if self.built:
            return
        if self._kerasish_unbuilt is None:
            self._kerasish_unbuilt = keras_subclassing.containers(self)
        weights = self._kerasish_requested or weights_by_path(variables)
        params = nest({path: v.value for path, v in weights.items()})
        if self._kerasish_has_own_step:
            state = transformation.init_without_build(self, params)
        else:
            state = self._kerasish_init(params)
        self._kerasish_create_formula_slots(weights, state, fill=True)

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[ArrayLike | None, Variable]]
    ) -> Variable | Array:
        """Update weights; see `apply`.

        Args:
            grads_and_vars: pairs of a gradient and its weight.

        Returns:
            How many updates were made.
        """
        grads, weights = zip(*grads_and_vars, strict=True)
        self.apply(grads, weights)
        return self.iterations

    def apply(self, grads: Grads, trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update weights in place.

        Args:
            grads: a gradient for each of them; None leaves a weight alone.
            trainable_variables: the weights; those that the optimizer was built for by default.

        Raises:
            ArgumentError: if there are not as many gradients as weights, no gradient at all, or a
                weight that the optimizer was not built for.

        Examples:
            >>> from kerasish import Variable, optimizers
            >>> weight = Variable([1.0, 2.0])
            >>> optimizers.SGD(0.5).apply([[1.0, 1.0]], [weight])
            >>> weight.numpy()
            array([0.5, 1.5], dtype=float32)
        """
        if trainable_variables is not None:
            self.build(trainable_variables)
        keras_api.apply(self, grads, trainable_variables)

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Array],
        grads: Grads,
        trainable_variables: Sequence[Array],
    ) -> tuple[list[Array], list[Array]]:
        """Return new weights and a new state, as a pure function of lists in Keras's order.

        Args:
            optimizer_variables: the values of `variables`.
            grads: a gradient for each weight that the optimizer was built for.
            trainable_variables: the values of the weights.

        Returns:
            The new values of the weights, and those of `variables`.

        Raises:
            NotBuiltError: if `build` was not called.
            ArgumentError: if a list is not of the right length.
        """
        return keras_api.stateless_apply(self, optimizer_variables, grads, trainable_variables)

    def scale_loss(self, loss: Array | float, state: OptimizerState | None = None) -> Array | float:
        """Return the loss to take gradients of; `update` scales them back.

        Args:
            loss: the loss.
            state: the state of the optimizer; the current one by default.
        """
        return loss * self.loss_scale_factor if self.loss_scale_factor else loss

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Assign to weights their moving averages, with `use_ema`; `fit` does so when it ends.

        Args:
            var_list: the weights.
        """
        for weight, mean in self._kerasish_averages(var_list):
            weight.assign(mean.value)

    def _kerasish_averages(self, weights: Sequence[Variable]) -> list[tuple[Variable, Variable]]:
        return averages_of(self, weights)

    @property
    def _kerasish_keeps_averages(self) -> bool:
        """Whether there are moving averages of weights, here or in an inner optimizer."""
        inner = self._kerasish_inner_optimizers.values()
        return self.use_ema or any(each._kerasish_keeps_averages for each in inner)

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Exclude weights from weight decay.

        Args:
            var_list: those weights.
            var_names: patterns (regular expressions) of their paths, e.g. `["bias", "gamma"]`.
        """
        exact = tuple(f"^{re.escape(to_name(v.path))}$" for v in var_list or ())
        self._kerasish_undecayed = (*self._kerasish_undecayed, *exact, *(var_names or ()))
        self._kerasish_compiled = None
        for each in self._kerasish_inner_optimizers.values():
            each.exclude_from_weight_decay(var_list, var_names)

    # For subclasses in Keras's form.

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: InitializerLike = "zeros",
        dtype: DTypeLike | None = None,
        aggregation: str | None = "none",
        layout: object = None,
        name: str | None = None,
    ) -> Variable:
        """Declare a variable that is not kept for one weight.

        Args:
            shape: its shape.
            initializer: its first value.
            dtype: its dtype; `kerasish.config.floatx()` by default.
            aggregation: ignored; an argument in Keras.
            layout: ignored; an argument in Keras.
            name: its name.
        """
        return keras_subclassing.declare(self, (), name or "variable", shape, dtype, initializer)

    def add_variable_from_reference(
        self,
        reference_variable: Variable,
        name: str | None = None,
        initializer: InitializerLike = "zeros",
    ) -> Variable:
        """Declare a variable of the shape and dtype of a weight.

        Args:
            reference_variable: the weight.
            name: the name of the slot, such as `"momentum"`.
            initializer: its first value.
        """
        like = reference_variable
        path = next((p for p, w in self._kerasish_weights.items() if w is like), tuple(like.path))
        declare = keras_subclassing.declare
        return declare(self, path, name or "var", like.shape, like.dtype, initializer)

    def add_optimizer_variables(
        self,
        trainable_variables: Iterable[Variable],
        name: str | Sequence[str],
        initializer: InitializerLike | Sequence[InitializerLike] = "zeros",
    ) -> list[Variable | None] | tuple[list[Variable | None], ...]:
        """Declare a variable for each weight, or several.

        Args:
            trainable_variables: the weights.
            name: the name of the slot, or a list of such names.
            initializer: their first value, or a list with an entry for each name.

        Returns:
            A list of them; a tuple of lists if there is a list of names. A weight that is
            overwritten by its gradient has None.

        Raises:
            ArgumentError: if there is not an initializer for each name.
        """
        names = [name] if isinstance(name, str) else list(name)
        several = isinstance(initializer, (list, tuple))
        firsts = list(
            cast(Sequence[InitializerLike], initializer if several else [initializer] * len(names))
        )
        if len(firsts) != len(names):
            raise ArgumentError(
                f"There are {len(names)} names of variables, {names}, and {len(firsts)} "
                "initializers; give one for each name, or one for all."
            )
        rows = [
            [
                None if w.overwrite_with_gradient else self.add_variable_from_reference(w, *each)
                for each in zip(names, firsts, strict=True)
            ]
            for w in trainable_variables
        ]
        columns = tuple([row[i] for row in rows] for i in range(len(names)))
        return columns[0] if isinstance(name, str) else columns

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Array) -> None:
        """Update one weight by assigning to it and to its slots. May be overridden.

        Args:
            gradient: its gradient, clipped.
            variable: the weight, after weight decay.
            learning_rate: the learning rate of this step.

        Examples:
            >>> from kerasish import Variable, optimizers
            >>> class Half(optimizers.SGD):
            ...     def update_step(self, gradient, variable, learning_rate):
            ...         super().update_step(0.5 * gradient, variable, learning_rate)
            >>> Half(1.0).apply([[1.0]], [weight := Variable([1.0])])
            >>> weight.numpy()
            array([0.5], dtype=float32)
        """
        keras_subclassing.apply_formula(self, gradient, variable, learning_rate)

    def assign(self, variable: Variable, value: ArrayLike) -> None:
        """Replace the value of a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: ArrayLike) -> None:
        """Add to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: ArrayLike) -> None:
        """Subtract from a variable."""
        variable.assign_sub(value)

    def _get_variable_index(self, variable: Variable) -> int:
        """Return the index of a weight; many optimizers written for Keras call this."""
        path = keras_subclassing.path_of_weight(self, variable)
        return list(self._kerasish_weights).index(path)

    # For files.

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Assign new values to `variables`.

        Args:
            weights: an array for each.

        Raises:
            ArgumentError: if there are not as many.
            ShapeError: if one has another shape.
        """
        keras_api.check_length("weights", weights, "variables", self.variables)
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: MutableMapping[str, ArrayLike]) -> None:
        """Put the values of `variables` into a mapping, under "0", "1", and so on."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: MutableMapping[str, ArrayLike]) -> None:
        """Assign to `variables` the values that `save_own_variables` stored.

        If there are not as many, nothing is assigned and a warning is given.

        Raises:
            ShapeError: if one has another shape.
        """
        keras_api.load_variables(self, store)

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal optimizer."""
        config: Config = {name: number_of(v) for name, v in self._kerasish_hyperparams.items()}
        if "learning_rate" in config:  # which Keras has in float32
            config["learning_rate"] = float(self._kerasish_hyperparams["learning_rate"])
        if self._kerasish_schedule is not None:
            schedule = self._kerasish_schedule
            config["learning_rate"] = serialize(unwrapped(schedule))
        settings = {p.name: getattr(self, p.name, None) for p in _PARAMETERS}
        return settings | config

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Self:
        """Make an optimizer from what `get_config` returned, here or in Keras.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        with custom_scope(custom_objects):
            return cls(**config)


# The settings that every optimizer has.
_PARAMETERS = list(inspect.signature(Optimizer.__init__).parameters.values())[2:-1]

# Shown for `decay`, which Keras takes as well.
_DECAY = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD, annotation=float)


def settings_of(shared: tuple[Setting, ...], settings: Settings) -> Settings:
    """Return the settings that every optimizer has by name, from those given by position or name.

    Raises:
        TypeError: if there are too many, or one is given twice.
    """
    names = [parameter.name for parameter in _PARAMETERS]
    if len(shared) > len(names):
        raise TypeError(f"There are {len(shared) - len(names)} positional arguments too many.")
    given = dict(zip(names, shared, strict=False))
    if twice := given.keys() & settings.keys():
        raise TypeError(f"Multiple values were given for {', '.join(sorted(twice))}.")
    return cast(Settings, given | settings)


def _count(name: str, value: int | None, least: int) -> int | None:
    """Return a setting that is a whole number, or None; Keras takes 0 for None."""
    if not value:
        return None
    if isinstance(value, bool) or int(value) != value or value < least:
        raise ArgumentError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)
