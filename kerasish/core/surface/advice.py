"""What to use instead of names that code for Keras asks for and that do not exist here."""

from __future__ import annotations

__all__ = ["PREPARING", "advice"]

# Layers that prepare or augment data: not written yet.
_PREPARING = (
    "AugMix AutoContrast CategoryEncoding CenterCrop ContrastLimitedAdaptiveHistogramEqualization "
    "CutMix Discretization Equalization HashedCrossing Hashing IntegerLookup MaxNumBoundingBoxes "
    "MixUp Pipeline RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter "
    "RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur "
    "RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization "
    "RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomWidth "
    "RandomZoom Resizing Solarization StringLookup TextVectorization"
)
PREPARING = frozenset(_PREPARING.split())
_PREPARES = (
    "Layers that prepare or augment data are not part of kerasish yet; do it in the input "
    "pipeline, with NumPy, `kerasish.ops.image` or Keras's own layer."
)

_KERAS_2_LAYERS = (
    "advanced_activations convolutional convolutional_recurrent core embeddings local merge noise "
    "wrappers"
)
_LAYERS = {
    "AtrousConvolution2D": "Use `kerasish.layers.Conv2D(dilation_rate=...)`.",
    "CuDNNGRU": "Use `kerasish.layers.GRU`.",
    "CuDNNLSTM": "Use `kerasish.layers.LSTM`.",
    "DenseFeatures": "It needs TensorFlow's feature columns; give the columns as inputs.",
    "LocallyConnected1D": "Keras 3 has removed it; write it with `kerasish.ops.einsum`.",
    "LocallyConnected2D": "Keras 3 has removed it; write it with `kerasish.ops.einsum`.",
    "Merge": "Use `kerasish.layers.Concatenate`, `Add`, `Multiply`, `Average` or `Maximum`.",
    "TFSMLayer": "It needs TensorFlow.",
    "ThresholdedReLU": "Use `kerasish.layers.ReLU(threshold=theta)`.",
    "TimeDistributedDense": "Use `kerasish.layers.Dense`, which works on the last axis.",
    "TorchModuleWrapper": "It needs PyTorch.",
    "experimental": "Its layers are in `kerasish.layers`.",
} | dict.fromkeys(
    _KERAS_2_LAYERS.split(),
    "Its layers are in `kerasish.layers`.",
)

# Functions of the Keras 2 backend that have another name in Keras 3. What has the same name
# in `ops` needs no entry.
_BACKEND = {
    "batch_dot": "Use `kerasish.ops.matmul` or `kerasish.ops.einsum`.",
    "batch_flatten": "Use `kerasish.ops.reshape(x, (x.shape[0], -1))`.",
    "batch_get_value": "Use `variable.numpy()`.",
    "batch_set_value": "Use `variable.assign(value)`.",
    "bias_add": "Use `x + bias`.",
    "conv1d": "Use `kerasish.ops.conv`.",
    "conv2d": "Use `kerasish.ops.conv`.",
    "conv3d": "Use `kerasish.ops.conv`.",
    "constant": "Use `kerasish.ops.convert_to_tensor`.",
    "count_params": "Use `variable.size`.",
    "eval": "Use `numpy.asarray(x)`.",
    "flatten": "Use `kerasish.ops.reshape(x, (-1,))`.",
    "function": "Use `kerasish.Model(inputs, outputs)`.",
    "get_session": "There are no sessions: arrays have values at once.",
    "get_value": "Use `variable.numpy()`.",
    "gradients": "Use `jax.grad` on `model.apply`.",
    "image_dim_ordering": "Use `kerasish.backend.image_data_format()`.",
    "in_test_phase": "Use the `training` argument of `call`.",
    "in_train_phase": "Use the `training` argument of `call`.",
    "int_shape": "Use `x.shape`.",
    "l2_normalize": "Use `kerasish.ops.normalize(x, axis)`.",
    "learning_phase": "Use the `training` argument of `call`.",
    "permute_dimensions": "Use `kerasish.ops.transpose`.",
    "placeholder": "Use `kerasish.Input(shape)`.",
    "pool2d": "Use `kerasish.ops.max_pool` or `kerasish.ops.average_pool`.",
    "pow": "Use `kerasish.ops.power`.",
    "print_tensor": "Use `jax.debug.print`.",
    "random_normal": "Use `kerasish.random.normal`.",
    "random_uniform": "Use `kerasish.random.uniform`.",
    "resize_images": "Use `kerasish.ops.image.resize`.",
    "set_image_dim_ordering": "Use `kerasish.backend.set_image_data_format(...)`.",
    "set_learning_phase": "Give `training=True` to the call of the model.",
    "set_session": "There are no sessions: arrays have values at once.",
    "set_value": "Use `variable.assign(value)`.",
    "switch": "Use `kerasish.ops.where` or `kerasish.ops.cond`.",
    "tensorflow_backend": "There is no TensorFlow here; the backend is JAX.",
    "update": "Use `variable.assign(value)`.",
    "update_add": "Use `variable.assign_add(value)`.",
    "update_sub": "Use `variable.assign_sub(value)`.",
    "variable": "Use `kerasish.Variable(value)`.",
}

