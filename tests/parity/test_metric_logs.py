"""What metrics of several values log in `fit`."""

from __future__ import annotations

import numpy as np
import pytest

from .test_losses import C, one_hot, probabilities
from .tools.oracle import keras, kerasish


def test_metrics_of_several_values():
    histories = []
    for k in (kerasish, keras):

        class Two(k.metrics.Mean):
            def update_state(self, y_true, y_pred, sample_weight=None):
                super().update_state(y_pred, sample_weight)

            def result(self):
                return {"one": super().result(), "two": 2 * super().result()}

        m = k.metrics
        model = k.Sequential([k.Input((C,)), k.layers.Activation("linear")])
        several = [m.F1Score(), m.F1Score(threshold=0.3), m.Recall([0.2, 0.4], name="recall")]
        several += [m.R2Score(), m.AUC(multi_label=True, name="auc"), Two()]
        model.compile(k.optimizers.SGD(0.0), "mse", metrics=several)
        x, y = probabilities(10, C), one_hot(10)
        told = model.fit(x, y, 4, 2, 0, shuffle=False, validation_data=(x[:4], y[:4]))
        histories.append(told.history)
        assert model.evaluate(x, y, 4, 0, return_dict=True).keys() <= told.history.keys()
    ours, theirs = histories
    assert ours.keys() == theirs.keys()
    for name in theirs:
        assert np.asarray(ours[name]) == pytest.approx(np.asarray(theirs[name]), rel=1e-5), name
