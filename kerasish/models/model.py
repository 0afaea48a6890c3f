"""Model: a layer that can be trained, saved and looked at."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.checkpoints import Checkpoints
from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.graph.graph import Graph
from kerasish.core.graph.operation import Operation
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.layer import Layer, is_initialized
from kerasish.core.scope import current_scope
from kerasish.core.serialization import registry
from kerasish.core.surface.old_names import checked, explain_missing
from kerasish.core.surface.reserved import Shadowable
from kerasish.core.types import PyTree, Shape
from kerasish.export import write, write_onnx
from kerasish.models import graph_config
from kerasish.models.inputs import as_avals, fit_inputs
from kerasish.models.signature import names_of, signature_of
from kerasish.models.summary import in_range, rows_of, totals_of
from kerasish.models.table import print_table
from kerasish.models.trainer import Trainer
from kerasish.saving import (
    load_weights,
    prepare_model,
    prepare_weights,
    save_model,
    save_weights,
)
from kerasish.saving.archive import serialize_model
from kerasish.saving.orbax import prepare_checkpoint

__all__ = ["Model", "models"]

models = registry.Registry("model", "")


@models.register("Functional")
class Model(Trainer):
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

    Examples:
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
    _kerasish_foreign_config: ClassVar = {"inputs": None, "outputs": None}

    def __init__(
        self,
        inputs: PyTree | None = None,
        outputs: PyTree | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        # Its layers are computed again for the gradient one by one, not all at once.
        self._kerasish_remat_scope = None
        self._kerasish_graph: Graph | None = None
        if (inputs is None) != (outputs is None):
            raise ArgumentError("Give both: `Model(inputs, outputs)`.")
        if inputs is not None:
            self._kerasish_graph = Graph(_alone(inputs), _alone(outputs))
            self._kerasish_layers = self._kerasish_graph.layers
            self.built = True
            self._kerasish_assign_paths()
            self._kerasish_graph.name_operations()

    if not TYPE_CHECKING:  # for which no name is there that is not declared

        def __getattr__(self, name: str) -> Any:
            if hasattr(type(self), name) or not is_initialized(self):
                return super().__getattr__(name)
            raise AttributeError(explain_missing(type(self).__name__, name))

    # Structure.

    @property
    def _kerasish_default_name(self) -> str:
        """The name while none was given: that of Keras's class, if it is a graph and no more."""
        return "functional" if type(self) is Model else super()._kerasish_default_name

    def _kerasish_ensure_weights(self, x: Any) -> None:
        """Declare all weights, given inputs; without a `call` they must be there already."""
        parts = self._kerasish_sublayers() if type(self).call is Model.call else []
        if parts and not self.built and all(layer.built for layer in parts):
            self.built = True
            self._kerasish_assign_paths()
        self._kerasish_ensure_built(x)

    def build(self, input_shape: Shape | PyTree) -> None:
        """Make the weights for inputs of a shape (or a structure of shapes)."""
        if current_scope() is None:
            self._kerasish_ensure_built(as_avals(input_shape, self.compute_dtype))
        else:
            super().build(input_shape)  # the call that is under way builds what is within

    def call(
        self, inputs: PyTree, training: bool | None = None, mask: PyTree | None = None
    ) -> PyTree:
        """Compute the outputs; a subclass overrides this."""
        if self._kerasish_graph is None:
            raise NotImplementedError(
                f"{type(self).__name__} has neither a graph nor a `call` method. Write "
                "`def call(self, x)`, or use `Model(inputs, outputs)`."
            )
        return self._kerasish_graph.run(fit_inputs(inputs, self._kerasish_graph.inputs, self.name))

    @property
    def layers(self) -> list[Layer]:
        """The direct sublayers."""
        return self._kerasish_sublayers()

    def _kerasish_operations(self) -> list[Layer | Operation]:
        """The direct sublayers, and the functions that a graph calls between them."""
        layers = self._kerasish_sublayers()
        graph = [] if self._kerasish_graph is None else self._kerasish_graph.operations
        inside = [each for each in graph if isinstance(each, Operation) or each in layers]
        return inside + [layer for layer in layers if layer not in inside]

    @property
    def _kerasish_counts_its_making(self) -> bool:
        """Whether Keras counts the making of this model as its first call, in files."""
        return self._kerasish_graph is not None

    @property
    def _kerasish_is_functional(self) -> bool:
        """Whether it is made of tensors, so that its layers were there before it."""
        return self._kerasish_graph is not None

    def _kerasish_inputs(self) -> list[SymbolicTensor]:
        """The input tensors of the graph."""
        return (
            []
            if self._kerasish_graph is None
            else list(jax.tree.leaves(self._kerasish_graph.inputs))
        )

    def _kerasish_outputs(self) -> list[SymbolicTensor]:
        """The output tensors of the graph."""
        return (
            []
            if self._kerasish_graph is None
            else list(jax.tree.leaves(self._kerasish_graph.outputs))
        )

    @property
    def input(self) -> PyTree:
        """The input tensors, in the structure that the model takes."""
        return super().input if self._kerasish_graph is None else self._kerasish_graph.inputs

    @property
    def output(self) -> PyTree:
        """The output tensors, in the structure that the model returns."""
        return super().output if self._kerasish_graph is None else self._kerasish_graph.outputs

    def _kerasish_input_shape(self) -> PyTree:
        """The shape of the input, None where a size is unknown."""
        return jax.tree.map(lambda tensor: tensor.shape, self.input)

    def _kerasish_output_shape(self) -> PyTree:
        """The shape of the output, None where a size is unknown."""
        if self._kerasish_graph is None:
            return super()._kerasish_output_shape()
        return jax.tree.map(lambda tensor: tensor.shape, self._kerasish_graph.outputs)

    def _kerasish_output_names(self) -> list[str]:
        """The names under which losses and metrics of several outputs are given."""
        outputs = self._kerasish_outputs()
        return [tensor.node.layer.name for tensor in outputs if tensor.node is not None]

    # A subclass may have attributes of these names for other ends.
    operations = Shadowable(_kerasish_operations)
    inputs = Shadowable(_kerasish_inputs)
    outputs = Shadowable(_kerasish_outputs)
    input_shape = Shadowable(_kerasish_input_shape)
    output_names = Shadowable(_kerasish_output_names)

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
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the layers with their output shapes and numbers of weights.

        Args:
            line_length: the width in characters.
            positions: where each column ends, in characters or as shares of the width; each
                takes what it needs by default.
            print_fn: called with the whole text instead of printing it.
            expand_nested: whether to list the layers within layers as well.
            show_trainable: whether to say which layers are trained.
            layer_range: the first and the last layer to list, by name or as patterns (regular
                expressions); the sums stay those of all.

        Raises:
            NotBuiltError: if the shapes are not known yet.
            ArgumentError: if `layer_range` names no layers, or there are not as many
                `positions` as columns.
        """
        self._kerasish_require_built()
        rows = list(rows_of(self, expand_nested))
        if layer_range is not None:
            rows = in_range(rows, layer_range)
        print_table(
            rows,
            totals_of(self),
            f'Model: "{self.name}"',
            line_length=line_length,
            positions=positions,
            print_fn=print_fn,
            show_trainable=show_trainable,
        )

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal model, without its weights."""
        if self._kerasish_graph is None:
            return super().get_config()
        return graph_config.describe(self._kerasish_graph, self.name, self.trainable)

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """Make a model from what `get_config` returned.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        with registry.custom_objects(custom_objects):
            if "input_layers" not in config:
                return super().from_config(config)
            inputs, outputs = graph_config.rebuild(config)
            trainable = config.get("trainable", True)
            return registry.ungiven(
                cls(inputs, outputs, name=config.get("name"), trainable=trainable)
            )

    def to_json(self, **kwargs: Any) -> str:
        """Return what `kerasish.models.model_from_json` (or Keras) makes an equal model from.

        The weights are not in it.

        Args:
            **kwargs: passed on to `json.dumps`, such as `indent`.
        """
        return json.dumps(serialize_model(self), **kwargs)

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights as they were where `get_build_config` was called."""
        if not self.built and config.get("input_shape") is not None:
            self._kerasish_ensure_built(as_avals(config["input_shape"], self.compute_dtype))

    # Files.

    @checked
    def save(
        self,
        filepath: str | os.PathLike[str],
        overwrite: bool = True,
        zipped: bool | None = None,
        include_optimizer: bool = True,
        save_format: str | None = None,
    ) -> None:
        """Write architecture, weights, optimizer and compile settings to a `.keras` file.

        Keras can load it, as far as it knows the layers. The file is written
        under another name first, so that what was there stays until it is whole.
        A file that ends in `.h5` or `.hdf5` has Keras's legacy format.

        Classes of yours may keep other state in a `.keras` file, by Keras's hooks: arrays by
        `save_own_variables(store)` and `load_own_variables(store)`, files by
        `save_assets(dir_path)` and `load_assets(dir_path)`, and what they are built and compiled
        from by `get_build_config`, `build_from_config(config)`, `get_compile_config` and
        `compile_from_config(config)`.

        Args:
            filepath: where to; ends in `.keras`, `.h5` or `.hdf5`.
            overwrite: whether to replace a file that is there already.
            zipped: False for a folder with the same files, under a name without that ending.
            include_optimizer: whether to write the optimizer and the compile settings.
            save_format: an old argument; the ending says the format.

        Raises:
            ArgumentError: if the ending is another, or the file is there and
                `overwrite` is False.
            NotBuiltError: if there are no weights yet.
        """
        save_model(self, filepath, overwrite, zipped, include_optimizer, save_format)

    @checked
    def save_weights(
        self,
        filepath: str | os.PathLike[str],
        overwrite: bool = True,
        max_shard_size: float | None = None,
    ) -> None:
        """Write the weights to a `.weights.h5` file in Keras's layout, or a `.safetensors` file.

        A `.weights.h5` file of a compiled model has the state of its optimizer, too.

        A `.weights.json` file lists the files beside it that the weights are in, as Keras does:
        `name.weights.json`, `name_00000.weights.h5` and so on.

        In a `.safetensors` file the arrays have the names of `params` and `state`, joined by
        `/`; a JAX program reads it with `safetensors.flax.load_file(path)` and nests it with
        `flax.traverse_util.unflatten_dict(arrays, sep="/")`. It needs the extra `safetensors`.

        Args:
            filepath: where to; the ending says in which form.
            overwrite: whether to replace a file that is there already.
            max_shard_size: how many GB a file may hold; there are as many as are needed, and
                their listing, whatever the ending. None for any.

        Raises:
            ArgumentError: if the ending is another, or the file is there and
                `overwrite` is False, or an array is larger than `max_shard_size`.
            NotBuiltError: if there are no weights yet.
        """
        save_weights(self, filepath, overwrite, max_shard_size)

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

        Examples:
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

    _kerasish_snapshot = snapshot

    def checkpoint(
        self, checkpoints: Checkpoints, step: int, weights_only: bool = False
    ) -> Callable[[], None]:
        """Return what writes the model as it is now to an Orbax checkpoint, in any thread.

        Args:
            checkpoints: the folder.
            step: the name of the checkpoint.
            weights_only: whether to leave out everything but the weights.

        Raises:
            NotBuiltError: if there are no weights yet.

        Examples:
            >>> import tempfile
            >>> from kerasish import Input, Sequential, layers
            >>> from kerasish.checkpoints import Checkpoints
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.checkpoint(Checkpoints(folder), 0)()
            ...     model.load_weights(folder)
        """
        config = None if weights_only else serialize_model(self)
        return prepare_checkpoint(self, checkpoints, step, config)

    _kerasish_checkpoint = checkpoint

    @checked
    def load_weights(
        self,
        filepath: str | os.PathLike[str],
        skip_mismatch: bool = False,
        by_name: bool = False,
    ) -> None:
        """Read the weights from a `.weights.h5` or `.keras` file, Keras's or ours.

        A `.weights.json` file lists the files beside it that the weights are in.

        If the file has the state of an optimizer and the model is compiled, the optimizer gets
        it. The optimizer must be built, which the first step of `fit` does, or
        `model.optimizer.build(model.trainable_variables)`; as in Keras, a state that does not
        fit it is left in the file, with a warning.

        A `.safetensors` file must have them under the names that `save_weights` gives. A folder
        must have checkpoints of `OrbaxCheckpoint`, Keras's or ours; the newest one counts.

        Args:
            filepath: the file.
            skip_mismatch: whether to leave layers alone that do not fit the
                file; otherwise nothing is changed if one does not.
            by_name: whether each layer in a file of legacy HDF5 goes to the layer of its name;
                layers without one are passed over, in the file and in the model.

        Raises:
            ArgumentError: if `by_name` is set for a file that has no names.
            FileFormatError: if the file is damaged or of another kind.
            ShapeError: if it does not fit the model, or no layer has a name of the file's.
        """
        load_weights(self, filepath, skip_mismatch=skip_mismatch, by_name=by_name)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str | None = None,
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Write the model as a program that runs without kerasish, its weights inside.

        It takes batches of any size where the model does, and computes as `predict` does.

        - `"stablehlo"` runs with JAX: `jax.export.deserialize(bytearray(content)).call(x)`, or
          `kerasish.export.load(path)`. It needs the extra `export`.
        - `"onnx"` runs with onnxruntime and whatever else reads ONNX; the inputs and outputs have
          the names of the model's. It needs the extra `onnx`. The file is run once and its
          numbers are compared before it is written.

        Args:
            filepath: where to; a file that is there is replaced.
            format: `"stablehlo"` or `"onnx"`; by default `"onnx"` for files that end in `.onnx`
                and `"stablehlo"` for all others.
            verbose: whether to print what was written; by default only for a path without an
                ending, which is a file here and would be a folder in TensorFlow.
            input_signature: a list with what has a shape and a dtype (`kerasish.Input`, an
                array) for each argument of `call`; by default the inputs of the graph, or the
                shapes that a model with its own `call` was built for, in the dtype of its weights.
            **kwargs: for StableHLO `platforms`, where it shall run: `("cpu", "cuda", "tpu")` by
                default; for ONNX `opset_version`, the version of its operators.

        Raises:
            ArgumentError: if the format is another, or the program cannot be made.
            NotBuiltError: if there are no weights yet.

        Examples:
            >>> import os, tempfile
            >>> import jax, numpy as np
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = os.path.join(folder, "model.stablehlo")
            ...     model.export(path)
            ...     with open(path, "rb") as file:
            ...         program = jax.export.deserialize(bytearray(file.read()))
            >>> program.call(np.ones((3, 4), "float32")).shape
            (3, 2)
        """
        if format is None:
            format = "onnx" if os.fspath(filepath).endswith(".onnx") else "stablehlo"
        if format not in _EXPORTS:
            raise ArgumentError(
                f"There is no export to {format!r}; there is 'stablehlo', a program that runs with "
                "JAX alone, and 'onnx', one that onnxruntime runs."
            )
        if unknown := [name for name in kwargs if name != _EXPORTS[format]]:
            raise UnknownNameError(f"argument of {format}", unknown[0], [_EXPORTS[format]])
        avals = signature_of(self, input_signature)
        weights = jax.tree.map(np.asarray, (self._kerasish_params(), self._kerasish_state()))

        def predict(*inputs: Any) -> PyTree:
            outputs, _ = self._kerasish_apply(*jax.tree.map(jnp.asarray, weights), *inputs)
            return outputs

        if format == "onnx":
            write_onnx(predict, avals, filepath, *names_of(self), **kwargs)
        else:
            write(predict, avals, filepath, **kwargs)
        path = os.fspath(filepath)
        if verbose or (verbose is None and not os.path.splitext(path)[1]):
            print(f"{self.name!r} was written to the file {path!r}, as {format}.")


# The formats of `export`, and the argument that each has of its own.
_EXPORTS = {"onnx": "opset_version", "stablehlo": "platforms"}


def _alone(tensors: PyTree) -> Any:
    """Return the only tensor of a list of one, as Keras does."""
    if isinstance(tensors, (list, tuple)) and len(tensors) == 1:
        return tensors[0]
    return tensors
