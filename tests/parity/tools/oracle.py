"""The same thing made in Keras and here, and what must be equal about the two.

Keras is the oracle: nothing of it is restated in these tests. A case is a line of
code such as `Dense(3, activation="relu")`, run once with the names of either library.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish

os.environ["KERAS_BACKEND"] = "jax"  # Keras looks at it when it is imported
keras = pytest.importorskip("keras", reason="parity is measured against Keras: not installed")
if keras.config.backend() != "jax":
    pytest.skip("parity is measured against Keras on JAX", allow_module_level=True)

__all__ = [
    "both",
    "check_config",
    "check_layer",
    "close",
    "draw",
    "keras",
    "kerasish",
    "make",
    "symbolic",
    "twins",
]

LIBRARIES = (kerasish, keras)


def make(library: Any, code: str) -> Any:
    """Run a line of code with the layers of a library, and the library itself as `k`."""
    return eval(code, {"k": library, "np": np, **vars(library.layers)})


def both(code: str) -> tuple[Any, Any]:
    """Return what a line of code makes here and in Keras."""
    return make(kerasish, code), make(keras, code)


def draw(shape: tuple[int, ...], dtype: str = "float32", seed: int = 0, high: int = 5) -> Any:
    """Return normal values, or whole numbers below `high`."""
    rng = np.random.default_rng((seed, *shape))
    if np.issubdtype(np.dtype(dtype), np.integer):
        return rng.integers(0, high, shape).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def close(ours: Any, theirs: Any, tolerance: float = 1e-5, what: str = "") -> None:
    """Check that two structures of arrays are equal, to a tolerance, also in dtype and shape."""
    ours, theirs = jax.tree.leaves(ours), jax.tree.leaves(theirs)
    assert len(ours) == len(theirs), f"{what}: {len(ours)} arrays, in Keras {len(theirs)}"
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == other.dtype, f"{what}: {mine.dtype}, in Keras {other.dtype}"
        assert mine.shape == other.shape, f"{what}: {mine.shape}, in Keras {other.shape}"
        wide = (np.asarray(each, "float64") for each in (mine, other))
        np.testing.assert_allclose(*wide, rtol=tolerance, atol=tolerance, err_msg=what)


# Layers.


def symbolic(library: Any, x: Any) -> Any:
    """Return inputs of a graph in the structure of `x`, the batch size unknown."""
    return jax.tree.map(lambda a: library.Input(a.shape[1:], dtype=str(a.dtype)), x)


def twins(code: str, x: Any) -> tuple[Any, Any]:
    """Return a layer of each library, built for `x` in a graph, with the same random weights."""
    ours, theirs = both(code)
    outputs = ours(symbolic(kerasish, x)), theirs(symbolic(keras, x))
    for mine, other in zip(*map(jax.tree.leaves, outputs), strict=True):
        assert (mine.shape, mine.dtype.name) == (other.shape, other.dtype), "in a graph"
    ours._kerasish_assign_paths()
    names = [v.name for v in ours.weights]
    assert names == [v.name for v in theirs.weights]
    assert [v.name for v in ours.trainable_weights] == [v.name for v in theirs.trainable_weights]
    assert [str(v.dtype) for v in ours.weights] == [v.dtype for v in theirs.weights]
    values = [draw(v.shape, seed=i + 1) for i, v in enumerate(theirs.weights)]
    values = [abs(v) + 0.1 if "var" in n else v for n, v in zip(names, values, strict=True)]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


# (trainable weights, other weights, x) -> (output, (other weights, losses)).
Pure = Callable[[list[Any], list[Any], Any], tuple[Any, tuple[list[Any], Any]]]


def pure_ours(layer: Any, **kwargs: Any) -> Pure:
    """Return the pure view of a layer of ours, on lists of weights in Keras's order."""

    def nested(variables: Any, values: Any) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for variable, value in zip(variables, values, strict=True):
            *above, name = variable.path
            node = tree
            for part in above:
                node = node.setdefault(part, {})
            node[name] = value
        return tree

    def found(tree: Any, variable: Any) -> Any:
        for part in variable.path:
            tree = tree[part]
        return tree

    def run(trainable: list[Any], fixed: list[Any], x: Any) -> Any:
        params = nested(layer.trainable_weights, trainable)
        state = nested(layer.non_trainable_weights, fixed)
        y, state = layer.apply(params, state, x, **kwargs)
        return y, [found(state, v) for v in layer.non_trainable_weights]

    return run


