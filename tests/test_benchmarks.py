"""The benchmarks run and report what they measured. The measurements themselves are not tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import profile, run
from benchmarks.measure import Plan, turns
from benchmarks.page import page, tables
from benchmarks.process import KERAS, OURS, PEERS, TooSlow, Trouble, started
from benchmarks.ratios import better_loop, cell, ratios, verdict
from benchmarks.record import read
from benchmarks.workloads import WORKLOADS

SMALL = WORKLOADS["mlp_small"].quick()


def a_round(job: str = "train", **seconds: float) -> dict:
    line = {"kind": "round", "workload": "mlp_small", "job": job, "steps": 10, "epochs": 2}
    return line | {"device": "cpu", "seconds": seconds}


ROUNDS = [
    a_round(kerasish_fit=1.0, keras_fit=9.0, jax_loop=0.5, jax_scan=2.0),
    a_round(kerasish_fit=2.0, keras_fit=16.0, jax_loop=1.0),
    a_round(kerasish_fit=1.0, keras_fit=10.0, jax_loop=1.0, torch_eager=30.0),
]


# Ratios and tables


def test_ratios_are_those_of_one_round():
    assert ratios(ROUNDS, KERAS, OURS) == [9, 8, 10]
    assert ratios(ROUNDS, "torch_eager", OURS) == [30]
    assert better_loop(ROUNDS) == "jax_loop"
    assert better_loop([a_round(kerasish_fit=1.0)]) is None


def test_a_figure_has_median_range_and_number():
    assert cell([3.0, 1.0, 2.0]) == "**2.00** (1.00 to 3.00, 3)"
    assert cell([]) == "-"


@pytest.mark.parametrize(
    ("values", "least", "message"),
    [
        ([8.0], True, "at least 8: reached"),
        ([7.9, 7.9, 9.0], True, "at least 8: **missed**"),
        ([8.1], False, "at most 8: **missed**"),
        ([], True, "at least 8"),
    ],
)
def test_a_missed_target_is_marked(values, least, message):
    assert verdict(values, 8.0, least) == message


def test_tables_of_a_record():
    (training,) = tables(ROUNDS)
    row = training.splitlines()[-1]
    assert row.split(" | ") == [
        "| MLP 16-32-10 (32)",
        "**9.00** (8.00 to 10.00, 3)",
        "at least 8: reached",
        "**2.00** (1.00 to 2.00, 3) of `jax_loop`",
        "at most 1.1: **missed**",
        "**30.00** (30.00 to 30.00, 1)",
        "50.000 |",
    ]


def test_callbacks_are_compared_within_a_round():
    line = a_round("watched", kerasish_fit=1.5, keras_fit=12.0)
    (section,) = tables([line | {"plain": {OURS: 1.0, KERAS: 10.0}}])
    assert "| **10.00** (10.00 to 10.00, 1) | **8.00** (8.00 to 8.00, 1) |" in section
    assert "| **20.0** (20.0 to 20.0, 1) | at most 5 %: **missed** | 0.50 | 250, 1000 |" in section


def test_memory_is_told_with_the_share_of_the_imports():
    memory = {
        OURS: {"imports": 100.0, "peak": 150.0, "device": 0},
        KERAS: {"imports": 200.0, "peak": 300.0, "device": 0},
    }
    line = a_round(kerasish_fit=2.0, keras_fit=4.0) | {"kind": "first", "memory": memory}
    first, held = tables([line])
    assert "| **0.50** (0.50 to 0.50, 1) | at most 0.6: reached |" in first
    assert "| at most 1: reached | 150 (100) | 300 (200) |" in held


def test_a_page_names_every_run_once(tmp_path):
    facts = {"kind": "run", "date": "2030-01-01", "versions": "jax 1", "machine": "abacus"}
    note = {"kind": "note", "workload": "lstm", "job": "train", "peer": "jax_scan", "text": "died"}
    for name, lines in {"a": ROUNDS[:1], "b": [*ROUNDS[1:], note]}.items():
        lines = [facts | {"command": name}, *lines]
        # The last line of a run that was killed.
        text = "\n".join(map(json.dumps, lines)) + '\n{"kind": "rou'
        (tmp_path / name).write_text(text)
    made = page(read([tmp_path / "a", tmp_path / "b"]))
    assert made.count("abacus") == made.count("jax 1") == 1
    assert "made by `a`" in made and "made by `b`" in made
    assert "**9.00** (8.00 to 10.00, 3)" in made
    assert "LSTM(128), 100 steps, train: `jax_scan` died" in made


# The command line


@pytest.mark.parametrize("option", ["--workloads", "--peers", "--jobs"])
def test_unknown_names_are_told_with_the_known_ones(option, capsys):
    with pytest.raises(SystemExit):
        run.parse([option, "mlp_smal"])
    message = capsys.readouterr().err
    assert "there is no mlp_smal; choose from " in message


def test_a_record_that_is_not_there(tmp_path, capsys):
    with pytest.raises(SystemExit):
        run.parse(["--from", str(tmp_path / "none")])
    assert "there is no record" in capsys.readouterr().err


def test_kerasish_always_takes_part():
    assert run.parse(["--peers", "jax_loop,keras_fit"]).peers == [OURS, KERAS, "jax_loop"]


def quick(*arguments: str) -> None:
    run.main(["--quick", "--workloads", "mlp_small", "--peers", "jax_loop", *arguments])


def test_a_quick_run(tmp_path, capsys):
    record, written, rebuilt = (tmp_path / name for name in ("record", "a.md", "b.md"))
    quick("--jobs", "train,predict", "--record", str(record), "--write", str(written))
    lines = read([record])
    assert [line["kind"] for line in lines] == ["run", *["round"] * 4]
    assert all(line["seconds"][OURS] > 0 for line in lines[1:])
    capsys.readouterr()
    run.main(["--from", str(record), "--write", str(rebuilt)])
    assert "## Prediction" in capsys.readouterr().out
    assert rebuilt.read_text() == written.read_text()


@pytest.mark.parametrize(("job", "part"), [("train", "XLA: matrix products"), ("first", "imports")])
def test_a_profile(job, part, tmp_path, capsys):
    record = tmp_path / "record"
    arguments = ["mlp_small", job, "--calls", "2", "--quick", "--record", str(record)]
    profile.main(arguments)
    printed = capsys.readouterr().out
    assert f"### MLP 16-32-10 (32), {job}" in printed
    rows = {cells[1].strip(): cells[2] for cells in map(split, printed.splitlines()) if cells[2:]}
    assert float(rows[part].split()[0]) > 0
    assert printed.strip() in page(read([record]))


def split(row: str) -> list[str]:
    return row.split("|")


@pytest.mark.slow
def test_a_quick_run_of_first_epochs(tmp_path):
    record = tmp_path / "record"
    quick("--only-first", "--record", str(record))
    _, first, validated = read([record])
    assert set(first["seconds"]) == {OURS, "jax_loop"}
    assert set(validated["seconds"]) == {OURS}
    memory = first["memory"][OURS]
    assert 0 < memory["imports"] < memory["peak"]


# Peers


def test_a_peer_that_dies_says_why():
    message = r"jax_loop broke off \(1\): .*ValueError: .*'no number'"
    broken = replace(SMALL, samples="no number")
    with pytest.raises(Trouble, match=message), started("jax_loop", broken):
        pass


def test_the_others_go_on_without_a_peer():
    missing, left, measured = turns(SMALL, [OURS, "no_peer", "gone"], ["train"], Plan(1, 1, 1))
    assert missing["peer"] == "no_peer"
    assert missing["text"].endswith("no_peer is not installed")
    assert left["peer"] == "gone"
    assert set(measured["seconds"]) == {OURS}


def test_a_peer_that_takes_too_long_is_ended():
    with started("jax_loop", SMALL) as process:
        with pytest.raises(TooSlow, match="took more than 0 s"):
            process.run("train", limit=0.0)
        with pytest.raises(Trouble):
            process.run("train")


def test_memory_is_not_that_of_the_parent():
    held = np.ones(2**26)  # half a GiB
    code = "from benchmarks.serve import held; print(held('VmHWM'))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 5 < float(child.stdout) < held.nbytes / 2**20


@pytest.mark.parametrize(
    "workload",
    [
        pytest.param(
            name, marks=pytest.mark.slow if name == "mlp_small" else pytest.mark.exhaustive
        )
        for name in WORKLOADS
    ],
)
def test_all_peers_train_the_same_model(workload):
    # In a process of its own, where JAX promotes ranks and Keras lives on JAX.
    command = [sys.executable, "-m", "benchmarks.check", workload]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout.count(workload) >= 4


@pytest.mark.slow
def test_what_checkpoints_cost_is_told():
    command = [sys.executable, "-m", "benchmarks.checkpoints", "--workload", "mlp_small"]
    command += ["--steps", "8", "--rounds", "1"]
    child = subprocess.run(command, capture_output=True, text=True, check=True)
    message = r"MLP 16-32-10, 8 steps: a checkpoint after each epoch makes it -?\d+\.\d % longer"
    assert re.search(message, child.stdout)


def test_everything_has_a_place():
    assert set(PEERS) == {OURS, KERAS, "jax_loop", "jax_scan", "torch_eager"}
    for workload in WORKLOADS.values():
        assert workload.samples % workload.batch == 0
        x, y = workload.quick().data()
        assert x.shape == (len(y), *workload.shape)
        assert len(np.unique(y)) > 1
