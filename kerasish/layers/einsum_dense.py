"""EinsumDense: a fully connected layer given by an einsum equation."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, Unpack

import jax.numpy as jnp
import numpy as np

from kerasish import activations, initializers
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    Config,
    ConstraintLike,
    DTypeLike,
    InitializerLike,
    PyTree,
    RegularizerLike,
    Shape,
)
from kerasish.core.variable import Variable
from kerasish.layers._lora import LoraMixin, LoraWeight
from kerasish.layers._shared import register
from kerasish.layers._weights import add_weight_for, set_weight_options

__all__ = ["EinsumDense"]


@register()
class EinsumDense(LoraMixin):
    """`activation(einsum(equation, x, kernel) + bias)`.

    The kernel's sizes come from the input where an axis is in the input, and
    from `output_shape` where it is not.

    Shapes: those of the equation: with `"abc,cde->abde"` they are
    `(batch, steps, features) -> (batch, steps, *output_shape[1:])`.

    Args:
        equation: the axes of input, kernel and output, such as `"ab,bc->ac"`;
            `...` may stand first or last in input and output.
        output_shape: the output's sizes, without the batch and without what
            `...` stands for; None where the input determines one.
        activation: activation function, by name or as a function; None for the identity.
        bias_axes: the axes of the output that the bias has; None for no bias.
        kernel_initializer: initializer of the kernel.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        lora_rank: rank of low-rank adapters (LoRA; Hu et al., 2021). The kernel is then frozen and
            the adapters are trained. None for no adapters.
        lora_alpha: scale of the adapters: their product is multiplied by `lora_alpha / lora_rank`;
            equal to `lora_rank` by default.
        gptq_unpacked_column_size: only None: belongs to quantization.
        quantization_config: must be None, since layers are not quantized.
        **kwargs: `name`, `trainable`, `dtype`, `activity_regularizer`.

    Raises:
        ArgumentError: if the equation, `output_shape` and `bias_axes` do not fit together.
        ShapeError: if the input does not fit the equation.

    Examples:
        >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")
        >>> layer(np.ones((2, 32, 128), "float32")).shape
        (2, 32, 64)
    """

    kernel = LoraWeight()
    _kerasish_foreign_config: ClassVar = {"gptq_unpacked_column_size": (None,)}

    activation: Callable[..., Array]
    bias: Variable

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: ActivationLike = None,
        bias_axes: str | None = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self.partial_output_shape = (
            (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        )
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        set_weight_options(
            self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._axes = _parse(equation)
        _check(self._axes, equation, self.partial_output_shape, bias_axes)
        self._refuse_quantization(gptq_unpacked_column_size or quantization_config)
        self._set_lora_options(lora_rank, lora_alpha)

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal layer."""
        settings = {"output_shape": list(self.partial_output_shape)}
        return {"activity_regularizer": None} | super().get_config() | settings

    def build(self, input_shape: Shape) -> None:
        given = self._sizes(input_shape)
        wanted = self._axes.named(self.partial_output_shape)
        for axis in wanted:
            if None not in (wanted[axis], given.get(axis)) and wanted[axis] != given[axis]:
                raise ShapeError(
                    f"Layer {self.name!r} ({self.equation!r}) was given size {wanted[axis]} for "
                    f"axis {axis!r} in output_shape={self.partial_output_shape}; the input has "
                    f"{given[axis]}: shape {input_shape}."
                )
        known = given | {axis: size for axis, size in wanted.items() if size is not None}
        self.kernel = add_weight_for(
            self,
            "kernel",
            tuple(known[axis] for axis in self._axes.kernel),
            initializer=_with_einsum_fans(self.kernel_initializer, self._axes),
        )
        if self.bias_axes is not None:
            extra = len(input_shape) - len(self._axes.input)
            self.bias = add_weight_for(
                self, "bias", self._axes.bias_shape(self.bias_axes, known, extra)
            )
        self.input_spec = InputSpec(
            ndim=None if self._axes.dots else len(input_shape),
            min_ndim=len(self._axes.input),
            axes={
                self._axes.place(axis): size
                for axis, size in given.items()
                if size is not None and axis in self._axes.kernel
            },
        )
        self._add_lora_weights()

    def _sizes(self, shape: Shape) -> dict[str, int | None]:
        """Return the size of each axis of the input."""
        axes = self._axes.input
        if len(shape) < len(axes) or (len(shape) > len(axes) and not self._axes.dots):
            raise ShapeError(
                f"Layer {self.name!r} ({self.equation!r}) takes an input of "
                f"{'at least ' * bool(self._axes.dots)}{len(axes)} dimensions; it got "
                f"{len(shape)}: shape {shape}."
            )
        return {axis: shape[self._axes.place(axis)] for axis in axes}

    def call(self, inputs: Array, training: bool | None = None) -> Array:
        y = jnp.einsum(self.equation, inputs, self._lora_weight())
        if self.bias_axes is not None:
            bias = self.bias.value
            y = y + bias.reshape((1,) * (y.ndim - bias.ndim) + bias.shape)
        return self.activation(y)


