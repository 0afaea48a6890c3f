"""Layers, by Keras's names."""

from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.layers.activation import Activation, ReLU, Softmax
from kerasish.layers.convolution import Conv2D
from kerasish.layers.convolution import Conv2D as Convolution2D
from kerasish.layers.dense import Dense
from kerasish.layers.embedding import Embedding
from kerasish.layers.function import Lambda
from kerasish.layers.input import Input, InputLayer
from kerasish.layers.merging import Add, Concatenate
from kerasish.layers.normalization import BatchNormalization, LayerNormalization
from kerasish.layers.pooling import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from kerasish.layers.pooling import AveragePooling2D as AvgPool2D
from kerasish.layers.pooling import GlobalAveragePooling2D as GlobalAvgPool2D
from kerasish.layers.pooling import MaxPooling2D as MaxPool2D
from kerasish.layers.regularization import Dropout
from kerasish.layers.reshaping import Flatten, Rescaling, Reshape

__all__ = [
    "Activation",
    "Add",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Convolution2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "MaxPool2D",
    "MaxPooling2D",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Softmax",
]
