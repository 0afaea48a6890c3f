"""VGG16: 16 layers with weights, convolutions of 3 by 3 (Simonyan & Zisserman, 2015)."""

from kerasish.applications._shared import preprocessing, variant
from kerasish.applications._vgg import vgg
from kerasish.applications.imagenet_utils import decode_predictions

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

VGG16 = variant(vgg, "VGG16", (2, 2, 3, 3, 3), "vgg16")
"""Return a VGG16."""

preprocess_input = preprocessing("caffe")
"""Return images as the networks of this module want them: blue, green, red, less the mean."""
