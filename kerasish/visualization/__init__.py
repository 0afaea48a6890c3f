"""Drawings on images, and galleries of images, as `keras.visualization` has them."""

from kerasish.visualization.bounding_boxes import draw_bounding_boxes
from kerasish.visualization.galleries import (
    plot_bounding_box_gallery,
    plot_segmentation_mask_gallery,
)
from kerasish.visualization.image_gallery import plot_image_gallery
from kerasish.visualization.segmentation_masks import draw_segmentation_masks

__all__ = [
    "draw_bounding_boxes",
    "draw_segmentation_masks",
    "plot_bounding_box_gallery",
    "plot_image_gallery",
    "plot_segmentation_mask_gallery",
]
