"""Metrics that are the mean of a criterion: the same after every batch, merged and reset."""

from __future__ import annotations

import numpy as np
import pytest

from .test_losses import share
from .test_metrics import C, hot, many_yes_or_no, positive, probabilities, real
from .tools.oracle import both, check_config, close, keras, kerasish


def counts(n, *more):
    return np.abs(real(n, *more)[0]).round(), share(n, C, *more)


def shares(n, *more):
    return probabilities(n, *more, C), share(n, *more, C)


METRICS = {
    "MeanAbsolutePercentageError()": counts,
    "MeanSquaredLogarithmicError()": counts,
    "LogCoshError()": real,
    "CosineSimilarity()": real,
    "CosineSimilarity(axis=1)": real,
    "Hinge()": many_yes_or_no,
    "SquaredHinge()": many_yes_or_no,
    "CategoricalHinge()": hot,
    "KLDivergence()": shares,
    "Poisson('counts')": counts,
    "MeanMetricWrapper(k.metrics.huber, 'h', delta=0.5)": real,
    "MeanMetricWrapper(k.metrics.log_cosh, 'l')": real,
    "MeanMetricWrapper(k.metrics.binary_focal_crossentropy, 'b', gamma=1.0)": many_yes_or_no,
    "MeanMetricWrapper(k.metrics.categorical_focal_crossentropy, 'c', alpha=0.5)": hot,
}
WEIGHTS = [
    lambda n: None,
    lambda n: positive(n),
    lambda n: positive(n, 1),
    lambda n: np.arange(n),
    lambda n: np.zeros(n, "float32"),
]


@pytest.mark.parametrize("code", METRICS)
def test_metric(code):
    for weight in WEIGHTS:
        ours, theirs = both(f"k.metrics.{code}")
        for n in (4, 1):
            batch = *METRICS[code](n), weight(n)
            for metric in (ours, theirs):
                metric.update_state(*batch)
            close(np.asarray(ours.result()), np.asarray(theirs.result()), what=f"{n} samples")
        batches = [(*METRICS[code](n), weight(n)) for n in (4, 1)]
        states = [ours.update(ours.init(), *batch) for batch in batches]
        merged = ours.compute(ours.merge(*states))
        close(np.asarray(merged), np.asarray(theirs.result()), what="merged")
        for metric in (ours, theirs):
            metric.reset_state()
        close(np.asarray(ours.result()), np.asarray(theirs.result()), what="after a reset")
    assert [v.name for v in ours.variables] == [v.name for v in theirs.variables]
    # Keras loses the axis of its config.
    if not code.startswith("MeanMetricWrapper") and "axis" not in code:
        check_config(ours, theirs)


@pytest.mark.parametrize("code", [code for code in METRICS if "axis" not in code])
def test_metric_of_sequences(code):
    for weight in (None, positive(4), positive(4, 3)):
        ours, theirs = both(f"k.metrics.{code}")
        y, p = METRICS[code](4, 3)
        if weight is not None and weight.ndim > 1:
            weight = positive(*y.shape[:2])
        close(np.asarray(ours(y, p, weight)), np.asarray(theirs(y, p, weight)))


NAMES = """
    mse MSE mae MAE mape MAPE msle MSLE bce BCE hinge squared_hinge categorical_hinge
    kl_divergence KLDivergence poisson Poisson cosine_similarity CosineSimilarity LogCoshError
    mean_absolute_percentage_error mean_squared_logarithmic_error root_mean_squared_error
"""


def test_names():
    for name in NAMES.split():
        ours, theirs = (k.metrics.get(name) for k in (kerasish, keras))
        assert (type(ours).__name__, ours.name) == (type(theirs).__name__, theirs.name)
