"""Layers, by Keras's names."""

from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.layers.activation import Activation, ReLU, Softmax
from kerasish.layers.attention import (
    AdditiveAttention,
    Attention,
    GroupedQueryAttention,
    MultiHeadAttention,
)
from kerasish.layers.attention import GroupedQueryAttention as GroupQueryAttention
from kerasish.layers.convolution import Conv2D
from kerasish.layers.convolution import Conv2D as Convolution2D
from kerasish.layers.dense import Dense
from kerasish.layers.einsum_dense import EinsumDense
from kerasish.layers.embedding import Embedding
from kerasish.layers.function import Lambda
from kerasish.layers.input import Input, InputLayer
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
from kerasish.layers.normalization import BatchNormalization, LayerNormalization
from kerasish.layers.pooling import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from kerasish.layers.pooling import AveragePooling2D as AvgPool2D
from kerasish.layers.pooling import GlobalAveragePooling2D as GlobalAvgPool2D
from kerasish.layers.pooling import MaxPooling2D as MaxPool2D
from kerasish.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
    TimeDistributed,
    Wrapper,
)
from kerasish.layers.regularization import Dropout
from kerasish.layers.reshaping import (
    Flatten,
    Identity,
    Permute,
    RepeatVector,
    Rescaling,
    Reshape,
)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "Add",
    "AdditiveAttention",
    "Attention",
    "Average",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv2D",
    "Convolution2D",
    "Dense",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "Masking",
    "MaxPool2D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "Wrapper",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
