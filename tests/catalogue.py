"""Every public thing that is constructed, once or a few times, with something to call it on.

The laws in `test_laws.py` run over all of it. Whoever adds a layer, a loss or
anything else of the kind adds a line here; a test fails until that is done.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optax

from kerasish import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
    utils,
)
from kerasish.optimizers import schedules

__all__ = [
    "ACTIVATIONS",
    "CONSTRAINTS",
    "INITIALIZERS",
    "LAYERS",
    "LOSSES",
    "LOSS_FUNCTIONS",
    "METRICS",
    "METRIC_FUNCTIONS",
    "NAMESPACES",
    "OPTIMIZERS",
    "REGULARIZERS",
    "SCHEDULES",
    "Case",
    "of",
]


@dataclass(frozen=True)
class Case:
    """One way to construct a thing, and what to call it on.

    Attributes:
        thing: a class or a function.
        args: its positional arguments; a Case among them is made with it.
        kwargs: its keyword arguments, likewise.
        on: what to call it on; a tuple holds several arguments.
    """

    thing: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    on: Any = ()

    def make(self, **more: Any) -> Any:
        """Return a new object, or the function with its arguments filled in."""
        args = [_made(each) for each in self.args]
        kwargs = {name: _made(each) for name, each in self.kwargs.items()} | more
        if inspect.isclass(self.thing):
            return self.thing(*args, **kwargs)
        return functools.partial(self.thing, *args, **kwargs)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The arguments to call it with."""
        return self.on if isinstance(self.on, tuple) else (self.on,)

    def __repr__(self) -> str:
        told = [_shown(each) for each in self.args]
        told += [f"{name}={_shown(value)}" for name, value in self.kwargs.items()]
        return f"{self.thing.__name__}({', '.join(told)})"


def of(thing: Any, *args: Any, on: Any = (), **kwargs: Any) -> Case:
    """Return a case, written as the call that it stands for."""
    return Case(thing, args, kwargs, on)


def _shown(argument: Any) -> str:
    if isinstance(argument, optax.GradientTransformation):
        return "optax"
    return getattr(argument, "__name__", repr(argument))


def _made(argument: Any) -> Any:
    if isinstance(argument, list):
        return [_made(each) for each in argument]
    return argument.make() if isinstance(argument, Case) else argument


def numbers(*shape: int) -> np.ndarray:
    """Return normal values, the same each time."""
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def whole(*shape: int, below: int) -> np.ndarray:
    """Return whole numbers from 0, the same each time; each row begins with a 0."""
    found = np.random.default_rng(shape).integers(0, below, shape).astype("int32")
    found[..., 0] = 0
    return found


def shares(*shape: int) -> np.ndarray:
    """Return positive values that add up to 1 along the last axis."""
    values = np.exp(numbers(*shape))
    return values / values.sum(-1, keepdims=True)


@utils.register_keras_serializable("tests")
def halved(x: Any) -> Any:
    return x / 2


@utils.register_keras_serializable("tests")
def fourth_power(y_true: Any, y_pred: Any) -> Any:
    return ((y_pred - y_true) ** 4).mean(-1)


ROW, TIMES, IMAGE = numbers(4, 6), numbers(4, 5, 6), numbers(4, 7, 8, 2)
FIRST = numbers(4, 2, 7, 8)  # an image with its channels first

