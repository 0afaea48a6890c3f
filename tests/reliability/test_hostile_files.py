"""Files made to do harm: each is refused with a word, and nothing outside of it is touched."""

from __future__ import annotations

import base64
import io
import json
import marshal
import stat
import sys
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerasish import Input, Sequential, layers, utils
from kerasish.core.serialization import untrusted
from kerasish.errors import FileFormatError, KerasishError, ShapeError, UnsafeModelError
from kerasish.models import model_from_json
from kerasish.saving import deserialize_keras_object, load_model

# What no file may cause, and what it may not open; see `_watch`.
_RUNS = {"os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class"}
_RUNS |= {"socket.connect", "webbrowser.open"}
_seen: list[str] = []


def _watch(event: str, args: tuple) -> None:
    if event in _RUNS or (event == "open" and "secret" in str(args[0])):
        _seen.append(event)


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def nothing_else_happens(tmp_path):
    """Watch that no program is started, no host is called and no secret is read."""
    _seen.clear()
    yield
    assert not _seen
    assert not (tmp_path / "ran").exists()


@pytest.fixture(scope="module")
def members(tmp_path_factory) -> dict[str, bytes]:
    """The members of an honest file, of a compiled model of two weights."""
    path = tmp_path_factory.mktemp("honest") / "m.keras"
    model = Sequential([Input((3,)), layers.Dense(2, name="d")], name="s")
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"), verbose=0)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def hostile(members, tmp_path):
    """Return what writes the honest file with a changed config, members or weights."""

    def write(config=None, weights=None, **others):
        parts = dict(members)
        if config is not None:
            told = json.loads(parts["config.json"])
            parts["config.json"] = json.dumps(config(told) or told).encode()
        if weights is not None:
            changed = io.BytesIO(parts["model.weights.h5"])
            with h5py.File(changed, "a") as h5:
                weights(h5)
            parts["model.weights.h5"] = changed.getvalue()
        path = tmp_path / "m.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (parts | others).items():
                archive.writestr(name, content)
        return path

    return write


def with_layer(described):
    """Return the change that puts something else in the place of the model's layer."""

    def change(config):
        config["config"]["layers"][1] = described

    return change


def named(module, kind, registered=None, /, **config):
    return {
        "module": module,
        "class_name": kind,
        "config": config,
        "registered_name": registered,
    }


def function(module, name, registered="function"):
    return named(module, "function", registered) | {"config": name}


def code():
    """Return a description of a lambda that would leave a file behind."""
    made = compile("lambda x: open('ran', 'w')", "<file>", "eval").co_consts[0]
    text = base64.encodebytes(marshal.dumps(made)).decode("ascii")
    return {"class_name": "__lambda__", "config": {"code": text, "defaults": None, "closure": None}}


def lambda_of(given, **more):
    return named("keras.layers", "Lambda", name="l", function=given, **more)


# Code and names

