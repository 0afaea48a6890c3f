"""Small conversions between what users give and get and what the engine works on."""

from __future__ import annotations

from typing import Any

import jax

from kerasish.core.errors import ArgumentError
from kerasish.training.checks import class_weights
from kerasish.training.data import Batch, clean, split_validation
from kerasish.training.feed import ArrayFeed, Feed

__all__ = ["as_batch", "as_result", "as_validation", "make_validation", "make_weighted"]


def as_batch(x: Any, y: Any, sample_weight: Any) -> Batch:
    """Return arrays as one batch.

    Raises:
        DataError: if they are no arrays of numbers, or differ in length.
    """
    batch = clean(x, y, sample_weight)
    size = len(jax.tree.leaves(batch[0])[0]) if jax.tree.leaves(batch[0]) else 1
    return ArrayFeed(batch, size or 1, False, 0).arrays


def as_result(logs: dict[str, float], order: list[str], return_dict: bool) -> Any:
    """Return logs as Keras does: a dict, a list with the loss first, or the loss alone."""
    if return_dict:
        return logs
    values = [logs[name] for name in order if name in logs]
    return values[0] if len(values) == 1 else values


def as_validation(data: Any) -> Batch:
    """Return `validation_data` as inputs, targets and weights; anything but a tuple is inputs.

    Raises:
        ArgumentError: if there are too many parts.
    """
    # A list is taken as a tuple, as Keras does.
    parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(
            "validation_data is (x, y) or (x, y, sample_weight), or an iterable of batches; got "
            f"a {type(data).__name__} of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def make_validation(feed: Feed, share: float, x: Any) -> tuple[Feed, Any]:
    """Split a feed of arrays into one for training and the data for validation.

    Raises:
        ArgumentError: if the feed is not of arrays.
    """
    if not isinstance(feed, ArrayFeed):
        raise ArgumentError(
            f"validation_split needs x and y as arrays; x is a {type(x).__name__}. Give "
            "`validation_data` instead."
        )
    kept, held = split_validation(feed.arrays, share)
    return ArrayFeed(kept, feed.batch_size, feed.shuffle, feed.seed, again=True), held


def make_weighted(feed: Feed, class_weight: dict[int, float]) -> Feed:
    """Return a feed of the same arrays whose samples count as their classes do.

    Raises:
        ArgumentError: if the feed is not of arrays.
    """
    if not isinstance(feed, ArrayFeed):
        raise ArgumentError("class_weight needs x and y as arrays.")
    x, y, sample_weight = feed.arrays
    arrays = x, y, class_weights(y, sample_weight, class_weight)
    return ArrayFeed(arrays, feed.batch_size, feed.shuffle, feed.seed, again=True)
