"""Files of weights, edited by Keras's editor and ours: the same files come out."""

from __future__ import annotations

import warnings

import h5py
import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError, FileFormatError, UnknownNameError, UnsafeModelError
from kerasish.saving import KerasFileEditor

from .tools.oracle import draw, keras, kerasish

LIBRARIES = (kerasish, keras)
EDITORS = (KerasFileEditor, keras.saving.KerasFileEditor)


def stack(k, *units, **kwargs):
    return k.Sequential([k.Input((3,)), *(k.layers.Dense(n, **kwargs) for n in units)])


def nested(k):
    inner = k.Sequential([k.Input((2,)), k.layers.Dense(2), k.layers.BatchNormalization()])
    return k.Sequential([k.Input((3,)), k.layers.Dense(2), inner])


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """A file of Keras's, of a model that was trained."""
    folder = tmp_path_factory.mktemp("theirs")
    with jax.numpy_rank_promotion("allow"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = stack(keras, 4, 2)
        model.compile("adam", "mse")
        model.fit(draw((4, 3)), draw((4, 2)), verbose=0)
        model.save(folder / "theirs.keras")
        model.save_weights(folder / "theirs.weights.h5")
    return folder / "theirs.weights.h5"


def arrays(path):
    """Return all arrays of a file by path."""
    found = {}

    def note(name, thing):
        if isinstance(thing, h5py.Dataset):
            found[name] = thing[()]

    with h5py.File(path) as h5:
        h5.visititems(note)
    return found


KERNEL, BIAS = draw((4, 6)), draw((6,))
EDITS = {
    "nothing": lambda e: None,
    "rename": lambda e: e.rename_object("layers/dense", "dense_7"),
    "delete": lambda e: e.delete_object("layers/dense"),
    "delete the optimizer": lambda e: e.delete_object("optimizer"),
    "add": lambda e: e.add_object("layers/new", {"0": KERNEL, "1": BIAS}),
    "add outside": lambda e: e.add_object("extra", {"0": BIAS}),
    "add a weight": lambda e: e.add_weights("layers/dense", {"2": BIAS}),
    "delete a weight": lambda e: e.delete_weight("layers/dense_1", "1"),
    "several": lambda e: (
        e.delete_object("layers/dense_1"),
        e.rename_object("layers/dense", "dense_1"),
        e.add_object("layers/dense", weights={"0": KERNEL}),
        e.add_weights("layers/dense", weights={"1": BIAS}),
    ),
}


@pytest.mark.parametrize("ending", [".weights.h5", ".keras"])
@pytest.mark.parametrize("edit", EDITS)
def test_edits_make_the_same_file(edit, ending, theirs, tmp_path):
    found = []
    for i, editor in enumerate(EDITORS):
        opened = editor(str(theirs.with_name(f"theirs{ending}")))
        EDITS[edit](opened)
        opened.resave_weights(str(tmp_path / f"{i}.weights.h5"))
        opened.save(str(tmp_path / f"{i}.weights.h5"))
        found.append(arrays(tmp_path / f"{i}.weights.h5"))
    ours, other = found
    assert ours.keys() == other.keys()
    for name, value in other.items():
        np.testing.assert_array_equal(ours[name], value)
        assert ours[name].dtype == value.dtype


def test_objects_by_name(tmp_path):
    stack(keras, 4, 2).save_weights(tmp_path / "m.weights.h5")
    for i, editor in enumerate(EDITORS):
        opened = editor(str(tmp_path / "m.weights.h5"))
        opened.rename_object("dense_1", "top")
        opened.delete_object("dense")
        opened.save(str(tmp_path / f"{i}.weights.h5"))
    assert arrays(tmp_path / "0.weights.h5").keys() == arrays(tmp_path / "1.weights.h5").keys()


def test_an_edited_file_loads_in_both(theirs, tmp_path):
    editor = KerasFileEditor(theirs)
    editor.rename_object("dense_1", "dense_2")
    editor.add_object("layers/dense_1", {"0": np.eye(4, dtype="float32"), "1": np.zeros(4)})
    editor.save(tmp_path / "edited.weights.h5")
    outputs = []
    for k in LIBRARIES:
        model = stack(k, 4, 4, 2)
        model.load_weights(tmp_path / "edited.weights.h5")
        outputs.append(model.predict(draw((4, 3)), verbose=0))
    before = stack(kerasish, 4, 2)
    before.load_weights(theirs)
    for found in outputs:
        np.testing.assert_allclose(found, before.predict(draw((4, 3)), verbose=0), rtol=1e-5)


@pytest.mark.parametrize(
    ("units", "errors", "matches"),
    [((4, 2), 0, 4), ((4,), 1, 2), ((4, 2, 3), 1, 4), ((4, 3), 2, 2), ((5, 2), 3, 1)],
)
def test_models_are_compared_as_in_keras(units, errors, matches, tmp_path, capsys):
    stack(keras, 4, 2).save_weights(tmp_path / "m.weights.h5")
    ours, other = (
        editor(str(tmp_path / "m.weights.h5")).compare(stack(k, *units))
        for editor, k in zip(EDITORS, LIBRARIES, strict=True)
    )
    # Keras counts once more, for each object, what it has counted before.
    assert ours == {"status": other["status"], "error_count": errors, "match_count": matches}
    assert f"{matches} weights match" in capsys.readouterr().out


def test_optimizers_are_compared_where_there_are_two(theirs):
    model = stack(kerasish, 4, 2)
    assert KerasFileEditor(theirs).compare(model)["error_count"] == 1
    model.compile("adam", "mse")
    model.fit(draw((4, 3)), draw((4, 2)), verbose=0)
    assert KerasFileEditor(theirs).compare(model)["match_count"] == 4 + 10


def test_models_within_models_are_kept(tmp_path):
    """Keras's editor loses them."""
    nested(keras).save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    assert editor.compare(nested(kerasish)) == {
        "status": "success",
        "error_count": 0,
        "match_count": 8,
    }
    editor.save(tmp_path / "again.weights.h5")
    before, after = (arrays(tmp_path / f"{name}.weights.h5") for name in ("m", "again"))
    assert before.keys() == after.keys()
    with pytest.raises(ArgumentError, match="'layers/dense' or 'layers/sequential/layers/dense'"):
        editor.delete_object("dense")
    editor.delete_object("layers/sequential/layers/dense")
    assert editor.compare(nested(kerasish))["error_count"] == 1


def test_short_floats_come_back(tmp_path, capsys):
    model = stack(kerasish, 2, dtype="bfloat16")
    model.save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    editor.summary()
    assert "0: (3, 2) bfloat16" in capsys.readouterr().out
    editor.save(tmp_path / "again.weights.h5")
    for k in LIBRARIES:
        again = stack(k, 2, dtype="bfloat16")
        again.load_weights(tmp_path / "again.weights.h5")
        for mine, other in zip(again.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(np.asarray(mine), np.asarray(other))


# Mistakes.


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (lambda e: e.rename_object("dense_9", "x"), UnknownNameError, "object in the file called"),
        (lambda e: e.rename_object("dense", "a/b"), ArgumentError, "not a valid name"),
        (lambda e: e.rename_object("dense", "dense_1"), ArgumentError, "already; delete it first"),
        (lambda e: e.delete_object("layers/nope"), UnknownNameError, "'layers/nope'"),
        (lambda e: e.add_object("layers/dense", {}), ArgumentError, "already"),
        (lambda e: e.add_object("a/b", {"0": BIAS}), UnknownNameError, "'a'"),
        (lambda e: e.add_object("layers/", {"0": BIAS}), ArgumentError, "name of an object"),
        (lambda e: e.add_object("layers/x", [BIAS]), ArgumentError, "dict from names"),
        (lambda e: e.add_object("layers/x", {0: BIAS}), ArgumentError, "dict from names"),
        (lambda e: e.add_object("layers/x", {"0": "word"}), ArgumentError, "not numeric"),
        (lambda e: e.add_weights("dense", {"1": BIAS}), ArgumentError, "weight '1' already"),
        (lambda e: e.delete_weight("dense", "7"), UnknownNameError, "weight of 'dense'"),
        (lambda e: e.save("m.keras"), ArgumentError, r"must end in '\.weights\.h5'"),
    ],
)
def test_mistakes_are_told_and_change_nothing(edit, error, message, tmp_path):
    stack(kerasish, 4, 2).save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    with pytest.raises(error, match=message):
        edit(editor)
    editor.save(tmp_path / "again.weights.h5")
    assert arrays(tmp_path / "m.weights.h5").keys() == arrays(tmp_path / "again.weights.h5").keys()


