"""Connectionist temporal classification: labels in order, without saying when."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from kerasish.core.errors import ShapeError
from kerasish.core.scope import get_metadata
from kerasish.core.types import Array

__all__ = ["ctc", "ctc_loss"]


def ctc_loss(
    target: Array, output: Array, target_length: Array, output_length: Array, mask_index: int = 0
) -> Array:
    """Minus the logarithm of the probability of all ways to say the labels in the given time.

    A frame says a class or nothing (the blank); equal classes in a row are one label.

    Args:
        target: class numbers, whatever they hold after their end: `(batch, labels)`.
        output: logits; a softmax of them is part of the loss: `(batch, steps, classes)`.
        target_length: how many labels there are: `(batch,)`.
        output_length: how many steps there are: `(batch,)`.
        mask_index: the class that is the blank.

    Returns:
        `(batch,)`; about 100,000 where the labels do not fit into the steps.

    Raises:
        ShapeError: if `target` or `output` has another number of axes, or their batches differ.

    Examples:
        >>> certain = jnp.array([[[0.0, 9.0, 0.0], [9.0, 0.0, 0.0], [0.0, 0.0, 9.0]]])
        >>> float(ctc_loss(jnp.array([[1, 2]]), certain, jnp.array([2]), jnp.array([3]))[0]) < 0.01
        True

    References:
        Graves et al., 2006, Connectionist Temporal Classification.
    """
    target, output = _checked(target, output)
    labels = _past(target_length, target.shape[1])
    result: Array = _surprise(
        target, output, labels, _past(output_length, output.shape[1]), mask_index
    )
    return result


def ctc(y_true: Array, y_pred: Array) -> Array:
    """CTC for targets that are padded with zeros: class 0 is the blank.

    Where predictions have a mask, the frames that it leaves out do not count.

    Args:
        y_true: class numbers from 1, with zeros after their end: `(batch, labels)`.
        y_pred: logits: `(batch, steps, classes)`.

    Returns:
        `(batch,)`.

    Raises:
        ShapeError: if the shapes are others.

    Examples:
        >>> float(ctc(jnp.array([[1, 0]]), jnp.zeros((1, 1, 2)))[0])
        0.6931471824645996
    """
    mask = get_metadata(y_pred, "mask")
    y_true, y_pred = _checked(y_true, y_pred)
    steps = jnp.zeros(y_pred.shape[:2], bool) if mask is None else ~mask.astype(bool)
    result: Array = _surprise(y_true, y_pred, y_true <= 0, steps, 0)
    return result


def _checked(target: Array, output: Array) -> tuple[Any, Any]:
    target, output = jnp.asarray(target), jnp.asarray(output)
    if target.ndim != 2 or output.ndim != 3 or target.shape[0] != output.shape[0]:
        raise ShapeError(
            "CTC compares class numbers (batch, labels) with logits (batch, steps, classes); "
            f"the targets have shape {target.shape} and the predictions {output.shape}."
        )
    return target, output


def _past(length: Array, size: int) -> Array:
    """Return which of `size` places come after the end of each sequence."""
    return jnp.arange(size)[None] >= jnp.asarray(length)[:, None]


# Compiled by itself, so that a second call outside of a program compiles nothing.
@partial(jax.jit, static_argnames="blank")
def _surprise(target: Array, output: Array, labels: Array, steps: Array, blank: int) -> Array:
    """Return the loss without the labels and the steps that are left out."""
    # Sums over thousands of ways: not in sixteen bits.
    output = output.astype(jnp.promote_types(output.dtype, "float32"))
    labels, steps = labels.astype(output.dtype), steps.astype(output.dtype)
    values: Array = optax.ctc_loss(output, steps, target.astype("int32"), labels, blank_id=blank)
    return values
