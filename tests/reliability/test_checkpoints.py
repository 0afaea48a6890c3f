"""Checkpoints of a whole run: what they hold, what becomes of them, and what happens if not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import warnings
from datetime import timedelta
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pytest

import kerasish
from kerasish import Input, Sequential, layers, utils
from kerasish.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    SwapEMAWeights,
)
from kerasish.checkpoints import Checkpoints
from kerasish.errors import ArgumentError, FileFormatError, ShapeError
from kerasish.training.execution import engine as engine_module

draw = np.random.default_rng(0)
X = draw.normal(size=(70, 5)).astype("float32")
Y = X[:, :1] * 2 - 1
STEPS = 9  # of an epoch, the last of them with fewer samples


class Interrupt(Callback):
    """Ends the run after a step, as an exception would."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def on_train_batch_end(self, batch, logs=None):
        if self.run.step == self.after:
            raise KeyboardInterrupt


def build(seed=0, **settings):
    utils.set_random_seed(seed)
    model = Sequential(
        [
            Input((5,)),
            layers.Dense(6, activation="relu"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    settings = {"learning_rate": 0.01, **settings}
    model.compile(kerasish.optimizers.Adam(**settings), "mse", metrics=["mae"])
    return model


def fit(model, folder=None, extra=(), x=X, y=Y, freq=1, **options):
    """Train as all tests do; with checkpoints, if there is a folder."""
    keep = [BackupAndRestore(folder, freq, delete_checkpoint=False)] if folder else []
    options = {"epochs": 3, "batch_size": 8, "verbose": 0, **options}
    return model.fit(x, y, callbacks=[*extra, *keep], **options)


def resumed(folder, after, make=build, extra=lambda: (), **options):
    """Return a run that was interrupted after a step, and went on in another model."""
    with pytest.raises(KeyboardInterrupt):
        fit(make(), folder, [*extra(), Interrupt(after)], **options)
    model = make(seed=7)
    return model, fit(model, folder, extra(), **options)


def bits(model):
    return [np.asarray(v).tobytes() for v in (*model.weights, *model.optimizer.variables)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_ema": True, "ema_overwrite_frequency": 5},
        {"gradient_accumulation_steps": 4, "clipnorm": 1.0},
        {"learning_rate": kerasish.optimizers.schedules.CosineDecay(0.01, 20)},
    ],
    ids=["plain", "averages", "accumulation", "schedule"],
)
@pytest.mark.parametrize("after", [2, STEPS, 2 * STEPS + 5])
def test_a_run_that_goes_on_ends_with_the_same_bits(settings, after, tmp_path):
    make = lambda seed=0: build(seed, **settings)
    whole = make()
    history = fit(whole)
    model, again = resumed(tmp_path / "run", after, make)
    assert bits(model) == bits(whole)
    assert again.history == history.history
    assert again.epoch == [0, 1, 2]


class Numbered:
    """Batches by number."""

    def __len__(self):
        return STEPS

    def __getitem__(self, i):
        return X[i * 8 : i * 8 + 8], Y[i * 8 : i * 8 + 8]


def endless():
    while True:
        yield from (Numbered()[i] for i in range(STEPS - 1))


@pytest.mark.parametrize(
    "data",
    [
        lambda: {"x": Numbered(), "y": None, "batch_size": None},
        lambda: {"x": Numbered(), "y": None, "batch_size": None, "steps_per_epoch": 7},
        lambda: {"x": endless(), "y": None, "batch_size": None, "steps_per_epoch": 7},
        lambda: {"steps_per_epoch": 5},
        lambda: {"shuffle": False, "validation_split": 0.2, "validation_every": 3},
        lambda: {"class_weight": {0: 1.0}, "y": np.zeros(70, "int32")},
    ],
    ids=["items", "items, shorter epochs", "generator", "short epochs", "validation", "weighted"],
)
def test_the_position_in_the_data_is_kept(data, tmp_path):
    whole = build()
    history = fit(whole, **data())
    with pytest.raises(KeyboardInterrupt):
        fit(build(), tmp_path, [Interrupt(11)], **data())
    model = build(seed=7)
    again = fit(model, tmp_path, **data())
    assert bits(model) == bits(whole)
    assert again.history == history.history
    assert again.validations == history.validations


def test_a_state_that_is_given_away_is_copied_first(monkeypatch, tmp_path):
    monkeypatch.setattr(engine_module, "should_donate", lambda state_bytes: True)
    whole = build()
    fit(whole)
    model, _ = resumed(tmp_path, 13)
    assert bits(model) == bits(whole)


def test_callbacks_remember(tmp_path):
    def extra():
        return [
            LearningRateScheduler(lambda epoch, rate: rate * 0.9),
            EarlyStopping("loss", patience=2, min_delta=1e9, restore_best_weights=True),
            SwapEMAWeights(swap_on_epoch=True),
        ]

    make = lambda seed=0: build(seed, use_ema=True)
    options = {"validation_data": (X, Y), "epochs": 5}
    whole = make()
    history = fit(whole, None, extra(), **options)
    for after in (4, 2 * STEPS, 2 * STEPS + 3):
        model, again = resumed(tmp_path / str(after), after, make, extra, **options)
        assert bits(model) == bits(whole)
        assert again.history == history.history


def test_a_callback_of_ones_own_remembers_what_it_says(tmp_path):
    class Counts(Callback):
        checkpointed_attributes = ("batches", "kept")

        def __init__(self):
            super().__init__()
            self.batches, self.kept = 0, {}

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            self.kept = {"sums": np.full(3, self.batches), "none": np.zeros((0, 2)), "text": "a"}

    second = Counts()
    with pytest.raises(KeyboardInterrupt):
        fit(build(), tmp_path, [Counts(), Interrupt(12)])
    fit(build(), tmp_path, [second])
    assert second.batches == 3 * STEPS

    class Cannot(Callback):
        def get_state(self):
            return {"model": self.model}

    with pytest.raises(ArgumentError, match="Cannot remembers a Sequential, which a checkpoint"):
        fit(build(), tmp_path / "other", [Cannot()])


def test_files_of_callbacks_end_as_if_nothing_had_happened(tmp_path):
    def extra(folder):
        folder.mkdir(exist_ok=True)
        return [
            CSVLogger(folder / "log.csv"),
            ModelCheckpoint(
                str(folder / "{epoch}.weights.h5"), save_weights_only=True, max_to_keep=2
            ),
        ]

    fit(build(), None, extra(tmp_path / "a"))
    resumed(tmp_path / "run", 2 * STEPS + 2, extra=lambda: extra(tmp_path / "b"))
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["2.weights.h5", "3.weights.h5", "log.csv"]
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert (tmp_path / "a/log.csv").read_text() == (tmp_path / "b/log.csv").read_text()
    ours, theirs = build(), build()
    for model in (ours, theirs):
        model.optimizer.build(model.trainable_variables)
    ours.load_weights(tmp_path / "a/3.weights.h5")
    theirs.load_weights(tmp_path / "b/3.weights.h5")
    assert [w.tobytes() for w in ours.get_weights()] == [w.tobytes() for w in theirs.get_weights()]
    kept, again = ours.optimizer.variables, theirs.optimizer.variables
    assert [v.numpy().tobytes() for v in kept] == [v.numpy().tobytes() for v in again]


def test_resume_is_one_word(tmp_path, capsys):
    whole = build()
    history = whole.fit(X, Y, 8, epochs=4, verbose=0)
    folder = tmp_path / "runs" / "first"
    build().fit(X, Y, 8, epochs=2, verbose=0, resume=folder)
    model = build(seed=3)
    again = model.fit(X, Y, 8, epochs=4, verbose=2, resume=folder)
    assert f"Going on after step {2 * STEPS}, from '{folder}'\n" in capsys.readouterr().out
    assert bits(model) == bits(whole)
    assert again.history == history.history
    # Started once more, a finished run has nothing to do, and ends as it did.
    model, steps = build(seed=4), []
    count = LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    assert model.fit(X, Y, 8, epochs=4, verbose=0, resume=folder, callbacks=count).epoch == [
        *range(4)
    ]
    assert bits(model) == bits(whole)
    assert steps == []


def test_two_are_kept_and_none_when_it_is_over(tmp_path):
    fit(build(), tmp_path / "kept", freq=4)
    assert Checkpoints(tmp_path / "kept").steps() == [20, 24]
    build().fit(X, Y, 8, verbose=0, callbacks=BackupAndRestore(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists()


def test_checkpoints_by_time(tmp_path):
    keep = BackupAndRestore(tmp_path, timedelta(microseconds=1), delete_checkpoint=False)
    build().fit(X, Y, 8, epochs=2, verbose=0, callbacks=keep)
    assert Checkpoints(tmp_path).steps()[-1] == 2 * STEPS
    for wrong in ("day", 0, True, 1.5, timedelta(0)):
        with pytest.raises(ArgumentError, match="save_freq must be 'epoch', a number of batches"):
            BackupAndRestore(tmp_path, wrong)


@pytest.mark.filterwarnings("ignore:Sharding info not provided")
def test_any_program_reads_them(tmp_path):
    import orbax.checkpoint as ocp

    model = build()
    fit(model, tmp_path, freq="epoch")
    with ocp.CheckpointManager(tmp_path) as manager:
        assert manager.latest_step() == 3 * STEPS
        found = manager.restore(3 * STEPS, args=ocp.args.Composite(state=ocp.args.PyTreeRestore()))
    np.testing.assert_array_equal(
        found["state"]["params"]["dense"]["kernel"], model.get_weights()[0]
    )


SHARDED = """
    import sys, jax, numpy as np
    from jax.sharding import NamedSharding, PartitionSpec
    from kerasish.checkpoints import Checkpoints

    places = NamedSharding(jax.make_mesh((4,), ("batch",)), PartitionSpec("batch"))
    values = np.arange(32.0, dtype="float32").reshape(8, 4)
    state = {"params": {"kernel": jax.device_put(values, places)}}
    checkpoints = Checkpoints(sys.argv[1])
    checkpoints.save(1, {}, {"state": state})
    found = checkpoints.read(1, {"state": state})[1]["state"]["params"]["kernel"]
    assert found.sharding == places and len(found.addressable_shards) == 4
    np.testing.assert_array_equal(found, values)
"""


def test_arrays_on_several_devices_come_back_to_them(tmp_path):
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", textwrap.dedent(SHARDED), tmp_path]
    run = subprocess.run(command, env=os.environ | flags, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


# What is wrong with a folder.


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def _flip(path):
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 7):
        data[place] ^= 0x55
    path.write_bytes(data)


def _truncate(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """Return a folder of a run with two checkpoints, and how the run would end."""
    folder = tmp_path_factory.mktemp("interrupted")
    whole = build()
    fit(whole)
    with pytest.raises(KeyboardInterrupt):
        fit(build(), folder, [Interrupt(16)], freq=5)
    assert Checkpoints(folder).steps() == [10, 15]
    return folder, bits(whole)


def test_a_damaged_newest_checkpoint_is_named_and_the_one_before_is_used(interrupted, tmp_path):
    folder, end = interrupted
    copy = tmp_path / "run"
    subprocess.run(["cp", "-r", folder, copy], check=True)
    _flip(copy / "15" / "state" / "manifest.ocdbt")
    model = build(seed=9)
    with pytest.warns(UserWarning, match=r"step 15 .* renamed to '15.damaged', and that of"):
        fit(model, copy, freq=4)
    assert bits(model) == end
    assert (copy / "15.damaged").is_dir()
    assert Checkpoints(copy).steps() == [20, 24]


@pytest.mark.parametrize("harm", [_flip, _truncate, Path.unlink])
def test_damage_anywhere_is_found(harm, interrupted, tmp_path):
    folder, _ = interrupted
    whole = Checkpoints(folder).read(15, {})
    found = 0
    for number, file in enumerate(files(folder / "15")):
        copy = tmp_path / str(number)
        subprocess.run(["cp", "-r", folder, copy], check=True)
        harm(copy / file.relative_to(folder))
        checkpoints = Checkpoints(copy)
        with warnings.catch_warnings(record=True, action="always") as told:
            record, trees = checkpoints.newest(partial(checkpoints.read, like={}))
        if record["batch"] == whole[0]["batch"]:  # only the checksums were harmed
            assert file.name == "checksums.json"
            jax.tree.map(np.testing.assert_array_equal, trees, whole[1])
        else:
            assert ["step 15" in str(each.message) for each in told] == [True]
            found += 1
    assert found >= number


def test_what_reaches_out_of_a_checkpoint_is_not_read(interrupted, tmp_path):
    folder, _ = interrupted

    def harmed(name, harm):
        copy = tmp_path / name
        subprocess.run(["cp", "-r", folder, copy], check=True)
        (copy / "15" / "checksums.json").unlink()
        harm(copy / "15")
        return Checkpoints(copy)

    file = lambda path: next(each for each in path.rglob("d/*") if each.is_file())

    def link(path):
        there = file(path)
        there.rename(tmp_path / "secret")
        there.symlink_to(tmp_path / "secret")

    def pipe(path):
        there = file(path)
        there.unlink()
        os.mkfifo(there)

    def long(path):
        with (path / "run" / "metadata").open("r+b") as text:
            text.truncate(2**27)  # without content, it takes no room on the disk

    for name, harm in (("link", link), ("pipe", pipe), ("long", long)):
        checkpoints = harmed(name, harm)
        with pytest.raises(FileFormatError, match=r"step 15 .* is damaged: '.*' in it is"):
            checkpoints.read(15, {})

    best = {"best": np.zeros(2**25, "float32")}
    Checkpoints(tmp_path / "large").save(1, {}, {"state": {"a": np.zeros(3)}, "callbacks": best})
    with pytest.raises(FileFormatError, match="its arrays would take 134217728 bytes"):
        Checkpoints(tmp_path / "large").read(1, {"state": {"a": np.zeros(3)}})


def test_if_all_are_damaged_nothing_is_begun_anew(interrupted, tmp_path):
    folder = tmp_path / "run"
    subprocess.run(["cp", "-r", interrupted[0], folder], check=True)
    for step in (10, 15):
        _flip(folder / str(step) / "run" / "metadata")
    model = build()
    with pytest.raises(FileFormatError, match=r"None of the checkpoints in .* can be used"):
        fit(model, folder)
    assert Checkpoints(folder).steps() == [10, 15]
    fit(model)  # it can be trained without them


def test_a_record_that_tells_nothing(interrupted, tmp_path):
    folder = tmp_path / "run"
    subprocess.run(["cp", "-r", interrupted[0], folder], check=True)
    (folder / "15" / "checksums.json").unlink()
    record = folder / "15" / "run" / "metadata"
    whole = json.loads(record.read_text())
    model = build()
    for wrong in ({}, [], whole | {"passes": 3}, whole | {"callbacks": [["History", {}]]}):
        record.write_text(json.dumps(wrong))
        with pytest.raises(FileFormatError, match="does not tell where a run was"):
            fit(model, folder)
    fit(model)


def test_a_callback_that_is_gone_is_told(interrupted, tmp_path):
    folder = tmp_path / "run"
    fit(build(), folder, [EarlyStopping("loss", patience=9)], epochs=1)
    with pytest.warns(UserWarning, match="a callback EarlyStopping remembered, and there is none"):
        fit(build(), folder, epochs=2)


def test_checkpoints_of_another_run(interrupted):
    folder, _ = interrupted
    utils.set_random_seed(0)
    other = Sequential([Input((5,)), layers.Dense(3), layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"of another model, optimizer or metrics: at '.*' it"):
        fit(other, folder)
    with pytest.raises(ArgumentError, match="after 6 of 9 batches of an epoch, and an epoch has 5"):
        fit(build(), folder, batch_size=16)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    model = build()
    for folder in (tmp_path / "file", tmp_path / "file" / "inside", "/proc/kerasish"):
        with pytest.raises(ArgumentError, match="Checkpoints cannot be written to"):
            fit(model, folder)
    with pytest.raises(ArgumentError, match=r"cannot be written to .*: embedded null byte"):
        fit(model, "a\0b")
    for wrong in (3, ""):
        with pytest.raises(ArgumentError, match="is told by its path; got"):
            model.fit(X, Y, resume=wrong)
    fit(model)


def test_a_folder_that_may_only_be_read():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        who = os.geteuid()
        if who == 0:  # who may write everywhere
            os.seteuid(65534)
        try:
            with pytest.raises(ArgumentError, match=r"cannot be written to .*: Permission denied"):
                Checkpoints(folder).claim()
        finally:
            os.seteuid(who)


def test_a_run_that_is_to_end_while_it_validates_within_an_epoch(tmp_path):
    whole = build()
    options = {"validation_data": (X, Y), "validation_every": 4}
    history = fit(whole, **options)

    class End(Callback):
        left = 2

        def on_test_begin(self, logs=None):
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit):
        fit(build(), tmp_path, [End()], freq="epoch", **options)
    assert Checkpoints(tmp_path).steps()[-1] == 8
    model = build(seed=7)
    again = fit(model, tmp_path, freq="epoch", **options)
    assert bits(model) == bits(whole)
    assert again.history == history.history
    assert again.validations == history.validations


def test_a_folder_is_for_one_run(tmp_path):
    first = Checkpoints(tmp_path)
    first.claim()
    script = Path(__file__).with_name("killed.py")
    other = subprocess.run(
        [sys.executable, script, "resume", tmp_path.parent, "--runs", tmp_path.name],
        capture_output=True,
        text=True,
    )
    assert other.returncode == 1
    assert "ArgumentError: Another run keeps its checkpoints in" in other.stderr
    with pytest.raises(ArgumentError, match="give each run a folder of its own"):
        fit(build(), tmp_path)
    first.close()
    fit(build(), tmp_path)


FULL = """
    import resource, sys, warnings
    sys.path.insert(0, {here!r})
    from test_checkpoints import *

    class Fill(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            keep._writer.wait()
            most = 600 if epoch == 1 else resource.RLIM_INFINITY
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                print(Checkpoints({folder!r}).steps())

    keep = BackupAndRestore({folder!r}, delete_checkpoint=False)
    with warnings.catch_warnings(record=True, action="always") as told:
        fit(build(), None, [Fill(), keep])
    print([str(each.message) for each in told])
"""


def test_a_full_disk_stops_a_save_and_nothing_else(tmp_path):
    here, folder = str(Path(__file__).parent), str(tmp_path)
    code = textwrap.dedent(FULL.format(here=here, folder=folder))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    between, told = run.stdout.splitlines()
    assert between == f"[0, {STEPS}]"
    assert f"The checkpoint of step {2 * STEPS} could not be written to" in told
    assert "Those before it are as they were. Training goes on." in told
    assert Checkpoints(folder).steps() == [STEPS, 3 * STEPS]
    assert not list(tmp_path.glob("*tmp*"))
