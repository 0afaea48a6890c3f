"""ResNet50 in a module of its own, as in Keras."""

from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.resnet import ResNet50, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
