"""Metrics written for Keras, and loops that use Keras's: they run unchanged."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .test_losses import C, share
from .tools.oracle import close, draw, keras, kerasish

Y = draw((10, C), "int32", high=2).astype("float32")
P = share(10, C)
WEIGHT = share(10) + 0.1

ops = keras.ops


def metrics_of(k):
    """Return metrics written in Keras's way, on the base of either library."""

    class Hits(k.metrics.Metric):
        """Ignores sample weights; declares in two ways."""

        def __init__(self, name="hits", **kwargs):
            super().__init__(name=name, **kwargs)
            self.hits = self.add_weight(shape=(), initializer="zeros", name="hits")
            self.seen = self.add_variable(shape=(2,), initializer="zeros", name="seen")

        def update_state(self, y_true, y_pred, sample_weight=None):
            right = ops.cast(ops.equal(ops.round(y_pred), y_true), self.dtype)
            self.hits.assign_add(ops.sum(right))
            self.seen.assign(self.seen + ops.ones(2))

        def result(self):
            return self.hits / (self.seen[0] + 1)

    class Root(k.metrics.MeanSquaredError):
        """Has a result of its own, and nothing else."""

        def result(self):
            return ops.sqrt(super().result())

    class Several(k.metrics.Metric):
        """Holds other metrics, some in a list."""

        def __init__(self, name="several"):
            super().__init__(name=name)
            self.parts = [k.metrics.Precision(), k.metrics.Recall(class_id=1)]
            self.mean = k.metrics.Mean()
            self.batches = self.add_weight(shape=(), initializer="zeros", name="batches")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.batches.assign_add(1.0)
            self.mean.update_state(y_pred)
            for part in self.parts:
                part.update_state(y_true, y_pred, sample_weight)

        def result(self):
            parts = [part.result() for part in self.parts]
            return sum(parts) + self.mean.result() + self.batches

    class Worst(k.metrics.Metric):
        """Begins where its own reset says."""

        def __init__(self, name="worst"):
            super().__init__(name=name)
            self.worst = self.add_weight(shape=(), initializer="zeros", name="worst")
            self.reset_state()

        def update_state(self, y_true, y_pred, sample_weight=None):
            largest = ops.max(ops.abs(y_true - y_pred))
            self.worst.assign(ops.maximum(self.worst, -largest))

        def result(self):
            return ops.convert_to_tensor(self.worst)

        def reset_state(self):
            self.worst.assign(-100.0)

    return [Hits(), Root(name="root"), Several(), Worst()]


def batches():
    for rows in (slice(0, 4), slice(4, 8), slice(8, 10)):
        yield Y[rows], P[rows], WEIGHT[rows]


def test_metrics_run_eagerly():
    for ours, theirs in zip(metrics_of(kerasish), metrics_of(keras), strict=True):
        assert [v.shape for v in ours.variables] == [v.shape for v in theirs.variables]
        for _ in range(2):
            for batch in batches():
                ours.update_state(*batch)
                theirs.update_state(*batch)
                close(np.asarray(ours.result()), np.asarray(theirs.result()), what=ours.name)
            for metric in (ours, theirs):
                metric.reset_state()
        close([v.numpy() for v in ours.variables], [v.numpy() for v in theirs.variables])


def loop(metric):
    """Evaluate as it is written for Keras on JAX."""
    variables = metric.stateless_reset_state()

    def step(variables, y, p, weight):
        return metric.stateless_update_state(variables, y, p, sample_weight=weight)

    for batch in batches():
        variables = step(variables, *batch)
    return variables, metric.stateless_result(variables)


def test_metrics_run_in_loops_of_ones_own():
    made = [
        [*metrics_of(k), k.metrics.AUC(20), k.metrics.Mean(), k.metrics.R2Score()]
        for k in (kerasish, keras)
    ]
    for each in made:
        each[-1].update_state(Y, P)  # has a shape only then
    del made[0][-2], made[1][-2]
    ours, theirs = jax.jit(lambda: [[loop(metric) for metric in each] for each in made])()
    for mine, other, metric in zip(ours, theirs, made[0], strict=True):
        close(mine, other, what=metric.name)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")  # Keras's, about 64 bits
def test_metrics_in_fit():
    histories = []
    for k in (kerasish, keras):
        model = k.Sequential([k.Input((C,)), k.layers.Activation("linear")])
        m = k.metrics
        model.compile(
            k.optimizers.SGD(0.0),
            "mse",
            metrics=[
                *metrics_of(k),
                m.AUC(name="auc"),
                m.Precision(name="precision"),
                m.Recall(0.3, top_k=2, name="recall"),
                m.FalsePositives(name="wrong"),
                m.BinaryIoU(name="iou"),
                m.PearsonCorrelation(),
            ],
            weighted_metrics=[
                m.AUC(20, "PR", name="area"),
                m.PrecisionAtRecall(0.5, name="point"),
                m.OneHotMeanIoU(C, name="weighted", dtype="float32"),
            ],
        )
        told = model.fit(
            P, Y, batch_size=4, epochs=2, verbose=0, shuffle=False, sample_weight=WEIGHT
        )
        histories.append(told.history)
        evaluated = model.evaluate(P, Y, 4, 0, sample_weight=WEIGHT, return_dict=True)
        assert evaluated == pytest.approx({n: v[-1] for n, v in told.history.items()}, rel=1e-5)
    ours, theirs = histories
    assert ours.keys() == theirs.keys()
    for name in theirs:
        assert ours[name] == pytest.approx(theirs[name], rel=1e-5), name


def test_names_of_what_a_metric_holds():
    several = metrics_of(kerasish)[2]
    names = [v.name for v in several.variables]
    assert names[0] == "batches" and len(set(names)) == len(names) == 7
    assert [v.name for v in several.variables] == names
    state = several.update(several.init(), Y, P)
    merged = several.merge(state, several.init())
    close(several.compute(merged), several.compute(state))


def test_a_reset_begins_with_what_was_declared():
    metric = kerasish.metrics.Sum()
    metric.most = metric.add_weight(initializer=lambda shape, dtype: -np.ones(shape, dtype))
    metric.update_state(2.0)
    metric.reset_state()
    close([v.numpy() for v in metric.variables], [np.float32(0), np.float32(-1)])


def test_variables_of_another_metric():
    with pytest.raises(kerasish.errors.ArgumentError, match="has 2 variables"):
        kerasish.metrics.Mean().stateless_result([1.0])


@pytest.mark.parametrize("name", sorted(dir(keras.metrics)))
def test_everything_of_keras_is_there(name):
    if not name.startswith("_") and callable(getattr(keras.metrics, name)):
        assert hasattr(kerasish.metrics, name)


def test_arguments_of_a_metric():
    metric = kerasish.metrics.Mean(dtype=np.float16)
    assert metric.dtype == "float16" and metric.variables[0].dtype == np.float16
