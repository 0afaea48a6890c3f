"""Models in Orbax checkpoints, in the form of Keras's `OrbaxCheckpoint`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from kerasish.checkpoints import Checkpoints
from kerasish.core.errors import FileFormatError, NotBuiltError

__all__ = ["checkpoint_config", "is_checkpoint", "prepare_checkpoint", "read_checkpoint"]

# The trees of a checkpoint: the variables, and the text that describes the model.
_VARIABLES, _CONFIG = "pytree", "model_config"

_WEIGHTS = ("trainable_variables", "non_trainable_variables")


def prepare_checkpoint(
    model: Any, checkpoints: Checkpoints, step: int, config: dict[str, Any] | None
) -> Callable[[], None]:
    """Return what writes the variables of a model as they are now, in any thread, at any time.

    Args:
        model: the model.
        checkpoints: where to.
        step: the name of the checkpoint.
        config: what makes the model; None for its weights alone.

    Raises:
        NotBuiltError: if there are no weights yet.
    """
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    tree = model.get_state_tree()
    if config is None:
        trees = {_VARIABLES: {kind: tree[kind] for kind in _WEIGHTS}}
    else:
        trees = {_VARIABLES: tree, _CONFIG: {"config": json.dumps(config)}}
    return partial(checkpoints.save, step, {}, trees)


def is_checkpoint(filepath: Any) -> bool:
    """Return whether a path is that of a folder with Orbax checkpoints, or of one of them."""
    if not isinstance(filepath, (str, os.PathLike)) or not os.path.isdir(
        os.path.expanduser(filepath)  # which, other than that of pathlib, takes any text
    ):
        return False
    return _find(filepath) is not None


def checkpoint_config(filepath: Any) -> Any:
    """Return what makes the model of a checkpoint.

    Raises:
        FileFormatError: if it has weights only, or is damaged.
    """
    checkpoints, step = _found(filepath)
    with checkpoints.reading(step) as path:
        if not (path / _CONFIG).is_dir():
            raise FileFormatError(
                f"The checkpoint in {str(path)!r} has weights only. Build the model, and let it "
                "`load_weights` from there."
            )
        text = (path / _CONFIG / "_strings.json").read_text("utf-8")
        return json.loads(json.loads(text)["config"])


def read_checkpoint(model: Any, filepath: Any, *, optimizer: bool) -> None:
    """Read the weights of the newest checkpoint in a folder, and the state of the optimizer.

    Raises:
        FileFormatError: if it is damaged.
        ShapeError: if it is of another model.
    """
    checkpoints, step = _found(filepath)
    if optimizer:
        model.optimizer.build(model.trainable_variables)
    tree = model.get_state_tree()
    kinds = (*_WEIGHTS, "optimizer_variables") if optimizer else _WEIGHTS
    like = {kind: tree[kind] for kind in kinds}
    model.set_state_tree(checkpoints.read_tree(step, _VARIABLES, like))


def _find(filepath: Any) -> tuple[Checkpoints, int] | None:
    """Return a folder of checkpoints, and which of them is meant; None if there is none."""
    path = Path(filepath).expanduser().absolute()
    if path.name.isdigit() and (path / _VARIABLES).is_dir():
        return Checkpoints(path.parent), int(path.name)
    steps = Checkpoints(path).steps()
    return (Checkpoints(path), steps[-1]) if steps else None


def _found(filepath: Any) -> tuple[Checkpoints, int]:
    found = _find(filepath)
    if found is None:
        raise FileFormatError(f"There are no checkpoints in {str(filepath)!r}.")
    return found
