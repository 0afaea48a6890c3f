"""Annotations that say nothing only become fewer."""

import pytest
from annotations import places

# The most bare `Any`s that a package may have. Lower a row when there are fewer.
MOST = {
    ".": 40,
    "activations": 2,
    "applications": 8,
    "callbacks": 18,
    "checkpoints": 13,
    "core": 243,
    "datasets": 5,
    "export": 37,
    "functional": 0,
    "initializers": 0,
    "kernels": 43,
    "layers": 40,
    "losses": 6,
    "metrics": 24,
    "models": 56,
    "ops": 4,
    "optimizers": 0,
    "preprocessing": 4,
    "saving": 8,
    "training": 176,
    "utils": 10,
    "visualization": 7,
    "wrappers": 9,
}
FOUND = places()


def test_every_package_has_a_row():
    assert set(FOUND) - set(MOST) <= {"legacy"}


@pytest.mark.parametrize("package", MOST)
def test_bare_any_becomes_rarer(package):
    bare, _ = FOUND[package]
    assert len(bare) <= MOST[package], f"python tests/annotations.py {package} shows where"
