"""Batch renormalization (Ioffe, 2017): the correction and its limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.types import Array, DTypeLike, Shape

__all__ = ["RenormLimits", "renorm_correction", "renorm_limits", "stddev_initializer"]


class RenormLimits(NamedTuple):
    """Limits of the correction: its factor from `rmin` to `rmax`, its shift up to `dmax`."""

    rmin: float = 0.0
    rmax: float = math.inf
    dmax: float = math.inf


def renorm_limits(clipping: dict[str, float]) -> RenormLimits:
    """Return the bounds that a setting says; the factor is free above 0 where it says nothing.

    Raises:
        UnknownNameError: if it names something else.
        ArgumentError: if nothing is between the bounds.
    """
    for name in clipping:
        if name not in RenormLimits._fields:
            raise UnknownNameError("bound of renorm_clipping", name, RenormLimits._fields)
    found = RenormLimits(**clipping)
    if found.rmin > found.rmax or found.dmax < 0:
        raise ArgumentError(
            "renorm_clipping needs rmin below rmax and dmax of at least 0; got "
            f"rmin={found.rmin}, rmax={found.rmax}, dmax={found.dmax}."
        )
    return found


def renorm_correction(
    mean: Array,
    stddev: Array,
    usual_mean: Array,
    usual_stddev: Array,
    limits: RenormLimits,
    epsilon: float,
) -> tuple[Array, Array]:
    """Return factor and shift that turn normalized by the batch into normalized as usual.

    No gradients go through them: they are what the batch is taken for.

    Args:
        mean: the mean of each channel in the batch.
        stddev: the standard deviations.
        usual_mean: the moving averages of these means.
        usual_stddev: the moving averages of these deviations.
        limits: how far a correction may go.
        epsilon: the least variance.
    """
    usual_stddev = jnp.maximum(usual_stddev, math.sqrt(epsilon))
    r = jnp.clip(stddev / usual_stddev, limits.rmin, limits.rmax)
    d = jnp.clip((mean - usual_mean) / usual_stddev, -limits.dmax, limits.dmax)
    return jax.lax.stop_gradient((r, d))


def stddev_initializer(initializer: Callable[..., Any]) -> Callable[..., Any]:
    """Return what gives deviations where an initializer gives variances."""
    return partial(_sqrt_of, initializer)


def _sqrt_of(initializer: Callable[..., Any], shape: Shape, dtype: DTypeLike | None) -> Any:
    return np.sqrt(np.asarray(initializer(shape, dtype)))
