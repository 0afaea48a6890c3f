"""Names of arguments and methods that Keras 1 and 2 had, and what to write instead.

What still means something is taken where it was; this is the table for the rest.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import ParamSpec, TypeVar

from kerasish.core.errors import UnknownNameError

__all__ = ["METHODS", "check_arguments", "checked", "explain_missing"]

P = ParamSpec("P")
R = TypeVar("R")

# Arguments that have another name now. Where several are possible, the one that is known counts.
RENAMED: dict[str, tuple[str, ...]] = {
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "b_constraint": ("bias_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "bias": ("use_bias",),
    "border_mode": ("padding",),
    "dim_ordering": ("data_format",),
    "dropout_U": ("recurrent_dropout",),
    "dropout_W": ("dropout",),
    "epoch": ("epochs",),
    "file_path": ("filepath",),
    "filename": ("filepath",),
    "filter_length": ("kernel_size",),
    "forget_bias_init": ("unit_forget_bias",),
    "generator": ("x",),
    "gamma_init": ("gamma_initializer",),
    "beta_init": ("beta_initializer",),
    "init": ("kernel_initializer", "embeddings_initializer"),
    "inner_activation": ("recurrent_activation",),
    "inner_init": ("recurrent_initializer",),
    "inputs": ("x",),
    "labels": ("y",),
    "lr": ("learning_rate",),
    "learning_rates": ("learning_rate",),
    "losses": ("loss",),
    "metric": ("metrics",),
    "n_epochs": ("epochs",),
    "nb_epoch": ("epochs",),
    "nb_filter": ("filters",),
    "nb_val_samples": ("validation_steps",),
    "num_epochs": ("epochs",),
    "output_dim": ("units",),
    "p": ("rate",),
    "pool_length": ("pool_size",),
    "rho": ("momentum",),
    "samples_per_epoch": ("steps_per_epoch",),
    "sigma": ("stddev",),
    "steps": ("steps_per_epoch",),
    "stride": ("strides",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "targets": ("y",),
    "val_data": ("validation_data",),
    "val_samples": ("validation_steps",),
    "val_split": ("validation_split",),
}

_READ_AHEAD = "Leave it out: batches are read ahead by one thread, in order."
_WHOLE = "Leave it out: a file holds the architecture, the weights and the optimizer."

# Arguments that are gone, and what to do.
REMOVED: dict[str, str] = {
    "class_mode": "Leave it out: the loss says it.",
    "consume_less": "Leave it out: there is one implementation.",
    "include_optimizer": "Leave it out, or write the weights alone with `save_weights`.",
    "fused": "Leave it out: there is one implementation.",
    "max_q_size": _READ_AHEAD,
    "max_queue_size": _READ_AHEAD,
    "nb_worker": _READ_AHEAD,
    "mode": "Leave it out: statistics are those of each feature.",
    "options": _WHOLE,
    "pickle_safe": _READ_AHEAD,
    "sample_weight_mode": "Leave it out: sample weights of shape `(n, steps)` weigh steps.",
    "save_format": "The ending of the file says the format: `.keras`, `.weights.h5` or `.h5`.",
    "save_traces": _WHOLE,
    "show_accuracy": "Give `metrics=['accuracy']` to `compile`.",
    "signatures": _WHOLE,
    "target_tensors": "Leave it out: targets are the `y` of `fit`.",
    "time_major": "Leave it out, and give sequences as `(batch, steps, features)`.",
    "renorm": "Leave it out: it was in TensorFlow's layer alone.",
    "use_multiprocessing": _READ_AHEAD,
    "virtual_batch_size": "Leave it out: statistics are those of the whole batch.",
    "workers": _READ_AHEAD,
}

# Methods of models and layers that are gone, and what to call.
METHODS: dict[str, str] = {
    "add_metric": "Keep a metric in an attribute and call its `update_state` in `call`.",
    "add_update": "Assign to the variable in `call`.",
    "evaluate_generator": "`evaluate` takes generators.",
    "fit_generator": "`fit` takes generators.",
    "get_updates_for": "State is assigned to in `call`.",
    "predict_classes": "Use `model.predict(x).argmax(axis=-1)`, or `> 0.5` for a sigmoid.",
    "predict_generator": "`predict` takes generators.",
    "predict_proba": "Use `predict`.",
    "reset_states": "Use `reset_state` of the layers that are stateful.",
    "to_yaml": "Use `to_json`.",
    "uses_learning_phase": "Use the `training` argument of `call`.",
    "validation_data": "Keep the data that were given to `fit`.",
}


def check_arguments(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Check that arguments are known.

    Args:
        owner: whose they are, for the message.
        given: the names that were given.
        known: the names that there are.

    Raises:
        UnknownNameError: if one is not, with what to write instead.

    Examples:
        >>> check_arguments("SGD", ["lr"], ["learning_rate", "momentum"])
        Traceback (most recent call last):
        kerasish.core.errors.UnknownNameError: There is no argument of SGD called 'lr'. ...
    """
    names = set(known)
    for name in given:
        if name not in names:
            now = next((each for each in RENAMED.get(name, ()) if each in names), None)
            hint = f"It is called {now!r}." if now else REMOVED.get(name)
            raise UnknownNameError(f"argument of {owner}", name, names, hint)


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function explain arguments that it does not have, old ones in particular."""
    known = [name for name in inspect.signature(function).parameters if name != "self"]

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not kwargs.keys() <= names:
            check_arguments(f"`{function.__name__}`", kwargs, known)
        return function(*args, **kwargs)

    names = frozenset(known)
    return call


def explain_missing(owner: str, name: str, table: Mapping[str, str] = METHODS) -> str:
    """Return the message of the AttributeError for a missing attribute."""
    hint = table.get(name)
    return f"{owner!r} object has no attribute {name!r}" + (f". {hint}" if hint else "")