LAYERS = [
    # Dense
    of(layers.Dense, 3, on=ROW),
    of(layers.Dense, 3, "relu", use_bias=False, kernel_regularizer="l2", on=TIMES),
    of(
        layers.Dense,
        2,
        activation="softmax",
        kernel_initializer=of(initializers.HeNormal, seed=3),
        bias_initializer="ones",
        bias_regularizer=of(regularizers.L1, 0.1),
        activity_regularizer=of(regularizers.L1L2, 0.1, 0.2),
        kernel_constraint=of(constraints.MaxNorm, 1.0),
        bias_constraint="non_neg",
        on=ROW,
    ),
    of(layers.Dense, 3, trainable=False, on=ROW),
    # Functions
    of(layers.Activation, "gelu", on=TIMES),
    of(layers.Activation, halved, on=TIMES),
    of(layers.Lambda, halved, on=TIMES),
    of(layers.ReLU, on=ROW),
    of(layers.ReLU, max_value=1.0, negative_slope=0.1, threshold=0.2, on=ROW),
    of(layers.Softmax, on=ROW),
    of(layers.Softmax, axis=1, on=TIMES),
    # Shapes
    of(layers.Flatten, on=IMAGE),
    of(layers.Flatten, data_format="channels_first", on=FIRST),
    of(layers.Reshape, (2, -1), on=ROW),
    of(layers.Identity, on=TIMES),
    of(layers.Permute, (2, 1), on=TIMES),
    of(layers.RepeatVector, 3, on=ROW),
    of(layers.Masking, on=TIMES),
    of(layers.Rescaling, 1 / 255, offset=-1.0, on=whole(4, 5, 5, 3, below=256).astype("uint8")),
    of(layers.Embedding, 9, 3, on=whole(4, 5, below=9)),
    of(
        layers.Embedding, 9, 3, mask_zero=True, embeddings_regularizer="l1", on=whole(4, 5, below=9)
    ),
    # Several inputs
    of(layers.Add, on=[ROW, 2 * ROW]),
    of(layers.Add, on=[TIMES, numbers(4, 1, 6), ROW]),
    of(layers.Subtract, on=[TIMES, ROW]),
    of(layers.Multiply, on=[ROW, numbers(4, 1), numbers(4, 6)]),
    of(layers.Average, on=[ROW, numbers(4, 1), numbers(4, 6)]),
    of(layers.Maximum, on=[TIMES, -TIMES]),
    of(layers.Minimum, on=[TIMES, -TIMES]),
    of(layers.Dot, -1, on=[ROW, 2 * ROW]),
    of(layers.Dot, (1, 2), normalize=True, on=[TIMES, numbers(4, 3, 5)]),
    of(layers.Concatenate, on=[ROW, numbers(4, 3)]),
    of(layers.Concatenate, axis=1, on=[TIMES, numbers(4, 2, 6)]),
    # Attention
    of(layers.EinsumDense, "abc,cde->abde", (None, 2, 3), bias_axes="de", on=TIMES),
    of(layers.EinsumDense, "...x,xy->...y", 3, "tanh", kernel_regularizer="l2", on=TIMES),
    of(layers.MultiHeadAttention, 2, 3, on=(TIMES, numbers(4, 3, 6))),
    of(layers.MultiHeadAttention, 2, 3, 4, dropout=0.4, output_shape=5, on=(TIMES, TIMES, TIMES)),
    of(layers.MultiHeadAttention, 2, 3, attention_axes=2, use_gate=True, on=(IMAGE, IMAGE)),
    of(layers.GroupedQueryAttention, 3, 4, 2, on=(TIMES, numbers(4, 3, 6))),
    of(layers.GroupQueryAttention, 2, 2, 1, sliding_window=2, dropout=0.3, on=(TIMES, TIMES)),
    of(layers.Attention, use_scale=True, on=[TIMES, numbers(4, 3, 6)]),
    of(layers.Attention, score_mode="concat", dropout=0.2, seed=1, on=[TIMES, TIMES, TIMES]),
    of(layers.AdditiveAttention, on=[TIMES, numbers(4, 3, 6)]),
    # Normalization
    of(layers.BatchNormalization, on=ROW),
    of(layers.BatchNormalization, axis=1, momentum=0.5, center=False, scale=False, on=FIRST),
    of(layers.BatchNormalization, trainable=False, on=IMAGE),
    of(layers.LayerNormalization, on=TIMES),
    of(layers.LayerNormalization, axis=[1, 2], epsilon=1e-5, center=False, on=IMAGE),
    of(layers.Dropout, 0.5, on=ROW),
    of(layers.Dropout, 0.3, noise_shape=(None, 1, None), seed=7, on=TIMES),
    # Sequences
    of(layers.SimpleRNN, 3, on=TIMES),
    of(layers.SimpleRNN, 3, "relu", go_backwards=True, return_sequences=True, on=TIMES),
    of(layers.LSTM, 3, on=TIMES),
    of(
        layers.LSTM,
        3,
        recurrent_activation="hard_sigmoid",
        unit_forget_bias=False,
        dropout=0.3,
        recurrent_dropout=0.2,
        return_sequences=True,
        return_state=True,
        on=TIMES,
    ),
    of(layers.GRU, 3, kernel_regularizer="l2", unroll=True, on=TIMES),
    of(layers.GRU, 3, reset_after=False, return_state=True, seed=3, dropout=0.5, on=TIMES),
    of(layers.RNN, [of(layers.LSTMCell, 3), of(layers.GRUCell, 2)], on=TIMES),
    of(layers.RNN, of(layers.SimpleRNNCell, 3), return_sequences=True, on=TIMES),
    of(layers.Bidirectional, of(layers.LSTM, 3), on=TIMES),
    of(layers.Bidirectional, of(layers.GRU, 3, return_sequences=True), "sum", on=TIMES),
    of(layers.TimeDistributed, of(layers.Dense, 3), on=TIMES),
    of(layers.TimeDistributed, of(layers.Conv2D, 3, 2), on=numbers(4, 2, 5, 5, 2)),
    # Images
    of(layers.Conv2D, 3, 3, on=IMAGE),
    of(layers.Conv2D, 4, (3, 2), strides=2, padding="same", groups=2, activation="relu", on=IMAGE),
    of(layers.Conv2D, 3, 2, dilation_rate=2, data_format="channels_first", on=FIRST),
    of(layers.MaxPooling2D, on=IMAGE),
    of(layers.MaxPooling2D, 3, strides=2, padding="same", on=IMAGE),
    of(layers.MaxPooling2D, (1, 2), data_format="channels_first", on=FIRST),
    of(layers.AveragePooling2D, 2, on=IMAGE),
    of(layers.AveragePooling2D, 3, strides=1, padding="same", on=IMAGE),
    of(layers.GlobalAveragePooling2D, on=IMAGE),
    of(layers.GlobalAveragePooling2D, data_format="channels_first", keepdims=True, on=FIRST),
]

