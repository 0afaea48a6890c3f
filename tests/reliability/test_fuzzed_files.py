"""Damage at random: whatever is in a file, loading it works or tells why not in our own words."""

from __future__ import annotations

import copy
import io
import json
import random
import resource
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator

import h5py
import numpy as np
import pytest

from kerasish import Input, Model, Sequential, layers
from kerasish.errors import KerasishError
from kerasish.saving import load_model

# How many times each kind of file is damaged.
ROUNDS = 300
# The longest that a single load may take on a slow machine, and what all may add to the memory.
SECONDS, MEMORY = 20, 1024

VALUES = [None, True, False, 0, 1, -1, 2, 7, 2**31, 2**62, 2**64, 10**30, 0.5, -1e308, 1e-320]
VALUES += [
    float("nan"),
    float("inf"),
    "",
    "x",
    "relu",
    "dense",
    "os.system",
    "\0",
    "\ud800",
    "é" * 99,
]
VALUES += ["../x", "keras.layers", "Sequential", "Lambda", "__lambda__", "__tuple__", "__tensor__"]
VALUES += [[], {}, [0], [[]], [None, 3], [-1, -1], {"class_name": "Dense"}, {"config": {}}]
VALUES += [{"class_name": "function", "config": "relu", "module": "builtins"}]
BYTES = [b"\0", b"\xff", b"\x7f", b"\x80", b"\0" * 8, b"\xff" * 8, b"PK\x01\x02", b"HDF", b"TREE"]


@pytest.fixture(scope="module")
def honest(tmp_path_factory) -> dict[str, bytes]:
    """The members of a small compiled model's file: two branches, an operation, an optimizer."""
    path = tmp_path_factory.mktemp("honest") / "m.keras"
    x = Input((3,), name="x")
    branch = Sequential([layers.Dense(2, "relu", kernel_regularizer="l2"), layers.Dropout(0.1)])
    y = layers.Add()([branch(x), layers.Dense(2, name="other")(x)]) * 2.0
    model = Model(x, y)
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"), verbose=0)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with a few of them overwritten, moved, cut out or repeated."""
    data = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        at, size = rng.randrange(len(data)), rng.choice([1, 1, 4, 8, 64])
        match rng.randrange(6):
            case 0 | 1:
                data[at] ^= 1 << rng.randrange(8)
            case 2:
                new = rng.choice(BYTES)
                data[at : at + len(new)] = new
            case 3:
                data[at : at + size] = rng.randbytes(size)
            case 4:
                start = rng.randrange(len(data))
                data[at : at + size] = data[start : start + size]
            case 5 if rng.random() < 0.2:
                del data[at : rng.choice([at + size, None])]
                data += b"\0" * (not data)
    return bytes(data)


def places(value: object) -> Iterator[tuple[object, object]]:
    """Yield `(holder, key)` for all that is within a description."""
    if isinstance(value, (dict, list)):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(each)


def rewritten(text: bytes, rng: random.Random) -> bytes:
    """Return a description with a few values exchanged, left out or nested."""
    config = json.loads(text)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        found = list(places(config))
        (holder, key), (other, there) = rng.choice(found), rng.choice(found)
        match rng.randrange(6):
            case 0 | 1 | 2:
                holder[key] = copy.deepcopy(rng.choice(VALUES))
            case 3:
                holder[key] = copy.deepcopy(other[there])
            case 4:
                del holder[key]
            case 5:
                holder[key] = rng.choice([[holder[key]], {"a": holder[key]}, str(holder[key])])
        if not config:
            break
    return json.dumps(config).encode("utf-8", "surrogatepass")


def rewoven(content: bytes, rng: random.Random) -> bytes:
    """Return weights with one array, group or attribute of another kind."""
    changed = io.BytesIO(content)
    with h5py.File(changed, "a") as h5:
        names: list[str] = []
        h5.visit(names.append)
        name = rng.choice(names)
        match rng.randrange(5):
            case 0:
                del h5[name]
            case 1:
                h5[f"{name}_2"] = h5[rng.choice(names)]
            case 2:
                del h5[name]
                shape = rng.choice([(), (0,), (1,), (2,), (3, 2), (2, 3), (2**20, 2**10)])
                h5.create_dataset(name, shape, rng.choice(["f4", "f8", "i8", "S3", "c8", "?"]))
            case 3:
                h5.attrs[rng.choice(["layer_names", "weight_names"])] = rng.choice(
                    [3, "a", [b"a"], [1.5], [b"layers"], np.zeros((2, 2))]
                )
            case 4:
                del h5[name]
                h5[name] = h5py.SoftLink("/") if rng.random() < 0.5 else h5py.Empty("f4")
    return changed.getvalue()


def zip_bytes(members, rng):
    return damaged(packed(members), rng)


def config_bytes(members, rng):
    return packed(members | {"config.json": damaged(members["config.json"], rng)})


def config_values(members, rng):
    return packed(members | {"config.json": rewritten(members["config.json"], rng)})


def weights_bytes(members, rng):
    return packed(members | {"model.weights.h5": damaged(members["model.weights.h5"], rng)})


def weights_values(members, rng):
    return packed(members | {"model.weights.h5": rewoven(members["model.weights.h5"], rng)})


def peak() -> float:
    """Return the most memory that the process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tried(rounds: int, seed: int, write: Callable[[random.Random], object], load) -> int:
    """Damage and load again and again; return how often it was refused."""
    refused, before = 0, peak()
    for i in range(rounds):
        rng = random.Random(f"{seed} {i}")  # so that a failure can be repeated alone
        write(rng)
        start = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                load()
            except KerasishError:
                refused += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, round {i}: {error!r}") from error
        assert time.monotonic() - start < SECONDS, f"seed {seed}, round {i} hangs"
    assert peak() - before < MEMORY
    return refused


@pytest.mark.parametrize(
    "kind", [zip_bytes, config_bytes, config_values, weights_bytes, weights_values]
)
def test_damaged_models(kind, honest, tmp_path):
    path = tmp_path / "m.keras"
    refused = tried(
        ROUNDS, 1, lambda rng: path.write_bytes(kind(honest, rng)), lambda: load_model(path)
    )
    assert refused > ROUNDS // 20


@pytest.mark.parametrize("legacy", [False, True])
def test_damaged_weights(legacy, tmp_path):
    """Files that `ModelCheckpoint` leaves, and those of the first Keras."""
    path = tmp_path / "m.weights.h5"
    model = Sequential([Input((3,)), layers.Dense(2, name="d")])
    model.save_weights(path)
    if legacy:
        with h5py.File(path, "w") as h5:
            # Of fixed length: HDF5 itself hangs on some damaged heaps of other strings.
            h5.attrs["layer_names"] = np.array([b"d"])
            h5.create_group("d").attrs["weight_names"] = np.array([b"k", b"b"])
            h5["d/k"], h5["d/b"] = np.ones((3, 2), "float32"), np.ones(2, "float32")
    content = path.read_bytes()
    model.load_weights(path)
    refused = tried(
        ROUNDS,
        2,
        lambda rng: path.write_bytes(damaged(content, rng)),
        lambda: model.load_weights(path),
    )
    assert refused > ROUNDS // 20
