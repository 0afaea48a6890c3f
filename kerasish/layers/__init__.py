"""Layers, by Keras's names."""

from typing import Any

from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.layers import residual as _residual  # noqa: F401 - files name what is in it
from kerasish.layers._shared import layers as _layers
from kerasish.layers.activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from kerasish.layers.attention import (
    AdditiveAttention,
    Attention,
    GroupedQueryAttention,
    MultiHeadAttention,
)
from kerasish.layers.attention import GroupedQueryAttention as GroupQueryAttention
from kerasish.layers.audio import MelSpectrogram, STFTSpectrogram
from kerasish.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from kerasish.layers.convolution import Conv1D as Convolution1D
from kerasish.layers.convolution import Conv1DTranspose as Convolution1DTranspose
from kerasish.layers.convolution import Conv2D as Convolution2D
from kerasish.layers.convolution import Conv2DTranspose as Convolution2DTranspose
from kerasish.layers.convolution import Conv3D as Convolution3D
from kerasish.layers.convolution import Conv3DTranspose as Convolution3DTranspose
from kerasish.layers.convolution import SeparableConv1D as SeparableConvolution1D
from kerasish.layers.convolution import SeparableConv2D as SeparableConvolution2D
from kerasish.layers.dense import Dense
from kerasish.layers.einsum_dense import EinsumDense
from kerasish.layers.embedding import Embedding
from kerasish.layers.input_layer import Input, InputLayer
from kerasish.layers.interop import FlaxLayer, JaxLayer
from kerasish.layers.lambda_layer import Lambda
from kerasish.layers.masking import Masking
from kerasish.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from kerasish.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    SpectralNormalization,
    UnitNormalization,
)
from kerasish.layers.pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from kerasish.layers.pooling import AveragePooling1D as AvgPool1D
from kerasish.layers.pooling import AveragePooling2D as AvgPool2D
from kerasish.layers.pooling import AveragePooling3D as AvgPool3D
from kerasish.layers.pooling import GlobalAveragePooling1D as GlobalAvgPool1D
from kerasish.layers.pooling import GlobalAveragePooling2D as GlobalAvgPool2D
from kerasish.layers.pooling import GlobalAveragePooling3D as GlobalAvgPool3D
from kerasish.layers.pooling import GlobalMaxPooling1D as GlobalMaxPool1D
from kerasish.layers.pooling import GlobalMaxPooling2D as GlobalMaxPool2D
from kerasish.layers.pooling import GlobalMaxPooling3D as GlobalMaxPool3D
from kerasish.layers.pooling import MaxPooling1D as MaxPool1D
from kerasish.layers.pooling import MaxPooling2D as MaxPool2D
from kerasish.layers.pooling import MaxPooling3D as MaxPool3D
from kerasish.layers.prelu import PReLU
from kerasish.layers.preprocessing import Normalization
from kerasish.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    ConvLSTM1D,
    ConvLSTM2D,
    ConvLSTM3D,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
    TimeDistributed,
    Wrapper,
)
from kerasish.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from kerasish.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from kerasish.layers.reshaping.shape import (
    Flatten,
    Identity,
    Permute,
    RepeatVector,
    Rescaling,
    Reshape,
)
from kerasish.layers.reshaping.upsampling import UpSampling1D, UpSampling2D, UpSampling3D
from kerasish.layers.reversible_embedding import ReversibleEmbedding

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "FlaxLayer",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "JaxLayer",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "MelSpectrogram",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "ReversibleEmbedding",
    "STFTSpectrogram",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

deserialize = _layers.deserialize


def serialize(layer: Layer) -> Any:
    """Return the JSON-ready description of a layer, in Keras's form.

    Args:
        layer: an instance or a function.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    return _layers.serialize(layer)
