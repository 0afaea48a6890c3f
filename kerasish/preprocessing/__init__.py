"""`keras.preprocessing`: datasets from files, images, sequences and text."""

from kerasish.preprocessing import image, sequence, text
from kerasish.utils import (
    image_dataset_from_directory,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
