"""What users bring as data: containers, dtypes and sources, alike in every method."""

from __future__ import annotations

import array
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas
import pytest
import scipy.sparse

from kerasish import Input, Model, Sequential, callbacks, errors, layers, ops, optimizers, utils
from kerasish.errors import ArgumentError, DataError, ShapeError
from kerasish.training.data.lazy_rows import LazyRows

X = np.random.default_rng(0).integers(-4, 5, (12, 4)).astype("float32") / 2
Y = (np.arange(12) % 2).astype("int32")
FRAME = pandas.DataFrame(X, columns=list("abcd"))


class Column:
    """Samples by their number, as a column of a dataset on a disk."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: Any) -> Any:
        return self.items[i]


class Tensor:
    """What there is of a tensor of PyTorch that requires a gradient, or is of bfloat16."""

    def __init__(self, values: Any, dtype: str = "torch.float32", free: bool = False) -> None:
        self.values, self.dtype, self.free = np.asarray(values), dtype, free
        self.shape = self.values.shape

    def __len__(self) -> int:
        return len(self.values)

    def detach(self) -> Tensor:
        return Tensor(self.values, self.dtype, True)

    def float(self) -> Tensor:
        return Tensor(self.values, "torch.float32", self.free)

    cpu = resolve_conj = resolve_neg = lambda self: self

    def numpy(self) -> np.ndarray:
        assert self.free and self.dtype != "torch.bfloat16"
        return self.values

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


def mapped(folder: Any, values: np.ndarray) -> np.memmap:
    made = np.memmap(folder / f"{values.dtype}", values.dtype, "w+", shape=values.shape)
    made[:] = values
    return made


@pytest.fixture(scope="module")
def model() -> Sequential:
    """A model that learns nothing, for many data."""
    made = Sequential([Input((4,)), layers.Dense(2, "softmax")])
    made.compile(optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    return made


FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "double": lambda a: a.astype("float64"),
    "half": lambda a: a.astype("float16"),
    "big-endian": lambda a: a.astype(">f4"),
    "big-endian-double": lambda a: a.astype(">f8"),
    "long-double": lambda a: a.astype("longdouble"),
    "lists": lambda a: a.tolist(),
    "tuples": lambda a: tuple(map(tuple, a.tolist())),
    "objects": lambda a: a.astype(object),
    "rows-as-objects": lambda a: pandas.Series(list(a)),
    "masked": np.ma.array,
    "memory": lambda a: memoryview(np.ascontiguousarray(a)),
    "frame": lambda a: pandas.DataFrame(a),
    "frame-nullable": lambda a: pandas.DataFrame(a).astype("Float32"),
    "frame-arrow": lambda a: pandas.DataFrame(a).convert_dtypes(dtype_backend="pyarrow"),
    "frame-sparse": lambda a: pandas.DataFrame(a).astype(pandas.SparseDtype("float32", 0.0)),
    "frame-objects": lambda a: pandas.DataFrame(a).astype(object),
    "table": lambda a: pytest.importorskip("pyarrow").table(
        {str(i): each for i, each in enumerate(a.T)}
    ),
    "arrow-lists": lambda a: pytest.importorskip("pyarrow").array(a.tolist()),
    "polars": lambda a: pytest.importorskip("polars").DataFrame(a),
    "torch": lambda a: Tensor(a),
    "torch-bfloat16": lambda a: Tensor(a, "torch.bfloat16"),
    "csr": scipy.sparse.csr_matrix,
    "coo": scipy.sparse.coo_array,
    "dok": scipy.sparse.dok_matrix,
    "column-of-lists": lambda a: Column(a.tolist()),
    "a-list-of-one": lambda a: [a],
    "a-dict-of-one": lambda a: {"a": a},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_inputs_in_any_form(model, form):
    expected = model.predict(X, verbose=0)
    cost = model.evaluate(X, Y, verbose=0)
    given = form(X)
    np.testing.assert_allclose(model.predict(given, verbose=0), expected, rtol=1e-5)
    settings = {"validation_data": (form(X), Y), "shuffle": True, "batch_size": 5}
    history = model.fit(given, Y, verbose=0, **settings).history
    np.testing.assert_allclose([history["loss"], history["val_loss"]], [[cost]] * 2, rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(given, Y, verbose=0), cost, rtol=1e-5)
    if not isinstance(given, Column):
        np.testing.assert_allclose(model.train_on_batch(given, Y), cost, rtol=1e-5)
        batches = ((form(X[i : i + 6]), Y[i : i + 6]) for i in (0, 6))
        np.testing.assert_allclose(model.evaluate(batches, verbose=0), cost, rtol=1e-5)


TARGETS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": lambda a: a.tolist(),
    "list-of-arrays": lambda a: [np.asarray(each) for each in a],
    "list-of-tensors": lambda a: [Tensor(each) for each in a],
    "series": pandas.Series,
    "series-of-bool": lambda a: pandas.Series(a > 0),
    "series-nullable": lambda a: pandas.Series(a).astype("Int64"),
    "categories": lambda a: pandas.Series(a).astype("category"),
    "frame": lambda a: pandas.DataFrame({"y": a}),
    "arrow": lambda a: pytest.importorskip("pyarrow").array(a),
    "chunks": lambda a: pytest.importorskip("pyarrow").chunked_array([a[:5], a[5:]]),
    "big-endian": lambda a: a.astype(">i8"),
    "unsigned": lambda a: a.astype("uint64"),
    "column": lambda a: Column(a),
    "buffer": lambda a: array.array("l", a.tolist()),
    "sparse": lambda a: scipy.sparse.csr_matrix(a[:, None]),
}


@pytest.mark.parametrize("form", TARGETS.values(), ids=TARGETS)
def test_targets_in_any_form(model, form):
    cost = model.evaluate(X, Y, verbose=0)
    history = model.fit(X, form(Y), validation_data=(X, form(Y)), verbose=0).history
    np.testing.assert_allclose([history["loss"], history["val_loss"]], [[cost]] * 2, rtol=1e-5)
    np.testing.assert_allclose(model.test_on_batch(X, form(Y)), cost, rtol=1e-5)


def test_frames_of_several_kinds_of_numbers(model):
    mixed = FRAME.assign(a=(FRAME.a * 2).astype("int64"), b=FRAME.b > 0)
    dummies = pandas.get_dummies(FRAME[["a", "b"]].assign(k=["u", "v"] * 6))
    for frame in (mixed, dummies, mixed.convert_dtypes(), mixed.assign(a=mixed.a.astype("Int64"))):
        model.fit(frame, Y, verbose=0)
        expected = model.predict(frame.astype("float32").to_numpy(), verbose=0)
        np.testing.assert_allclose(model.predict(frame, verbose=0), expected, rtol=1e-5)


def test_what_is_not_in_memory_stays_out_of_it(model, tmp_path):
    read: list[int] = []

    class Rows(scipy.sparse.csr_matrix):
        def toarray(self, *args: Any, **kwargs: Any) -> Any:
            read.append(self.shape[0])
            return super().toarray(*args, **kwargs)

    x = np.tile(X, (1000, 1))
    y, sparse = np.tile(Y, 1000), scipy.sparse.csr_matrix(x)
    matrix = Rows(sparse)
    model.evaluate(matrix, y, batch_size=4, verbose=0)
    assert read and max(read) < len(x)
    np.testing.assert_allclose(
        model.fit(matrix, y, validation_split=0.25, verbose=0).history["val_loss"],
        model.evaluate(x[9000:], y[9000:], verbose=0),
        rtol=1e-5,
    )
    file = mapped(tmp_path, x.astype("float64"))
    np.testing.assert_allclose(
        model.predict(file, verbose=0), model.predict(x, verbose=0), rtol=1e-5
    )
    file[7000] = np.nan
    with pytest.raises(DataError, match="x holds NaN"):
        model.fit(file, y, shuffle=False, verbose=0)
    part = LazyRows(lambda rows: x[rows], x.shape, "float32")[10:20][2:]
    np.testing.assert_array_equal(part.read(slice(1, 3)), x[13:15])
    np.testing.assert_array_equal(part.read(np.array([0, 7])), x[[12, 19]])


# Numbers that cannot be meant


def changed(value: Any, array: np.ndarray = X) -> np.ndarray:
    copy = array.astype(np.result_type(array, type(value)))
    copy[(5, *(0,) * (array.ndim - 1))] = value
    return copy


RECORDS = np.array([tuple(row) for row in X], [(name, "f4") for name in "abcd"])
REFUSED: dict[str, tuple[Any, type[Exception], list[str]]] = {
    "nan": (changed(np.nan), DataError, ["x holds NaN in 1 of 12", "index 5", "`allow_nan=True`"]),
    "infinity": (changed(-np.inf), DataError, ["x holds infinity in 1 of 12", "index 5"]),
    "too-large": (changed(1e300), DataError, ["infinity"]),
    "missing": (FRAME.mask(FRAME > 1).astype("Float32"), DataError, ["x holds NaN"]),
    "complex": (X + 0j, DataError, ["complex", "`x.real`", "np.stack([x.real, x.imag]"]),
    "beyond-32-bits": ((X * 2**40).astype("int64"), DataError, ["32 bits", "x.astype('float32')"]),
    "records": (RECORDS, DataError, ["'a', 'b', 'c', 'd'", "np.stack"]),
    "masked": (np.ma.array(X, mask=X > 1), DataError, ["masked values", "`x.filled(0)`"]),
    "numerals": (X.astype(str), DataError, ["x has dtype <U", "np.asarray(x, 'float32')"]),
    "texts": (np.full((12, 4), "a"), DataError, ["number the classes", "np.unique"]),
    "text-objects": (np.full((12, 4), "a", object), DataError, ["number the classes"]),
    "times": (X.astype("datetime64[s]"), DataError, ["no numbers", "timedelta64"]),
    "text-columns": (
        FRAME.assign(city="x", smoker="y"),
        DataError,
        ["Columns 'city', 'smoker' of x hold texts", "pd.get_dummies"],
    ),
    "rows": (list(X), DataError, ["list of 12 arrays of shape (4,)", "`np.stack(x)`"]),
    "rows-of-tensors": ([Tensor(row) for row in X], DataError, ["`np.stack(x)`"]),
    "images": ([object()] * 12, DataError, ["list of object", "np.stack"]),
    "dicts": (FRAME.to_dict("records"), DataError, ["dict"]),
    "set": ({1.0, 2.0}, DataError, ["set", "`np.asarray(list(x))`"]),
    "map": (map(list, X), ArgumentError, ["map", "`np.asarray(list(x))`"]),
    "dict-of-objects": ({"a": object()}, DataError, ["'a': object", "arrays"]),
    "no-batch-axis": (X[0], DataError, ["x has 4, y has 12"]),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_data_that_cannot_be_used(model, case, compiled):
    x, error, parts = case
    calls: list[Callable[[], Any]] = [lambda: model.fit(x, Y, verbose=0)]
    if not isinstance(x, map):
        calls.append(lambda: model.fit(X, Y, validation_data=(x, Y), verbose=0))
    for call in calls:
        with pytest.raises(error) as caught:
            call()
        told = str(caught.value)
        assert isinstance(caught.value, errors.KerasishError) and len(told) < 400
        for part in parts:
            assert part in told, told
    assert not [name for name in compiled if "train" in name]


def test_rows_are_refused_alike_in_predict(model):
    for rows in (list(X), tuple(X), [Tensor(row) for row in X]):
        with pytest.raises(ShapeError, match=r"stack them: `np.stack\(x\)`"):
            model.predict(rows, verbose=0)
    with pytest.raises(ShapeError, match=r"two arguments: `fit\(x, y\)`"):
        model.fit((X, Y), verbose=0)


def test_nan_that_a_model_masks(model):
    made = Sequential([Input((4,)), layers.Lambda(ops.nan_to_num), layers.Dense(1)])
    made.compile("sgd", "mse", allow_nan=True)
    assert np.isfinite(made.fit(changed(np.nan), Y, verbose=0).history["loss"][0])
    assert made.get_compile_config()["allow_nan"]
    assert "allow_nan" not in model.get_compile_config()
    # A row that is missing something has no prediction; the others have theirs.
    found = model.predict(changed(np.nan), verbose=0)
    assert np.flatnonzero(np.isnan(found).any(1)).tolist() == [5]


def test_targets_that_a_loss_is_not_made_for(compiled):
    made = Sequential([Input((4,)), layers.Dense(1, "sigmoid")])
    made.compile("sgd", "binary_crossentropy")
    for y, *parts in (
        (2 * Y - 1, "holds -1", r"`(y + 1) / 2`"),
        (Y + 1, "holds 2", "sparse_categorical_crossentropy"),
        (changed(np.inf, Y), "infinity"),
        (Y + 0j, "complex"),
    ):
        with pytest.raises(DataError) as caught:
            made.fit(X, y, verbose=0)
        for part in parts:
            assert part in str(caught.value)
    assert not [name for name in compiled if "train" in name]
    # Labels that are smoothed or noisy, and those whose weight is 0.
    made.fit(X, Y * 1.1 - 0.05, verbose=0)
    made.fit(X, np.where(Y == 0, -1, 1), sample_weight=Y, verbose=0)


def test_shapes_that_lack_an_axis():
    pictures = Sequential([Input((6, 6, 3)), layers.Flatten(), layers.Dense(1)])
    x = np.zeros((2, 6, 6, 3))
    flat = Sequential([Input((36,)), layers.Dense(1)])
    for made, given, fix in (
        (pictures, x[0], "`x[None]`"),
        (pictures, x[..., 0], "`np.repeat(x[..., None], 3, axis=-1)`"),
        (pictures, x.transpose(0, 3, 1, 2), "`np.moveaxis(x, 1, -1)`"),
        (pictures, x.reshape(2, -1), "`x.reshape(-1, 6, 6, 3)`"),
        (flat, x[..., 0], "`x.reshape(len(x), -1)`"),
    ):
        with pytest.raises(ShapeError) as caught:
            made.predict(given, verbose=0)
        assert fix in str(caught.value)
    convolution = Sequential([layers.Conv2D(2, 3)])
    with pytest.raises(ShapeError, match=r"Add an axis with `x"):
        convolution.predict(x[..., 0], verbose=0)
    flat.compile("sgd", "mse")
    with pytest.raises(ShapeError, match="are x and y swapped"):
        flat.fit(np.zeros((4, 1)), np.zeros((4, 36)), verbose=0)


def test_one_array_for_named_inputs():
    inputs = {name: Input((1,), name=name) for name in "ab"}
    made = Model(inputs, layers.Dense(1)(layers.Concatenate()(list(inputs.values()))))
    made.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"got one array. Of a DataFrame, give `dict\(df\)`"):
        made.fit(FRAME[["a", "b"]], Y, verbose=0)
    made.fit(dict(FRAME[["a", "b"]]), Y, verbose=0)


# Sources


class Endless:
    def __len__(self) -> int:
        return sys.maxsize

    def __getitem__(self, i: int) -> Any:
        return X[i % 3 * 4 :][:4], Y[i % 3 * 4 :][:4]


class Lengthless:
    def __len__(self) -> int:
        raise TypeError("object of type 'Stream' has no len()")

    def __getitem__(self, i: int) -> Any:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        return batches()


def batches(size: int = 4) -> Iterator[Any]:
    for i in range(0, 12, size):
        yield X[i : i + size], Y[i : i + size]


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_source_that_repeats_itself(model, shuffle):
    cost = model.evaluate(X, Y, verbose=0)
    history = model.fit(Endless(), steps_per_epoch=3, epochs=2, shuffle=shuffle, verbose=0).history
    np.testing.assert_allclose(history["loss"], [cost] * 2, rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(Endless(), steps=3, verbose=0), cost, rtol=1e-5)
    assert model.predict(Endless(), steps=3, verbose=0).shape == (12, 2)
    with pytest.raises(ArgumentError, match="without an end; say how many: `steps_per_epoch=`"):
        model.fit(Endless(), verbose=0)
    with pytest.raises(ArgumentError, match="`steps=`"):
        model.predict(Endless(), verbose=0)
    with pytest.raises(DataError, match="without an end"):
        model.train_on_batch(Endless(), Y)


def test_a_source_whose_length_raises(model):
    cost = model.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(
        model.fit(Lengthless(), epochs=2, verbose=0).history["loss"], [cost] * 2, rtol=1e-5
    )
    np.testing.assert_allclose(model.evaluate(Lengthless(), verbose=0), cost, rtol=1e-5)
    assert model.predict(Lengthless(), verbose=0).shape == (12, 2)


def test_batches_are_as_they_come(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(batches(), batch_size=4, verbose=0)
    with pytest.warns(UserWarning, match="batch_size=7 has no effect.* of 4 samples"):
        model.fit(batches(), batch_size=7, verbose=0)


class Samples(utils.PyDataset):
    def __init__(self, item: Callable[[int], Any]) -> None:
        super().__init__()
        self.item = item

    def __len__(self) -> int:
        return 12

    def __getitem__(self, i: int) -> Any:
        return self.item(i)


@pytest.mark.parametrize(
    "item",
    [
        lambda i: (X[i], Y[i]),
        lambda i: {"image": X[i], "label": int(Y[i])},
        lambda i: (X[i],),
        lambda i: (Tensor(X[i]), Tensor(Y[i])),
    ],
)
def test_single_samples_are_no_batches(model, item):
    with pytest.raises(
        DataError, match="a Samples, are single samples, and a source gives batches"
    ):
        model.fit(Samples(item), verbose=0)


def test_a_generator_that_ends(model):
    with pytest.warns(UserWarning, match="no batches for epoch 2, and training ends here"):
        history = model.fit(batches(), epochs=3, verbose=0).history
    assert len(history["loss"]) == 1
    stop = callbacks.EarlyStopping("loss", patience=5)
    with pytest.warns(UserWarning, match="`validation_data` has ended"):
        history = model.fit(
            X, Y, epochs=3, validation_data=batches(), callbacks=[stop], verbose=0
        ).history
    assert (len(history["loss"]), len(history["val_loss"])) == (3, 1)


def test_helpers_that_take_data():
    with pytest.raises(DataError, match=r"np.unique\(y, return_inverse=True\)"):
        utils.to_categorical(["a", "b"])
    with pytest.raises(DataError, match="NaN"):
        utils.to_categorical([0.0, np.nan])
    column = X.copy()
    column[3, 1] = np.nan
    with pytest.raises(DataError, match="Column 1 holds NaN in 1 of 12 rows; fill or drop them"):
        layers.Normalization().adapt(column)


def test_targets_of_nan_are_placeholders():
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.0), "mse")
    with pytest.warns(UserWarning, match="loss is nan"):
        model.fit(X, X[:, :1] * np.nan, verbose=0)


def test_nan_that_a_loss_masks():
    def masked(y_true, y_pred):
        known = ops.logical_not(ops.isnan(y_true))
        return ops.mean(ops.where(known, y_pred - ops.nan_to_num(y_true), 0.0) ** 2, axis=-1)

    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", masked, allow_nan=True)
    y = np.where(np.arange(len(X)) % 2, np.nan, 1.0)[:, None]
    assert np.isfinite(model.fit(X, y, verbose=0).history["loss"][0])
