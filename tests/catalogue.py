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
    saving,
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
    "RELATIVE_LOSSES",
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
        shown = [_shown(each) for each in self.args]
        shown += [f"{name}={_shown(value)}" for name, value in self.kwargs.items()]
        return f"{self.thing.__name__}({', '.join(shown)})"


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
    if isinstance(argument, dict):
        return {name: _made(each) for name, each in argument.items()}
    return argument.make() if isinstance(argument, Case) else argument


def numbers(*shape: int) -> np.ndarray:
    """Return normal values, the same each time."""
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


@saving.register_keras_serializable("tests")
def scaled(params: Any, inputs: Any) -> Any:
    """Return inputs times a factor; for `JaxLayer`."""
    return inputs * params["factor"][None]


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
SMALL, VOLUME = numbers(4, 3, 4, 2), numbers(4, 2, 3, 2, 2)

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
    of(layers.LeakyReLU, on=ROW),
    of(layers.ELU, 0.5, on=ROW),
    of(layers.PReLU, "ones", alpha_regularizer="l2", on=TIMES),
    of(layers.PReLU, shared_axes=[1, 2], on=IMAGE),
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
    of(layers.ReversibleEmbedding, 9, 3, mask_zero=True, on=whole(4, 5, below=9)),
    # Sound
    of(layers.STFTSpectrogram, frame_length=4, fft_length=8, on=TIMES),
    of(
        layers.STFTSpectrogram,
        mode="stft",
        frame_length=3,
        expand_dims=True,
        data_format="channels_first",
        on=TIMES,
    ),
    of(layers.MelSpectrogram, 16, 4, sampling_rate=800, num_mel_bins=3, on=numbers(4, 30)),
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
    of(layers.BatchNormalization, renorm=True, renorm_clipping={"rmax": 2.0}, on=TIMES),
    of(layers.LayerNormalization, on=TIMES),
    of(layers.LayerNormalization, axis=[1, 2], epsilon=1e-5, center=False, on=IMAGE),
    of(layers.GroupNormalization, 2, on=IMAGE),
    of(layers.GroupNormalization, -1, axis=1, scale=False, on=FIRST),
    of(layers.RMSNormalization, on=TIMES),
    of(layers.UnitNormalization, axis=[1, 2], on=IMAGE),
    of(layers.SpectralNormalization, of(layers.Dense, 3), 2, on=ROW),
    of(layers.Normalization, mean=[1.0, 2.0], variance=[0.5, 2.0], on=IMAGE),
    of(layers.Normalization, None, 1.0, 4.0, invert=True, on=TIMES),
    # Noise
    of(layers.Dropout, 0.5, on=ROW),
    of(layers.Dropout, 0.3, noise_shape=(None, 1, None), seed=7, on=TIMES),
    of(layers.SpatialDropout1D, 0.5, on=TIMES),
    of(layers.SpatialDropout2D, 0.3, "channels_first", seed=3, on=FIRST),
    of(layers.SpatialDropout3D, 0.5, on=numbers(4, 2, 2, 2, 3)),
    of(layers.GaussianNoise, 0.5, on=ROW),
    of(layers.GaussianDropout, 0.5, seed=2, on=ROW),
    of(layers.AlphaDropout, 0.3, noise_shape=(None, 1, None), on=TIMES),
    of(layers.ActivityRegularization, 0.1, 0.2, on=ROW),
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
    of(layers.ConvLSTM1D, 2, 3, dropout=0.5, recurrent_dropout=0.3, on=numbers(4, 3, 5, 2)),
    of(layers.ConvLSTM2D, 2, 2, return_sequences=True, on=numbers(4, 2, 3, 3, 2)),
    of(layers.ConvLSTM3D, 2, 2, padding="same", on=numbers(4, 2, 2, 3, 2, 1)),
    of(layers.JaxLayer, scaled, params={"factor": numbers(5)}, on=numbers(4, 5)),
    of(layers.RNN, of(layers.SimpleRNNCell, 3), return_sequences=True, on=TIMES),
    of(layers.Bidirectional, of(layers.LSTM, 3), on=TIMES),
    of(layers.Bidirectional, of(layers.GRU, 3, return_sequences=True), "sum", on=TIMES),
    of(layers.TimeDistributed, of(layers.Dense, 3), on=TIMES),
    of(layers.TimeDistributed, of(layers.Conv2D, 3, 2), on=numbers(4, 2, 5, 5, 2)),
    # Images
    of(layers.Conv2D, 3, 3, on=IMAGE),
    of(layers.Conv2D, 4, (3, 2), strides=2, padding="same", groups=2, activation="relu", on=IMAGE),
    of(layers.Conv2D, 3, 2, dilation_rate=2, data_format="channels_first", on=FIRST),
    of(layers.Conv1D, 3, 2, padding="causal", on=TIMES),
    of(layers.Conv3D, 2, 2, data_format="channels_first", on=FIRST[:, None]),
    of(layers.Conv1DTranspose, 3, 3, strides=2, output_padding=1, on=TIMES),
    of(layers.Conv2DTranspose, 2, 2, strides=3, padding="same", on=SMALL),
    of(layers.Conv3DTranspose, 2, 2, on=VOLUME),
    of(layers.DepthwiseConv1D, 2, activation="tanh", on=TIMES),
    of(layers.DepthwiseConv2D, 2, depth_multiplier=2, depthwise_regularizer="l2", on=SMALL),
    of(layers.SeparableConv1D, 3, 2, padding="same", use_bias=False, on=TIMES),
    of(layers.SeparableConv2D, 3, 2, pointwise_regularizer="l1", on=SMALL),
    of(layers.ZeroPadding1D, (0, 2), on=TIMES),
    of(layers.ZeroPadding2D, data_format="channels_first", on=SMALL),
    of(layers.ZeroPadding3D, ((0, 1), (1, 0), (2, 1)), on=VOLUME),
    of(layers.Cropping1D, on=TIMES),
    of(layers.Cropping2D, (0, 1), on=SMALL),
    of(layers.Cropping3D, (0, 1, 0), on=VOLUME),
    of(layers.UpSampling1D, on=TIMES),
    of(layers.UpSampling2D, (1, 2), interpolation="bilinear", on=SMALL),
    of(layers.UpSampling3D, on=VOLUME),
    # Poolings
    of(layers.MaxPooling1D, on=TIMES),
    of(layers.MaxPooling3D, (1, 2, 2), on=VOLUME),
    of(layers.AveragePooling1D, 2, padding="same", on=TIMES),
    of(layers.AveragePooling3D, 2, on=VOLUME),
    of(layers.GlobalAveragePooling1D, on=TIMES),
    of(layers.GlobalAveragePooling3D, on=VOLUME),
    of(layers.GlobalMaxPooling1D, keepdims=True, on=TIMES),
    of(layers.GlobalMaxPooling2D, on=SMALL),
    of(layers.GlobalMaxPooling3D, on=VOLUME),
    of(layers.AdaptiveAveragePooling1D, 3, on=TIMES),
    of(layers.AdaptiveAveragePooling2D, 2, on=SMALL),
    of(layers.AdaptiveAveragePooling3D, (1, 2, 1), on=VOLUME),
    of(layers.AdaptiveMaxPooling1D, 3, on=TIMES),
    of(layers.AdaptiveMaxPooling2D, 2, data_format="channels_first", on=SMALL),
    of(layers.AdaptiveMaxPooling3D, 1, on=VOLUME),
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
VECTORS = np.array([0, 0, 1, 1, 0, 1]), numbers(6, 3)
WORDS = 1 + whole(6, 2, below=3), numbers(6, 5, 4)
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
    of(losses.MeanAbsolutePercentageError, on=ERRORS),
    of(losses.MeanSquaredLogarithmicError, on=YES_NO),
    of(losses.Huber, delta=0.7, on=ERRORS),
    of(losses.LogCosh, on=ERRORS),
    of(losses.Hinge, on=YES_NO),
    of(losses.SquaredHinge, on=YES_NO),
    of(losses.CategoricalHinge, on=ONE_HOT),
    of(losses.KLDivergence, on=YES_NO),
    of(losses.Poisson, on=YES_NO),
    of(losses.CosineSimilarity, on=ERRORS),
    of(losses.BinaryFocalCrossentropy, True, on=YES_NO),
    of(losses.CategoricalFocalCrossentropy, [0.1, 0.2, 0.3, 0.4], gamma=0.5, on=ONE_HOT),
    of(losses.CategoricalGeneralizedCrossEntropy, 0.3, on=CLASSES),
    of(losses.Dice, axis=[1], on=YES_NO),
    of(losses.Tversky, 0.3, 0.7, axis=-1, on=YES_NO),
    of(losses.CTC, on=WORDS),
]

