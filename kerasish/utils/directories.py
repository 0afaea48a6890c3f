"""Datasets of images, texts and sounds in a directory."""

from __future__ import annotations

import os
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.utils.folders import Folder, datasets
from kerasish.utils.images import img_to_array, load_img, padded

__all__ = [
    "audio_dataset_from_directory",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
]

_IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
# Keras's names, and what Pillow calls the same.
_METHODS = {
    "nearest": "nearest",
    "bilinear": "bilinear",
    "bicubic": "bicubic",
    "area": "box",
    "lanczos3": "lanczos",
}

Path_ = str | os.PathLike[str]


def image_dataset_from_directory(
    directory: Path_,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a dataset of the images in a directory, read when they are needed.

    Args:
        directory: where they are: a folder for each class, in any depth.
        labels: `"inferred"` from the folders; a list with a whole number for each file,
            in the order of their paths; or None.
        label_mode: `"int"`, `"categorical"` (one-hot), `"binary"` (0.0 or 1.0) or None.
        class_names: the folders, in the order of the class numbers; sorted by default.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        batch_size: images in a batch; None gives single images.
        image_size: `(height, width)` that all are resized to.
        shuffle: whether each pass takes another order.
        seed: what the orders depend on.
        validation_split: the share of files that are kept for validation.
        subset: `"training"`, `"validation"` or `"both"`; given together with it.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"` or `"lanczos3"`.
        follow_links: whether to look into folders that are links.
        crop_to_aspect_ratio: whether to cut out the middle instead of squeezing.
        pad_to_aspect_ratio: whether to add black borders instead of squeezing.
        data_format: `"channels_last"` or `"channels_first"`.
        format: accepted; the result is a `PyDataset` in any case.
        verbose: whether to say how many files there are.

    Returns:
        Batches `(batch, height, width, channels)` of values from 0 to 255, or pairs of
        them and labels; two datasets under `subset="both"`. `class_names` and
        `file_paths` are attributes.

    Raises:
        ArgumentError: if the arguments make no sense.
        DataError: if there are no images.

    Examples:
        >>> import tempfile
        >>> from kerasish.utils import save_img
        >>> root = Path(tempfile.mkdtemp())
        >>> for name in ("cats", "dogs"):
        ...     (root / name).mkdir()
        ...     save_img(root / name / "one.png", np.ones((4, 5, 3)))
        >>> images = image_dataset_from_directory(root, image_size=(8, 8))
        Found 2 files belonging to 2 classes.
        >>> x, y = images[0]
        >>> x.shape, images.class_names
        ((2, 8, 8, 3), ['cats', 'dogs'])
    """
    if interpolation not in _METHODS:
        raise ArgumentError(
            f"interpolation must be one of {', '.join(_METHODS)}; got {interpolation!r}."
        )
    if color_mode not in ("grayscale", "rgb", "rgba"):
        raise ArgumentError(f"color_mode must be grayscale, rgb or rgba; got {color_mode!r}.")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError("An image is either cropped or padded to a ratio, not both.")

    def one(path: str) -> np.ndarray:
        method = _METHODS[interpolation]
        if pad_to_aspect_ratio:
            image = padded(load_img(path, color_mode), image_size, method)
        else:
            image = load_img(path, color_mode, image_size, method, crop_to_aspect_ratio)
        return img_to_array(image, data_format, "float32")

    folder = Folder(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
    )
    return datasets(folder, _IMAGES, lambda paths: np.stack([one(path) for path in paths]))


def text_dataset_from_directory(
    directory: Path_,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a dataset of the texts in a directory, files `.txt` in UTF-8.

    Args:
        directory: see `image_dataset_from_directory`, as for all that is not named here.
        labels: see there.
        label_mode: see there.
        class_names: see there.
        batch_size: see there.
        max_length: how many characters of a text are kept; None for all.
        shuffle: see there.
        seed: see there.
        validation_split: see there.
        subset: see there.
        follow_links: see there.
        format: accepted; the result is a `PyDataset` in any case.
        verbose: see there.

    Returns:
        Batches `(batch,)` of strings, or pairs of them and labels.

    Examples:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> (root / "one.txt").write_text("hello")
        5
        >>> texts = text_dataset_from_directory(root, None, None)
        Found 1 files.
        >>> texts[0].tolist()
        ['hello']
    """

    def read(paths: list[str]) -> np.ndarray:
        texts = [Path(path).read_text(encoding="utf-8")[:max_length] for path in paths]
        return np.array(texts, dtype=object)

    folder = Folder(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
    )
    return datasets(folder, (".txt",), read)


def audio_dataset_from_directory(
    directory: Path_,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Return a dataset of the sounds in a directory, files `.wav` of 16 bits.

    Args:
        directory: see `image_dataset_from_directory`, as for all that is not named here.
        labels: see there.
        label_mode: see there.
        class_names: see there.
        batch_size: see there.
        sampling_rate: what all files must have; they are not resampled.
        output_sequence_length: how long the sounds are made, with zeros at the end or
            by cutting it off; by default as long as the longest of their batch.
        ragged: refused: arrays have one length.
        shuffle: see there.
        seed: see there.
        validation_split: see there.
        subset: see there.
        follow_links: see there.
        verbose: see there.

    Returns:
        Batches `(batch, time, channels)` of values from -1 to 1, or pairs of them and labels.

    Raises:
        ArgumentError: if `ragged`.
        DataError: if a file is of another kind or rate.

    Examples:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> with wave.open(str(root / "one.wav"), "wb") as file:
        ...     file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        ...     file.writeframes(np.array([0, 16384], "<i2").tobytes())
        >>> audio_dataset_from_directory(root, None, None, verbose=False)[0].tolist()
        [[[0.0], [0.5]]]
    """
    if ragged:
        raise ArgumentError("Arrays have one length; leave `ragged` out, and sounds are padded.")

    def read(paths: list[str]) -> np.ndarray:
        sounds = [_sound(path, sampling_rate) for path in paths]
        length = output_sequence_length or max(len(sound) for sound in sounds)
        batch = np.zeros((len(sounds), length, max(s.shape[1] for s in sounds)), "float32")
        for row, sound in zip(batch, sounds, strict=True):
            row[: len(sound)] = sound[:length]
        return batch

    folder = Folder(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
    )
    return datasets(folder, (".wav",), read)


def _sound(path: str, rate: int | None) -> np.ndarray:
    """Return the samples of a file, `(time, channels)`."""
    try:
        with wave.open(path, "rb") as file:
            channels, width, found, frames, *_ = file.getparams()
            data = file.readframes(frames)
    except (wave.Error, EOFError) as error:
        raise DataError(f"{path!r} is no WAV file that can be read: {error}.") from error
    if width != 2:
        raise DataError(f"{path!r} has {8 * width} bits a sample; 16 are wanted.")
    if rate not in (None, found):
        raise DataError(f"{path!r} has a rate of {found}, not {rate}; resample the files before.")
    return np.frombuffer(data, "<i2").reshape(-1, channels).astype("float32") / 32768