_KERAS_2_UTILS = (
    "conv_utils data_utils generic_utils image_utils io_utils layer_utils np_utils training_utils "
    "vis_utils"
)
_UTILS = {
    "FeatureSpace": _PREPARES,
    "GeneratorEnqueuer": "`fit` reads generators ahead by itself.",
    "HDF5Matrix": "Give `fit` the h5py dataset itself.",
    "OrderedEnqueuer": "`fit` reads a `PyDataset` ahead by itself.",
    "multi_gpu_model": "Keras 3 has removed it.",
} | dict.fromkeys(
    _KERAS_2_UTILS.split(),
    "Its functions, such as `to_categorical` and `plot_model`, are in `kerasish.utils`.",
)

_QUANTIZES = "Layers are not quantized here; `kerasish.quantizers` has functions of arrays."
_DISTRIBUTES = "There is no distribution over devices yet; `jax.sharding` places arrays."
_QUANTIZED = (
    "dtype_policies.AWQDTypePolicy dtype_policies.GPTQDTypePolicy dtype_policies.Int4DTypePolicy "
    "dtype_policies.QuantizedDTypePolicy dtype_policies.QuantizedFloat8DTypePolicy "
    "quantizers.AWQConfig quantizers.Float8QuantizationConfig quantizers.GPTQConfig "
    "quantizers.Int4QuantizationConfig quantizers.Int8QuantizationConfig "
    "quantizers.QuantizationConfig"
)

_OTHERS = {
    "Functional": "Use `kerasish.Model(inputs, outputs)`.",
    "distribution": _DISTRIBUTES,
    "engine": "Use `kerasish.Layer`, `kerasish.Input` and `kerasish.Model`.",
    "estimator": "It needs TensorFlow; use `fit` and `evaluate`.",
    "export.ExportArchive": "Use `model.export(path)`, which writes StableHLO or ONNX.",
    "initializations": "Use `kerasish.initializers`.",
    "losses.Reduction": "Give the name: `reduction='sum_over_batch_size'`, `'sum'` or `'none'`.",
    "models.model_from_yaml": "Keras has removed it; use `model.to_json()` and `model_from_json`.",
    "objectives": "Use `kerasish.losses`.",
    "optimizers.experimental": "Its optimizers are in `kerasish.optimizers`.",
    "preprocessing.image.ImageDataGenerator": (
        "Keras 3 has removed it. Use `kerasish.utils.image_dataset_from_directory`, or a "
        "`kerasish.utils.PyDataset` that augments its batches."
    ),
    "python": "Use the public names, such as `kerasish.layers`.",
    "src": "Use the public names, such as `kerasish.layers`.",
} | dict.fromkeys(
    (f"optimizers.{name}_v2" for name in ("adam", "gradient_descent", "optimizer", "rmsprop")),
    "Its optimizers are in `kerasish.optimizers`.",
)

_ADVICE = (
    {f"layers.{name}": said for name, said in _LAYERS.items()}
    | {f"layers.{name}": _PREPARES for name in PREPARING}
    | {f"backend.{name}": said for name, said in _BACKEND.items()}
    | {f"utils.{name}": said for name, said in _UTILS.items()}
    | dict.fromkeys(_QUANTIZED.split(), _QUANTIZES)
    | _OTHERS
)


def advice(path: str) -> str | None:
    """Return what to use instead of a name of Keras, or None.

    Args:
        path: the name from the library down, such as `"layers.CuDNNLSTM"`.

    Examples:
        >>> advice("layers.CuDNNLSTM")
        'Use `kerasish.layers.LSTM`.'
    """
    return _ADVICE.get(path)
