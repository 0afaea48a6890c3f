"""What functions of the core need of a layer and of a metric.

`Layer` is made of these functions, so they cannot import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from kerasish.core.dtypes import DTypePolicy
from kerasish.core.input_spec import InputSpec
from kerasish.core.rematerialization import RematScope
from kerasish.core.seeds import SeedGenerator
from kerasish.core.tree import TreeNode
from kerasish.core.types import Array, PyTree
from kerasish.core.variable import Variable

__all__ = ["LayerLike", "MetricLike"]


@runtime_checkable
class MetricLike(Protocol):
    """An object with the methods of a metric, by which attributes that are metrics are found."""

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Accumulate a batch."""
        ...

    def reset_state(self) -> None:
        """Set the state to its initial value."""
        ...

    def result(self) -> PyTree:
        """Return the value since the last reset."""
        ...


class LayerLike(TreeNode, Protocol):
    """What the functions that `Layer` is made of need of one."""

    built: bool
    _kerasish_foreign_config: ClassVar[dict[str, tuple[Any, ...] | None]]
    autocast: bool
    input_spec: InputSpec | None
    activity_regularizer: Callable[..., Array] | None
    _kerasish_seed: int | None
    _kerasish_seed_generator: SeedGenerator
    _kerasish_added_losses: list[Array]
    _kerasish_first_weights: list[np.ndarray] | None
    _kerasish_remat_scope: RematScope | None
    _kerasish_build_shape: PyTree
    _kerasish_traced_shape: PyTree

    # Names and dtypes.

    @property
    def dtype_policy(self) -> DTypePolicy: ...

    @property
    def compute_dtype(self) -> str: ...

    @property
    def variable_dtype(self) -> str: ...

    @property
    def input_dtype(self) -> str: ...

    # What a subclass writes.

    def build(self, input_shape: PyTree) -> None: ...

    def call(self, *args: Any, **kwargs: Any) -> PyTree: ...

    def compute_mask(self, inputs: PyTree, previous_mask: PyTree) -> PyTree: ...

    def __call__(self, *args: Any, **kwargs: Any) -> PyTree: ...

    def add_loss(self, loss: PyTree) -> None: ...

    # Weights.

    @property
    def weights(self) -> list[Variable]: ...

    @property
    def trainable_weights(self) -> list[Variable]: ...

    @property
    def non_trainable_variables(self) -> list[Variable]: ...

    @property
    def losses(self) -> list[Array]: ...

    @property
    def metrics_variables(self) -> list[Variable]: ...

    @property
    def _kerasish_seeds(self) -> list[Variable]: ...

    def _kerasish_ensure_built(self, *args: Any, **kwargs: Any) -> None: ...

    def _kerasish_require_built(self) -> None: ...

    def _kerasish_file_variables(self) -> list[Variable]: ...

    def _kerasish_file_value(self, variable: Variable) -> Array: ...

    def _kerasish_after_loading(self) -> Iterable[tuple[Variable, Any]]: ...
