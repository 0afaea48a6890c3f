"""Model: a layer that can be trained, saved and looked at."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, ClassVar

import jax

from kerasish import optimizers
from kerasish.callbacks import History
from kerasish.core import registry
from kerasish.core.errors import ArgumentError, NotCompiledError, UnknownNameError
from kerasish.core.graph import Graph
from kerasish.core.layer import Layer
from kerasish.core.symbolic import SymbolicTensor
from kerasish.core.tree import Tree
from kerasish.models import graph_config
from kerasish.models.inputs import as_avals, fit_inputs
from kerasish.models.profile import tell
from kerasish.models.shell import as_batch, as_result, as_validation, make_validation
from kerasish.models.table import summarize
from kerasish.saving import (
    load_weights,
    prepare_model,
    prepare_weights,
    save_model,
    save_weights,
)
from kerasish.training import loop, step
from kerasish.training.block import Block
from kerasish.training.checks import class_weights
from kerasish.training.data import is_whole, length
from kerasish.training.engine import Engine
from kerasish.training.feed import ArrayFeed
from kerasish.training.objective import Metrics, Objective
from kerasish.training.profile import Profile, profile
from kerasish.training.sameness import same_programs
from kerasish.training.source import make_feed
from kerasish.training.state import TrainState
from kerasish.training.step import Batch

__all__ = ["Model", "models"]

models = registry.Registry("model", "")


@models.register("Functional")
class Model(Layer):
    """A layer that can be trained, evaluated, saved and looked at.

    Three ways to make one:

    - `Model(inputs, outputs)` from tensors that begin at `Input`: any graph of
      layers, with several inputs and outputs (lists or dicts), shared layers,
      models within models.
    - `Sequential([...])` for a plain stack.
    - a subclass with layers as attributes and a `call` method.

    Args:
        inputs: a tensor from `Input`, or a list or dict of them.
        outputs: tensors that were computed from the inputs.
        name: a name.
        **kwargs: `trainable`, `dtype`.

    Raises:
        ArgumentError: if the outputs need a tensor that is not among the inputs.

    Example:
        >>> import numpy as np
        >>> from kerasish import Input, layers
        >>> x = Input((4,))
        >>> model = Model(x, layers.Dense(2)(x))
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> history = model.fit(np.ones((8, 4)), np.ones((8, 2)), epochs=3, verbose=0)
        >>> history.history["loss"][2] < history.history["loss"][0]
        True
    """

    # A subclass makes its own graph, if it has one.
    foreign_config: ClassVar = {"inputs": None, "outputs": None}

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name or (None if inputs is None else "functional"), **kwargs)
        self.graph: Graph | None = None
        self.engine: Engine | None = None
        self.history: History | None = None
        self.stop_training = False
        if (inputs is None) != (outputs is None):
            raise ArgumentError("Give both: `Model(inputs, outputs)`.")
        if inputs is not None:
            self.graph = Graph(_alone(inputs), _alone(outputs))
            self._layers = self.graph.layers
            self.built = True
            self.settle_weights()

    # Structure.

    def build_from_shape(self, input_shape: Any) -> None:
        """Make the weights for inputs of a shape (or a structure of shapes)."""
        self.ensure_built(as_avals(input_shape, self.compute_dtype))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Compute the outputs; a subclass overrides this."""
        if self.graph is None:
            raise NotImplementedError(
                f"{type(self).__name__} has neither a graph nor a `call` method. Write "
                "`def call(self, x)`, or use `Model(inputs, outputs)`."
            )
        return self.graph.run(fit_inputs(inputs, self.graph.inputs, self.name))

    @property
    def layers(self) -> list[Layer]:
        """The direct sublayers."""
        return self.sublayers()

    def all_layers(self) -> list[Layer]:
        """Return this model and all layers within it, at any depth, each once."""
        found: dict[int, Layer] = {}

        def visit(layer: Layer) -> None:
            if id(layer) not in found:
                found[id(layer)] = layer
                for child in layer.sublayers():
                    visit(child)

        visit(self)
        return list(found.values())

    @property
    def counts_its_making(self) -> bool:
        """Whether Keras counts the making of this model as its first call, in files."""
        return self.graph is not None

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The input tensors of the graph."""
        return [] if self.graph is None else list(jax.tree.leaves(self.graph.inputs))

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The output tensors of the graph."""
        return [] if self.graph is None else list(jax.tree.leaves(self.graph.outputs))

    @property
    def input(self) -> Any:
        """The input tensors, in the structure that the model takes."""
        return super().input if self.graph is None else self.graph.inputs

    @property
    def output(self) -> Any:
        """The output tensors, in the structure that the model returns."""
        return super().output if self.graph is None else self.graph.outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, None where a size is unknown."""
        return jax.tree.map(lambda tensor: tensor.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, None where a size is unknown."""
        if self.graph is None:
            return super().output_shape
        return jax.tree.map(lambda tensor: tensor.shape, self.graph.outputs)

    @property
    def output_names(self) -> list[str]:
        """The names under which losses and metrics of several outputs are given."""
        return [tensor.node.layer.name for tensor in self.outputs if tensor.node is not None]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a direct sublayer by its name or its place.

        Raises:
            ArgumentError: if neither or both are given, or there is no such place.
            UnknownNameError: if there is no layer of that name.
        """
        if (name is None) == (index is None):
            raise ArgumentError("get_layer takes either a name or an index.")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ArgumentError(f"There is no layer {index}; there are {len(self.layers)}.")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise UnknownNameError("layer", name, [layer.name for layer in self.layers])

    def summary(
        self,
        line_length: int | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
    ) -> None:
        """Print the layers with their output shapes and numbers of weights.

        Args:
            line_length: the width in characters.
            print_fn: called with the whole text instead of printing it.
            expand_nested: whether to list the layers within layers as well.
            show_trainable: whether to say which layers are trained.

        Raises:
            NotBuiltError: if the shapes are not known yet.
        """
        self._require_built()
        summarize(self, line_length, print_fn, expand_nested, show_trainable)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal model, without its weights."""
        if self.graph is None:
            return super().get_config()
        return graph_config.describe(self.graph, self.name, self.trainable)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a model from what `get_config` returned."""
        if "input_layers" not in config:
            return super().from_config(config)
        inputs, outputs = graph_config.rebuild(config)
        return cls(
            inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True)
        )

    # Training.

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

    def compute_loss(
        self, params: Tree, state: Tree, batch: Batch, rng: jax.Array | None
    ) -> tuple[jax.Array, tuple[Tree, dict[str, Any]]]:
        """Return the loss of a batch, as a pure function. Override it to train otherwise.

        Args:
            params: the trainable weights.
            state: the other weights.
            batch: `(x, y, sample_weight)`; the last two may be None.
            rng: the key of this step; None in evaluation.

        Returns:
            `(loss, (state, aux))`. Scalars in `aux` go to the logs, averaged;
            under `"y_pred"` it may hold outputs for the compiled metrics.

        Example:
            >>> import jax.numpy as jnp
            >>> from kerasish import Sequential, layers
            >>> class Penalized(Sequential):
            ...     def compute_loss(self, params, state, batch, rng):
            ...         x, y, _ = batch
            ...         training = rng is not None
            ...         y_pred, state = self.apply(params, state, x, training=training, rng=rng)
            ...         size = jnp.mean(jnp.abs(y_pred))
            ...         return jnp.mean((y_pred - y) ** 2) + 0.1 * size, (state, {"size": size})
        """
        names = self.output_names
        return step.compute_loss(self, self.objective, names, params, state, batch, rng)

    def train_step(
        self, train_state: TrainState, batch: Batch
    ) -> tuple[TrainState, dict[str, Any]]:
        """Return the state after one step, as a pure function, and scalars for the logs.

        Override it where `compute_loss` is not enough (several optimizers, adversaries).
        """
        return step.train_step(self, train_state, batch)

    def test_step(self, train_state: TrainState, batch: Batch) -> tuple[TrainState, dict[str, Any]]:
        """Return the state with metrics updated by a batch, and scalars for the logs."""
        return step.test_step(self, train_state, batch)

    def predict_step(self, train_state: TrainState, x: Any) -> Any:
        """Return the outputs for a batch of inputs, as a pure function."""
        return self.apply(train_state.params, train_state.state, x, rng=train_state.rng)[0]

    def overrides(self, method: str) -> bool:
        """Return whether a subclass has its own form of a method."""
        return getattr(type(self), method) is not getattr(Model, method)

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

    @property
    def metrics(self) -> list[Any]:
        """The compiled metrics, once they are settled by a first batch."""
        return [entry[1] for entry in self.compiled_metrics.entries] if self.compiled else []

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        engine = self._engine("metrics_names")
        return engine.log_order() if engine.owner is not None else ["loss"]

    def _engine(self, method: str, compiled: bool = True) -> Engine:
        if self.engine is None:
            if compiled:
                raise NotCompiledError(
                    f"Call `model.compile(optimizer=..., loss=...)` before `{method}`."
                )
            self.compile()
        assert self.engine is not None
        return self.engine

    # Files.

    def save(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write architecture, weights, optimizer and compile settings to a `.keras` file.

        Keras can load it, as far as it knows the layers. The file is written
        under another name first, so that what was there stays until it is whole.

        Args:
            filepath: where to; ends in `.keras`.
            overwrite: whether to replace a file that is there already.

        Raises:
            ArgumentError: if the ending is another, or the file is there and
                `overwrite` is False.
            NotBuiltError: if there are no weights yet.
        """
        save_model(self, filepath, overwrite=overwrite)

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write the weights to a `.weights.h5` file, in Keras's layout."""
        save_weights(self, filepath, overwrite=overwrite)

    def snapshot(
        self, filepath: str | os.PathLike[str], weights_only: bool = False
    ) -> Callable[[], None]:
        """Return what writes the model as it is now, while training goes on.

        Args:
            filepath: where to, as in `save`, or in `save_weights` with `weights_only`.
            weights_only: whether to leave out everything but the weights.

        Returns:
            A function without arguments, to be called in any thread, at any time.

        Raises:
            ArgumentError: if the file cannot be written there.

        Example:
            >>> import tempfile, threading
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     thread = threading.Thread(target=model.snapshot(f"{folder}/m.keras"))
            ...     thread.start()
            ...     thread.join()
        """
        prepare = prepare_weights if weights_only else prepare_model
        return prepare(self, filepath)

    def load_weights(self, filepath: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
        """Read the weights from a `.weights.h5` or `.keras` file, Keras's or ours.

        Args:
            filepath: the file.
            skip_mismatch: whether to leave layers alone that do not fit the
                file; otherwise nothing is changed if one does not.

        Raises:
            FileFormatError: if the file is damaged or of another kind.
            ShapeError: if it does not fit the model.
        """
        load_weights(self, filepath, skip_mismatch=skip_mismatch)


def _alone(tensors: Any) -> Any:
    """Return the only tensor of a list of one, as Keras does."""
    if isinstance(tensors, (list, tuple)) and len(tensors) == 1:
        return tensors[0]
    return tensors
