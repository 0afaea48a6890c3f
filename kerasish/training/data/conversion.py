"""What users give as data, as arrays of numbers: lists, frames, tables, tensors, sparse ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from numbers import Number
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import DataError
from kerasish.training.data.lazy_rows import LazyRows

__all__ = ["as_arrays", "as_column", "is_arrays", "is_column"]


def is_arrays(x: Any) -> bool:
    """Return whether `x` is arrays in memory: one, or a list or dict of them.

    None may stand among them, for an input that is optional.
    """
    if isinstance(x, (list, tuple)):
        given = [item for item in x if item is not None]
        return len(x) == 0 or (
            bool(given) and all(is_arrays(item) or np.isscalar(item) for item in given)
        )
    if hasattr(x, "tocsr") or _is_arrow(x) or _is_buffer(x):
        return True  # some sparse matrices are dicts as well
    if isinstance(x, Mapping):
        given = [item for item in x.values() if item is not None]
        return (bool(given) or not x) and all(map(is_arrays, given))
    return (hasattr(x, "shape") and hasattr(x, "dtype")) or any(
        hasattr(x, name) for name in ("to_numpy", "__array__", "__array_interface__")
    )


def _is_arrow(x: Any) -> bool:
    return type(x).__module__.startswith("pyarrow")


def _is_buffer(x: Any) -> bool:
    return isinstance(x, memoryview) or hasattr(x, "typecode")


def is_column(x: Any) -> bool:
    """Return whether `x` has its samples by number and is no source of batches."""
    if isinstance(x, range):
        return True
    if isinstance(x, (str, bytes, list, tuple, Mapping)) or hasattr(x, "on_epoch_end"):
        return False
    try:
        item = x[0] if 0 < len(x) < 2**62 else None
    except Exception:
        return False
    samples = (Number, np.generic, str) if item is not None else ()
    row = isinstance(item, list) and all(isinstance(each, (Number, list)) for each in item)
    return isinstance(item, samples) or row or hasattr(item, "shape")


def as_column(x: Any, name: str) -> Any:
    """Return the samples that something has by number, as an array."""
    rows = list(x)
    if rows and hasattr(rows[0], "detach"):
        rows = [_of_tensor(row, name) for row in rows]
    return as_arrays(np.asarray(rows) if len({np.shape(row) for row in rows}) < 2 else rows, name)


def as_arrays(data: Any, name: str, *, lazy: bool = False) -> Any:
    """Return a structure of NumPy (or JAX) arrays that a model can be trained on.

    Lists of numbers, frames, tables, tensors and columns become arrays; 64-bit numbers become
    32-bit.

    Args:
        data: one thing that can be an array, or a list, tuple or dict of such things.
        name: what it is called in messages.
        lazy: whether what is not in memory as an array stays out of it, as `LazyRows`.

    Raises:
        DataError: if there is something in it that is no number, or nothing.
    """
    if data is None:
        return None
    if isinstance(data, Mapping) and not hasattr(data, "tocsr"):
        return {key: as_arrays(each, f"{name}[{key!r}]", lazy=lazy) for key, each in data.items()}
    if isinstance(data, (list, tuple)) and data and not _is_row(data[0]):
        return [as_arrays(each, f"{name}[{i}]", lazy=lazy) for i, each in enumerate(data)]
    array = _converted(data, name, lazy)
    if array.ndim == 0:
        raise DataError(f"{name} is a single number, {data!r}; an array of samples is wanted.")
    return array


def _is_row(item: Any) -> bool:
    """Return whether a list with this first item is one array, written as a list."""
    if isinstance(item, (list, tuple)):
        return not item or _is_row(item[0])
    return np.isscalar(item) or (hasattr(item, "dtype") and np.shape(item) == ())


def _converted(data: Any, name: str, lazy: bool) -> Any:
    if isinstance(data, jax.Array):
        return _on_one_device(data, name)
    if isinstance(data, LazyRows):
        return data if lazy else data.read(slice(None))
    if isinstance(data, np.memmap) and lazy and data.ndim:
        return LazyRows(lambda rows: _checked(data[rows], name), data.shape, _narrow(data.dtype))
    if hasattr(data, "tocsr"):
        rows = data.tocsr()
        found = LazyRows(lambda i: rows[i].toarray(), rows.shape, _narrow(rows.dtype))
        return found if lazy else found.read(slice(None))
    return _checked(_to_numpy(data, name), name)


def _on_one_device(data: jax.Array, name: str) -> Any:
    """Return an array as it is; one that is spread over devices as NumPy's, to be cut into batches.

    Raises:
        DataError: if parts of it are in other processes.
    """
    if len(data.sharding.device_set) == 1:
        return data
    if not data.is_fully_addressable:
        raise DataError(
            f"{name} is spread over the devices of several processes; give each process its own "
            "part: a NumPy array, or an array on its own devices."
        )
    return np.asarray(data)


def _to_numpy(data: Any, name: str) -> np.ndarray:
    for fits, convert in _KINDS:
        if fits(data):
            return convert(data, name)
    if not isinstance(data, (list, tuple)) and _is_endless(data):
        raise DataError(f"{name} is a {type(data).__name__} without an end; give an array.")
    try:
        with np.errstate(all="ignore"):
            found: np.ndarray = np.asarray(data)
    except ValueError as error:
        raise DataError(
            f"{name} is a list whose items differ in length; pad them to one."
        ) from error
    except TypeError as error:
        raise DataError(
            f"{name}, a {type(data).__name__}, cannot be read as an array ({error}); convert it to "
            "one of NumPy."
        ) from error
    return found


def _is_endless(data: Any) -> bool:
    """Return whether something repeats itself, as a length says that nothing in memory has."""
    try:
        return len(data) >= 2**40
    except Exception:
        return False


# Numbers.


def _narrow(dtype: np.dtype) -> np.dtype:
    """Return the dtype that numbers are kept in: of this machine's order, and of 32 bits."""
    dtype = dtype.newbyteorder("=")
    if jax.config.read("jax_enable_x64"):
        return np.dtype("float64") if dtype.kind == "f" and dtype.itemsize > 8 else dtype
    wide = dtype.itemsize > (8 if dtype.kind == "c" else 4)
    kinds = {"f": "float32", "i": "int32", "u": "uint32", "c": "complex64"}
    return np.dtype(kinds[dtype.kind]) if wide and dtype.kind in kinds else dtype


