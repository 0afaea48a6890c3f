"""The recipes and the notebook run as a user would run them, on real data."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kerasish
from kerasish import datasets

ROOT = Path(__file__).parent.parent

needs_mnist = pytest.mark.skipif(
    not datasets.mnist.is_available(), reason="MNIST is not prepared: set TFDS_DATA_DIR"
)
needs_cifar10 = pytest.mark.skipif(
    not datasets.cifar10.is_available(), reason="CIFAR-10 is not prepared: set TFDS_DATA_DIR"
)


def run(recipe: str, *arguments: str, **environment: str) -> str:
    """Run a recipe and return what it printed."""
    result = subprocess.run(
        [sys.executable, ROOT / "recipes" / recipe, *arguments],
        env=os.environ | {"MPLBACKEND": "Agg"} | environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout  # no control characters in a log
    return result.stdout


def accuracy(output: str) -> float:
    """Return the accuracy that a recipe ends with, in percent."""
    return float(re.search(r"Test accuracy: ([\d.]+)%", output).group(1))


def test_digits_without_any_data_or_network(tmp_path):
    """What `make demo` does on a machine that has nothing."""
    arguments = ["mnist.py", "--out", str(tmp_path), "--resume", str(tmp_path / "run")]
    nowhere = {"TFDS_DATA_DIR": str(tmp_path / "none"), "no_proxy": "*"}
    output = run(*arguments, **nowhere)
    assert "EMBEDDED" in output
    assert accuracy(output) >= 97
    model = kerasish.saving.load_model(tmp_path / "model.keras")
    _, (x, y) = datasets.digits.load_data()
    assert np.mean(model.predict(x, verbose=0).argmax(1) == y) >= 0.97
    rows = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    assert len(rows) == 30
    assert float(rows[-1]["val_accuracy"]) == pytest.approx(accuracy(output) / 100, abs=1e-4)
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")
    # Started again, it has nothing left to do.
    again = run(*arguments, **nowhere)
    assert "Epoch 1/" not in again
    assert accuracy(again) == accuracy(output)
    assert list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines())) == rows


@needs_mnist
@pytest.mark.slow
def test_mnist_mlp(tmp_path):
    output = run("mnist.py", "--dataset", "mnist", "--model", "mlp", "--out", str(tmp_path))
    assert accuracy(output) >= 97.5


@needs_mnist
@pytest.mark.exhaustive
def test_mnist_cnn(tmp_path):
    output = run("mnist.py", "--dataset", "mnist", "--model", "cnn", "--out", str(tmp_path))
    assert accuracy(output) >= 99.0


@needs_cifar10
@pytest.mark.slow
@pytest.mark.parametrize("model", ["lenet", pytest.param("resnet20", marks=pytest.mark.exhaustive)])
def test_cifar10_learns(model, tmp_path):
    output = run(
        "cifar10.py", "--model", model, "--limit", "2000", "--epochs", "4", "--out", str(tmp_path)
    )
    assert accuracy(output) > 20  # ten classes: chance is 10
    assert kerasish.saving.load_model(tmp_path / "model.keras").name == model


def test_the_quickstart_runs_and_is_committed_with_outputs():
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    sys.path.insert(0, str(ROOT / "notebooks"))
    try:
        import build
    finally:
        sys.path.pop(0)
    committed = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    fresh = build.build()
    assert [c.source for c in committed.cells] == [c.source for c in fresh.cells]
    code = [c for c in committed.cells if c.cell_type == "code"]
    assert sum(bool(c.outputs) for c in code) >= len(code) - 1
    nbclient.NotebookClient(fresh, timeout=300).execute()
    outputs = [o for c in fresh.cells if c.cell_type == "code" for o in c.outputs]
    assert sum("image/png" in o.get("data", {}) for o in outputs) == 3
    assert any("True" in o.get("data", {}).get("text/plain", "") for o in outputs)
