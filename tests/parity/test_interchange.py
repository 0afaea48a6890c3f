"""Whole models and weights go both ways between Keras and here, and training goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from .architectures import ARCHITECTURES
from .interchange import DIRECTIONS, cross, misses

# These are in every run; compiling the steps of all takes minutes (`-m exhaustive`).
MANY = 42
NAMES = [
    pytest.param(name, marks=pytest.mark.exhaustive if number >= MANY else pytest.mark.slow)
    for number, name in enumerate(sorted(ARCHITECTURES))
]


@pytest.mark.filterwarnings("ignore")  # Keras's, of which there are many
@pytest.mark.parametrize("direction", DIRECTIONS, ids=["from_keras", "to_keras"])
@pytest.mark.parametrize("name", NAMES)
def test_files_go_both_ways(name: str, direction: str, tmp_path: Path) -> None:
    which = ARCHITECTURES[name]
    assert not misses(which, cross(which, *DIRECTIONS[direction], tmp_path))


def test_there_are_many() -> None:
    assert len(ARCHITECTURES) > MANY >= 40


def test_a_difference_is_told(tmp_path: Path) -> None:
    which = ARCHITECTURES["perceptron"]
    found = cross(which, *DIRECTIONS["Keras → kerasish"], tmp_path)
    assert len(misses(which._replace(precision=-1.0), found)) == 2
    assert misses(which, found._replace(training=float("nan")))