NAMES = {
    "CVE-2024-3660, bytecode": (lambda_of(code()), "Lambda"),
    "bytecode for an activation": (
        named("keras.layers", "Dense", name="d", units=2, activation=code()),
        "Lambda",
    ),
    "CVE-2025-1550, a function": (function("os", "system"), "'system'"),
    "a function of builtins": (function("builtins", "eval"), "'eval'"),
    "a function by its registered name": (function("x", "y", "builtins>exec"), "exec|'y'"),
    "a function for a Lambda": (lambda_of(function("os", "system")), "'system'"),
    "a class": (named("subprocess", "Popen", args=["touch", "ran"]), "'Popen'"),
    "a class of builtins": (named("builtins", "type"), "'type'"),
    "a class by a path": (named("keras.layers", "os.system"), "os.system"),
    "a special name": (named("keras.layers", "__class__"), "__class__"),
    "a private module": (
        named("kerasish.core.serialization.lambda_code", "load_lambda"),
        "load_lambda",
    ),
    "unpickling": (function("pickle", "loads"), "'loads'"),
    "CVE-2025-8747, get_file": (function("keras.utils", "get_file"), "'get_file'"),
    "CVE-2025-9906, safe mode off": (
        function("keras.config", "enable_unsafe_deserialization"),
        "enable_unsafe_deserialization",
    ),
    "a second model": (lambda_of(function("keras.saving", "load_model")), "'load_model'"),
    "TorchModuleWrapper": (named("keras.layers", "TorchModuleWrapper"), "TorchModuleWrapper"),
    "TFSMLayer": (named("keras.layers", "TFSMLayer", filepath="secret"), "TFSMLayer"),
    "a class of one's own": (named("mine", "Mine", "mine>Mine"), r"'Mine'.*register"),
    "a name in another script": (named("keras.layers", "D\u0435nse", units=2), "which is not on"),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_and_code_are_refused(case, hostile, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    described, words = NAMES[case]
    with pytest.raises(UnsafeModelError, match=words):
        load_model(hostile(with_layer(described)))
    with pytest.raises(UnsafeModelError, match=words):
        deserialize_keras_object(described)


def test_a_config_does_not_say_whether_it_is_trusted(hostile):
    def change(config):
        with_layer(lambda_of(code(), safe_mode=False))(config)
        config["safe_mode"] = config["config"]["safe_mode"] = False

    path = hostile(change)
    with pytest.raises(UnsafeModelError, match="Lambda"):
        load_model(path)
    with pytest.raises(UnsafeModelError, match="Lambda"):
        text = zipfile.ZipFile(path).read("config.json").decode()
        model_from_json(text)


@pytest.mark.parametrize("key", ["optimizer", "loss", "metrics", "unknown"])
def test_compile_settings_are_no_way_in(key, hostile):
    def change(config):
        config["compile_config"][key] = function("os", "system")

    with pytest.raises(UnsafeModelError, match="'system'"):
        load_model(hostile(change))


@pytest.mark.parametrize("name", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_a_vocabulary_is_no_path(name, hostile, tmp_path):
    """CVE-2025-12058: a lookup layer would read any file, here or elsewhere."""
    secret = tmp_path / "secret.txt"
    secret.write_text("hush\n")
    _seen.clear()
    for where in (str(secret), secret.as_uri()):
        described = named("keras.layers", name, name="v", vocabulary=where)
        with pytest.raises(UnsafeModelError, match=f"{name}|vocabulary"):
            load_model(hostile(with_layer(described)))


# HDF5

KERNEL = "layers/dense/vars/0"


def external_link(h5, folder):
    h5[KERNEL] = h5py.ExternalLink(str(folder / "secret.h5"), "x")


def group_elsewhere(h5, folder):
    del h5["layers/dense"]
    h5["layers/dense"] = h5py.ExternalLink(str(folder / "secret.h5"), "/")


def soft_link(h5, folder):
    h5[KERNEL] = h5py.SoftLink("/layers/dense/vars/1")


def virtual(h5, folder):
    layout = h5py.VirtualLayout((3, 2), "float32")
    layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "x", (3, 2))
    h5.create_virtual_dataset(KERNEL, layout)


def external_storage(h5, folder):
    h5.create_dataset(KERNEL, (3, 2), "float32", external=[(str(folder / "secret"), 0, 24)])


@pytest.mark.parametrize(
    "attack", [external_link, group_elsewhere, soft_link, virtual, external_storage]
)
def test_weights_in_other_files_are_not_read(attack, hostile, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as h5:
        h5["x"] = np.ones((3, 2), "float32")
    (tmp_path / "secret").write_bytes(b"\0" * 24)
    _seen.clear()

    def change(h5):
        del h5[KERNEL]
        attack(h5, tmp_path)

    path = hostile(weights=change)
    _seen.clear()
    with pytest.raises(UnsafeModelError, match=r"link|another file"):
        load_model(path)
    alone = tmp_path / "m.weights.h5"
    alone.write_bytes(zipfile.ZipFile(path).read("model.weights.h5"))
    model = Sequential([Input((3,)), layers.Dense(2)])
    with pytest.raises(UnsafeModelError, match=r"link|another file"):
        model.load_weights(alone)


@pytest.mark.parametrize("dtype", ["S4", "object", "ref", [("a", "f4"), ("b", "i4")]], ids=str)
def test_weights_that_are_no_numbers(dtype, hostile):
    def change(h5):
        del h5[KERNEL]
        found = {"object": h5py.string_dtype(), "ref": h5py.ref_dtype}.get(str(dtype), dtype)
        h5.create_dataset(KERNEL, (3, 2), found)

    with pytest.raises(FileFormatError, match="no numbers"):
        load_model(hostile(weights=change))


def test_a_weight_cannot_claim_more_than_the_file_has(hostile):
    """A dataset of two gigabytes takes no place until it is read."""

    def wide(config):
        config["config"]["layers"][1]["config"]["units"] = 2**28

    def change(h5):
        del h5[KERNEL]
        h5.create_dataset(KERNEL, (3, 2**28), "float32", chunks=(3, 2**10), compression="gzip")

    with pytest.raises(UnsafeModelError, match=r"'d' has shape \(3, 268435456\)"):
        load_model(hostile(wide, change))
    with pytest.raises(ShapeError):
        load_model(hostile(wide))


def test_a_chunk_cannot_be_larger_than_the_file(hostile):
    def change(h5):
        del h5[KERNEL]
        chunks = (2**14, 2**14)
        h5.create_dataset(KERNEL, (3, 2), "float32", chunks=chunks, maxshape=(None, None))

    with pytest.raises(UnsafeModelError, match="'d'"):
        load_model(hostile(weights=change))


def test_filters_of_elsewhere_are_not_run(hostile):
    def change(h5):
        del h5[KERNEL]
        h5.create_dataset(KERNEL, (3, 2), "float32", chunks=(3, 2), scaleoffset=2)

    with pytest.raises(UnsafeModelError, match="filter"):
        load_model(hostile(weights=change))


@pytest.mark.parametrize("change", ["count", "shape", "text"])
def test_a_damaged_state_of_an_optimizer(change, hostile):
    def damage(h5):
        state = h5["optimizer/vars"]
        if change == "count":
            del h5["optimizer/vars"]
            h5["optimizer/vars"] = h5py.ExternalLink("secret.h5", "/")
        else:
            del state["1"]
            state["1"] = np.ones((7, 7)) if change == "shape" else "text"

    with pytest.raises(KerasishError, match=r"link|sgd|SGD"):
        load_model(hostile(weights=damage))


# The first Keras's HDF5


@pytest.fixture
def legacy(tmp_path):
    """Return what writes a whole model in HDF5 with a layer in the place of its own."""

    def write(described, change=None):
        model = Sequential([Input((3,)), layers.Dense(2, name="d")], name="s")
        model.compile("sgd", "mse")
        path = tmp_path / "m.h5"
        model.save(path)
        with h5py.File(path, "a") as h5:
            config = json.loads(h5.attrs["model_config"])
            with_layer(described)(config) if described else None
            h5.attrs["model_config"] = json.dumps(config)
            if change:
                change(h5)
        return path

    return write


def without_modules(value):
    """Return a description as Keras writes it to HDF5: it does not say where classes are from."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in ("module", "registered_name")}
        return {key: without_modules(each) for key, each in kept.items()}
    return value


@pytest.mark.parametrize("version", ["3.15.1", "2.15.0", "2.1.6"])
@pytest.mark.parametrize("form", [dict, without_modules])
@pytest.mark.parametrize("case", NAMES)
def test_names_and_code_in_hdf5(case, form, version, legacy):
    """CVE-2025-9905: legacy HDF5 was read as if safe mode were off."""
    described, message = NAMES[case]

    def change(h5):
        h5.attrs["keras_version"] = version

    path = legacy(form(described), change)
    with pytest.raises(UnsafeModelError, match=message if form is dict else None):
        load_model(path)


def test_a_lambda_in_hdf5_runs_when_it_is_trusted(legacy):
    made = compile("lambda x: 2 * x", "<file>", "eval").co_consts[0]
    text = base64.encodebytes(marshal.dumps(made)).decode("ascii")
    given = code()
    given["config"]["code"] = text

    def change(h5):
        h5["model_weights/d"].attrs["weight_names"] = []

    path = legacy(lambda_of(given), change)
    with pytest.raises(UnsafeModelError, match="Lambda"):
        load_model(path)
    assert load_model(path, safe_mode=False, compile=False)(np.ones((1, 3)))[0, 0] == 2


def keras_2(layers, calls=None):
    """Return the description of a graph of Keras 2's."""
    first = {"batch_input_shape": [None, 3], "dtype": "float32", "name": "x"}
    described = [{"class_name": "InputLayer", "config": first, "name": "x", "inbound_nodes": []}]
    for layer in layers:
        nodes = {"inbound_nodes": [[["x", 0, 0, {}]]] if calls is None else calls}
        described.append(layer | {"name": layer["config"]["name"]} | nodes)
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["l", 0, 0]]}
    config = {"name": "m", "layers": described} | ends
    return {"class_name": "Model", "config": config, "keras_version": "2.4.3"}


def old_lambda(**config):
    return {"class_name": "Lambda", "config": {"name": "l", **config}}


def old_function(kind, **config):
    return {"class_name": kind, "config": {"name": "l", **config}}


KERAS_2 = {
    "code": old_lambda(function=[code()["config"]["code"], None, None], function_type="lambda"),
    "a function": old_lambda(function="system", function_type="function", module="os"),
    "a shape that is code": old_lambda(
        function="relu",
        function_type="function",
        output_shape=[code()["config"]["code"], None, None],
        output_shape_type="lambda",
    ),
    "a function of TensorFlow": old_function("TFOpLambda", function="io.read_file"),
    "a function by a path": old_function("TFOpLambda", function="os.system"),
    "no function": old_function("TFOpLambda", function=["math.add"]),
    "a node that is no JSON": old_function("TensorFlowOpLayer", node_def="{", constants={}),
    "a node of files": old_function(
        "TensorFlowOpLayer", node_def={"op": "ReadFile"}, constants={"0": "secret"}
    ),
    "a node with constants far out": old_function(
        "TensorFlowOpLayer", node_def={"op": "Add"}, constants={"9999999999": 1.0}
    ),
    "a class": {"class_name": "os.system", "config": {"name": "l"}},
    "a list for a name": {"class_name": ["Dense"], "config": {"name": "l"}},
}


@pytest.mark.parametrize("case", KERAS_2)
def test_names_and_code_of_keras_2(case):
    """The forms of Keras 2 are translated as data; what they name goes through the same list."""
    with pytest.raises(FileFormatError):
        model_from_json(json.dumps(keras_2([KERAS_2[case]])))


@pytest.mark.parametrize(
    "calls",
    [
        [[["l", 0, 0, {}]]],
        [[["gone", 0, 0, {}]]],
        [[["x", 7, 0, {}]]],
        [[["x", 0, 7, {}]]],
        [[["x", "0", 0, {}]]],
        [[["x"]]],
        [[]],
        [["x", 0, 0, {"y": ["x", 0, 9]}]],
        [3],
        "x",
        {"x": 1},
        [[[[[[["x", 0, 0]]]]]]],
    ],
    ids=str,
)
def test_graphs_of_keras_2_that_cannot_be(calls):
    layer = {"class_name": "Dense", "config": {"name": "l", "units": 2}}
    with pytest.raises(KerasishError):
        model_from_json(json.dumps(keras_2([layer], calls)))


TEXTS = {
    "no text": 3,
    "a list": ["{}"],
    "no JSON": "{",
    "no model": "[]",
    "deep": "[" * 100_000,
    "nested": json.dumps({"class_name": "Sequential", "config": {"layers": [[[]]] * 3}}),
    "no config": json.dumps({"class_name": "Sequential"}),
    "no UTF-8": np.bytes_(b"\xff\xfe"),
    "nothing": h5py.Empty("S4"),
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("attribute", ["model_config", "training_config", "keras_version"])
def test_texts_of_hdf5_that_are_none(attribute, case, legacy):
    value = TEXTS[case]

    def change(h5):
        del h5.attrs[attribute]
        h5.attrs[attribute] = value

    harmless = attribute == "keras_version" and isinstance(value, str)
    if harmless or (attribute == "training_config" and case in ("nested", "no config")):
        return
    with pytest.raises(KerasishError):
        load_model(legacy(None, change))


def test_weights_of_a_model_in_hdf5_stay_in_the_file(legacy, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as h5:
        h5["x"] = np.ones((3, 2), "float32")
    for holder in ("model_weights/d", "model_weights", "optimizer_weights"):

        def change(h5, holder=holder):
            if holder in h5:
                del h5[holder]
            h5[holder] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/")

        path = legacy(None, change)
        _seen.clear()
        with pytest.raises(UnsafeModelError, match="link"):
            load_model(path)


def test_weights_in_hdf5_are_no_model(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as h5:
        h5.attrs["layer_names"] = ["d"]
    with pytest.raises(FileFormatError, match="contains only weights"):
        load_model(tmp_path / "m.h5")


NAMED = {
    "a number": 3,
    "numbers": np.arange(3),
    "no UTF-8": np.array([b"\xff\xfe"]),
    "nothing there": [b"gone"],
    "a path out": [b"../../d"],
    "the root": [b"/"],
    "no name": [b""],
    "a link": [b"away"],
    "an array": [b"array"],
}


@pytest.mark.parametrize("case", NAMED)
@pytest.mark.parametrize("attribute", ["layer_names", "weight_names"])
def test_hostile_attributes(attribute, case, tmp_path):
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as h5:
        h5.attrs["layer_names"] = [b"d"]
        group = h5.create_group("d")
        group.attrs["weight_names"] = [b"kernel", b"bias"]
        group["kernel"] = np.ones((3, 2), "float32")
        group["bias"] = np.ones(2, "float32")
        for holder in (h5, group):
            holder["away"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "x")
            holder["array"] = np.ones(2)
        (h5 if attribute == "layer_names" else group).attrs[attribute] = NAMED[case]
    model = Sequential([Input((3,)), layers.Dense(2)])
    with pytest.raises(KerasishError):
        model.load_weights(path)


# Zip


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/etc/out", "..\\out"])
def test_members_out_of_the_folder(name, hostile):
    with pytest.raises(UnsafeModelError, match="out"):
        load_model(hostile(**{name: b"x"}))


def test_members_that_are_links(hostile, tmp_path):
    path = hostile()
    link = zipfile.ZipInfo("config.link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(tmp_path / "secret"))
    with pytest.raises(UnsafeModelError, match=r"config\.link"):
        load_model(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_zip_bombs(name, hostile):
    with pytest.raises(UnsafeModelError, match=f"{name}.*implausible size"):
        load_model(hostile(**{name: b" " * 20_000_000}))


def test_a_packing_that_cannot_be_measured(members, tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UnsafeModelError, match="compression method"):
        load_model(tmp_path / "m.keras")


@pytest.mark.parametrize("kind", ["zip", "tar", "link"])
def test_archives_stay_in_their_folder(kind, tmp_path):
    """CVE-2025-12060: members of what `get_file` unpacks."""
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../ran", "x")
    else:
        with tarfile.open(path, "w") as tar:
            info = tarfile.TarInfo("../ran" if kind == "tar" else "inside")
            if kind == "link":
                info.type, info.linkname = tarfile.SYMTYPE, "/etc"
            tar.addfile(info)
    with pytest.raises(UnsafeModelError, match=r"ran|inside"):
        utils.get_file("a", path.as_uri(), extract=True, cache_dir=tmp_path / "c", cache_subdir="")


# Configs


def nested(depth):
    inner: object = named("keras.layers", "Dense", units=2)
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize("depth", [150, 900])
def test_a_deep_config(depth, hostile):
    with pytest.raises(UnsafeModelError, match="nested"):
        load_model(hostile(with_layer(nested(depth))))


def test_a_config_too_deep_for_json(members, tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", "[" * 200_000)
    with pytest.raises(FileFormatError, match="not JSON"):
        load_model(tmp_path / "m.keras")


@pytest.mark.parametrize("number", [2**64, -(10**400)])
def test_a_huge_number(number, hostile):
    with pytest.raises(UnsafeModelError, match="number"):
        load_model(hostile(with_layer(named("keras.layers", "Dense", units=number))))


@pytest.mark.parametrize("number", [2**40, -1, 0, 1.5, float("nan"), float("inf"), "2", None, {}])
def test_a_wrong_number(number, hostile):
    with pytest.raises(KerasishError):
        load_model(hostile(with_layer(named("keras.layers", "Dense", name="d", units=number))))


def test_too_many_values(hostile, monkeypatch):
    monkeypatch.setattr(untrusted, "_MOST_VALUES", 1000)
    with pytest.raises(UnsafeModelError, match="1000 values"):
        load_model(hostile(with_layer([0] * 1000)))


WRONG = [None, 0, "text", [], {}, [[]], {"class_name": []}, {"class_name": 1, "config": {}}]


@pytest.mark.parametrize("value", WRONG, ids=repr)
@pytest.mark.parametrize("key", ["config", "class_name", "layers", "layer"])
def test_wrong_kinds(key, value, hostile):
    if key == "layers" and value in ([], {}):
        pytest.skip("a model of no layers is one")

    def change(config):
        if key == "layer":
            config["config"]["layers"][1] = value
        else:
            (config["config"] if key == "layers" else config)[key] = value

    with pytest.raises(KerasishError):
        load_model(hostile(change))


def graph(*layers):
    """Return a description of a graph whose layers are `(name, called on)`."""
    described = []
    for name, source in layers:
        history = {"shape": [None, 3], "dtype": "float32", "keras_history": [source, 0, 0]}
        args = [{"class_name": "__keras_tensor__", "config": history}]
        layer = named("keras.layers", "Dense", name=name, units=2) | {"name": name}
        described.append(layer | {"inbound_nodes": [{"args": args, "kwargs": {}}]})
    start = named("keras.layers", "InputLayer", batch_shape=[None, 3], name="i") | {"name": "i"}
    config = {
        "name": "g",
        "trainable": True,
        "layers": [start | {"inbound_nodes": []}, *described],
        "input_layers": [["i", 0, 0]],
        "output_layers": [[layers[-1][0], 0, 0]],
    }
    return named("keras", "Functional") | {"config": config}


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([("a", "b"), ("b", "a")], "hold together"),
        ([("a", "a")], "hold together"),
        ([("a", "gone")], "hold together"),
        ([("a", "i"), ("a", "a")], "two layers 'a'"),
    ],
)
def test_graphs_that_cannot_be(layers, words):
    with pytest.raises(FileFormatError, match=words):
        model_from_json(json.dumps(graph(*layers)))


def test_a_graph_that_can_be():
    assert model_from_json(json.dumps(graph(("a", "i"), ("b", "a")))).output_shape == (None, 2)


def test_the_honest_file(hostile):
    model = load_model(hostile())
    assert model.count_params() == 8 and int(model.optimizer.iterations.numpy()) == 1
    assert Path(hostile()).is_file()