def _checked(array: np.ndarray, name: str) -> np.ndarray:
    """Return an array of numbers in the dtype that they are kept in.

    Raises:
        DataError: if there is something else in it, or a number that does not fit.
    """
    if array.dtype.kind == "O":
        array = _of_objects(array, name)
    if array.dtype.names:
        fields = ", ".join(map(repr, array.dtype.names))
        raise DataError(
            f"{name} is an array of records with the fields {fields}. Give one array: "
            f"`np.stack([{name}[f] for f in {name}.dtype.names], axis=-1)`, or a dict of them."
        )
    if array.dtype.kind in "STU":
        raise DataError(
            f"{name} has dtype {array.dtype}, which holds no numbers but texts; turn them into "
            f"numbers: {_advice_on_texts(array, name)}"
        )
    if array.dtype.kind in "Mm":
        raise DataError(
            f"{name} has dtype {array.dtype}, which holds no numbers. Take numbers from the times: "
            f"`({name} - {name}.min()) / np.timedelta64(1, 'D')` is in days."
        )
    if array.dtype.kind == "V" and not jnp.issubdtype(array.dtype, jnp.number):
        raise DataError(f"{name} has dtype {array.dtype}, which holds no numbers.")
    narrow = _narrow(array.dtype)
    if narrow.kind in "iu" and narrow.itemsize < array.dtype.itemsize and array.size:
        _check_range(array, narrow, name)
    with np.errstate(over="ignore"):
        return array.astype(narrow, copy=False)


def _check_range(array: np.ndarray, narrow: np.dtype, name: str) -> None:
    limits = np.iinfo(narrow)
    for number in (array.min(), array.max()):
        if not limits.min <= number <= limits.max:
            raise DataError(
                f"{name} holds {number}, which does not fit into the 32 bits that JAX gives whole "
                f"numbers. Subtract an offset, or give floats: `{name}.astype('float32')`."
            )


def _advice_on_texts(array: np.ndarray, name: str) -> str:
    try:
        array.ravel()[:100].astype("float32")
    except ValueError:
        return "number the classes, as `np.unique(y, return_inverse=True)` does."
    return f"these are numerals, `np.asarray({name}, 'float32')`."


def _of_objects(array: np.ndarray, name: str) -> np.ndarray:
    """Return what an array of Python objects holds, if that is numbers or arrays of one shape."""
    items = array.ravel()
    kinds = Counter(map(type, items))
    if kinds and all(issubclass(kind, (Number, np.bool_)) for kind in kinds):
        found: np.ndarray = np.array(items.tolist()).reshape(array.shape)
        return found
    shapes = {np.shape(item) for item in items} if _are_arrays(kinds) else set()
    if len(shapes) == 1 and array.ndim == 1:
        return _checked(np.stack([np.asarray(item) for item in items]), name)
    if len(shapes) > 1:
        raise DataError(f"{name} holds arrays that differ in length or shape; pad them to one.")
    if set(kinds) == {str}:
        return array.astype(str)  # explained as any texts are
    known = ", ".join(sorted(kind.__name__ for kind in kinds)[:4])
    raise DataError(
        f"{name} has dtype object, which holds no numbers but {known or 'nothing'}. If samples "
        "differ in length, pad them; if they are texts or categories, turn them into numbers; fill "
        "what is missing."
    )


