"""Published networks: the same layers, weights and numbers as Keras's, and its files."""

from __future__ import annotations

import inspect
import json
import re

import h5py
import jax
import numpy as np
import pytest

import kerasish
from kerasish import applications
from kerasish.errors import ArgumentError, FileFormatError, ShapeError
from kerasish.layers.residual import StochasticDepth

from .tools.oracle import close, draw, keras, said

BUILDERS = [name for name in applications.__all__ if name[0].isupper()]
FAMILIES = [name for name in applications.__all__ if name[0].islower()]

# One small member of each family, with the smallest images that it takes.
SMALL = {
    "MobileNet": {"alpha": 0.25},
    "MobileNetV3Small": {},
    "VGG16": {},
    "ResNet50": {},
    "ResNet50V2": {},
    "MobileNetV2": {"alpha": 0.35},
    "DenseNet121": {},
    "EfficientNetB0": {},
    "EfficientNetV2B0": {},
    "ConvNeXtTiny": {},
    "Xception": {},
    "InceptionV3": {},
    "InceptionResNetV2": {},
    "NASNetMobile": {},
}
QUICK = ("MobileNet",)
# These in full, and of these the structure alone, in every run; the others take Keras minutes to
# build, and run with `pytest -m exhaustive`.
LOADED = ("ResNet50V2",)
BUILT = ("InceptionV3", "MobileNetV3Small", "VGG16")
SIDES = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}


def twins(name, /, **kwargs):
    """Return a network of each library, without weights, for small images and ten classes."""
    side = SIDES.get(name, 32)
    kwargs = {"weights": None, "classes": 10, "input_shape": (side, side, 3)} | kwargs
    keras.backend.clear_session()  # names begin anew
    return getattr(applications, name)(**kwargs), getattr(keras.applications, name)(**kwargs)


def slowly(names, slow, quick=()):
    """Return cases: quick ones, slow ones, and all others as exhaustive ones."""

    def case(name):
        mark = pytest.mark.slow if name in slow else pytest.mark.exhaustive
        return name if name in quick else pytest.param(name, marks=mark)

    return [case(name) for name in names]


# Structure


def calls(layer):
    """Return the names of the layers that a layer is called on."""
    text = json.dumps(layer["inbound_nodes"])
    return re.findall(r'"keras_history": \["([^"]+)"', text)


def check_structure(ours, theirs):
    """Check that two models have the same layers and weights, in the same order."""
    assert ours.name == theirs.name
    assert ours.count_params() == theirs.count_params()
    # Keras counts what has no name over the whole model.
    names = [re.sub(r"^variable_\d+$", "variable", v.name) for v in theirs.weights]
    assert [v.name for v in ours.weights] == names
    assert [v.shape for v in ours.weights] == [v.shape for v in theirs.weights]
    assert [v.name for v in ours.trainable_weights] == [
        re.sub(r"^variable_\d+$", "variable", v.name) for v in theirs.trainable_weights
    ]
    layers, others = (json.loads(m.to_json())["config"]["layers"] for m in (ours, theirs))
    for mine, other in zip(layers, others, strict=True):
        assert (mine["name"], mine["class_name"]) == (other["name"], other["class_name"])
        assert calls(mine) == calls(other), mine["name"]
        mine, other = mine["config"], other["config"]
        for key in mine.keys() & other.keys() - {"dtype", "layers"}:
            # Keras's `LayerNormalization` makes a list of its axis.
            found, expected = (np.ravel([said(each[key])]).tolist() for each in (mine, other))
            assert found == expected, (mine["name"], key)


@pytest.mark.parametrize("name", slowly(BUILDERS, BUILT))
def test_a_builder_makes_the_layers_and_weights_of_keras(name):
    check_structure(*twins(name))


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("MobileNet", {"alpha": 0.5, "depth_multiplier": 2, "include_top": False}),
        ("MobileNetV2", {"alpha": 1.4}),
        ("MobileNetV3Small", {"minimalistic": True, "alpha": 0.75, "pooling": "avg"}),
        ("MobileNetV3Large", {"alpha": 1.25, "include_preprocessing": False, "dropout_rate": 0}),
        ("VGG16", {"include_top": False, "pooling": "avg", "input_shape": None}),
        ("ResNet50", {"include_top": False, "pooling": "max", "input_shape": (64, 48, 1)}),
        ("DenseNet121", {"include_top": False, "pooling": "avg"}),
        ("EfficientNetB0", {"include_top": False, "pooling": "max"}),
        ("EfficientNetV2B0", {"include_top": False, "include_preprocessing": False}),
        ("ConvNeXtTiny", {"include_top": False, "include_preprocessing": False, "pooling": "max"}),
        ("Xception", {"include_top": False, "pooling": "max", "name": "mine"}),
        ("InceptionV3", {"input_shape": None, "classes": 1000}),
        ("NASNetMobile", {"include_top": False, "pooling": "max"}),
    ],
)
def test_arguments_change_what_they_change_in_keras(name, kwargs):
    check_structure(*twins(name, **kwargs))


