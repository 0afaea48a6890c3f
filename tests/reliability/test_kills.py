"""Runs that are killed, again and again, and end with the bits of one that never was."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasish.checkpoints import Checkpoints

SCRIPT = Path(__file__).with_name("killed.py")

# A run for each way to give data and to keep checkpoints, and where it is killed: at a step, in
# a batch of validation, or in a save, counted from its start; the first and the last choice.
RUNS = {
    "arrays": ("step", 4, 11),
    "resume": ("validation", 5, 8),
    "dataset": ("save", 2, 5),
    "generator": ("step", 8, 14),
}
# How often a run is killed.
KILLS = [4, pytest.param(7, marks=pytest.mark.exhaustive)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Return an environment whose processes share what they compiled."""
    folder = tmp_path_factory.mktemp("programs")
    return os.environ | {"KERASISH_COMPILATION_CACHE": str(folder)}


def start(cache, *arguments, **options):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.Popen(command, env=cache, stderr=subprocess.PIPE, text=True, **options)


def finish(cache, *arguments):
    process = start(cache, *arguments)
    _, told = process.communicate(timeout=300)
    return process.returncode, told


def ended(folder):
    """Return what a run has left: files, and what it told at the end."""
    with np.load(folder / "end.npz") as arrays:
        bits = {name: arrays[name].tobytes() for name in arrays}
    files = {name: (folder / name).read_bytes() for name in ("log.csv", "end.json")}
    return bits, files, json.loads((folder / "end.json").read_text())


@pytest.fixture(scope="module")
def whole(cache, tmp_path_factory):
    """Return a function that tells how a kind of run ends when nobody disturbs it."""
    known = {}

    def of(kind):
        if kind not in known:
            folder = tmp_path_factory.mktemp(kind)
            assert finish(cache, kind, folder) == (0, "")
            known[kind] = ended(folder)
        return known[kind]

    return of


def kill(kind, draw):
    """Return where a life of a run ends: late enough that it comes further than the one before."""
    where, first, last = RUNS[kind]
    end = f"{where}:{draw.randint(first, last)}"
    return f"{end}:{draw.uniform(0, 0.12):.3f}" if where == "save" else end


@pytest.mark.slow
@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.parametrize("kind", RUNS)
def test_killed_runs_end_as_if_nothing_had_happened(kind, kills, cache, whole, tmp_path):
    draw = random.Random(kind)
    # Another seed in each process that finds a checkpoint: the first seed comes from there.
    seed = lambda other: other if Checkpoints(tmp_path / "run").steps() else 1
    for life in range(kills):
        end = kill(kind, draw)
        code, told = finish(cache, kind, tmp_path, "--kill", end, "--seed", seed(life + 2))
        assert code == -signal.SIGKILL, told
    assert Checkpoints(tmp_path / "run").steps()
    assert finish(cache, kind, tmp_path, "--seed", seed(9)) == (0, "")
    assert ended(tmp_path) == whole(kind)


# Where a machine is taken away: at which line of what the run prints.
@pytest.mark.slow
@pytest.mark.parametrize("when", ["3", "validating"])
def test_a_run_that_is_told_to_end_is_saved_first(when, cache, whole, tmp_path):
    process = start(cache, "resume", tmp_path, "--slow", 0.1, stdout=subprocess.PIPE)
    while process.stdout.readline().strip() != when:
        assert process.poll() is None
    process.terminate()
    _, told = process.communicate(timeout=300)
    assert process.returncode == 128 + signal.SIGTERM
    steps = Checkpoints(tmp_path / "run").steps()
    assert f"SIGTERM: The run is saved after step {steps[-1]} in" in told
    assert "start it again to go on from there." in told
    assert steps[-1] == 8 if when == "validating" else 4 <= steps[-1] <= 8
    assert finish(cache, "resume", tmp_path, "--seed", 5) == (0, "")
    assert ended(tmp_path) == whole("resume")
