"""The model as this package sees it: a layer with `compile`, an optimizer and a state tree."""

from __future__ import annotations

from typing import Any, Protocol

from kerasish.core.layer import Layer
from kerasish.core.tree import TreeNode
from kerasish.core.types import Config, PyTree
from kerasish.core.variable import Variable
from kerasish.optimizers import Optimizer

__all__ = ["SaveableModel", "as_layer"]


class SaveableModel(TreeNode, Protocol):
    """What saving and loading need of `Model`, which is above this package."""

    built: bool
    optimizer: Optimizer
    # The engine of a compiled model, or None.
    _kerasish_engine: Any
    _kerasish_build_shape: Any

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        ...

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        ...

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that optimizers change."""
        ...

    def get_compile_config(self) -> Config | None:
        """Return the arguments of `compile`."""
        ...

    def compile_from_config(self, config: Config) -> None:
        """Compile with the arguments in a config."""
        ...

    def build_from_config(self, config: Config) -> None:
        """Build for the input shape in a config."""
        ...

    def get_state_tree(self) -> dict[str, PyTree]:
        """Return all variables as nested dicts."""
        ...

    def set_state_tree(self, state_tree: dict[str, PyTree]) -> None:
        """Set all variables from nested dicts."""
        ...

    def _kerasish_inputs(self) -> PyTree: ...

    def _kerasish_input_shape(self) -> PyTree: ...

    def _kerasish_file_variables(self) -> list[Variable]: ...

    def _kerasish_file_value(self, variable: Variable) -> Any: ...


def as_layer(model: SaveableModel) -> Layer:
    """Return a model as the layer that it is."""
    assert isinstance(model, Layer)
    return model