@pytest.mark.parametrize("name", BUILDERS)
def test_a_builder_takes_the_arguments_of_keras(name):
    ours, theirs = (
        inspect.signature(getattr(each, name)).parameters.values()
        for each in (applications, keras.applications)
    )
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]
    assert getattr(applications, name).__doc__


@pytest.mark.parametrize("name", FAMILIES)
def test_a_module_has_the_functions_of_keras(name):
    ours, theirs = (getattr(each, name) for each in (applications, keras.applications))
    assert {n for n in dir(theirs) if not n.startswith("_")} <= set(ours.__all__)


# Files


def fill(model):
    """Give a model of Keras weights that all matter."""
    for i, variable in enumerate(model.weights):
        value = variable.numpy()
        if value.ndim == 1:
            noise = np.random.default_rng(i).uniform(0.0, 0.1, value.shape)
            variable.assign(value + noise.astype(value.dtype))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # without it, `Normalization` goes on as before
            layer.finalize_state()


def check_predictions(ours, theirs, tolerance=1e-4):
    """Check that two models predict the same."""
    x = np.random.default_rng(0).uniform(0, 255, (2, *theirs.input_shape[1:])).astype("float32")
    mine = jax.jit(lambda x: ours.apply(ours.params, ours.state, x)[0])(x)
    other = jax.jit(lambda x: theirs(x, training=False))(x)
    scale = float(np.abs(other).max())
    assert scale > 0
    close(np.asarray(mine) / scale, np.asarray(other) / scale, tolerance)


@pytest.mark.parametrize("name", slowly(SMALL, LOADED, QUICK))
def test_layers_are_those_of_keras_and_its_weights_load_by_path(name, tmp_path):
    kwargs = {"classifier_activation": None, **SMALL[name]}
    ours, theirs = twins(name, **kwargs)
    check_structure(ours, theirs)
    fill(theirs)
    path = tmp_path / "theirs.weights.h5"
    theirs.save_weights(path)
    ours = getattr(applications, name)(
        weights=path, input_shape=theirs.input_shape[1:], classes=10, **kwargs
    )
    check_predictions(ours, theirs)


def test_layers_of_the_networks_themselves_come_and_go_in_whole_files(tmp_path):
    from keras.src.applications.convnext import LayerScale, StochasticDepth
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    x = keras.Input((4,))
    y = StochasticDepth(0.5)(LayerScale(0.1, 4)(x))
    theirs = keras.Model(x, CustomScaleLayer(0.2)([x, keras.layers.Normalization()(y)]))
    fill(theirs)
    theirs.save(tmp_path / "theirs.keras")
    ours = kerasish.models.load_model(tmp_path / "theirs.keras")
    x = draw((3, 4))
    close(np.asarray(ours(x)), np.asarray(theirs(x)))
    ours.save(tmp_path / "ours.keras")
    again = keras.models.load_model(tmp_path / "ours.keras")
    close(np.asarray(ours(x)), np.asarray(again(x)))


@pytest.mark.parametrize(
    "name", slowly(["ConvNeXtTiny", "InceptionResNetV2", "MobileNetV3Small"], "MobileNetV3Small")
)
def test_whole_files_of_keras_load(name, tmp_path):
    _, theirs = twins(name, classifier_activation=None)
    fill(theirs)
    theirs.save(tmp_path / "theirs.keras")
    check_predictions(kerasish.models.load_model(tmp_path / "theirs.keras"), theirs)


