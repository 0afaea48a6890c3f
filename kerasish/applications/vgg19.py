"""VGG19: 19 weight layers of 3x3 convolutions (Simonyan & Zisserman, 2015)."""

from kerasish.applications._shared import preprocessing, variant
from kerasish.applications._vgg import vgg
from kerasish.applications.imagenet_utils import decode_predictions

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

VGG19 = variant(vgg, "VGG19", (2, 2, 4, 4, 4), "vgg19")
"""Return a VGG19."""

preprocess_input = preprocessing("caffe")
"""Return images preprocessed for this network: BGR, minus the ImageNet mean."""