def pure_theirs(layer: Any, **kwargs: Any) -> Pure:
    """Return the same of a layer of Keras.

    Not by `stateless_call`, which leaves dtype policies out of account.
    """

    def run(trainable: list[Any], fixed: list[Any], x: Any) -> Any:
        # Weights: the seed of a dropout is a variable of Keras's, too, but no weight.
        variables = [*layer.trainable_weights, *layer.non_trainable_weights]
        values = zip(variables, [*trainable, *fixed], strict=True)
        with keras.StatelessScope(state_mapping=list(values)) as scope:
            y = layer(x, **kwargs)
        return y, [scope.get_current_value(v) for v in layer.non_trainable_weights]

    return run


def observed(run: Pure) -> Callable[..., Any]:
    """Return a function that gives output, state and gradients for weights and inputs."""

    def observe(trainable: Any, fixed: Any, x: Any) -> dict[str, Any]:
        floating = all(jnp.issubdtype(a.dtype, jnp.floating) for a in jax.tree.leaves(x))
        with_x = (lambda t, x: run(t, fixed, x)) if floating else (lambda t, _: run(t, fixed, x))
        y, pullback, state = jax.vjp(with_x, trainable, x if floating else 0.0, has_aux=True)
        cotangent = jax.tree.map(lambda a: jnp.asarray(draw(a.shape, seed=9), a.dtype), y)
        gradients = pullback(cotangent)
        return {"output": y, "state": state, "gradient": gradients[: 1 + floating]}

    return observe


def check_layer(
    code: str, x: Any, tolerance: float = 1e-5, training: tuple[bool, ...] = (False,), **kwargs: Any
) -> None:
    """Check that a layer computes the same here and in Keras, and has the same gradients.

    Args:
        code: makes the layer.
        x: its input, an array or a list of them.
        tolerance: relative and absolute.
        training: the flags to call it with.
        **kwargs: further arguments of the call.
    """
    ours, theirs = twins(code, x)
    trainable = [v.numpy() for v in ours.trainable_weights]
    fixed = [v.numpy() for v in ours.non_trainable_weights]

    def run(flag: bool) -> Any:
        mine = observed(pure_ours(ours, training=flag, **kwargs))
        other = observed(pure_theirs(theirs, training=flag, **kwargs))
        return lambda *args: (mine(*args), other(*args))

    def everything(*args: Any) -> Any:
        return {flag: run(flag)(*args) for flag in training}

    for flag, (mine, other) in jax.jit(everything)(trainable, fixed, x).items():
        for what in other:
            close(mine[what], other[what], tolerance, f"{what} with training={flag}")
    shapes = jax.tree.map(lambda a: (None, *a.shape[1:]), x)
    expected = theirs.compute_output_shape(shapes)
    assert ours.compute_output_shape(shapes) == tuple(expected)
    check_config(*both(code))  # Keras changes some configs in `build`
    assert len(ours.losses) == len(theirs.losses)
    close(ours.losses, theirs.losses, tolerance, "penalties")


# Configs.


def check_config(ours: Any, theirs: Any, unknown: tuple[str, ...] = ()) -> None:
    """Check that two configs say the same, and that each library takes the other's.

    Args:
        ours: what has a config.
        theirs: the same in Keras.
        unknown: keys of Keras's that need not be known here.
    """
    mine, other = ours.get_config(), theirs.get_config()
    foreign = (*unknown, *getattr(ours, "foreign_config", ()))
    missing = set(other) - set(mine) - set(foreign)
    assert missing <= {"activity_regularizer"}, "these arguments of Keras are missing"
    assert said({key: mine[key] for key in mine if key in other}) == said(
        {key: other[key] for key in other if key in mine}
    )
    # Some of Keras's `from_config` change the dict that they are given.
    assert said(type(theirs).from_config(dict(mine)).get_config()) == said(other)
    known = {key: value for key, value in other.items() if key not in {*foreign, *missing}}
    assert said(type(ours).from_config(known).get_config()) == said(mine)


# Names, which are counted up, and what does not come from the constructor, at any depth.
UNSAID = ("name", "shared_object_id", "build_config")


def said(config: Any) -> Any:
    """Return what a config says: without what is in `UNSAID`, with lists for tuples."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return config["config"]["name"]
        return {k: said(v) for k, v in config.items() if k not in UNSAID}
    if isinstance(config, (list, tuple)):
        return [said(each) for each in config]
    if isinstance(config, float):
        return float(np.float32(config))
    return config