def test_stochastic_depth_leaves_out_samples():
    layer = StochasticDepth(0.25)
    layer._kerasish_ensure_built(np.ones((1, 3)))
    y, _ = layer.apply({}, {}, np.ones((400, 3)), training=True, rng=jax.random.key(0))
    kept = np.asarray(y)[:, :1] != 0
    np.testing.assert_allclose(y, np.broadcast_to(np.where(kept, 4 / 3, 0), y.shape), rtol=1e-6)
    assert 0.65 < kept.mean() < 0.85


# Files of the first Keras


def write_first(model, group):
    """Write weights as the first Keras did, by Keras's own hand."""
    from keras.src.legacy.saving import legacy_h5_format

    legacy_h5_format.save_weights_to_hdf5_group(group, model)


def test_published_files_load(tmp_path):
    ours, theirs = twins("MobileNet", alpha=0.25)
    fill(theirs)
    for name, inner in (("weights.h5", None), ("whole.h5", "model_weights")):
        with h5py.File(tmp_path / name, "w") as h5:
            write_first(theirs, h5.create_group(inner) if inner else h5)
        ours.load_weights(tmp_path / name)
        close(ours.get_weights(), theirs.get_weights(), 0)
        ours.set_weights([np.zeros_like(w) for w in theirs.get_weights()])


def test_names_too_long_for_one_attribute_are_put_together(tmp_path):
    model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(3)])
    with h5py.File(tmp_path / "w.h5", "w") as h5:
        h5.attrs["layer_names0"], h5.attrs["layer_names1"] = [b"input"], [b"dense_7"]
        h5.create_group("input").attrs["weight_names"] = np.array([], "S1")
        group = h5.create_group("dense_7")
        group.attrs["weight_names"] = [b"dense_7/kernel:0", b"dense_7/bias:0"]
        group["dense_7/kernel:0"], group["dense_7/bias:0"] = np.ones((2, 3)), np.full(3, 2.0)
    model.load_weights(tmp_path / "w.h5")
    assert model(np.ones((1, 2), "float32")).tolist() == [[4.0] * 3]
    with h5py.File(tmp_path / "w.h5", "a") as h5:
        h5.attrs["layer_names1"] = [b"dense_8"]
    with pytest.raises(FileFormatError, match="lists 'dense_8' but does not contain it"):
        model.load_weights(tmp_path / "w.h5")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda dense: [dense(3), dense(1)], "has 2 layers with weights; the file has 1"),
        (lambda dense: [dense(3, use_bias=False)], "has 1 weights; the file has 2 for it"),
        (lambda dense: [dense(4)], r"has shape \(2, 4\); the file has \(2, 3\)"),
    ],
)
def test_published_files_that_do_not_fit_are_told(build, message, tmp_path):
    theirs = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    with h5py.File(tmp_path / "w.h5", "w") as h5:
        write_first(theirs, h5)
    ours = kerasish.Sequential([kerasish.Input((2,)), *build(kerasish.layers.Dense)])
    before = ours.get_weights()
    with pytest.raises(ShapeError, match=message):
        ours.load_weights(tmp_path / "w.h5")
    close(ours.get_weights(), before, 0)


@pytest.mark.exhaustive
def test_the_published_efficientnets_divide_by_the_deviation(tmp_path, monkeypatch):
    """Their files have it in place of the variance; Keras makes up for it where it downloads."""
    from keras.src.applications import efficientnet

    _, theirs = twins("EfficientNetB0", include_top=False, pooling="avg")
    fill(theirs)
    deviation = np.array([0.229, 0.224, 0.225], "float32")
    theirs.get_layer("normalization").set_weights([deviation, deviation, np.array(0)])
    path = tmp_path / "efficientnetb0_notop.h5"
    with h5py.File(path, "w") as h5:
        write_first(theirs, h5)
    monkeypatch.setattr(efficientnet.file_utils, "get_file", lambda *_, **__: str(path))
    settings = {"include_top": False, "pooling": "avg", "input_shape": (32, 32, 3)}
    theirs = keras.applications.EfficientNetB0(weights="imagenet", **settings)
    check_predictions(applications.EfficientNetB0(weights=path, **settings), theirs)


# Training


