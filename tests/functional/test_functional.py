"""What losses and metrics refuse, in sentences."""

from __future__ import annotations

import numpy as np
import pytest

from kerasish import losses, metrics
from kerasish.errors import ArgumentError, ShapeError
from kerasish.functional import ctc_loss

P, Y = np.full((3, 4), 0.25, "float32"), np.zeros((3, 4), "float32")
FRAMES = np.zeros((3, 5, 4), "float32")

REFUSED = {
    "q of 0": (lambda: losses.CategoricalGeneralizedCrossEntropy(0), ["q must be", "0"]),
    "q of 1": (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0), ["q must be", "1.0"]),
    "one-hot for classes": (
        lambda: losses.CategoricalGeneralizedCrossEntropy()(Y, P),
        ["class number", "(3, 4)", "(3,)"],
    ),
    "two factors for four classes": (
        lambda: losses.CategoricalFocalCrossentropy(alpha=[0.2, 0.8])(Y, P),
        ["alpha", "4 classes", "(2,)"],
    ),
    "classes for one-hot": (
        lambda: losses.CategoricalFocalCrossentropy()(Y[:, 0], P),
        ["categorical_focal_crossentropy", "(3,)", "(3, 4)"],
    ),
    "other shapes": (lambda: losses.Huber()(Y, P[:, :3]), ["huber", "(3, 4)", "(3, 3)"]),
    "other ranks": (lambda: metrics.Hinge()(Y, FRAMES), ["hinge", "(3, 4)", "(3, 5, 4)"]),
    "CTC of labels": (lambda: losses.CTC()(Y[:, 0], FRAMES), ["CTC", "(3,)", "(3, 5, 4)"]),
    "CTC without time": (lambda: losses.ctc(Y, P), ["CTC", "(batch, steps, classes)"]),
    "CTC of other batches": (
        lambda: ctc_loss(Y[:2], FRAMES, np.array([1, 1]), np.array([5, 5])),
        ["(2, 4)", "(3, 5, 4)"],
    ),
    "circle of sequences": (lambda: losses.Circle()(Y[:, 0], FRAMES), ["circle", "(3, 5, 4)"]),
    "circle of one-hot": (lambda: losses.circle(Y, P), ["class numbers", "(3, 4)"]),
    "references without labels": (
        lambda: losses.circle(Y[:, 0], P, ref_embeddings=P[:2]),
        ["(3,)", "(2, 4)"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    act, parts = REFUSED[name]
    with pytest.raises((ArgumentError, ShapeError)) as caught:
        act()
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert message.endswith(".")