# Targets and predictions, six samples each.
ERRORS = numbers(6, 3), numbers(6, 3) + numbers(1, 3)
YES_NO = whole(6, 2, below=2).astype("float32"), 1 / (1 + np.exp(-numbers(6, 2)))
ONE_HOT = np.eye(4, dtype="float32")[[3, 0, 2, 1, 1, 3]], shares(6, 4)
CLASSES = np.array([3, 0, 2, 1, 1, 3]), shares(6, 4)
CLASSES_IN_TIME = whole(6, 5, below=4), shares(6, 5, 4)
LOGITS = np.array([3, 0, 2, 1, 1, 3]), numbers(6, 4)

LOSSES = [
    of(losses.MeanSquaredError, on=ERRORS),
    of(losses.MeanSquaredError, on=(numbers(6), numbers(6, 1))),
    of(losses.MeanAbsoluteError, on=ERRORS),
    of(losses.BinaryCrossentropy, on=YES_NO),
    of(losses.BinaryCrossentropy, from_logits=True, label_smoothing=0.1, on=YES_NO),
    of(losses.CategoricalCrossentropy, on=ONE_HOT),
    of(losses.CategoricalCrossentropy, from_logits=True, label_smoothing=0.2, on=ONE_HOT),
    of(losses.SparseCategoricalCrossentropy, on=CLASSES),
    of(losses.SparseCategoricalCrossentropy, from_logits=True, on=LOGITS),
    of(losses.SparseCategoricalCrossentropy, ignore_class=0, on=CLASSES_IN_TIME),
    of(losses.LossFunctionWrapper, fourth_power, on=ERRORS),
]