@pytest.mark.parametrize("name", slowly(["MobileNet", "ConvNeXtTiny"], [], QUICK))
def test_a_network_trains(name):
    build = getattr(applications, name)
    model = build(weights=None, input_shape=(32, 32, 3), classes=3, **SMALL[name])
    before = model.get_weights()
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(draw((4, 32, 32, 3)), np.array([0, 1, 2, 1]), batch_size=4, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_a_network_goes_on_from_a_tensor():
    x = kerasish.Input((32, 32, 3), name="pixels")
    scaled = kerasish.layers.Rescaling(0.5)(x)
    model = applications.MobileNet(alpha=0.25, weights=None, input_tensor=scaled, include_top=False)
    assert [tensor.name for tensor in model.inputs] == ["pixels"]
    assert model.output_shape == (None, 1, 1, 256)


# Pixels and classes


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_pixels_are_prepared_as_in_keras(mode, data_format):
    x = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 3))
    theirs = keras.applications.imagenet_utils.preprocess_input
    ours = applications.imagenet_utils.preprocess_input
    for given in (x, x.astype("float32"), x[0].astype("float64")):
        given = given.swapaxes(-1, -3) if data_format == "channels_first" else given
        before = given.copy()
        found = ours(given, data_format, mode)
        close(found, theirs(given.copy(), data_format, mode), 1e-5)
        assert (given == before).all()
        if found.dtype == "float32":
            close(np.asarray(ours(jax.numpy.asarray(given), data_format, mode)), found)
    shape = (3, 4, 3)
    assert ours(kerasish.Input(shape), data_format, mode).shape == (None, *shape)


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_prepares_pixels_as_in_keras(name):
    x = np.random.default_rng(0).uniform(0, 255, (1, 2, 2, 3)).astype("float32")
    ours, theirs = (getattr(each, name) for each in (applications, keras.applications))
    close(ours.preprocess_input(x), theirs.preprocess_input(x.copy()))


def test_classes_have_names(tmp_path):
    path = tmp_path / "imagenet_class_index.json"
    path.write_text(json.dumps({str(i): [f"n{i:08}", f"thing {i}"] for i in range(1000)}))
    preds = np.zeros((2, 1000), "float32")
    preds[0, 7], preds[0, 3], preds[1, 999] = 0.5, 0.25, 1.0
    found = applications.resnet.decode_predictions(preds, top=2, class_index=path)
    assert found[0] == [("n00000007", "thing 7", 0.5), ("n00000003", "thing 3", 0.25)]
    assert found[1][0] == ("n00000999", "thing 999", 1.0)
    path.write_text("{}")
    with pytest.raises(FileFormatError, match="not a class index"):
        applications.vgg16.decode_predictions(preds, class_index=path)
    with pytest.raises(ArgumentError, match="Nothing is downloaded: give decode_predictions the"):
        applications.xception.decode_predictions(preds)
    with pytest.raises(ShapeError, match=r"got \(2, 10\)"):
        applications.xception.decode_predictions(preds[:, :10])


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({}, "nothing is downloaded: give the path of the file"),
        ({"weights": "nowhere.h5"}, "there is no file 'nowhere.h5'"),
        ({"weights": 3}, "there is no file 3"),
        ({"weights": None, "input_shape": (224, 224)}, r"without the batch; got \(224, 224\)"),
        ({"weights": None, "input_shape": (31, 64, 3)}, r"at least 32 by 32 pixels"),
        ({"weights": None, "input_tensor": np.ones((1, 32, 32, 3))}, "got ndarray"),
        (
            {"weights": None, "include_top": False, "pooling": "mean", "input_shape": (32, 32, 3)},
            "pooling must be None, 'avg' or 'max'; got 'mean'",
        ),
    ],
)
def test_mistakes_are_told(kwargs, message):
    with pytest.raises(ArgumentError, match=message):
        applications.VGG16(**kwargs)


def test_an_unusual_number_of_channels_is_told():
    with pytest.warns(UserWarning, match="1 or 3 channels as a rule"):
        applications.MobileNet((32, 32, 4), 0.25, weights=None, include_top=False)


def test_there_is_no_such_argument():
    with pytest.raises(TypeError, match="unexpected keyword argument 'depth'"):
        applications.ResNet50(depth=3)


@pytest.mark.parametrize("mode", [{"mode": "keras"}, {"data_format": "first"}])
def test_pixels_are_prepared_in_known_ways_only(mode):
    with pytest.raises(ArgumentError, match=f"{next(iter(mode))} must be"):
        applications.imagenet_utils.preprocess_input(np.ones((2, 2, 3)), **mode)
