"""Optimizer: Keras's names around a formula for one weight, as an optax transformation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.names import snake_case
from kerasish.core.paths import Path, Tree, get_in, keys_to_name
from kerasish.core.serialization.registry import Registry, deserialize, serialize
from kerasish.core.serialization.registry import custom_objects as custom_scope
from kerasish.core.surface.old_names import check_arguments
from kerasish.core.surface.representation import representation
from kerasish.core.variable import Variable
from kerasish.optimizers.attributes import CLIPS, number_of
from kerasish.optimizers.keras_subclassing import KerasForm
from kerasish.optimizers.schedules.decay import InverseTimeDecay
from kerasish.optimizers.state import OptimizerState
from kerasish.optimizers.wrappers import accumulate, average, cast, clip

__all__ = ["Optimizer", "Slots", "optimizers"]

optimizers = Registry("optimizer", "optimizers", instantiate=True)

# The arrays that are kept for one weight, by name.
Slots = dict[str, Any]


class Optimizer(KerasForm):
    """The base of optimizers: a formula for one weight, and what can be put around any formula.

    `init(params)` and `update(grads, state, params)` are pure; together they
    are an `optax.GradientTransformation`, given by `transformation`. All
    numbers are leaves of the state: changing one never compiles anything.

    A subclass gives `change`, the formula, and in `slot_groups` the names of what it keeps.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        weight_decay: this share of the weights, times the learning rate, is
            taken off at each step.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: whether to keep a moving average of the weights, which takes their place at the
            end of `fit`.
        ema_momentum: how much of the average stays at each step.
        ema_overwrite_frequency: after how many steps it takes their place, if not only at the end.
        loss_scale_factor: what the loss is multiplied by, and the gradients divided by, so that
            small ones in float16 are not lost.
        gradient_accumulation_steps: how many gradients make one step, with their mean.
        name: a name.
        **numbers: the numbers of the formula; `decay`, which Keras 2 had, has the learning rate
            divided by `1 + decay * step`.

    Raises:
        ArgumentError: if a setting cannot be, or more than one way of clipping is asked for.

    Attributes:
        iterations: how many updates were made.
        numbers: the numbers that may be changed at any time, by name; each is an attribute, too
            (`optimizer.beta_1 = 0.8`).
        undecayed: patterns of the paths of weights that do not decay.

    Examples:
        >>> class Signs(Optimizer):
        ...     slot_groups = (("last",),)
        ...     def change(self, g, w, slots, n):
        ...         return -n.learning_rate * jnp.sign(g + slots["last"]), {"last": g}
        >>> Signs(0.5).apply([[2.0, -1.0]], [weight := Variable([1.0, 1.0])])
        >>> weight.numpy()
        array([0.5, 1.5], dtype=float32)
    """

    # What is kept for each weight, in the order of Keras's files: group after group; within one,
    # weight by weight.
    slot_groups: ClassVar[tuple[tuple[str, ...], ...]] = ()

    # What is kept once for all weights; these scalars come last.
    shared_slots: ClassVar[tuple[str, ...]] = ()

    # Numbers that may be negative.
    signed: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Show the settings that every optimizer has in the signature of each."""
        super().__init_subclass__(**kwargs)
        own = inspect.signature(cls.__init__).parameters
        if "shared" in own:
            shared = [p for p in _PARAMETERS if p.name not in own]
            before = [p for p in own.values() if p.name not in ("self", "shared", "settings")]
            shown = [*before, *shared, _OLD]
            cls.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]

    def __init__(
        self,
        learning_rate: Any = 0.001,
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
        **numbers: float,
    ) -> None:
        super().__init__()
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
        self._kerasish_schedule: Callable[[Any], Any] | None = None
        if isinstance(learning_rate, dict):
            learning_rate = deserialize(learning_rate)
        if decay := numbers.pop("decay", 0.0) or 0.0:
            learning_rate = InverseTimeDecay(learning_rate, 1, decay)
        if callable(learning_rate) and not isinstance(learning_rate, Variable):
            self._kerasish_schedule = _of_the_step(learning_rate)
            learning_rate = float(self._kerasish_schedule(0))
        self._check_names(numbers)
        numbers["learning_rate"] = learning_rate
        if weight_decay is not None:
            numbers["weight_decay"] = weight_decay
        self.numbers = {key: self._number(key, value) for key, value in numbers.items()}
        self.undecayed: tuple[str, ...] = ()

    def _check_names(self, numbers: dict[str, Any]) -> None:
        """Refuse what no constructor has named; without one of its own a class takes any number."""
        if type(self).__init__ is Optimizer.__init__:
            return
        makers = (cls.__init__ for cls in type(self).__mro__)  # type: ignore[misc]
        known = {name for make in makers for name in inspect.signature(make).parameters}
        known -= {"self", "args", "kwargs", "shared", "settings", "numbers"}
        check_arguments(type(self).__name__, sorted(numbers), known)

    def _number(self, key: str, value: Any) -> Variable:
        is_number = isinstance(value, (int, float, np.number, Variable, jax.Array))
        if not is_number or (float(value) < 0 and key not in self.signed):
            raise ArgumentError(f"{key} must be a number of at least 0; got {value!r}.")
        return Variable(float(value), dtype="float32", name=key)

    # The formula.

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        """Return what to add to a weight, and its slots after that.

        Args:
            g: its gradient, clipped.
            w: the weight, decayed.
            slots: what is kept for it, by name.
            n: the numbers as attributes, and `n.t`: which update this is, counted from 1.
        """
        raise NotImplementedError

    def first(self, path: str, w: Any) -> Slots:
        """Return the slots of a weight before the first update: zeros, by default.

        They are made on the host, since JAX would compile a program for each shape.

        Args:
            path: the path of the weight, such as `"dense/kernel"`.
            w: the weight.
        """
        return {name: np.zeros(w.shape, w.dtype) for group in self.slot_groups for name in group}

    def ahead(self, n: Any, shared: Slots) -> tuple[Any, Slots]:
        """Return the numbers and the shared slots of an update, before it is made."""
        return n, shared

    def decay_of(self, path: str, w: Any, n: Any) -> Any:
        """Return which share of a weight is taken off, times the learning rate, or None."""
        return getattr(n, "weight_decay", None)

    # The pure view.

    @property
    def transformation(self) -> optax.GradientTransformation:
        """This optimizer as an optax transformation."""
        return optax.GradientTransformation(self.init, self.update)

    def init(self, params: Tree) -> OptimizerState:
        """Return the state before the first step."""
        return (
            self._kerasish_own_first(params)
            if self._kerasish_has_own_step
            else self._kerasish_first_state(params)
        )

    def _kerasish_first_state(self, params: Tree) -> OptimizerState:
        leaves, structure = jax.tree_util.tree_flatten_with_path(params)
        slots = [self.first(keys_to_name(path), w) for path, w in leaves]
        around = ["average"] if self.use_ema else []
        around += ["gradient_accumulator"] if self.gradient_accumulation_steps else []
        columns: dict[str, list[Any]] = {}
        for name in around:
            columns[name] = [np.zeros(w.shape, w.dtype) for _, w in leaves]
        for name in (name for group in self.slot_groups for name in group):
            columns[name] = [own.get(name) for own in slots]
        inner = {name: jax.tree.unflatten(structure, each) for name, each in columns.items()}
        inner |= {name: np.ones((), "float32") for name in self.shared_slots}
        numbers = {name: v.value for name, v in self.numbers.items()}
        return OptimizerState(np.zeros((), "int32"), numbers, inner)

    def update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        """Return what to add to the weights, and the new state."""
        numbers = dict(state.hyperparams)
        if self._kerasish_schedule is not None:
            numbers["learning_rate"] = jnp.asarray(self._kerasish_schedule(state.step), "float32")
        if self.loss_scale_factor:
            grads = jax.tree.map(lambda g: g / self.loss_scale_factor, grads)
        steps, inner = self.gradient_accumulation_steps, state.inner
        count = state.step // steps if steps else state.step
        step = partial(self._kerasish_step, params=params, numbers=numbers, count=count)
        if steps:
            updates, inner = accumulate(step, state.step, steps, grads, inner, params)
        else:
            updates, inner = step(grads, inner)
        if self.use_ema:
            momentum, every = self.ema_momentum, self.ema_overwrite_frequency
            averages = inner["average"]
            updates, averages = average(updates, params, averages, count, momentum, every)
            inner = inner | {"average": averages}
        return updates, OptimizerState(state.step + 1, numbers, inner)

    def _kerasish_step(
        self, grads: Tree, inner: Slots, params: Tree, numbers: dict[str, Any], count: Any
    ) -> tuple[Tree, Slots]:
        """Return what one update adds to the weights, and the inner state after it."""
        grads = clip(grads, self.clipnorm, self.clipvalue, self.global_clipnorm)
        if self._kerasish_has_own_step:
            return self._kerasish_own_step(grads, inner, params, numbers, count)
        t = (count + 1).astype("float32")
        shared = {name: inner[name] for name in self.shared_slots}
        n, shared = self.ahead(SimpleNamespace(**numbers, t=t), shared)
        leaves, structure = jax.tree_util.tree_flatten_with_path(grads)
        flat = jax.tree_util.tree_flatten_with_path
        names = [name for group in self.slot_groups for name in group]
        columns = {name: dict(flat(inner[name])[0]) for name in names if name in inner}
        updates, casts = [], {g.dtype: cast(n, g.dtype) for _, g in leaves}
        for (path, g), w in zip(leaves, jax.tree.leaves(params), strict=True):
            slots = {name: column[path] for name, column in columns.items() if path in column}
            update, slots = self._kerasish_one(keys_to_name(path), g, w, slots, casts[g.dtype])
            updates.append(update)
            for name, value in slots.items():
                columns[name][path] = value
        new = {
            name: jax.tree.unflatten(jax.tree.structure(inner[name]), column.values())
            for name, column in columns.items()
        }
        return jax.tree.unflatten(structure, updates), inner | new | shared

    def _kerasish_one(self, path: str, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        """Return what is added to one weight, decay included, and its slots."""
        shift = self._kerasish_shift(path, w, n)
        if shift is None:
            return self.change(g, w, slots, n)
        update, slots = self.change(g, w + shift, slots, n)
        return update + shift, slots

    def _kerasish_shift(self, path: str, w: Any, n: Any) -> Any:
        """Return what a weight's decay adds to it, or None."""
        share = self.decay_of(path, w, n)
        if share is None or any(re.search(pattern, path) for pattern in self.undecayed):
            return None
        return -n.learning_rate * share * w

    def _kerasish_order(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        for group in (("average",), ("gradient_accumulator",), *self.slot_groups):
            for weight in weights:
                places = (("inner", slot, *weight) for slot in group)
                yield from (place for place in places if get_in(state, place) is not None)
        yield from (("inner", name) for name in self.shared_slots)

    # The shell.

    @property
    def learning_rate(self) -> Any:
        """The learning rate now. Assign a number to change it; nothing is recompiled."""
        if self._kerasish_schedule is not None:
            return jnp.asarray(self._kerasish_schedule(self._kerasish_counter.value), "float32")
        return self.numbers["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self._kerasish_schedule is not None:
            raise ArgumentError(
                "The learning rate follows a schedule and cannot be set; give the optimizer a "
                "number as `learning_rate` if a callback is to change it."
            )
        self.numbers["learning_rate"].assign(value)

    def scale_loss(self, loss: Any, state: OptimizerState | None = None) -> Any:
        """Return a loss as its gradients are to be taken of; `update` scales them back.

        Args:
            loss: the loss.
            state: the state of the optimizer; as it is now by default.
        """
        return loss * self.loss_scale_factor if self.loss_scale_factor else loss

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Give weights their moving averages, with `use_ema`; `fit` does so when it ends.

        Args:
            var_list: the weights.
        """
        for weight, mean in self._kerasish_averages(var_list):
            weight.assign(mean.value)

    @property
    def _kerasish_keeps_averages(self) -> bool:
        """Whether there are moving averages of weights, here or in an optimizer within."""
        return self.use_ema or any(
            child._kerasish_keeps_averages for child in self._kerasish_children.values()
        )

    def _kerasish_averages(self, var_list: Sequence[Variable]) -> list[tuple[Variable, Variable]]:
        """Return pairs of a weight and the moving average of it that is kept, if there is one.

        Args:
            var_list: the weights.
        """
        wanted = {id(variable) for variable in var_list}
        kept = ((w, ("inner", "average", *path)) for path, w in self._kerasish_weights.items())
        found = [
            (w, self._kerasish_slots[a])
            for w, a in kept
            if id(w) in wanted and a in self._kerasish_slots
        ]
        for child in self._kerasish_children.values():
            found += child._kerasish_averages(var_list)
        return found

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave some weights out of the decay.

        Args:
            var_list: those weights.
            var_names: patterns (regular expressions) of their paths, e.g. `["bias", "gamma"]`.
        """
        exact = tuple(f"^{re.escape('/'.join(v.path))}$" for v in var_list or ())
        self.undecayed = (*self.undecayed, *exact, *(var_names or ()))
        self._kerasish_compiled = None
        for child in self._kerasish_children.values():
            child.exclude_from_weight_decay(var_list, var_names)

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal optimizer."""
        config = {name: number_of(variable) for name, variable in self.numbers.items()}
        if "learning_rate" in config:  # which Keras has in float32
            config["learning_rate"] = float(self.numbers["learning_rate"])
        if self._kerasish_schedule is not None:
            config["learning_rate"] = serialize(_as_given(self._kerasish_schedule))
        settings = {p.name: getattr(self, p.name, None) for p in _PARAMETERS}
        return settings | config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Optimizer:
        """Make an optimizer from what `get_config` returned, here or in Keras.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        with custom_scope(custom_objects):
            return cls(**config)


# The settings that every optimizer has.
_PARAMETERS = list(inspect.signature(Optimizer.__init__).parameters.values())[2:-1]

# What stands for `decay`, which Keras takes as well.
_OLD = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD, annotation=float)


def _count(name: str, value: Any, least: int) -> int | None:
    """Return a setting that is a whole number, or None; Keras takes 0 for None."""
    if not value:
        return None
    if isinstance(value, bool) or int(value) != value or value < least:
        raise ArgumentError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)


class _WithoutStep:
    """A function of nothing that gives the learning rate, as a function of the step."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function

    def __call__(self, step: Any) -> Any:
        return self.function()


def _of_the_step(function: Callable[..., Any]) -> Callable[[Any], Any]:
    try:
        takes_step = bool(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        takes_step = True
    return function if takes_step else _WithoutStep(function)


def _as_given(schedule: Any) -> Any:
    return schedule.function if isinstance(schedule, _WithoutStep) else schedule
