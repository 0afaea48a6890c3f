"""Preprocessing of images and decoding of ImageNet predictions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from kerasish import config, ops
from kerasish.core.errors import ArgumentError, FileFormatError, ShapeError
from kerasish.core.graph.symbolic import SymbolicTensor

__all__ = ["decode_predictions", "preprocess_input"]

# Of the pixels of ImageNet, from 0 to 1, in the order red, green, blue.
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
# Of its pixels from 0 to 255, in the order blue, green, red.
_CAFFE_MEAN = (103.939, 116.779, 123.68)

_MODES = ("caffe", "tf", "torch")


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Return images as a network wants them that was trained with a certain framework.

    Shapes: `(batch, height, width, 3) -> (batch, height, width, 3)`, or without the batch.

    Args:
        x: pixels from 0 to 255, red, green, blue; an array or a tensor of a graph. It is
            not changed.
        data_format: `"channels_last"` or `"channels_first"`; that of the settings by default.
        mode: `"caffe"`: blue, green, red, less the mean of ImageNet; `"tf"`: from -1 to 1;
            `"torch"`: less the mean of ImageNet, by its standard deviation.

    Returns:
        An array of the same kind, of floats.

    Raises:
        ArgumentError: if there is no such mode or format.

    Examples:
        >>> preprocess_input(np.array([[[0, 255, 0]]]), mode="tf").tolist()
        [[[-1.0, 1.0, -1.0]]]
    """
    data_format = config.image_data_format() if data_format is None else data_format
    if data_format not in ("channels_last", "channels_first"):
        raise ArgumentError(
            f"data_format must be 'channels_last' or 'channels_first'; got {data_format!r}."
        )
    if mode not in _MODES:
        raise ArgumentError(f"mode must be one of {', '.join(map(repr, _MODES))}; got {mode!r}.")
    x = _floating(x)
    if mode == "tf":
        return x / 127.5 - 1.0
    last = data_format == "channels_last"

    def channels(values: tuple[float, ...]) -> Any:
        places = (1,) * (x.ndim - (1 if last else 3)) + (-1,) + (() if last else (1, 1))
        return np.reshape(np.asarray(values, x.dtype), places)

    if mode == "torch":
        return (x / 255.0 - channels(_MEAN)) / channels(_DEVIATION)
    turned = x[..., ::-1] if last else x[..., ::-1, :, :]
    return turned - channels(_CAFFE_MEAN)


def _floating(x: Any) -> Any:
    """Return an array or a tensor as floats."""
    if not isinstance(x, SymbolicTensor) and not hasattr(x, "astype"):
        x = np.asarray(x)
    if ops.is_tensor(x) or isinstance(x, SymbolicTensor):
        return x if "float" in str(x.dtype) else ops.cast(x, config.floatx())
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(config.floatx())


def decode_predictions(
    preds: Any, top: int = 5, class_index: str | os.PathLike[str] | None = None
) -> list[list[tuple[str, str, float]]]:
    """Return the likeliest classes of ImageNet, the first one first.

    Args:
        preds: probabilities of the 1000 classes, `(batch, 1000)`.
        top: number of classes to return for each image.
        class_index: the path of `imagenet_class_index.json`, which holds the identifier and
            the name of each class by its number: `{"0": ["n01440764", "tench"], ...}`.

    Returns:
        For each image a list of `(identifier, name, probability)`.

    Raises:
        ShapeError: if these are not probabilities of 1000 classes.
        ArgumentError: if there is no class index.
        FileFormatError: if it is damaged.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != 1000:
        raise ShapeError(
            "decode_predictions takes predictions of the 1000 classes of ImageNet, of shape "
            f"(batch, 1000); got {preds.shape}."
        )
    names = _read_classes(class_index)
    best = np.argsort(-preds, axis=1, kind="stable")[:, :top]
    return [
        [(*names[i], float(row[i])) for i in places]
        for row, places in zip(preds, best, strict=True)
    ]


def _read_classes(path: str | os.PathLike[str] | None) -> list[tuple[str, str]]:
    """Return the identifier and the name of each class."""
    if path is None or not Path(path).expanduser().is_file():
        raise ArgumentError(
            "Nothing is downloaded: give decode_predictions the path of "
            f"imagenet_class_index.json as `class_index`; got {path!r}."
        )
    try:
        found = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
        return [(str(found[str(i)][0]), str(found[str(i)][1])) for i in range(1000)]
    except (ValueError, LookupError, TypeError) as error:
        raise FileFormatError(f"{os.fspath(path)!r} is not a class index of ImageNet.") from error