LOSS_FUNCTIONS = [
    of(losses.mean_squared_error, on=ERRORS),
    of(losses.mean_absolute_error, on=ERRORS),
    of(losses.binary_crossentropy, label_smoothing=0.1, on=YES_NO),
    of(losses.categorical_crossentropy, on=ONE_HOT),
    of(losses.sparse_categorical_crossentropy, from_logits=True, on=LOGITS),
]

METRICS = [
    of(metrics.Mean, on=numbers(6)),
    of(metrics.Mean, on=numbers(6, 3)),
    of(metrics.Sum, on=numbers(6)),
    of(metrics.Accuracy, on=(whole(6, 2, below=2), whole(6, 2, below=3))),
    of(metrics.BinaryAccuracy, threshold=0.4, on=YES_NO),
    of(metrics.CategoricalAccuracy, on=ONE_HOT),
    of(metrics.SparseCategoricalAccuracy, on=CLASSES),
    of(metrics.SparseCategoricalAccuracy, on=CLASSES_IN_TIME),
    of(metrics.TopKCategoricalAccuracy, 2, on=ONE_HOT),
    of(metrics.SparseTopKCategoricalAccuracy, 2, on=CLASSES),
    of(metrics.MeanSquaredError, on=ERRORS),
    of(metrics.MeanAbsoluteError, on=ERRORS),
    of(metrics.RootMeanSquaredError, on=ERRORS),
    of(metrics.BinaryCrossentropy, on=YES_NO),
    of(metrics.CategoricalCrossentropy, label_smoothing=0.1, on=ONE_HOT),
    of(metrics.SparseCategoricalCrossentropy, from_logits=True, on=LOGITS),
    of(metrics.MeanMetricWrapper, fourth_power, name="fourth", on=ERRORS),
]

METRIC_FUNCTIONS = [
    of(metrics.accuracy, on=(whole(6, 2, below=2), whole(6, 2, below=3))),
    of(metrics.binary_accuracy, threshold=0.4, on=YES_NO),
    of(metrics.categorical_accuracy, on=ONE_HOT),
    of(metrics.sparse_categorical_accuracy, on=CLASSES),
    of(metrics.top_k_categorical_accuracy, k=2, on=ONE_HOT),
    of(metrics.sparse_top_k_categorical_accuracy, k=2, on=CLASSES_IN_TIME),
    of(metrics.mean_squared_error, on=ERRORS),
    of(metrics.mean_absolute_error, on=ERRORS),
    of(metrics.binary_crossentropy, on=YES_NO),
    of(metrics.categorical_crossentropy, on=ONE_HOT),
    of(metrics.sparse_categorical_crossentropy, on=CLASSES),
]

OPTIMIZERS = [
    of(optimizers.SGD, 0.1),
    of(optimizers.SGD, 0.1, momentum=0.9),
    of(optimizers.SGD, 0.1, momentum=0.9, nesterov=True, clipvalue=0.5),
    of(optimizers.SGD, of(schedules.CosineDecay, 0.1, 50)),
    of(optimizers.RMSprop, 0.05),
    of(optimizers.RMSprop, 0.05, momentum=0.5, centered=True, clipnorm=1.0),
    of(optimizers.Adam, 0.1),
    of(optimizers.Adam, 0.1, amsgrad=True, weight_decay=0.01, global_clipnorm=2.0),
    of(optimizers.AdamW, 0.1, weight_decay=0.02),
    of(optimizers.OptaxOptimizer, optax.adabelief(0.1)),
    of(optimizers.OptaxOptimizer, optax.inject_hyperparams(optax.adam)(learning_rate=0.1)),
]

STEP = np.arange(3, dtype="int32")

SCHEDULES = [
    of(schedules.CosineDecay, 0.1, 50, alpha=0.1, on=STEP),
    of(schedules.CosineDecay, 0.0, 50, warmup_target=0.1, warmup_steps=10, on=STEP),
]

