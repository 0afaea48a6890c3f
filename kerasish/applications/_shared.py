"""Helpers of the builders: axes, padding, numbers of filters, layer names, variants."""

from __future__ import annotations

import functools
import inspect
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from kerasish import config
from kerasish.applications import imagenet_utils
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.layers import ZeroPadding2D
from kerasish.models import Model

__all__ = [
    "LayerNames",
    "channel_axis",
    "make_divisible",
    "num_channels",
    "pad_for_stride",
    "preprocessing",
    "spatial_sizes",
    "variant",
]

T = TypeVar("T")
P = ParamSpec("P")


# On the way.


def channel_axis(last: int = 3) -> int:
    """Return the axis of the channels, where it is the last one by the name that files have."""
    return 1 if config.image_data_format() == "channels_first" else last


def num_channels(x: SymbolicTensor) -> int:
    """Return how many channels a tensor has."""
    return int(x.shape[channel_axis()] or 0)


def spatial_sizes(x: SymbolicTensor) -> tuple[int | None, ...]:
    """Return the height and the width of a tensor, None where unknown."""
    return x.shape[2:] if channel_axis() == 1 else x.shape[1:3]


def pad_for_stride(x: SymbolicTensor, kernel: int, name: str | None = None) -> SymbolicTensor:
    """Return `x` with borders that a convolution with strides of 2 goes evenly over."""
    before = [kernel // 2 - (1 if n is None else 1 - n % 2) for n in spatial_sizes(x)]
    height, width = ((n, kernel // 2) for n in before)
    return ZeroPadding2D((height, width), name=name)(x)


def make_divisible(filters: float, by: int = 8, least: int | None = None) -> int:
    """Return a number of filters near the given one that can be divided.

    It is never less than nine tenths of what was given.
    """
    near = max(least or by, int(filters + by / 2) // by * by)
    return near + by if near < 0.9 * filters else near


class LayerNames:
    """Names of layers by kind, in the order in which they are made: `conv2d`, `conv2d_1`.

    A graph would name them in the order in which they run, which is another one where there
    are branches.
    """

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def __call__(self, kind: str) -> str:
        self._count[kind] += 1
        return f"{kind}_{self._count[kind] - 1}" if self._count[kind] > 1 else kind


# Tables.


def variant(
    family: Callable[Concatenate[T, P], Model], title: str, architecture: T, name: str
) -> Callable[P, Model]:
    """Return the builder of one network of a family.

    Args:
        family: builds any of them; its first argument says which.
        title: the name of the builder.
        architecture: the first argument.
        name: the default of its argument `name`.
    """
    whole = inspect.signature(family)
    parameters = [
        p.replace(default=name) if p.name == "name" else p for p in whole.parameters.values()
    ][1:]
    signature = whole.replace(parameters=parameters)

    @functools.wraps(family)
    def build(*args: P.args, **kwargs: P.kwargs) -> Model:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return family(architecture, *bound.args, **bound.kwargs)

    build.__name__ = build.__qualname__ = title
    build.__signature__ = signature  # type: ignore[attr-defined]
    about = (inspect.getdoc(family) or "").removeprefix("Return ")
    first = next(iter(whole.parameters))  # is no argument any more
    build.__doc__ = re.sub(rf"\n    {first}: .*", "", f"Return {title}, {about}")
    return build


def preprocessing(mode: str | None) -> Callable[..., Any]:
    """Return the `preprocess_input` of a family; without a mode the network does it itself."""

    def preprocess_input(x: SymbolicTensor, data_format: str | None = None) -> SymbolicTensor:
        """Return images preprocessed for the networks of this module.

        Args:
            x: pixels from 0 to 255, red, green, blue; an array or a tensor of a graph.
            data_format: `"channels_last"` or `"channels_first"`; that of the settings by default.
        """
        return x if mode is None else imagenet_utils.preprocess_input(x, data_format, mode)

    return preprocess_input
