"""Metrics that are more than a mean: the same sums and results as Keras, batch after batch."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from .test_losses import C, one_hot, probabilities, share
from .tools.oracle import both, check_config, close, draw, keras, kerasish

# Keras's, about whole numbers of 64 bits and R2 of few samples.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype"),
    pytest.mark.filterwarnings("ignore:More independent predictors"),
]

SIZES = (5, 3)


def yes_or_no(n):
    return draw((n,), "int32", high=2), share(n, 1)


def labels(n, *more):
    return draw((n, *more, C), "int32", high=2).astype("float32"), share(n, *more, C)


def in_time(n):
    return labels(n, 2)


def logits(n):
    return labels(n)[0], 3 * draw((n, C), seed=n)


def at_thresholds(n):
    """Predictions exactly at thresholds, and out of range."""
    p = np.resize(np.float32([0, 0.25, 0.5, 0.75, 1, 1.5, -1, 1e-9]), (n, C))
    return labels(n)[0], p


def hot(n):
    return one_hot(n), probabilities(n, C)


def classes(n, *more):
    return tuple(draw((n, *more), "int32", seed=s, high=C) for s in (2, 3))


def areas(n):
    return classes(n, 3)


def sparse(n):
    return classes(n)[0], probabilities(n, C)


def real(n):
    return draw((n, C)), draw((n, C), seed=n)


PER_SAMPLE = {"none": lambda n: None, "(n,)": lambda n: share(n) + 0.1}
COLUMN = {"(n, 1)": lambda n: share(n, 1) + 0.1}
PER_VALUE = {"(n, labels)": lambda n: share(n, C)}
FEW = PER_SAMPLE | COLUMN
ALL = FEW | PER_VALUE
NONE = {"none": lambda n: None}
IN_TIME = NONE | {"(n, t)": lambda n: share(n, 2), "(n, 1)": lambda n: share(n, 1)}
AREAS = NONE | {"(n, t)": lambda n: share(n, 3)}

METRICS = {
    "TruePositives()": (yes_or_no, PER_SAMPLE),
    "TruePositives([0.25, 0.5, 0.75])": (at_thresholds, PER_SAMPLE),
    "FalsePositives([0, 0.5, 1.0])": (at_thresholds, PER_SAMPLE),
    "FalsePositives([0.9, 0.2])": (labels, ALL),
    "TrueNegatives(0.3)": (in_time, IN_TIME),
    "FalseNegatives([0.1, 0.3, 0.35, 0.4, 0.6, 0.7, 0.8, 0.9, 0.99])": (labels, ALL),
    "Precision()": (labels, ALL),
    "Precision([0.2, 0.5, 0.8])": (in_time, IN_TIME),
    "Precision(top_k=2)": (labels, ALL),
    "Precision(0.6, top_k=2)": (labels, ALL),
    "Precision(class_id=1)": (labels, FEW),
    "Recall()": (yes_or_no, PER_SAMPLE),
    "Recall(top_k=2, class_id=0)": (labels, FEW),
    "Recall([0.0, 0.5], top_k=1)": (in_time, IN_TIME),
    "AUC()": (labels, ALL),
    "AUC(3)": (at_thresholds, PER_SAMPLE),
    "AUC(2)": (labels, PER_SAMPLE),
    "AUC(20, summation_method='minoring')": (labels, PER_SAMPLE),
    "AUC(20, 'PR')": (in_time, IN_TIME),
    "AUC(20, 'PR', 'majoring')": (labels, PER_SAMPLE),
    "AUC(20, 'PRGAIN')": (labels, PER_SAMPLE),
    "AUC(thresholds=[0.7, 0.2, 0.4])": (labels, PER_SAMPLE),
    "AUC(20, from_logits=True)": (logits, PER_SAMPLE),
    "AUC(20, multi_label=True)": (labels, ALL),
    "AUC(20, 'pr', multi_label=True, label_weights=np.arange(4.0).tolist())": (labels, PER_SAMPLE),
    "AUC(20, 'PR', 'Minoring', multi_label=True, num_labels=4)": (labels, PER_SAMPLE),
    "AUC(thresholds=[0.3], multi_label=True)": (labels, PER_SAMPLE),
    "AUC(20, label_weights=np.arange(4.0).tolist())": (labels, ALL),
    "SensitivityAtSpecificity(0.5)": (labels, ALL),
    "SpecificityAtSensitivity(0.4, num_thresholds=7)": (at_thresholds, PER_SAMPLE),
    "PrecisionAtRecall(0.3, class_id=2)": (labels, PER_SAMPLE),
    "RecallAtPrecision(0.6, num_thresholds=1)": (in_time, IN_TIME),
    "RecallAtPrecision(1.0)": (labels, PER_SAMPLE),
    "IoU(4, [0, 2])": (areas, NONE),
    "IoU(3, [0, 2], dtype='float32', ignore_class=1)": (areas, AREAS),
    "IoU(4, [1], sparse_y_true=False, sparse_y_pred=False)": (hot, NONE),
    "MeanIoU(4, dtype='float32')": (classes, PER_SAMPLE),
    "MeanIoU(4, sparse_y_pred=False)": (sparse, NONE),
    "BinaryIoU()": (labels, NONE),
    "BinaryIoU([1], 0.25, dtype='float32')": (at_thresholds, NONE | PER_VALUE),
    "OneHotIoU(4, [0, 3], dtype='float32')": (hot, PER_SAMPLE),
    "OneHotMeanIoU(4, ignore_class=2)": (hot, NONE),
    "F1Score()": (hot, PER_SAMPLE),
    "F1Score('macro', 0.4)": (labels, PER_SAMPLE),
    "FBetaScore('micro', 0.5)": (hot, PER_SAMPLE),
    "FBetaScore('weighted', 2.0, 0.3)": (labels, PER_SAMPLE),
    "R2Score()": (real, ALL),
    "R2Score('variance_weighted_average', 2)": (real, PER_SAMPLE),
    "R2Score(None, 30)": (real, PER_SAMPLE),
    "PearsonCorrelation()": (real, PER_SAMPLE),
    "ConcordanceCorrelation()": (real, FEW),
}

# Keras cannot trace these.
EAGER = {
    "AUC(thresholds=[0.3], multi_label=True)",
    "R2Score('variance_weighted_average', 2)",
    "R2Score(None, 30)",
}


@pytest.mark.parametrize("code", METRICS)
def test_metric(code):
    kind, weightings = METRICS[code]
    batches = [{w: (*kind(n), weight(n)) for w, weight in weightings.items()} for n in SIZES]
    twins = both(f"k.metrics.{code}")
    for metric in twins:
        if not metric.variables or "R2" in code:
            metric.update_state(*batches[0]["none"])
            metric.reset_state()
    assert [v.name for v in twins[0].variables] == [v.name for v in twins[1].variables]

    def run(metric, weighting):
        state, seen = metric.stateless_reset_state(), []
        for batch in batches:
            state = metric.stateless_update_state(state, *batch[weighting])
            seen.append((state, metric.stateless_result(state)))
        return seen

    program = lambda: [{w: run(m, w) for w in weightings} for m in twins]
    found = (program if code in EAGER else jax.jit(program))()
    if "IoU" in code:  # which counts in float32 here, whatever the dtype
        dtype = twins[1].total_cm.dtype
        for seen in found[0].values():
            seen[:] = [([cells.astype(dtype)], result) for [cells], result in seen]
    for weighting in weightings:
        close(found[0][weighting], found[1][weighting], what=f"weights: {weighting}")
    parts = [twins[0].update(twins[0].init(), *batch["none"]) for batch in batches]
    merged = twins[0].compute(twins[0].merge(*parts))
    close(merged, found[0]["none"][-1][1], what="merged")
    if "label_weights" not in code:  # Keras's config holds an array then
        check_config(*both(f"k.metrics.{code}"))


@pytest.mark.parametrize(
    "code",
    [
        "TruePositives([0.2, 0.6])",
        "Recall(top_k=1)",
        "AUC(20)",
        "PrecisionAtRecall(0.5)",
        "BinaryIoU()",
        "F1Score()",
        "R2Score()",
    ],
)
def test_metric_called_on_batches(code):
    ours, theirs = both(f"k.metrics.{code}")
    for n in SIZES:
        y, p = labels(n)
        close(ours(y.tolist(), p.tolist()), theirs(y, p), what=f"{n} samples")
    for metric in (ours, theirs):
        metric.reset_state()
    close(np.asarray(ours.result()), np.asarray(theirs.result()), what="after a reset")


@pytest.mark.parametrize(
    "code",
    ["IoU(3, [0, 2])", "MeanIoU(3)", "BinaryIoU([0])", "OneHotIoU(3, [1])", "OneHotMeanIoU(3)"],
)
def test_fractional_weights_count_by_default(code):
    counted = code[:-1] + ", dtype='float32')"
    ours = [both(f"k.metrics.{each}")[0] for each in (code, counted)]
    ours.append(type(ours[0]).from_config(ours[0].get_config() | {"dtype": "int32"}))
    theirs = both(f"k.metrics.{counted}")[1]
    assert ours[0].get_config()["dtype"] == "int32"
    eye = np.eye(3)
    y, p = np.array([0, 1, 2, 1, 0]), np.array([0, 1, 1, 1, 2])
    batch = (eye[y], eye[p]) if "Hot" in code else (y > 0, p * 0.3) if "Bi" in code else (y, p)
    for metric in (*ours, theirs):
        metric.update_state(*batch, sample_weight=[0.3, 0.5, 0.25, 1.5, 0.125])
    for metric in ours:
        close(metric.result(), theirs.result())


@pytest.mark.parametrize("name", ["pearson_correlation", "concordance_correlation"])
@pytest.mark.parametrize("axis", [-1, 1, (1, 2), None], ids=str)
def test_correlation(name, axis):
    y, p = draw((3, 4, 5)), draw((3, 4, 5), seed=1)
    ours, theirs = (getattr(k.metrics, name)(y, p, axis=axis) for k in (kerasish, keras))
    close(ours, theirs)


@pytest.mark.parametrize("targets", [[0.0, 0.0], [1.0, 1.0]], ids=["all negative", "all positive"])
def test_one_kind_of_targets(targets):
    for code in (
        "AUC()",
        "AUC(curve='PR')",
        "AUC(curve='PRGAIN')",
        "PrecisionAtRecall(0.5)",
        "SpecificityAtSensitivity(1.0)",
    ):
        ours, theirs = both(f"k.metrics.{code}")
        batch = np.array(targets), np.array([0.1, 0.9])
        close(ours(*batch), theirs(*batch), what=code)


@pytest.mark.parametrize("k", [1, 2])
def test_top_k_of_sorted_classes(k):
    y, p = draw((6, 1), "int32", high=4), np.argsort(share(6, 4), -1)
    ours, theirs = both(f"k.metrics.SparseTopKCategoricalAccuracy({k}, from_sorted_ids=True)")
    close(ours(y, p), theirs(y, p))
    check_config(ours, theirs)


# Sizes, and what Keras does not do.


def test_area_under_curve_of_many_predictions():
    y, p = draw((100_000,), "int32", high=2), share(100_000)
    ours, theirs = both("k.metrics.AUC()")
    close(ours(y, p), theirs(y, p))
    counts = ours.true_positives.value + ours.false_negatives.value
    np.testing.assert_array_equal(counts, np.full(200, y.sum()))


def test_sizes_that_are_not_known_yet():
    n = jax.export.symbolic_shape("n")[0]
    for code in ("AUC()", "Precision(top_k=2)", "Recall([0.2, 0.3])", "BinaryIoU()", "R2Score()"):
        metric, _ = both(f"k.metrics.{code}")
        batch = jax.ShapeDtypeStruct((n, C), "float32")
        metric._kerasish_ensure_built(batch, batch)
        update = jax.jit(lambda state, y, p, m=metric: m.compute(m.update(state, y, p)))
        again = jax.export.export(update)(metric.init(), batch, batch)
        close(again.call(metric.init(), *labels(5)), update(metric.init(), *labels(5)))


def test_a_weight_for_each_sample_of_a_sequence():
    y, p = in_time(4)
    weight = share(4)
    metric = kerasish.metrics.Precision()
    expected = kerasish.metrics.Precision()(y, p, np.broadcast_to(weight[:, None], (4, 2)))
    close(metric(y, p, weight), expected)


def test_weights_of_one_class():
    y, p = labels(4)
    weight = share(4, C)
    expected = kerasish.metrics.Recall()(y[:, 1], p[:, 1], weight[:, 1])
    close(kerasish.metrics.Recall(class_id=1)(y, p, weight), expected)


BAD = {
    "TruePositives(2.0)": "from 0 to 1",
    "Precision([])": "one or more numbers",
    "Precision(top_k=0)": "at least 1",
    "AUC(1)": "at least 2",
    "AUC(curve='x')": "ROC, PR, PRGAIN; got 'X'",
    "AUC(summation_method='x')": "interpolation",
    "AUC(num_labels=3)": "multi_label=True",
    "AUC(multi_label=True, num_labels=2, label_weights=[1.0])": "1 label_weights for 2",
    "SensitivityAtSpecificity(2.0)": "specificity must be from 0 to 1",
    "RecallAtPrecision(0.5, num_thresholds=0)": "at least 1",
    "IoU(3, [3])": "classes 0 to 2",
    "IoU(3, [])": "classes 0 to 2",
    "F1Score('median')": "average",
    "FBetaScore(beta=0)": "beta must be a positive number",
    "FBetaScore(threshold=0.0)": "above 0",
    "R2Score('median')": "class_aggregation",
    "R2Score(num_regressors=-1)": "negative",
}


@pytest.mark.parametrize("code", BAD)
def test_bad_argument(code):
    with pytest.raises(kerasish.errors.KerasishError, match=BAD[code]):
        eval(f"m.{code}", {"m": kerasish.metrics})


Y, P = labels(3)
BAD_BATCHES = {
    "Precision()": ((Y, P[:, :2]), r"y_true has \(3, 4\) and y_pred \(3, 2\)"),
    "Precision(class_id=4)": ((Y, P), "no class 4"),
    "Precision(top_k=5)": ((Y, P), "top_k=5"),
    "Recall()": ((Y, P, np.ones(2)), "sample_weight of shape"),
    "AUC(label_weights=[1.0, 2.0])": ((Y, P), "weights of labels"),
    "AUC(multi_label=True, num_labels=2)": ((Y, P), r"\(batch, 2\)"),
    "AUC(multi_label=True)": ((Y[0], P[0]), r"\(batch, labels\)"),
    "IoU(4, [0])": ((Y[:, 0], P[:2, 0]), "one shape"),
    "F1Score()": ((Y[:, 0], P[:, 0]), r"\(batch, outputs\)"),
    "R2Score()": ((Y[0], P[0]), r"\(batch, outputs\)"),
}


@pytest.mark.parametrize("code", BAD_BATCHES)
def test_bad_batch(code):
    batch, told = BAD_BATCHES[code]
    metric = eval(f"m.{code}", {"m": kerasish.metrics})
    with pytest.raises(kerasish.errors.KerasishError, match=told):
        metric.update_state(*batch)


@pytest.mark.parametrize("code", ["AUC(multi_label=True)", "F1Score()", "R2Score()"])
def test_a_result_before_there_is_a_shape(code):
    metric = eval(f"m.{code}", {"m": kerasish.metrics})
    with pytest.raises(kerasish.errors.NotBuiltError, match="from a first batch"):
        metric.result()
    metric.update_state(Y, P)
    assert jnp.all(jnp.isfinite(metric.result()))
