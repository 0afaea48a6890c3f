"""Low-rank adaptation (LoRA): adapters beside a frozen weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, NotBuiltError
from kerasish.core.layer import Layer
from kerasish.core.types import Array, Config, InitializerLike
from kerasish.core.variable import Variable
from kerasish.layers._shared import positive_int

__all__ = ["LoraMixin", "LoraWeight"]


class LoraWeight:
    """Descriptor for the weight of a `LoraMixin` layer that adapters are added to.

    It returns the variable that it was set to or, once there are adapters, the array `weight +
    alpha / rank * a @ b`. The variable itself is stored under the name with a leading `_`.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, layer: Layer, variable: Variable) -> None:
        vars(layer)[f"_{self.name}"] = variable

    def __get__(self, layer: LoraMixin | None, owner: type | None = None) -> Any:
        if layer is None:
            return self
        variable = vars(layer).get(f"_{self.name}")
        if variable is None:
            raise AttributeError(f"{type(layer).__name__!r} object has no attribute {self.name!r}")
        return layer._lora_weight() if layer.lora_enabled else variable


class LoraMixin(Layer):
    """Base of layers with a weight that low-rank adapters can be trained for (Hu et al., 2021).

    With adapters the layer computes with `weight + alpha / rank * a @ b`. The weight is frozen, and
    `a` and `b` are small. Files store the sum in place of the weight, and no adapters.

    A subclass declares a `LoraWeight` under the name in `lora_target`, and calls
    `_set_lora_options` at the end of its constructor and `_add_lora_weights` at the end of `build`.
    """

    lora_target: ClassVar[str] = "kernel"
    quantization_config: None = None
    lora_rank: int | None = None
    lora_alpha: float | None = None

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Any:
        cls._refuse_quantization(config.get("quantization_config"))
        return super().from_config(config, custom_objects)

    @classmethod
    def _refuse_quantization(cls, config: object) -> None:
        """Raise if a quantization config is given.

        Raises:
            ArgumentError: if there is a config of one.
        """
        if config is not None:
            raise ArgumentError(
                f"{cls.__name__} cannot be quantized (quantization_config={config!r}): "
                "leave it out, or give `dtype='bfloat16'` to halve the weights."
            )

    def _set_lora_options(self, rank: int | None, alpha: float | None) -> None:
        """Check and set the options of the adapters; None for no adapters.

        Raises:
            ArgumentError: if they cannot be.
        """
        if rank is None:
            return
        rank = positive_int(rank, "lora_rank")
        if alpha is not None and not isinstance(alpha, (int, float, np.number)):
            raise ArgumentError(f"lora_alpha must be a number; got {alpha!r}.")
        target = self.lora_target
        if getattr(self, f"{target}_constraint") is not None:
            raise ArgumentError(
                f"Layer {self.name!r} cannot have LoRA and {target}_constraint: a constraint "
                f"projects what is trained, and with LoRA the {target} is frozen. Leave one out."
            )
        self.lora_rank, self.lora_alpha = rank, rank if alpha is None else alpha

    def _add_lora_weights(
        self,
        a_initializer: InitializerLike = "he_uniform",
        b_initializer: InitializerLike = "zeros",
    ) -> None:
        """Freeze the weight and add its adapters, if a rank is set."""
        if self.lora_rank is None:
            return
        name, weight = self.lora_target, self._base_weight
        regularizer = getattr(self, f"{name}_regularizer")
        for letter, shape, initializer in (
            ("a", (*weight.shape[:-1], self.lora_rank), a_initializer),
            ("b", (self.lora_rank, weight.shape[-1]), b_initializer),
        ):
            # Not in 16 bits, which would lose the small steps that they take.
            adapter = self.add_weight(
                shape, initializer, "float32", regularizer=regularizer, name=f"lora_{name}_{letter}"
            )
            # As if declared with the weight, which may have its place in a model by now.
            adapter.path = (*weight.path[:-1], adapter.name)
            adapter.seed = weight.seed
            setattr(self, adapter.name, adapter)
        weight.trainable = False

    @property
    def lora_enabled(self) -> bool:
        """Whether there are adapters."""
        return f"lora_{self.lora_target}_b" in vars(self)

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: InitializerLike = "he_uniform",
        b_initializer: InitializerLike = "zeros",
    ) -> None:
        """Add low-rank adapters: freeze the weight and train a product of two small ones.

        An optimizer that is under way goes on with the weights that still train. A file has the
        sum in the place of the large weight and no factors: what is loaded has new ones.

        Args:
            rank: the rank of the product.
            lora_alpha: the product is multiplied by `lora_alpha / rank`; by default by 1.
            a_initializer: initializer of the first factor.
            b_initializer: initializer of the second factor; at zeros the output is what it was.

        Raises:
            NotBuiltError: if there are no weights yet.
            ArgumentError: if the layer has adapters already, or an argument is invalid.

        Examples:
            >>> import numpy as np
            >>> from kerasish.layers import Dense
            >>> layer = Dense(3)
            >>> y = layer(np.ones((2, 5), "float32"))
            >>> layer.enable_lora(2)
            >>> [(weight.name, weight.shape) for weight in layer.trainable_weights]
            [('bias', (3,)), ('lora_kernel_a', (5, 2)), ('lora_kernel_b', (2, 3))]
        """
        if not self.built:
            raise NotBuiltError(
                f"Layer {self.name!r} has no {self.lora_target} for LoRA yet. Call it on data "
                "first, or give `lora_rank` to its constructor."
            )
        if self.lora_enabled:
            raise ArgumentError(
                f"Layer {self.name!r} has LoRA of rank {self.lora_rank} already, and can have it "
                "once. To start again, save the weights and load them into a layer without."
            )
        self._set_lora_options(rank, lora_alpha)
        self._add_lora_weights(a_initializer, b_initializer)

    @property
    def _base_weight(self) -> Variable:
        variable: Variable = vars(self)[f"_{self.lora_target}"]
        return variable

    @property
    def _lora_factors(self) -> list[Variable]:
        """The adapters, in order; none if LoRA is not enabled."""
        return [vars(self)[f"lora_{self.lora_target}_{x}"] for x in "ab" if self.lora_enabled]

    def _lora_weight(self, read: Callable[[Array], Array] = lambda weight: weight) -> Array:
        """Return the weight with its adapters, or some rows of it.

        Args:
            read: takes the rows from the weight, and from the first adapter.
        """
        weight = read(self._base_weight.value)
        if self.lora_rank is None or self.lora_alpha is None or not self.lora_enabled:
            return weight
        a, b = (adapter.value for adapter in self._lora_factors)
        change = self.lora_alpha / self.lora_rank * (read(a) @ b)
        return weight + change.astype(weight.dtype)

    # Configs and files.

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal layer."""
        config = super().get_config()
        if self.lora_rank is None:  # as in Keras
            config.pop("lora_rank", None)
            config.pop("lora_alpha", None)
        return config

    def _kerasish_file_variables(self) -> list[Variable]:
        """Return the own weights of this layer that files store: all but the adapters."""
        return [v for v in super()._kerasish_file_variables() if v not in self._lora_factors]

    def _kerasish_file_value(self, variable: Variable) -> Array:
        """Return the value that files store for a weight: the adapted one includes its adapters."""
        if self.lora_enabled and variable is self._base_weight:
            return self._lora_weight()
        return super()._kerasish_file_value(variable)

    def _kerasish_after_loading(self) -> Iterable[tuple[Variable, Any]]:
        """Return the values of the adapters after loading: zero, to be trained again."""
        return [(b, jnp.zeros(b.shape, b.dtype)) for b in self._lora_factors[1:]]
