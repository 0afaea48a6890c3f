"""Compiled: a model that knows how it is trained, and the state that comes with it."""

from __future__ import annotations

from typing import Any

import jax

from kerasish import optimizers
from kerasish.core.errors import ArgumentError, NotCompiledError
from kerasish.core.serialization import registry
from kerasish.core.surface.old_names import checked
from kerasish.core.tree import all_layers
from kerasish.core.variable import Variable
from kerasish.models.state_tree import assign_state_tree, state_tree
from kerasish.models.steps import Steps, check_steps
from kerasish.optimizers import SGD
from kerasish.optimizers.loss_scale import with_loss_scale
from kerasish.training.data.batch import is_integer
from kerasish.training.execution.compile_key import same_programs
from kerasish.training.execution.engine import Engine
from kerasish.training.objective.objective import Metrics, Objective

__all__ = ["Compiled"]


class Compiled(Steps):
    """A layer that can be told how to train.

    Attributes:
        engine: the owner of the state in training; None before `compile`.
    """

    _kerasish_engine: Engine | None = None
    _kerasish_only_predicts = False
    _kerasish_allow_nan = False

    @checked
    def compile(
        self,
        optimizer: object = "rmsprop",
        loss: object | None = None,
        loss_weights: object | None = None,
        metrics: object | None = None,
        weighted_metrics: object | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        allow_nan: bool = False,
    ) -> None:
        """Say how to train.

        Args:
            optimizer: a name, one of `kerasish.optimizers`, or any optax transformation.
            loss: a name, a function `(y_true, y_pred)`, or one of
                `kerasish.losses`; for several outputs a list or dict of these.
            loss_weights: how much the loss of each output counts, as a list or dict.
            metrics: a list of names, functions `(y_true, y_pred)`, or
                `kerasish.metrics`; for several outputs a list or dict of lists.
            weighted_metrics: metrics that use sample weights.
            run_eagerly: whether to run operation by operation, so that prints
                and debuggers work inside `call`. Slow.
            steps_per_execution: how many steps to make in one dispatch, and
                between two calls of batch hooks; with 1, as many as nobody
                needs to interrupt.
            jit_compile: accepted for Keras's sake: everything is compiled unless `run_eagerly`.
            auto_scale_loss: whether, if the model's dtype policy is `"mixed_float16"`, the
                optimizer is put into a `LossScaleOptimizer`. One with a `loss_scale_factor` and
                an optax transformation are left as they are.
            allow_nan: whether the data of training and evaluation may hold NaN and infinity: for
                models and losses that mask or replace them. Otherwise an error says where they
                are. Targets that are all NaN are taken for placeholders, and accepted.

        Compiling again with equal arguments begins with a new optimizer and new metrics, but
        the programs that were compiled stay.

        Raises:
            UnknownNameError: if there is no optimizer, loss or metric of a name.
            ArgumentError: if `steps_per_execution` is no positive whole number.
        """
        if not is_integer(steps_per_execution) or steps_per_execution < 1:
            raise ArgumentError(
                f"steps_per_execution must be a whole number of at least 1; got "
                f"{steps_per_execution!r}."
            )
        check_steps(self)
        known = None if self._kerasish_engine is None else self._kerasish_settings()
        given = optimizers.get(optimizer)
        scales = auto_scale_loss and self.dtype_policy.name == "mixed_float16"
        self.optimizer = with_loss_scale(given) if scales else given
        self._kerasish_auto_scale_loss, self._kerasish_allow_nan = auto_scale_loss, allow_nan
        self.loss, self.steps_per_execution = loss, steps_per_execution
        self._kerasish_objective = Objective(loss, loss_weights)
        self._kerasish_metrics = Metrics(metrics, weighted_metrics)
        asked = None if steps_per_execution == 1 else steps_per_execution
        before, self._kerasish_engine = self._kerasish_engine, None
        if before is not None and (
            before.run_eagerly != run_eagerly or not same_programs(known, self._kerasish_settings())
        ):
            before = None
        self._kerasish_engine = Engine(self, run_eagerly, asked, before)
        self._kerasish_only_predicts = False

    def _kerasish_is_stateful(self) -> bool:
        """Whether a layer keeps a state for each sample of a batch."""
        return any(getattr(layer, "stateful", False) for layer in all_layers(self))

    def _kerasish_usual_size(self) -> int | None:
        """How many samples a batch has for which stateful layers keep states, if there are any."""
        for layer in all_layers(self) if self._kerasish_is_stateful() else ():
            for state in jax.tree.leaves(getattr(layer, "states", None), is_leaf=_is_variable):
                return int(state.shape[0]) if _is_variable(state) else None
        return None

    def _kerasish_settings(self) -> Any:
        """Return what was given to `compile`, as far as programs depend on it."""
        objective, metrics = self._kerasish_objective, self._kerasish_metrics
        return [self.optimizer, objective.given, objective.loss_weights, metrics.given]

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._kerasish_engine is not None and not self._kerasish_only_predicts

    @property
    def run_eagerly(self) -> bool:
        """Whether steps are run operation by operation, for debuggers."""
        return self._kerasish_engine is not None and self._kerasish_engine.run_eagerly

    @property
    def jit_compile(self) -> bool:
        """Whether steps are compiled: always, but for `run_eagerly`."""
        return not self.run_eagerly

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, ready for a file; an empty dict before.

        Raises:
            ArgumentError: if something of it cannot be written to a file.
        """
        if self._kerasish_engine is None or not self.compiled:
            return {}
        unscaled = {} if self._kerasish_auto_scale_loss else {"auto_scale_loss": False}
        allowing = {"allow_nan": True} if self._kerasish_allow_nan else {}
        return unscaled | {
            **allowing,
            "optimizer": registry.serialize(self.optimizer),
            "loss": registry.serialize(self._kerasish_objective.given),
            "loss_weights": registry.serialize(self._kerasish_objective.loss_weights),
            **self._kerasish_metrics.get_config(),
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self._kerasish_engine.steps_per_execution or 1,
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile the model as one was whose `get_compile_config` returned this.

        Args:
            config: that dict; nothing happens if it is empty.
        """
        if config:
            self.compile(**{key: registry.deserialize(value) for key, value in config.items()})

    def reset_metrics(self) -> None:
        """Begin a new mean of everything that training logs."""
        engine = self._kerasish_require_engine("reset_metrics")
        if engine.owner is not None:
            engine.reset_metrics()
        else:
            for metric in self.metrics:
                metric.reset_state()

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        engine = self._kerasish_require_engine("metrics_names")
        return engine.log_order() if engine.owner is not None else ["loss"]

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """Return the values of all variables as nested dicts, by kind and then by name.

        Args:
            value_format: `"backend_tensor"` for arrays as they are, `"numpy_array"` for copies.

        Raises:
            ArgumentError: if there is no such format.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)], name="small")
            >>> list(model.get_state_tree()["trainable_variables"]["small"]["dense"])
            ['bias', 'kernel']
        """
        return state_tree(self, value_format)

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Assign what `get_state_tree` returned, or parts of it.

        Args:
            state_tree: nested dicts by kind and name.

        Raises:
            UnknownNameError: if it names a variable that is not there.
            ShapeError: if a value has another shape.
        """
        assign_state_tree(self, state_tree)

    def jax_state_sync(self) -> None:
        """Do nothing: the values of variables are where they are read at any time."""

    def _kerasish_require_engine(self, method: str, compiled: bool = True) -> Engine:
        if compiled and not self.compiled:
            raise NotCompiledError(
                f"Call `model.compile(optimizer=..., loss=...)` before `{method}`."
            )
        if self._kerasish_engine is None:
            Compiled.compile(self, SGD())  # which keeps nothing for the weights
            self._kerasish_only_predicts = True
        assert self._kerasish_engine is not None
        return self._kerasish_engine


def _is_variable(leaf: object) -> bool:
    return isinstance(leaf, Variable)