# The samples of a batch are compared with each other: laws of single samples do not hold.
RELATIVE_LOSSES = [
    of(losses.Circle, gamma=10.0, on=VECTORS),
    of(losses.circle, on=VECTORS),
]

LOSS_FUNCTIONS = [
    of(losses.mean_squared_error, on=ERRORS),
    of(losses.mean_absolute_error, on=ERRORS),
    of(losses.binary_crossentropy, label_smoothing=0.1, on=YES_NO),
    of(losses.categorical_crossentropy, on=ONE_HOT),
    of(losses.sparse_categorical_crossentropy, from_logits=True, on=LOGITS),
    of(losses.mean_absolute_percentage_error, on=ERRORS),
    of(losses.mean_squared_logarithmic_error, on=YES_NO),
    of(losses.huber, on=ERRORS),
    of(losses.log_cosh, on=ERRORS),
    of(losses.hinge, on=YES_NO),
    of(losses.squared_hinge, on=YES_NO),
    of(losses.categorical_hinge, on=ONE_HOT),
    of(losses.kl_divergence, on=YES_NO),
    of(losses.poisson, on=YES_NO),
    of(losses.cosine_similarity, on=ERRORS),
    of(losses.binary_focal_crossentropy, on=YES_NO),
    of(losses.categorical_focal_crossentropy, on=ONE_HOT),
    of(losses.categorical_generalized_cross_entropy, q=0.5, on=CLASSES),
    of(losses.dice, axis=-1, on=YES_NO),
    of(losses.tversky, axis=-1, on=YES_NO),
    of(losses.ctc, on=WORDS),
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
    of(metrics.TruePositives, on=YES_NO),
    of(metrics.FalsePositives, [0.6, 0.2], on=YES_NO),
    of(metrics.TrueNegatives, 0.3, on=YES_NO),
    of(metrics.FalseNegatives, on=YES_NO),
    of(metrics.Precision, class_id=1, on=YES_NO),
    of(metrics.Recall, [0.0, 0.5], top_k=2, on=ONE_HOT),
    of(metrics.AUC, on=YES_NO),
    of(metrics.AUC, 20, "PR", multi_label=True, label_weights=[1.0, 2.0], on=YES_NO),
    of(metrics.AUC, curve="PRGAIN", thresholds=[0.2, 0.7], from_logits=True, on=YES_NO),
    of(metrics.SensitivityAtSpecificity, 0.5, on=YES_NO),
    of(metrics.SpecificityAtSensitivity, 0.5, on=YES_NO),
    of(metrics.PrecisionAtRecall, 0.5, class_id=0, on=ONE_HOT),
    of(metrics.RecallAtPrecision, 0.5, num_thresholds=9, on=YES_NO),
    of(metrics.IoU, 3, [0, 2], dtype="float32", on=(whole(6, 2, below=3), whole(6, 2, below=3))),
    of(metrics.BinaryIoU, threshold=0.4, dtype="float32", on=YES_NO),
    of(metrics.MeanIoU, 4, dtype="float32", sparse_y_pred=False, on=CLASSES_IN_TIME),
    of(metrics.OneHotIoU, 4, [1], dtype="float32", ignore_class=0, on=ONE_HOT),
    of(metrics.OneHotMeanIoU, 4, dtype="float32", on=ONE_HOT),
    of(metrics.F1Score, on=ONE_HOT),
    of(metrics.FBetaScore, "weighted", 2.0, 0.4, on=YES_NO),
    of(metrics.R2Score, on=ERRORS),
    of(metrics.PearsonCorrelation, on=ERRORS),
    of(metrics.ConcordanceCorrelation, axis=(1,), on=ERRORS),
    of(metrics.MeanMetricWrapper, fourth_power, name="fourth", on=ERRORS),
    of(metrics.MeanAbsolutePercentageError, on=ERRORS),
    of(metrics.MeanSquaredLogarithmicError, on=YES_NO),
    of(metrics.LogCoshError, on=ERRORS),
    of(metrics.CosineSimilarity, on=ERRORS),
    of(metrics.Hinge, on=YES_NO),
    of(metrics.SquaredHinge, on=YES_NO),
    of(metrics.CategoricalHinge, on=ONE_HOT),
    of(metrics.KLDivergence, on=YES_NO),
    of(metrics.Poisson, on=YES_NO),
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
    of(metrics.pearson_correlation, on=ERRORS),
    of(metrics.concordance_correlation, on=ERRORS),
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
    of(optimizers.Adam, 0.1, use_ema=True, ema_overwrite_frequency=4, loss_scale_factor=2.0),
    of(optimizers.SGD, 0.3, 0.5, gradient_accumulation_steps=2),
    of(optimizers.Adadelta, 1.0, epsilon=0.1),
    of(optimizers.Adafactor, 0.1),
    of(optimizers.Adagrad, 0.5),
    of(optimizers.Adamax, 0.1),
    of(optimizers.Nadam, 0.1),
    of(optimizers.Ftrl, 0.5, initial_accumulator_value=0.0),
    of(optimizers.Lion, 0.1),
    of(optimizers.Lamb, 0.1),
    of(optimizers.Muon, 0.5),
    of(optimizers.ScheduleFreeAdamW, 0.3, weight_decay=0.1),
    of(optimizers.LossScaleOptimizer, of(optimizers.SGD, 0.1), 1.0),
    of(
        optimizers.MultiOptimizer,
        of(optimizers.OptimizerMap, of(optimizers.Adam, 0.1), {"a/.*": of(optimizers.SGD, 0.1)}),
    ),
    of(optimizers.OptaxOptimizer, optax.adabelief(0.1)),
    of(optimizers.OptaxOptimizer, optax.inject_hyperparams(optax.adam)(learning_rate=0.1)),
]

