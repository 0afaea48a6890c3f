"""A run that ends where it is told to, by SIGKILL; `test_kills.py` starts it again and again.

python tests/reliability/killed.py arrays FOLDER --kill step:7
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

import kerasish
from kerasish import Input, Sequential, layers
from kerasish.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from kerasish.checkpoints import Checkpoints

SAMPLES, BATCH, EPOCHS = 122, 16, 11


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Kill(Callback):
    """Ends the process at a step, counted from the start of this process, or in a validation.

    It first waits for a checkpoint of this process, since checkpoints are written in the
    background and a fast process would otherwise end before its first one.
    """

    def __init__(self, where: str, count: int, checkpoints: Checkpoints) -> None:
        super().__init__()
        self.where = where
        self.left = count
        self.checkpoints = checkpoints
        self.before = checkpoints.steps()

    def _count(self, where: str) -> None:
        self.left -= where == self.where
        if self.left == 0 and where == self.where:
            deadline = time.monotonic() + 10
            while self.checkpoints.steps() == self.before and time.monotonic() < deadline:
                time.sleep(0.01)
            die()

    def on_train_batch_end(self, batch, logs=None):
        self._count("step")

    def on_test_batch_end(self, batch, logs=None):
        self._count("validation")


def kill_in_save(number: int, seconds: float) -> None:
    """End the process so long after a save has begun: the one of that number."""
    save, begun = Checkpoints.save, []

    def saving(self, *args):
        begun.append(args)
        if len(begun) == number:
            threading.Thread(target=lambda: (time.sleep(seconds), die())).start()
        save(self, *args)

    Checkpoints.save = saving


class Batches:
    """Batches by number, in an order of their own each pass, as from `keras.utils.PyDataset`."""

    def __init__(self, x, y) -> None:
        self.x, self.y = x, y
        self.draw = np.random.default_rng(3)
        self.order = np.arange(len(x))

    def __len__(self) -> int:
        return -(-len(self.x) // BATCH)

    def __getitem__(self, i):
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        return self.x[rows], self.y[rows]

    def on_epoch_end(self) -> None:
        self.draw.shuffle(self.order)


def forever(x, y):
    """Yield batches without end, for the one pass that such a source has."""
    draw = np.random.default_rng(5)
    while True:
        rows = draw.integers(len(x), size=BATCH)
        yield x[rows], y[rows]


def build():
    """Return a model with everything that has a state of its own."""
    model = Sequential(
        [
            Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.SpatialDropout2D(0.2),
            layers.Flatten(),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.3),
            layers.GaussianNoise(0.1),
            layers.Dense(3),
        ]
    )
    optimizer = kerasish.optimizers.AdamW(
        0.01, use_ema=True, ema_overwrite_frequency=20, gradient_accumulation_steps=3, clipnorm=1.0
    )
    loss = kerasish.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def fit(kind: str, folder: Path, runs: str, extra: list[Callback]):
    """Train, by the way of giving data that is told, with all callbacks that remember."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(SAMPLES, 6, 6, 1)).astype("float32")
    y = (x.sum((1, 2, 3)) > 0).astype("int32") + (x[:, 0, 0, 0] > 1)
    model = build()
    watching = [
        ReduceLROnPlateau("loss", patience=1, min_delta=0.1, factor=0.5),
        EarlyStopping("val_loss", patience=8, restore_best_weights=True),
        CSVLogger(folder / "log.csv"),
        ModelCheckpoint(folder / "best.weights.h5", save_best_only=True, save_weights_only=True),
        *extra,
    ]
    common = {"epochs": EPOCHS, "verbose": 0, "validation_data": (x[:50], y[:50])}
    keep = lambda freq: BackupAndRestore(folder / runs, freq, delete_checkpoint=False)
    if kind == "arrays":
        watching.append(keep(3))
        model.fit(x, y, BATCH, callbacks=watching, **common)
    elif kind == "resume":
        model.fit(x, y, BATCH, callbacks=watching, resume=folder / runs, **common)
    elif kind == "dataset":
        watching.append(keep(timedelta(milliseconds=1)))
        model.fit(Batches(x, y), callbacks=watching, steps_per_epoch=11, **common)
    else:
        watching.append(keep("epoch"))
        model.fit(forever(x, y), callbacks=watching, steps_per_epoch=7, **common)
    return model, watching


def main() -> None:
    """Run, and write what came of it to `end.npz` and `end.json`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["arrays", "resume", "dataset", "generator"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kill", default="never:1", help="step:7, validation:2, save:1:0.02")
    parser.add_argument("--slow", type=float, default=0, help="seconds that each step lasts")
    parser.add_argument("--runs", default="run", help="the folder in it for checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kerasish.utils.set_random_seed(options.seed)
    where, number, *seconds = options.kill.split(":")
    extra: list[Callback] = []
    if where == "save":
        kill_in_save(int(number), float(seconds[0]))
    elif where != "never":
        extra.append(Kill(where, int(number), Checkpoints(options.folder / options.runs)))
    if options.slow:
        rest = lambda told: (print(told, flush=True), time.sleep(options.slow))
        slowly = kerasish.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: rest(batch),
            on_test_begin=lambda logs: rest("validating"),
        )
        extra.append(slowly)
    model, watching = fit(options.kind, options.folder, options.runs, extra)
    plateau, stopping = watching[:2]
    optimizer = {f"o{i}": v.numpy() for i, v in enumerate(model.optimizer.variables)}
    weights = {f"w{i}": v for i, v in enumerate(model.get_weights())}
    np.savez(options.folder / "end.npz", **weights, **optimizer)
    told = {
        "history": model.history.history,
        "epoch": model.history.epoch,
        "stopping": [stopping.wait, stopping.best, stopping.best_epoch, stopping.stopped_epoch],
        "plateau": [plateau.wait, plateau.best],
    }
    (options.folder / "end.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
