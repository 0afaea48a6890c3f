"""Loads files in a process of its own, which they may make crash, hang and run out of memory."""

from __future__ import annotations

import multiprocessing
import re
import resource
import tempfile
import traceback
import warnings
import zipfile
from multiprocessing.connection import Connection
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerasish import Input, Model, Sequential, export, layers
from kerasish.checkpoints import Checkpoints
from kerasish.errors import KerasishError
from kerasish.saving import load_model

# The longest that a load may take on a slow machine, and the memory that it may take, in bytes.
SECONDS, MEMORY = 20, 2**30


def model() -> Model:
    """Two branches, an operation, an optimizer."""
    x = Input((3,), name="x")
    branch = Sequential([layers.Dense(2, "relu", kernel_regularizer="l2"), layers.Dropout(0.1)])
    y = layers.Add()([branch(x), layers.Dense(2, name="other")(x)]) * 2.0
    made = Model(x, y)
    made.compile("adam", "mse", metrics=["mae"])
    return made


def small() -> Sequential:
    return Sequential([Input((3,)), layers.Dense(2, name="d")])


def write_all(folder: Path) -> None:
    """Write an honest file of each kind."""
    whole = model()
    whole.fit(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"), verbose=0)
    whole.save(folder / "m.keras")
    whole.save(folder / "m.hdf5")
    small().save_weights(folder / "m.weights.h5")
    small().save_weights(folder / "m.safetensors")
    small().export(folder / "m.stablehlo")
    with tempfile.TemporaryDirectory() as place:
        small().checkpoint(Checkpoints(place), 7, weights_only=True)()
        found = Path(place).rglob("*")
        # Without checksums, so that damage gets as far as it can.
        files = [each for each in found if each.is_file() and each.name != "checksums.json"]
        with zipfile.ZipFile(folder / "m.checkpoint", "w") as archive:
            for each in files:
                archive.write(each, each.relative_to(place))
    with h5py.File(folder / "m.h5", "w") as h5:
        h5.attrs["layer_names"] = ["d"]
        h5.attrs["backend"] = "jax"
        h5.create_group("d").attrs["weight_names"] = ["d/k", "d/b"]
        h5.create_dataset("d/d/k", data=np.ones((3, 2), "f4"), chunks=(2, 2), compression="gzip")
        h5["d/d/b"] = np.ones(2, "float32")


def serve(pipe: Connection, folder: Path) -> None:
    """Load a file for each name that comes, and tell how it went; runs in a process of its own."""
    warnings.simplefilter("ignore")
    for name in sorted(path.name for path in folder.iterdir()):
        load_file(folder / name)
    pipe.send("ready")
    while True:
        path = Path(pipe.recv())
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
        try:
            load_file(path)
            answer = "loaded"
        except KerasishError as error:
            answer = f"{type(error).__name__}: {error}"
            if "MemoryError" in answer:
                answer = "takes more memory than it should"
        except Exception:
            answer = traceback.format_exc()
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
        pipe.send(answer)


def load_file(path: Path) -> object:
    if path.suffix in (".keras", ".hdf5"):
        return load_model(path)
    if path.suffix == ".stablehlo":
        return export.load(path)
    model = MODELS.setdefault("small", small())
    if path.suffix != ".checkpoint":
        return model.load_weights(path)
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(place)
        model.load_weights(place)
        return Checkpoints(place).read(7, {})


MODELS: dict[str, Sequential] = {}


class Loader:
    """Loads files in another process, which may crash, hang and run out of memory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.honest = folder, {}
        write_all(folder)
        for path in folder.iterdir():
            self.honest[path.name] = path.read_bytes()
        self.members, self.checkpoint = (
            _members(folder / name) for name in ("m.keras", "m.checkpoint")
        )
        self.process = None

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, self.folder), daemon=True)
        self.process.start()
        theirs.close()
        assert self.pipe.poll(300) and self.pipe.recv() == "ready"

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None

    def load(self, content: bytes, name: str) -> str:
        """Load a file of these bytes; return `"loaded"`, or the error that refused it."""
        path = self.folder.parent / name
        path.write_bytes(content)
        return self(path)

    def __call__(self, path: Path) -> str:
        """Load a file; return `"loaded"`, or the error that refused it."""
        if self.process is None:
            self.start()
        self.pipe.send(str(path))
        try:
            answer = self.pipe.recv() if self.pipe.poll(SECONDS) else "hangs"
        except EOFError:
            self.process.join()
            answer = f"crashed with status {self.process.exitcode}"
        if answer != "loaded" and not re.match(r"\w+Error: .", answer):
            self.stop()
            pytest.fail(f"{path}: {answer}", pytrace=False)
        return answer


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