MATRIX, KERNEL = (4, 6), (3, 3, 2, 5)

INITIALIZERS = [
    of(initializers.Zeros, on=(KERNEL,)),
    of(initializers.Ones, on=(KERNEL,)),
    of(initializers.Constant, 0.3, on=(KERNEL,)),
    of(initializers.Identity, 2.0, on=(MATRIX,)),
    of(initializers.RandomNormal, 1.0, 0.1, on=(KERNEL,)),
    of(initializers.TruncatedNormal, stddev=0.1, seed=3, on=(KERNEL,)),
    of(initializers.RandomUniform, -1.0, 1.0, on=(KERNEL,)),
    of(initializers.VarianceScaling, 2.0, "fan_out", "uniform", on=(KERNEL,)),
    of(initializers.GlorotNormal, on=(MATRIX,)),
    of(initializers.GlorotUniform, seed=3, on=(KERNEL,)),
    of(initializers.HeNormal, on=(KERNEL,)),
    of(initializers.HeUniform, on=(KERNEL,)),
    of(initializers.LecunNormal, on=(KERNEL,)),
    of(initializers.LecunUniform, on=(KERNEL,)),
    of(initializers.Orthogonal, 0.5, on=(KERNEL,)),
]

REGULARIZERS = [
    of(regularizers.L1, 0.1, on=ROW),
    of(regularizers.L2, 0.1, on=ROW),
    of(regularizers.L1L2, 0.1, 0.2, on=ROW),
]

CONSTRAINTS = [
    of(constraints.NonNeg, on=ROW),
    of(constraints.MaxNorm, 1.0, on=ROW),
    of(constraints.MaxNorm, 1.0, axis=[0, 1], on=ROW),
    of(constraints.MinMaxNorm, 0.5, 1.0, rate=1.0, on=ROW),
    of(constraints.UnitNorm, axis=1, on=ROW),
]

ACTIVATIONS = [
    of(activations.linear, on=ROW),
    of(activations.relu, on=ROW),
    of(activations.relu, negative_slope=0.1, max_value=1.0, threshold=0.2, on=ROW),
    of(activations.relu6, on=ROW),
    of(activations.leaky_relu, negative_slope=0.3, on=ROW),
    of(activations.elu, alpha=0.5, on=ROW),
    of(activations.selu, on=ROW),
    of(activations.gelu, on=ROW),
    of(activations.gelu, approximate=True, on=ROW),
    of(activations.silu, on=ROW),
    of(activations.sigmoid, on=ROW),
    of(activations.hard_sigmoid, on=ROW),
    of(activations.softmax, axis=0, on=ROW),
    of(activations.log_softmax, on=ROW),
    of(activations.softplus, on=ROW),
    of(activations.softsign, on=ROW),
    of(activations.tanh, on=ROW),
    of(activations.exponential, on=ROW),
]

# The layers of the same names, applied; `tests/parity/test_merging.py` compares them.
MERGES = {"add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"}

# What only the layers around them are called with, and a base.
CELLS = {"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells", "Wrapper"}

# Each public module, what it holds that is here, and what is no case: bases and helpers.
NAMESPACES = {
    layers: (LAYERS, {"Input", "InputLayer", "InputSpec", "Layer", *MERGES, *CELLS}),
    losses: (LOSSES + LOSS_FUNCTIONS, {"Loss"}),
    metrics: (METRICS + METRIC_FUNCTIONS, {"Metric"}),
    optimizers: (OPTIMIZERS, {"Optimizer", "OptimizerState", "schedules"}),
    schedules: (SCHEDULES, {"LearningRateSchedule", "schedules"}),
    initializers: (INITIALIZERS, {"Initializer"}),
    regularizers: (REGULARIZERS, {"Regularizer"}),
    constraints: (CONSTRAINTS, {"Constraint"}),
    activations: (ACTIVATIONS, set()),
}
HELPERS = {"deserialize", "get", "serialize"}
