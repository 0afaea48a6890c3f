"""Sequential: one layer after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.core.errors import ArgumentError, given_as_class
from kerasish.core.graph.graph import Graph
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.layer import Layer
from kerasish.core.serialization import registry
from kerasish.core.tree import check_names, sublayers
from kerasish.core.types import PyTree
from kerasish.layers import Input, InputLayer
from kerasish.models.graph_config import layer_config
from kerasish.models.model import Model, models

__all__ = ["Sequential"]


@models.register()
class Sequential(Model):
    """A stack of layers: each takes what the one before returns.

    If it begins with an `Input`, or its first layer has an `input_shape`, its weights exist at
    once; otherwise they do when it is first called, trained, or built.

    Args:
        layers: the layers, in order.
        trainable: whether optimizers change the weights.
        name: a name.
        **kwargs: `dtype`.

    Examples:
        >>> from kerasish import layers
        >>> model = Sequential([Input((784,)), layers.Dense(128, "relu"), layers.Dense(10)])
        >>> model.count_params()
        101770
    """

    def __init__(
        self,
        layers: Sequence[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(layers, Layer | SymbolicTensor):
            raise ArgumentError("Sequential takes one list of layers: `Sequential([a, b])`.")
        super().__init__(name=name, trainable=trainable, **kwargs)
        self._kerasish_input: SymbolicTensor | None = None
        self._kerasish_stack: list[Layer] = []
        for layer in layers or ():
            self._kerasish_append(layer)
        self._kerasish_rebuild()

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if self._kerasish_graph is not None and self._kerasish_input is not None:
            del state["_kerasish_input"]  # it is where the graph begins
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if "_kerasish_input" not in state and self._kerasish_graph is not None:
            self._kerasish_input = self._kerasish_graph.inputs

    def add(self, layer: Layer, rebuild: bool = True) -> None:
        """Put a layer on top.

        Args:
            layer: the layer.
            rebuild: whether to follow the stack at once; else a later `add` does.

        Raises:
            ArgumentError: if it is no layer.
        """
        self._kerasish_append(layer)
        if rebuild:
            self._kerasish_rebuild()

    @property
    def _kerasish_is_functional(self) -> bool:
        """Whether it is made of tensors: it makes them itself."""
        return False

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the topmost layer off and return it.

        Args:
            rebuild: whether to follow the stack at once; else a later `add` does.

        Raises:
            ArgumentError: if there is none.
        """
        if not self._kerasish_stack:
            raise ArgumentError("There is no layer to take off.")
        layer = self._kerasish_stack.pop()
        if rebuild:
            self._kerasish_rebuild()
        return layer

    def _kerasish_append(self, layer: Layer | SymbolicTensor) -> None:
        if isinstance(layer, InputLayer):
            layer = layer.output
        if isinstance(layer, SymbolicTensor):
            if self._kerasish_stack or self._kerasish_input is not None:
                raise ArgumentError("An `Input` can only be the first thing in a Sequential.")
            self._kerasish_input = layer
            return
        if isinstance(layer, type):
            raise ArgumentError(given_as_class(layer))
        if not isinstance(layer, Layer):
            raise ArgumentError(f"Sequential takes layers; got {layer!r}.")
        if any(layer is other for other in self._kerasish_stack):
            raise ArgumentError(
                f"The layer {layer.name!r} is in this Sequential already; make a second one, or "
                "use `Model(inputs, outputs)` to share it."
            )
        check_names([*self._kerasish_stack, layer])
        self._kerasish_stack.append(layer)

    def _kerasish_rebuild(self) -> None:
        """Follow the stack from the input, if there is one."""
        self._kerasish_graph = None
        self.built = False
        start = self._kerasish_input
        if start is None and self._kerasish_stack:
            start = _declared_input(self._kerasish_stack[0])
        if start is not None and self._kerasish_stack:
            self._kerasish_follow(start)
            self._kerasish_assign_paths()

    def _kerasish_follow(self, start: SymbolicTensor) -> None:
        x: Any = start
        sublayers(self)  # settles the names
        for layer in self._kerasish_stack:
            x = layer(x)
        self._kerasish_graph = Graph(start, x)
        self.built = True

    def build(self, input_shape: PyTree = None) -> None:
        """Make the weights for an input shape, batch first, None where unknown.

        Args:
            input_shape: the shape; not needed if the model begins with an `Input`.
        """
        if self._kerasish_graph is None and input_shape is None:
            self._kerasish_rebuild()
        elif self._kerasish_graph is None:
            self._kerasish_follow(Input(batch_shape=(None, *input_shape[1:])))

    @property
    def _kerasish_counts_its_making(self) -> bool:
        """Whether Keras counts the making of this model as its first call, in files."""
        return False

    def _kerasish_sublayers(self) -> list[Layer]:
        """Return the stack, without the input layer."""
        return list(self._kerasish_stack)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal model, without its weights."""
        layers = [layer_config(layer) for layer in self._kerasish_stack]
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": registry.serialize(self.dtype_policy),
        }
        if self._kerasish_graph is not None:
            start = self._kerasish_graph.inputs.node.layer
            layers.insert(0, layer_config(start))
            config["build_input_shape"] = list(start.batch_shape)
        return config | {"layers": layers}

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
            return cls._kerasish_from_config(config)

    @classmethod
    def _kerasish_from_config(cls, config: dict[str, Any]) -> Any:
        layers = [registry.deserialize(layer) for layer in config["layers"]]
        model = cls(layers, name=config.get("name"), trainable=config.get("trainable", True))
        shape = config.get("build_input_shape")
        if not model.built and shape:
            model.build(tuple(shape))
        return model


def _declared_input(first: Layer) -> SymbolicTensor | None:
    """Return the input that the first layer of a stack says it takes, if it says so."""
    if first._kerasish_first_input is not None:
        dtype = "int32" if first._kerasish_takes_integers else None
        return Input(batch_shape=first._kerasish_first_input, dtype=dtype)
    if isinstance(first, Model) and first._kerasish_graph is not None:
        return Input(batch_shape=first._kerasish_input_shape())
    return None
