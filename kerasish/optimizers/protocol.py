"""OptimizerLike: the protocol of optimizers, for this package and the training engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from kerasish.core.paths import Path, Tree
from kerasish.core.types import Array, ArrayLike
from kerasish.core.variable import Variable
from kerasish.optimizers.formula import Formula
from kerasish.optimizers.state import OptimizerState

__all__ = ["OptimizerLike"]


class OptimizerLike(Protocol):
    """An optimizer: its settings, its variables, and its pure view."""

    name: str
    built: bool
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None

    # The hyperparameters, and those switches of slots that are on.
    _kerasish_hyperparams: dict[str, Variable]
    _kerasish_schedule: Callable[[Any], ArrayLike] | None
    _kerasish_enabled: set[str]
    _kerasish_undecayed: tuple[str, ...]
    # The variables: by the path of the weight, or of the slot in the state.
    _kerasish_iteration: Variable
    _kerasish_weights: dict[Path, Variable]
    _kerasish_slots: dict[Path, Variable]
    _kerasish_declared: dict[Path, Variable]
    _kerasish_inner_optimizers: dict[str, Any]
    # For `build` in Keras's form: the weights by path, and the attributes before it.
    _kerasish_requested: dict[Path, Variable] | None
    _kerasish_unbuilt: dict[str, Any] | None
    # The compiled step of `apply`, and the settings that it was compiled for.
    _kerasish_compiled: Callable[..., tuple[Tree, OptimizerState]] | None
    _kerasish_compiled_for: tuple[Any, ...]

    @property
    def iterations(self) -> Variable | Array:
        """How many updates were made."""
        ...

    @property
    def variables(self) -> list[Variable]:
        """The state in Keras's order: iteration, learning rate, then slots."""
        ...

    @property
    def _kerasish_formula(self) -> Formula:
        """The formula, also where a subclass in Keras's form uses the names of its methods."""
        ...

    @property
    def _kerasish_has_own_step(self) -> bool:
        """Whether a subclass has its own `build` or `update_step`, as in Keras."""
        ...

    def build(self, variables: Sequence[Variable]) -> None:
        """Create the slots for some weights."""
        ...

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Array) -> None:
        """Update one weight by assigning to it and to its slots."""
        ...

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Assign an array to each of `variables`."""
        ...

    def _kerasish_init(self, params: Tree) -> OptimizerState:
        """Return the state before the first step."""
        ...

    def _kerasish_update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        """Return the updates to add to the weights, and the new state."""
        ...

    def _kerasish_create_slots(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        """Create the variables for the slots of some weights; see `variables.create_slots`."""
        ...

    def _kerasish_slot_paths(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        """Yield the paths of the slots in the state, in the order of Keras's files."""
        ...

    def _kerasish_settings(self) -> tuple[Any, ...]:
        """Return the values that compiled steps depend on, beside the state."""
        ...