@pytest.mark.parametrize("name", ["m.h5", "m.weights.h5", "m.keras"])
@pytest.mark.parametrize("content", [None, b"hello"])
def test_files_that_are_none(name, content, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    error = ArgumentError if name == "m.h5" and content else FileFormatError
    with pytest.raises(error):
        KerasFileEditor(tmp_path / name)


def within(change):
    def spoil(path):
        with h5py.File(path, "a") as h5:
            change(h5)

    return spoil


def circle(h5):
    h5["layers/dense/again"] = h5["layers"]


def many(h5):
    empty = h5.create_group("layers/dense_9/vars")
    for i in range(80):
        empty.create_dataset(str(i), (2**18,), "float32", chunks=(2**18,))


@pytest.mark.parametrize(
    "change",
    [
        lambda h5: h5.__setitem__("layers/x", h5py.SoftLink("/layers/dense")),
        lambda h5: h5.__setitem__("layers/x", h5py.ExternalLink("/etc/passwd", "x")),
        lambda h5: h5.__setitem__("layers/dense/vars/2", h5["layers/dense/vars/0"]),
        lambda h5: h5.__setitem__("layers/0", np.ones(2)),
        lambda h5: h5.create_group("layers/dense/vars/2"),
        lambda h5: h5.attrs.__setitem__("layer_names", [b"dense"]),
        circle,
        many,
    ],
    ids=["soft link", "external link", "twice", "array", "group", "first Keras", "circle", "many"],
)
def test_hostile_files_are_refused(change, tmp_path):
    path = tmp_path / "m.weights.h5"
    stack(kerasish, 4, 2).save_weights(path)
    KerasFileEditor(path)
    within(change)(path)
    with pytest.raises((UnsafeModelError, FileFormatError)):
        KerasFileEditor(path)
