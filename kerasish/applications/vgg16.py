"""VGG16: 16 weight layers of 3x3 convolutions (Simonyan & Zisserman, 2015)."""

from kerasish.applications._shared import preprocessing, variant
from kerasish.applications._vgg import vgg
from kerasish.applications.imagenet_utils import decode_predictions

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

VGG16 = variant(vgg, "VGG16", (2, 2, 3, 3, 3), "vgg16")
"""Return a VGG16."""

preprocess_input = preprocessing("caffe")
"""Return images preprocessed for this network: BGR, minus the ImageNet mean."""
