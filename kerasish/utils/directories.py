"""Datasets of the image, text or audio files in a directory."""

from __future__ import annotations

import os
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.utils.folders import DirectoryOptions, make_datasets
from kerasish.utils.images import img_to_array, load_img, resize_with_pad
from kerasish.utils.py_dataset import IndexedBatches

__all__ = [
    "audio_dataset_from_directory",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
]

_IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
# Keras's names and those of Pillow.
_METHODS = {
    "nearest": "nearest",
    "bilinear": "bilinear",
    "bicubic": "bicubic",
    "area": "box",
    "lanczos3": "lanczos",
}

DirectoryPath = str | os.PathLike[str]


def image_dataset_from_directory(
    directory: DirectoryPath,
    labels: str | Sequence[int] | np.ndarray | None = "inferred",
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
) -> IndexedBatches | tuple[IndexedBatches, ...]:
    """Create a dataset of the images in a directory, which are loaded on demand.

    Args:
        directory: the root directory, with a folder for each class; subfolders are included.
        labels: `"inferred"` from the folders; a list with an integer for each file in the order of
            the sorted paths; or None.
        label_mode: `"int"`, `"categorical"` (one-hot), `"binary"` (0.0 or 1.0) or None.
        class_names: the folders in the order of the class indices; sorted by default.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        batch_size: the number of images in a batch; None yields single images.
        image_size: `(height, width)` of the result.
        shuffle: whether to shuffle the files in each epoch.
        seed: the seed for shuffling.
        validation_split: the fraction of files reserved for validation.
        subset: `"training"`, `"validation"` or `"both"`; required with `validation_split`.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"` or `"lanczos3"`.
        follow_links: whether to follow symbolic links to folders.
        crop_to_aspect_ratio: whether to crop the center instead of distorting.
        pad_to_aspect_ratio: whether to add black borders instead of distorting.
        data_format: `"channels_last"` or `"channels_first"`.
        format: accepted as in Keras; the result is always a `PyDataset`.
        verbose: whether to print the number of files.

    Returns:
        A dataset of batches `(batch, height, width, channels)` with values in [0, 255], or of
        `(images, labels)`; two datasets for `subset="both"`. The datasets have the attributes
        `class_names` and `file_paths`.

    Raises:
        ArgumentError: if arguments are invalid or contradict each other.
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
        raise ArgumentError("Pass either crop_to_aspect_ratio or pad_to_aspect_ratio, not both.")

    def load(path: str) -> np.ndarray:
        method = _METHODS[interpolation]
        if pad_to_aspect_ratio:
            image = resize_with_pad(load_img(path, color_mode), image_size, method)
        else:
            image = load_img(path, color_mode, image_size, method, crop_to_aspect_ratio)
        return img_to_array(image, data_format, "float32")

    options = DirectoryOptions(
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
    return make_datasets(options, _IMAGES, lambda paths: np.stack([load(path) for path in paths]))


def text_dataset_from_directory(
    directory: DirectoryPath,
    labels: str | Sequence[int] | np.ndarray | None = "inferred",
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
) -> IndexedBatches | tuple[IndexedBatches, ...]:
    """Create a dataset of the text files (`.txt`, UTF-8) in a directory.

    Args:
        directory: as in `image_dataset_from_directory`.
        labels: as in `image_dataset_from_directory`.
        label_mode: as in `image_dataset_from_directory`.
        class_names: as in `image_dataset_from_directory`.
        batch_size: as in `image_dataset_from_directory`.
        max_length: the maximal number of characters of a text; None for no limit.
        shuffle: as in `image_dataset_from_directory`.
        seed: as in `image_dataset_from_directory`.
        validation_split: as in `image_dataset_from_directory`.
        subset: as in `image_dataset_from_directory`.
        follow_links: as in `image_dataset_from_directory`.
        format: accepted as in Keras; the result is always a `PyDataset`.
        verbose: as in `image_dataset_from_directory`.

    Returns:
        A dataset of batches `(batch,)` of strings, or of `(texts, labels)`.

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

    def load_batch(paths: list[str]) -> np.ndarray:
        texts = [Path(path).read_text(encoding="utf-8")[:max_length] for path in paths]
        return np.array(texts, dtype=object)

    options = DirectoryOptions(
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
    return make_datasets(options, (".txt",), load_batch)


def audio_dataset_from_directory(
    directory: DirectoryPath,
    labels: str | Sequence[int] | np.ndarray | None = "inferred",
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
) -> IndexedBatches | tuple[IndexedBatches, ...]:
    """Create a dataset of the audio files (`.wav`, 16 bits) in a directory.

    Args:
        directory: as in `image_dataset_from_directory`.
        labels: as in `image_dataset_from_directory`.
        label_mode: as in `image_dataset_from_directory`.
        class_names: as in `image_dataset_from_directory`.
        batch_size: as in `image_dataset_from_directory`.
        sampling_rate: the required rate of all files; they are not resampled.
        output_sequence_length: the length that recordings are padded or truncated to; by default
            that of the longest in the batch.
        ragged: accepted as in Keras; must be False.
        shuffle: as in `image_dataset_from_directory`.
        seed: as in `image_dataset_from_directory`.
        validation_split: as in `image_dataset_from_directory`.
        subset: as in `image_dataset_from_directory`.
        follow_links: as in `image_dataset_from_directory`.
        verbose: as in `image_dataset_from_directory`.

    Returns:
        A dataset of batches `(batch, time, channels)` with values in [-1, 1], or of
        `(audio, labels)`.

    Raises:
        ArgumentError: if `ragged` is True.
        DataError: if a file has another format or rate.

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
        raise ArgumentError(
            "Ragged arrays are not supported; leave `ragged` out, and audio is padded."
        )

    def load_batch(paths: list[str]) -> np.ndarray:
        recordings = [_read_wav(path, sampling_rate) for path in paths]
        length = output_sequence_length or max(len(recording) for recording in recordings)
        batch = np.zeros((len(recordings), length, max(s.shape[1] for s in recordings)), "float32")
        for row, recording in zip(batch, recordings, strict=True):
            row[: len(recording)] = recording[:length]
        return batch

    options = DirectoryOptions(
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
    return make_datasets(options, (".wav",), load_batch)


def _read_wav(path: str, rate: int | None) -> np.ndarray:
    """Return the samples of a file, `(time, channels)`."""
    try:
        with wave.open(path, "rb") as file:
            channels, width, found, frames, *_ = file.getparams()
            data = file.readframes(frames)
    except (wave.Error, EOFError) as error:
        raise DataError(f"{path!r} is not a readable WAV file: {error}.") from error
    if width != 2:
        raise DataError(f"{path!r} has {8 * width} bits per sample; only 16 are supported.")
    if rate not in (None, found):
        raise DataError(
            f"{path!r} has a sampling rate of {found}, not {rate}; resample the files first."
        )
    return np.frombuffer(data, "<i2").reshape(-1, channels).astype("float32") / 32768
