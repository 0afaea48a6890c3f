"""Whole models and weights go both ways between Keras and here, and training goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tools.architectures import ARCHITECTURES
from .tools.interchange import DIRECTIONS, cross, misses

# Compiling the steps of all takes minutes: every run has so many of them, in one direction by
# turns. The rest is run with `-m exhaustive`, and by `python -m tests.parity.tools.interchange`.
MANY = 42
CASES = [
    pytest.param(
        name,
        direction,
        marks=pytest.mark.slow if number < MANY and number % 2 == turn else pytest.mark.exhaustive,
        id=f"{name}-{('from_keras', 'to_keras')[turn]}",
    )
    for number, name in enumerate(sorted(ARCHITECTURES))
    for turn, direction in enumerate(DIRECTIONS)
]


@pytest.mark.filterwarnings("ignore")  # Keras's, of which there are many
@pytest.mark.parametrize(("name", "direction"), CASES)
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
