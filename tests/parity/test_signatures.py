"""Signatures and configs are Keras's, but for what one table lists with reasons."""

from __future__ import annotations

import inspect

import catalogue
import pytest

from .tools import signatures
from .tools.oracle import keras

FAMILIES = ("layers", "losses", "metrics", "optimizers", "initializers", "regularizers")


@pytest.mark.parametrize("namespace", signatures.namespaces())
def test_signatures(namespace):
    (row,) = signatures.rows(namespace)
    assert not row.different


def test_all_namespaces_are_compared():
    found = signatures.namespaces()
    assert {"", "layers", "ops.numpy", "optimizers.schedules", "applications.vgg16"} <= {*found}
    assert not [name for name in found if "src" in name]


def test_each_exception_is_needed():
    assert not signatures.unused_exceptions()
    assert all(len(reason) > 20 for reason in signatures.EXCEPTIONS.values())


def test_the_comparison_finds_what_differs():
    def theirs(inputs, units=2, *, mask=None, **kwargs): ...

    said = {
        "lacks": lambda inputs, *, mask=None, **kwargs: ...,
        "by position": lambda units=2, inputs=None, *, mask=None, **kwargs: ...,
        "Keras units=2": lambda inputs, units=3, *, mask=None, **kwargs: ...,
        "does not take **kwargs": lambda inputs, units=2, *, mask=None: ...,
        "requires rate": lambda inputs, units=2, *, rate, mask=None, **kwargs: ...,
        "": lambda inputs=0, units=2, *more, mask=None, rate=1, **kwargs: ...,
    }
    for what, ours in said.items():
        found = signatures.differences(theirs, ours)
        assert bool(found) == bool(what) and what in " ".join(found)
    assert signatures.differences(theirs, None) == ["missing"]


def _theirs(value, family):
    """Return what Keras makes of a case of the catalogue; None if it cannot make one."""
    if isinstance(value, catalogue.Case):
        for home in (family, *FAMILIES, "constraints", "optimizers.schedules"):
            made = keras
            for name in home.split("."):
                made = getattr(made, name)
            if made := getattr(made, value.thing.__name__, None):
                kwargs = {name: _theirs(each, family) for name, each in value.kwargs.items()}
                return made(*[_theirs(each, family) for each in value.args], **kwargs)
        raise LookupError(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_theirs(each, family) for each in value)
    return value


# What has no counterpart: our own classes, objects that Keras cannot be made with.
UNLIKE = ("GroupedQueryAttention", "JaxLayer", "OptaxOptimizer", "MultiOptimizer")


@pytest.mark.parametrize("family", FAMILIES)
def test_config_keys(family):
    """A config has every key that Keras's has for the same arguments."""
    compared = 0
    for case in getattr(catalogue, family.upper()):
        name = case.thing.__name__
        has_init = "self" in inspect.signature(case.thing.__init__).parameters
        if name in UNLIKE or not hasattr(getattr(keras, family), name) or not has_init:
            continue
        try:
            theirs = _theirs(case, family)
        except (LookupError, TypeError):
            continue
        missing = set(theirs.get_config()) - set(case.make().get_config())
        assert not missing, f"{case} lacks {missing}"
        compared += 1
    assert compared > 3
