"""Every public signature of Keras beside the one here: names, order, kinds, defaults.

python -m tests.parity.tools.signatures             # a table by namespace, and what differs
python -m tests.parity.tools.signatures layers ops  # the same for some namespaces

A signature is equal when each call that Keras's accepts means the same here:

- what Keras takes by position comes at the same place and under the same name;
- each name has the same default, or one that means the same: 2 is (2, 2);
- `*args` and `**kwargs` of Keras are taken (which names they may hold is tested by calls);
- further arguments of ours are optional, and so may be what Keras requires.

`EXCEPTIONS` lists the rest, with reasons.
"""

from __future__ import annotations

import fnmatch
import importlib
import inspect
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import kerasish

os.environ.setdefault("KERAS_BACKEND", "jax")

_NAMED = "what its `**kwargs` may hold in Keras are arguments here; others are refused in both"
_REFUSED = "its `**kwargs` refuse every name in Keras, too"
_INSIDE = "a part of Keras's own implementation; here the layer computes in another way"
_QUANTIZED = "there is no quantization: `quantize` and `quantization_config` say so"
_ONE_METHOD = (
    "one method for all layers: it takes what `call` takes, by position or by name; shapes come "
    "from the computation"
)
_TWO_NAMES = "Keras has both names in classes that stand for each other; code gives it by position"

# Patterns of `namespace.name` or `namespace.Class.method`, and why it differs.
EXCEPTIONS = {
    "*.compute_output_shape": _ONE_METHOD,
    "*.compute_output_spec": _ONE_METHOD,
    "*.quantized_build": _QUANTIZED,
    "*.quantized_call": _QUANTIZED,
    "*.get_quantization_layer_structure": _QUANTIZED,
    "*.quantize": _QUANTIZED,
    "*.make_*_function": "programs are compiled for shapes, many steps at once",
    "*.export": "the default format needs no TensorFlow",
    "*Model.call": "Keras's raises for models without a graph; `inputs` is the first argument",
    "*Sequential.call": "takes no further arguments, since its layers take none",
    "*Distiller.call": "takes no further arguments, since the student takes none",
    "*Layer": "Keras's `*args` are refused there, too",
    "*Model": "Keras's `*args` are inputs, outputs and name, which are named here",
    "*Sequential": "Keras's `*args` are layers, trainable and name, which are named here",
    "*.add_weight": "Keras's `*args` are the shape and what follows, which are named here",
    "KerasTensor": _REFUSED,
    "Operation": "Keras's `*args` and `**kwargs` are kept for a config; `get_config` says it here",
    "name_scope": _REFUSED,
    "*.save": _NAMED,
    "*.load_weights": _NAMED,
    "*.save_model": _NAMED,
    "saving.save_weights": _NAMED,
    "Variable": "an unknown name is refused; Keras passes over it without a word",
    "*.evaluate": _REFUSED,
    "models.clone_model": _REFUSED,
    "saving.deserialize_keras_object": "an unknown name is refused; Keras passes over it",
    "utils.deserialize_keras_object": "an unknown name is refused; Keras passes over it",
    "utils.model_to_dot": _REFUSED,
    "utils.plot_model": _REFUSED,
    "*.LossScaleOptimizer.build": _TWO_NAMES,
    "optimizers.*.build": _TWO_NAMES,
    "optimizers.*.update_step": _TWO_NAMES,
    "*.LossScaleOptimizer": _REFUSED,
    "optimizers.Muon": "an unknown name is refused; so does Keras, but for `decay`",
    "optimizers.legacy.*": "Keras's raise whatever they are given; these are optimizers",
    "layers.FlaxLayer.call": "takes several inputs, as modules of Flax do; `training` by name",
    "callbacks.OrbaxCheckpoint.is_*": "Orbax knows the processes itself",
    "callbacks.OrbaxCheckpoint.wait_until_finished": "all files are there when `fit` returns",
    "layers.*.convert_weight": _INSIDE,
    "layers.*.convolution_op": _INSIDE,
    "layers.*.finalize_state": _INSIDE,
    "layers.*.get_*dropout_mask": _INSIDE,
    "layers.*.inner_loop": _INSIDE,
    "layers.*.linear_to_mel_weight_matrix": _INSIDE,
    "layers.*.normalized_weights": _INSIDE,
    "layers.*.reset_*dropout_mask": _INSIDE,
    "metrics.AUC.interpolate_pr_auc": _INSIDE,
    "*.LossScaleOptimizer.check_finite": _INSIDE,
    "optimizers.Muon.lr_adjust": _INSIDE,
    "optimizers.Muon.transpose_last_axis": _INSIDE,
    "optimizers.Muon.zeropower_via_newtonschulz5": _INSIDE,
}


class Row(NamedTuple):
    """One namespace: how many signatures were compared, and what differs of which."""

    name: str
    compared: int
    excepted: dict[str, list[str]]
    different: dict[str, list[str]]


def namespaces() -> list[str]:
    """Return the names of all modules that both libraries have; the top level is `""`."""
    return ["", *_shared(importlib.import_module("keras"), kerasish)]


