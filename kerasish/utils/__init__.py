"""Utilities: `keras.utils` on NumPy and JAX."""

from kerasish.core.serialization.config import deserialize_keras_object, serialize_keras_object
from kerasish.core.serialization.custom_objects import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.core.serialization.custom_objects import CustomObjectScope as custom_object_scope
from kerasish.core.settings.config import set_random_seed
from kerasish.core.settings.process_settings import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from kerasish.utils import bounding_boxes, legacy
from kerasish.utils.arrays import normalize, pad_sequences, to_categorical
from kerasish.utils.batches import pack_x_y_sample_weight, unpack_x_y_sample_weight
from kerasish.utils.config import Config
from kerasish.utils.directories import (
    audio_dataset_from_directory,
    image_dataset_from_directory,
    text_dataset_from_directory,
)
from kerasish.utils.files import get_file
from kerasish.utils.graphs import get_source_inputs
from kerasish.utils.images import array_to_img, img_to_array, load_img, save_img
from kerasish.utils.plot import model_to_dot, plot_model
from kerasish.utils.process import clear_session, is_keras_tensor, standardize_dtype
from kerasish.utils.progress import Progbar
from kerasish.utils.py_dataset import PyDataset, Sequence
from kerasish.utils.splitting import split_dataset
from kerasish.utils.timeseries import timeseries_dataset_from_array

__all__ = [
    "Config",
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "bounding_boxes",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "legacy",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