def _are_arrays(kinds: Mapping[type, int]) -> bool:
    return bool(kinds) and all(
        issubclass(kind, (list, tuple)) or hasattr(kind, "__array__") for kind in kinds
    )


# Kinds of containers, told by what they have: none of their libraries is imported.


def _of_tensor(data: Any, name: str) -> np.ndarray:
    """Return what a tensor of PyTorch holds; NumPy has no bfloat16."""
    data = data.detach()
    data = data.to_dense() if getattr(data, "is_sparse", False) else data
    data = data.cpu().resolve_conj().resolve_neg()
    found: np.ndarray = (data.float() if str(data.dtype) == "torch.bfloat16" else data).numpy()
    return found


def _of_table(data: Any, name: str) -> np.ndarray:
    """Return the columns of a table of Arrow, side by side."""
    return _side_by_side({key: data[key] for key in data.column_names}, name)


def _of_frame(data: Any, name: str) -> np.ndarray:
    """Return the columns of a frame of pandas or Polars, side by side."""
    # By place: names can be there twice.
    if hasattr(data, "iloc"):
        columns = [(str(key), data.iloc[:, i]) for i, key in enumerate(data.columns)]
    else:
        columns = [(key, data[key]) for key in data.columns]
    return _side_by_side(columns, name)


def _side_by_side(columns: Any, name: str) -> np.ndarray:
    pairs = list(columns.items() if isinstance(columns, Mapping) else columns)
    arrays, texts = [], []
    for key, column in pairs:
        array = _of_series(column)
        if array.dtype.kind == "O" and _holds_numbers(array):
            array = _of_objects(array, name)
        if array.dtype.kind in "biuf":
            arrays.append(array)
        else:
            texts.append((key, array))
    if texts:
        raise DataError(_about_columns(texts, name))
    if not arrays:
        return np.zeros((0, 0), "float32")
    return np.stack([_checked(array, name) for array in arrays], axis=1)


def _holds_numbers(array: np.ndarray) -> bool:
    return all(isinstance(item, (Number, np.bool_)) for item in array.ravel())


def _about_columns(columns: list[tuple[str, np.ndarray]], name: str) -> str:
    names = ", ".join(repr(key) for key, _ in columns[:4])
    names += ", ..." if len(columns) > 4 else ""
    hold = "Column {} of {} holds" if len(columns) == 1 else "Columns {} of {} hold"
    times = all(array.dtype.kind in "Mm" for _, array in columns)
    return (
        f"{hold.format(names, name)} {'times' if times else 'texts or objects'} and no numbers. "
        "Drop what is not needed, and turn the rest into numbers, as "
        f"`pd.get_dummies({name})` does with categories."
    )


def _of_series(data: Any) -> np.ndarray:
    """Return a column of pandas, Polars or Arrow; what is missing becomes NaN."""
    dtype = getattr(data, "dtype", None)
    kind = getattr(dtype, "kind", "")
    if hasattr(data, "cat") and str(dtype) == "category":
        return np.asarray(data.astype(object))
    if kind in _WIDE and not isinstance(dtype, np.dtype) and hasattr(data, "isna"):
        missing = bool(data.isna().any())
        settings = {"na_value": np.nan} if missing else {}
        found: np.ndarray = data.to_numpy("float64" if missing else _WIDE[kind], **settings)
        return found
    # An array of Arrow, and not one in chunks, has to be asked for a copy.
    copies = _is_arrow(data) and not hasattr(data, "chunks")
    found = data.to_numpy(zero_copy_only=False) if copies else data.to_numpy()
    return found


_WIDE = {"b": "bool", "i": "int64", "u": "uint64", "f": "float64"}


def _of_masked(data: Any, name: str) -> np.ndarray:
    """Return a masked array of NumPy, if nothing is masked."""
    hidden = int(np.ma.getmaskarray(data).sum())
    if hidden:
        raise DataError(
            f"{name} is a masked array with {hidden} masked values; fill them: `{name}.filled(0)`."
        )
    found: np.ndarray = data.data
    return found


Converter = Callable[[Any, str], np.ndarray]

_KINDS: list[tuple[Callable[[Any], bool], Converter]] = [
    (lambda x: isinstance(x, np.ma.MaskedArray), _of_masked),
    (lambda x: isinstance(x, np.ndarray), lambda x, name: np.asarray(x)),
    (lambda x: hasattr(x, "detach") and hasattr(x, "cpu"), _of_tensor),
    (lambda x: _is_arrow(x) and hasattr(x, "column_names"), _of_table),
    (lambda x: hasattr(x, "columns") and hasattr(x, "to_numpy"), _of_frame),
    (lambda x: hasattr(x, "to_numpy"), lambda x, name: _of_series(x)),
    (
        lambda x: isinstance(x, (list, tuple)) and len(x) > 0 and hasattr(x[0], "detach"),
        lambda x, name: np.asarray([_of_tensor(each, name) for each in x]),
    ),
]
