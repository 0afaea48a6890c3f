"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]

def affine_transform(images: TensorLike, transform: Any, interpolation: str = ..., fill_mode: str = ..., fill_value: int = ..., data_format: Any = ...) -> Array:
    """Apply affine transformations to images."""


def crop_images(images: TensorLike, top_cropping: Any = ..., left_cropping: Any = ..., bottom_cropping: Any = ..., right_cropping: Any = ..., target_height: Any = ..., target_width: Any = ..., data_format: Any = ...) -> Array:
    """Crop images. Along each axis pass exactly two of the three numbers."""


def elastic_transform(images: TensorLike, alpha: float = ..., sigma: float = ..., interpolation: str = ..., fill_mode: str = ..., fill_value: float = ..., seed: Any = ..., data_format: Any = ...) -> Array:
    """Apply random elastic deformations to images (Simard et al., 2003)."""


def extract_patches(images: TensorLike, size: Any, strides: int | Sequence[int] = ..., dilation_rate: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ...) -> Array:
    """Extract patches of images or volumes, flattened to channels."""


def extract_patches_3d(volumes: Any, size: Any, strides: int | Sequence[int] = ..., dilation_rate: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ...) -> Array:
    """Extract patches of volumes; see `extract_patches`."""


def gaussian_blur(images: TensorLike, kernel_size: int | Sequence[int] = ..., sigma: Any = ..., data_format: Any = ...) -> Array:
    """Blur images with a Gaussian kernel."""


def hsv_to_rgb(images: TensorLike, data_format: Any = ...) -> Array:
    """Convert HSV images to RGB: the inverse of `rgb_to_hsv`."""


def map_coordinates(inputs: TensorLike, coordinates: Any, order: Any, fill_mode: str = ..., fill_value: int = ...) -> Array:
    """Interpolate an array at fractional coordinates."""


def pad_images(images: TensorLike, top_padding: Any = ..., left_padding: Any = ..., bottom_padding: Any = ..., right_padding: Any = ..., target_height: Any = ..., target_width: Any = ..., data_format: Any = ...) -> Array:
    """Pad images with zeros. Along each axis pass exactly two of the three numbers."""


def perspective_transform(images: TensorLike, start_points: Any, end_points: Any, interpolation: str = ..., fill_value: int = ..., data_format: Any = ...) -> Array:
    """Apply perspective transformations that map four points to four points."""


def resize(images: TensorLike, size: Any, interpolation: str = ..., antialias: bool = ..., crop_to_aspect_ratio: bool = ..., pad_to_aspect_ratio: bool = ..., fill_mode: str = ..., fill_value: float = ..., data_format: Any = ...) -> Array:
    """Resize images."""


def rgb_to_grayscale(images: TensorLike, data_format: Any = ...) -> Array:
    """Convert RGB images to grayscale: `(..., 3) -> (..., 1)`."""


def rgb_to_hsv(images: TensorLike, data_format: Any = ...) -> Array:
    """Convert RGB images to hue, saturation and value in [0, 1]: `(..., 3) -> (..., 3)`."""


def scale_and_translate(images: TensorLike, output_shape: Any, scale: Any, translation: Any, spatial_dims: Any, method: Any, antialias: bool = ...) -> Array:
    """Scale and translate images; see `jax.image.scale_and_translate`."""


def sobel_edges(images: TensorLike, data_format: Any = ...) -> Array:
    """Compute vertical and horizontal image gradients with Sobel filters."""


def ssim(image1: Any, image2: Any, max_val: float = ..., filter_size: int = ..., filter_sigma: float = ..., k1: float = ..., k2: float = ..., data_format: Any = ...) -> Array:
    """Compute the structural similarity index of image pairs (Wang et al., 2004)."""

__all__: list[str] = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