def _shared(theirs: Any, ours: Any, above: str = "") -> Iterator[str]:
    for name in _public(theirs):
        their, our = getattr(theirs, name), getattr(ours, name, None)
        # Modules of Keras's own code are not public, nor are other packages.
        is_public = inspect.ismodule(their) and their.__name__ == f"{theirs.__name__}.{name}"
        if is_public and inspect.ismodule(our):
            yield above + name
            yield from _shared(their, our, f"{above}{name}.")


def rows(*paths: str) -> list[Row]:
    """Compare the signatures of some namespaces, or of all."""
    return [_row(path) for path in paths or namespaces()]


def unused_exceptions() -> list[str]:
    """Return the exceptions that nothing needs any more."""
    needed = {where for row in rows() for where in row.excepted}
    return [rule for rule in EXCEPTIONS if not any(fnmatch.fnmatchcase(w, rule) for w in needed)]


def _row(path: str) -> Row:
    keras = importlib.import_module("keras")
    row = Row(path or "(top level)", 0, {}, {})
    compared = 0
    for where, theirs, ours in _pairs(_find(keras, path), _find(kerasish, path), path):
        compared += 1
        if found := differences(theirs, ours):
            excepted = any(fnmatch.fnmatchcase(where, rule) for rule in EXCEPTIONS)
            (row.excepted if excepted else row.different)[where] = found
    return row._replace(compared=compared)


def _find(library: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        library = getattr(library, name)
    return library


def _pairs(theirs: Any, ours: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the functions, classes and methods of a namespace, each pair of methods once."""
    seen: set[tuple[Any, Any]] = set()
    for name in _public(theirs):
        their, our = getattr(theirs, name), getattr(ours, name, None)
        where = f"{path}.{name}".lstrip(".")
        # Whole names that are missing are for `coverage`.
        if our is None or inspect.ismodule(their) or not callable(their):
            continue
        yield where, their, our
        if not inspect.isclass(their):
            continue
        for method in _public(their):
            one, other = getattr(their, method), getattr(our, method, None)
            if not callable(one):
                continue
            pair = getattr(one, "__func__", one), getattr(other, "__func__", other)
            if pair not in seen:
                seen.add(pair)
                yield f"{where}.{method}", one, other


def _public(thing: Any) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("_")]


def differences(theirs: Any, ours: Any) -> list[str]:
    """Return what of Keras's signature is not so here, each in a few words."""
    if ours is None:
        return ["missing"]
    expected, found = _parameters(theirs), _parameters(ours)
    if expected is None or found is None:
        return []
    by_name = {p.name: p for p in found}
    said = []
    order, here = _positional(expected), _positional(found)
    if here[: len(order)] != order:
        said.append(f"takes ({', '.join(here)}) by position, Keras ({', '.join(order)})")
    for each in expected:
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            if each.kind not in [p.kind for p in found]:
                said.append(f"does not take {each}")
        elif each.name not in by_name:
            said.append(f"lacks {each}")
        elif not _same_default(each.default, by_name[each.name].default):
            said.append(f"has {by_name[each.name]}, Keras {each}")
    known = [p.name for p in expected]
    said += [f"requires {p.name}" for p in found if _is_required(p) and p.name not in known]
    return said


def _parameters(thing: Any) -> list[inspect.Parameter] | None:
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    return [p for p in parameters if p.name != "self"]


def _positional(parameters: list[inspect.Parameter]) -> list[str]:
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [p.name for p in parameters if p.kind in kinds]


def _is_required(parameter: inspect.Parameter) -> bool:
    variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and not variable


def _same_default(theirs: Any, ours: Any) -> bool:
    """Return whether two defaults are the same; 2 is the same as (2, 2)."""
    if theirs is inspect.Parameter.empty:
        return True
    if ours is inspect.Parameter.empty:
        return False
    if isinstance(theirs, tuple) and len(set(theirs)) == 1 and not isinstance(ours, tuple):
        theirs = theirs[0]
    if callable(theirs) and callable(ours):
        return bool(theirs.__name__ == ours.__name__)
    return bool(type(theirs) is type(ours) or _are_numbers(theirs, ours)) and repr(theirs) in (
        repr(ours),
        repr(type(theirs)(ours)) if _are_numbers(theirs, ours) else "",
    )


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)


def main() -> int:
    """Print the table."""
    found = rows(*sys.argv[1:])
    print(f"{'namespace':<24}{'signatures':>11}{'equal':>8}{'excepted':>10}{'different':>11}")
    for row in found:
        equal = row.compared - len(row.excepted) - len(row.different)
        print(
            f"{row.name:<24}{row.compared:>11}{equal:>8}{len(row.excepted):>10}"
            f"{len(row.different):>11}"
        )
        for where, said in row.different.items():
            print(f"    {where}: {'; '.join(said)}")
    print("\nexceptions:")
    for rule, reason in EXCEPTIONS.items():
        print(f"    {rule}: {reason}")
    return 1 if any(row.different for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