class _Axes(NamedTuple):
    """The axes of input, kernel and output, a letter each, and where `...` stands."""

    input: str
    kernel: str
    output: str
    dots: str  # "first", "last" or ""

    def place(self, axis: str) -> int:
        """Return the index of an axis of the input."""
        return self.input.index(axis) - len(self.input) * (self.dots == "first")

    @property
    def settable(self) -> str:
        """The axes of the output that `output_shape` sets."""
        return self.output if self.dots == "first" else self.output[1:]

    def named(self, output_shape: Shape) -> dict[str, int | None]:
        """Return the wanted sizes by axis."""
        return dict(zip(self.settable, output_shape, strict=True))

    def bias_shape(
        self, axes: str, sizes: dict[str, int | None], extra: int
    ) -> tuple[int | None, ...]:
        """Return a shape that broadcasts to the output, without the ones at its beginning."""
        shape = [sizes[axis] if axis in axes else 1 for axis in self.output]
        shape += [1] * extra * (self.dots == "last")
        return tuple(shape[min(map(self.output.index, axes)) :])


def _parse(equation: str) -> _Axes:
    found = re.fullmatch(
        r"(\.{3})?([a-zA-Z]+)(\.{3})?,([a-zA-Z]+)->(\.{3})?([a-zA-Z]+)(\.{3})?",
        str(equation).replace(" ", ""),
    )
    if not found or (found[1], found[3]) != (found[5], found[7]) or (found[1] and found[3]):
        raise ArgumentError(
            "EinsumDense takes an equation such as 'ab,bc->ac', '...ab,bc->...ac' or "
            f"'ab...,bc->ac...'; got {equation!r}."
        )
    dots = "first" if found[1] else "last" if found[3] else ""
    return _Axes(found[2], found[4], found[6], dots)


def _check(axes: _Axes, equation: str, output_shape: PyTree, bias_axes: str | None) -> None:
    """Refuse what cannot be, before there is an input."""
    for axis in axes.kernel:
        if axis not in axes.input + axes.output:
            raise ArgumentError(
                f"The kernel's axis {axis!r} in {equation!r} is in neither input nor output, so "
                "nothing tells its size."
            )
    for axis in axes.output:
        if axis not in axes.input + axes.kernel:
            raise ArgumentError(
                f"The output's axis {axis!r} in {equation!r} is in neither input nor kernel."
            )
    if len(output_shape) != len(axes.settable):
        raise ArgumentError(
            f"output_shape holds the sizes of {', '.join(axes.settable) or 'no axis'} in "
            f"{equation!r}, the batch and `...` left out; got {output_shape}."
        )
    for axis, size in axes.named(output_shape).items():
        if size is None and axis not in axes.input:
            raise ArgumentError(
                f"Nothing tells the size of the axis {axis!r} in {equation!r}; give it in "
                f"output_shape, which is {output_shape}."
            )
    for axis in bias_axes or "":
        if axis not in axes.settable:
            raise ArgumentError(
                f"The bias of {equation!r} can have the axes {', '.join(axes.settable)}; "
                f"got bias_axes={bias_axes!r}."
            )


def _with_einsum_fans(initializer: InitializerLike, axes: _Axes) -> InitializerLike:
    """Let an initializer that goes by the number of connections count those of the equation."""
    if not isinstance(initializer, initializers.VarianceScaling):
        return initializer
    return _EinsumFans(initializer, [axis in axes.output for axis in axes.kernel])


class _EinsumFans(initializers.Initializer):
    """Draws as for a matrix with as many connections in and out."""

    def __init__(self, initializer: initializers.Initializer, out: list[bool]) -> None:
        self.initializer = initializer
        self.out = out

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        fan_in = math.prod(n for n, out in zip(shape, self.out, strict=True) if not out)
        fan_out = math.prod(n for n, out in zip(shape, self.out, strict=True) if out)
        return self.initializer.draw(rng, (fan_in, fan_out), dtype).reshape(shape)