STEP = np.arange(3, dtype="int32")

SCHEDULES = [
    of(schedules.CosineDecay, 0.1, 50, alpha=0.1, on=STEP),
    of(schedules.CosineDecay, 0.0, 50, warmup_target=0.1, warmup_steps=10, on=STEP),
    of(schedules.CosineDecayRestarts, 0.1, 2, on=STEP),
    of(schedules.ExponentialDecay, 0.1, 2, 0.5, on=STEP),
    of(schedules.InverseTimeDecay, 0.1, 2, 0.5, True, on=STEP),
    of(schedules.PiecewiseConstantDecay, [1], [0.1, 0.2], on=STEP),
    of(schedules.PolynomialDecay, 0.1, 2, on=STEP),
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
    of(initializers.GlorotUniform, input_axes=[1, 2], output_axes=[3], on=(KERNEL,)),
    of(initializers.STFT, "imag", "hamming", "spectrum", True, on=((6, 2, 4),)),
]

REGULARIZERS = [
    of(regularizers.L1, 0.1, on=ROW),
    of(regularizers.L2, 0.1, on=ROW),
    of(regularizers.L1L2, 0.1, 0.2, on=ROW),
    of(regularizers.OrthogonalRegularizer, 0.1, "columns", on=ROW),
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
    of(activations.celu, alpha=0.5, on=ROW),
    of(activations.sparse_plus, on=ROW),
    of(activations.threshold, 0.1, -1.0, on=ROW),
    of(activations.mish, on=ROW),
    of(activations.squareplus, b=2, on=ROW),
    of(activations.tanh_shrink, on=ROW),
    of(activations.log_sigmoid, on=ROW),
    of(activations.sparse_sigmoid, on=ROW),
    of(activations.hard_tanh, on=ROW),
    of(activations.hard_silu, on=ROW),
    of(activations.hard_shrink, on=ROW),
    of(activations.soft_shrink, 0.3, on=ROW),
    of(activations.glu, on=ROW),
    of(activations.sparsemax, on=ROW),
]

# The layers of the same names, applied; `tests/parity/test_merging.py` compares them.
MERGES = {"add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"}

# What only the layers around them are called with, a base, and what no config is made of.
CELLS = {"FlaxLayer", "GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells", "Wrapper"}

# Each public module, what it holds that is here, and what is no case: bases and helpers.
NAMESPACES = {
    layers: (LAYERS, {"Input", "InputLayer", "InputSpec", "Layer", *MERGES, *CELLS}),
    losses: (LOSSES + LOSS_FUNCTIONS + RELATIVE_LOSSES, {"Loss"}),
    metrics: (METRICS + METRIC_FUNCTIONS + LOSS_FUNCTIONS, {"Metric"}),
    optimizers: (
        OPTIMIZERS,
        {"Optimizer", "OptimizerMap", "OptimizerState", "legacy", "schedules"},
    ),
    schedules: (SCHEDULES, {"LearningRateSchedule", "schedules"}),
    initializers: (INITIALIZERS, {"Initializer"}),
    regularizers: (REGULARIZERS, {"Regularizer"}),
    constraints: (CONSTRAINTS, {"Constraint"}),
    activations: (ACTIVATIONS, set()),
}
HELPERS = {"deserialize", "get", "serialize"}
