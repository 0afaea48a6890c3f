"""Trainer: compile, fit, evaluate, predict."""

from __future__ import annotations

from typing import Any

import jax

from kerasish import optimizers
from kerasish.callbacks import History
from kerasish.core import registry
from kerasish.core.errors import ArgumentError, NotCompiledError
from kerasish.models.profile import tell
from kerasish.models.shell import as_batch, as_result, as_validation, make_validation
from kerasish.models.state_tree import assign_state_tree, state_tree
from kerasish.models.steps import Steps
from kerasish.training import loop
from kerasish.training.block import Block
from kerasish.training.checks import class_weights
from kerasish.training.data import is_whole, length
from kerasish.training.engine import Engine
from kerasish.training.feed import ArrayFeed
from kerasish.training.objective import Metrics, Objective
from kerasish.training.profile import Profile, profile
from kerasish.training.sameness import same_programs
from kerasish.training.source import make_feed

__all__ = ["Trainer"]


class Trainer(Steps):
    """A layer that can be trained, evaluated and used for predictions.

    Attributes:
        engine: the owner of the state in training; None before `compile`.
        history: what the last `fit` returned.
        stop_training: set it in a callback, and training ends.
    """

    engine: Engine | None = None
    history: History | None = None
    stop_training: bool = False

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
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
            auto_scale_loss: accepted for Keras's sake.

        Compiling again with equal arguments begins with a new optimizer and new metrics, but
        the programs that were compiled stay.

        Raises:
            UnknownNameError: if there is no optimizer, loss or metric of a name.
            ArgumentError: if `steps_per_execution` is no positive whole number.
        """
        if not is_whole(steps_per_execution) or steps_per_execution < 1:
            raise ArgumentError(
                f"steps_per_execution must be a whole number of at least 1; got "
                f"{steps_per_execution!r}."
            )
        known = None if self.engine is None else self._settings()
        self.optimizer = optimizers.get(optimizer)
        self.loss, self.steps_per_execution = loss, steps_per_execution
        self.objective = Objective(loss, loss_weights)
        self.compiled_metrics = Metrics(metrics, weighted_metrics)
        asked = None if steps_per_execution == 1 else steps_per_execution
        before, self.engine = self.engine, None
        if before is not None and (
            before.run_eagerly != run_eagerly or not same_programs(known, self._settings())
        ):
            before = None
        self.engine = Engine(self, run_eagerly, asked, before)

    def _settings(self) -> Any:
        """Return what was given to `compile`, as far as programs depend on it."""
        objective, metrics = self.objective, self.compiled_metrics
        return [self.optimizer, objective.given, objective.loss_weights, metrics.given]

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self.engine is not None

    @property
    def run_eagerly(self) -> bool:
        """Whether steps are run operation by operation, for debuggers."""
        return self.engine is not None and self.engine.run_eagerly

    @property
    def jit_compile(self) -> bool:
        """Whether steps are compiled: always, but for `run_eagerly`."""
        return not self.run_eagerly

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, ready for a file; an empty dict before.

        Raises:
            ArgumentError: if something of it cannot be written to a file.
        """
        if self.engine is None:
            return {}
        return {
            "optimizer": registry.serialize(self.optimizer),
            "loss": registry.serialize(self.objective.given),
            "loss_weights": registry.serialize(self.objective.loss_weights),
            **self.compiled_metrics.get_config(),
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.engine.steps_per_execution or 1,
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile the model as one was whose `get_compile_config` returned this.

        Args:
            config: that dict; nothing happens if it is empty.
        """
        if config:
            self.compile(**{key: registry.deserialize(value) for key, value in config.items()})

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Train the model.

        Args:
            x: inputs: an array, a list or dict of arrays for several inputs,
                or an iterable of batches `(x, y)` or `(x, y, sample_weight)`.
            y: targets; not with an iterable.
            batch_size: samples in a batch, 32 by default. The last batch may
                have fewer, and counts by its size.
            epochs: up to which epoch to train.
            verbose: 0 for silence, 1 for a bar, 2 for a line an epoch.
            callbacks: a callback or a list of them.
            validation_split: the share of the samples, taken from the end
                before shuffling, that is not trained on but evaluated after
                each epoch.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to evaluate
                after each epoch, or an iterable of batches.
            shuffle: whether to take the samples in another order each epoch.
            class_weight: for each class how much its samples count.
            sample_weight: for each sample how much it counts.
            initial_epoch: the epoch to begin with, counted from 0.
            steps_per_epoch: batches in an epoch; the next one goes on from there.
            validation_steps: batches in a validation.
            validation_batch_size: samples in a batch of validation.
            validation_freq: after how many epochs to validate, or a list of
                epochs, counted from 1.

        Returns:
            The `History`: its `history` has for each name in the logs the
            values, epoch by epoch.

        Raises:
            NotCompiledError: if `compile` was not called.
            DataError: if the data cannot be trained on.
            ShapeError: if the model cannot take it.
        """
        engine = self._engine("fit")
        size = batch_size or 32
        seed = engine.seed
        feed = make_feed(
            x, y, sample_weight, batch_size=batch_size, shuffle=shuffle, seed=seed, again=True
        )
        if validation_split and validation_data is None:
            feed, validation_data = make_validation(feed, validation_split, x)
        if class_weight is not None:
            if not isinstance(feed, ArrayFeed):
                raise ArgumentError("class_weight needs x and y as arrays.")
            inputs, targets, weights = feed.arrays
            weights = class_weights(targets, weights, class_weight)
            feed = ArrayFeed((inputs, targets, weights), size, shuffle, seed, again=True)
        validation = None
        if validation_data is not None:
            validation = make_feed(
                *as_validation(validation_data),
                batch_size=validation_batch_size or batch_size,
                shuffle=False,
                seed=seed,
                again=True,
            )
        return loop.fit(
            engine,
            feed,
            epochs=epochs,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation=validation,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            callbacks=callbacks,
            verbose=verbose,
        )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics over some data.

        Args:
            x: inputs, as in `fit`.
            y: targets, as in `fit`.
            batch_size: samples in a batch, 32 by default.
            verbose: 0 for silence, 1 for a bar, 2 for a line.
            sample_weight: for each sample how much it counts.
            steps: how many batches to take; all by default.
            callbacks: a callback or a list of them.
            return_dict: whether to return a dict by name.

        Returns:
            The loss, or a list of the loss and the metrics, or a dict.

        Raises:
            NotCompiledError: if `compile` was not called.
            DataError: if the data cannot be evaluated.
        """
        engine = self._engine("evaluate")
        feed = make_feed(x, y, sample_weight, batch_size=batch_size, shuffle=False, seed=0)
        logs = loop.evaluate(engine, feed, steps=steps, callbacks=callbacks, verbose=verbose)
        return as_result(logs, engine.log_order(), return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        out: Any = None,
    ) -> Any:
        """Return the outputs for some inputs, as NumPy arrays.

        Outputs are copied from the device as they come, so it holds few of them at a time.

        Args:
            x: inputs, as in `fit`.
            batch_size: samples in a batch, 32 by default.
            verbose: 0 for silence, 1 for a bar, 2 for a line.
            steps: how many batches to take; all by default.
            callbacks: a callback or a list of them.
            out: an array to write the outputs to, a `numpy.memmap` for one, or the structure
                of them that the model returns. It is what is returned.

        Returns:
            An array `(samples, ...)`, or the structure of them that the model returns.

        Raises:
            DataError: if the data cannot be used.
            ShapeError: if the model cannot take it, or `out` does not fit.
        """
        feed = make_feed(x, None, None, batch_size=batch_size, shuffle=False, seed=0)
        engine = self._engine("predict", compiled=False)
        return loop.predict(
            engine, feed, steps=steps, callbacks=callbacks, verbose=verbose, out=out
        )

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Make one training step and return the loss and metrics of that batch."""
        engine = self._engine("train_on_batch")
        batch = as_batch(x, y, sample_weight)
        batch = (*batch[:2], class_weights(batch[1], batch[2], class_weight))
        engine.prepare(batch)
        engine.reset_metrics()
        engine.train(Block(batch, size=length(batch)))
        engine.settle()
        return as_result(dict(engine.logs()), engine.log_order(), return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss and metrics of one batch."""
        engine = self._engine("test_on_batch")
        batch = as_batch(x, y, sample_weight)
        engine.prepare(batch)
        engine.reset_test_metrics()
        engine.test(Block(batch, size=length(batch)))
        engine.settle()
        return as_result(dict(engine.logs()), engine.log_order(), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as NumPy arrays."""
        engine = self._engine("predict_on_batch", compiled=False)
        batch = as_batch(x, None, None)
        engine.prepare(batch, needs_loss=False)
        return jax.device_get(engine.predict(Block(batch, size=length(batch)))[0][0])

    def profile(
        self,
        x: Any,
        batch_size: int | None = None,
        *,
        y: Any = None,
        sample_weight: Any = None,
        verbose: int = 1,
    ) -> Profile:
        """Tell what training on some data will take, before a long run.

        One step is compiled, also for larger batches, and some are run on copies, so the model
        is as before. Without a loss it is prediction that is looked at.

        Args:
            x: inputs: an array, or a list or dict of arrays for several inputs.
            batch_size: samples in a batch, 32 by default.
            y: targets; without them some are made up.
            sample_weight: for each sample how much it counts.
            verbose: whether to print a table.

        Returns:
            The numbers: operations, bytes, memory, the largest batch that fits, seconds.

        Raises:
            NotCompiledError: if `compile` was not called.
            ArgumentError: if `batch_size` is no positive whole number.
            DataError: if x is no array, or the targets do not fit.
            ShapeError: if the model cannot take x.

        Example:
            >>> import numpy as np
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> model.compile("adam", "mse")
            >>> found = model.profile(np.ones((100, 4)), batch_size=50, verbose=0)
            >>> found.trainable, found.steps, found.fits
            (10, 2, True)
        """
        found = profile(self._engine("profile"), x, y, sample_weight, batch_size)
        if verbose:
            print(tell(found, self.name))
        return found

    def reset_metrics(self) -> None:
        """Begin a new mean of everything that training logs."""
        engine = self._engine("reset_metrics")
        if engine.owner is not None:
            engine.reset_metrics()
        else:
            for metric in self.metrics:
                metric.reset_state()

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        engine = self._engine("metrics_names")
        return engine.log_order() if engine.owner is not None else ["loss"]

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """Return the values of all variables as nested dicts, by kind and then by name.

        Args:
            value_format: `"backend_tensor"` for arrays as they are, `"numpy_array"` for copies.

        Raises:
            ArgumentError: if there is no such format.

        Example:
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

    def _engine(self, method: str, compiled: bool = True) -> Engine:
        if self.engine is None:
            if compiled:
                raise NotCompiledError(
                    f"Call `model.compile(optimizer=..., loss=...)` before `{method}`."
                )
            self.compile()
        assert self.engine is not None
        return self.engine
