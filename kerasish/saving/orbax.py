"""Models in Orbax checkpoints, in the format of Keras's `OrbaxCheckpoint`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from kerasish.checkpoints import Checkpoints
from kerasish.core.errors import FileFormatError, NotBuiltError
from kerasish.core.types import JSON
from kerasish.saving.model_protocol import SaveableModel

__all__ = ["checkpoint_config", "is_checkpoint", "prepare_checkpoint", "read_checkpoint"]

# The items of a checkpoint: the variables, and the config of the model.
_VARIABLES, _CONFIG = "pytree", "model_config"

_WEIGHTS = ("trainable_variables", "non_trainable_variables")


def prepare_checkpoint(
    model: SaveableModel, checkpoints: Checkpoints, step: int, config: dict[str, Any] | None
) -> Callable[[], None]:
    """Take a snapshot of a model, and return a function that writes it, in any thread.

    Args:
        model: the model.
        checkpoints: the folder of checkpoints.
        step: the step, which names the checkpoint.
        config: the config of the model; None saves only the weights.

    Raises:
        NotBuiltError: if the model is not built.
    """
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    tree = model.get_state_tree()
    if config is None:
        trees = {_VARIABLES: {kind: tree[kind] for kind in _WEIGHTS}}
    else:
        trees = {_VARIABLES: tree, _CONFIG: {"config": json.dumps(config)}}
    return partial(checkpoints.save, step, {}, trees)


def is_checkpoint(filepath: object) -> bool:
    """Return whether a path is a folder of Orbax checkpoints, or one checkpoint."""
    if not isinstance(filepath, (str, os.PathLike)) or not os.path.isdir(
        os.path.expanduser(filepath)  # unlike pathlib, it accepts any string
    ):
        return False
    return _find(filepath) is not None


def checkpoint_config(filepath: str | os.PathLike[str]) -> JSON:
    """Return the config of the model in a checkpoint.

    Raises:
        FileFormatError: if the checkpoint has weights only, or is damaged.
    """
    checkpoints, step = _find_existing(filepath)
    with checkpoints.reading(step) as path:
        if not (path / _CONFIG).is_dir():
            raise FileFormatError(
                f"The checkpoint in {str(path)!r} has weights only. Build the model, then call "
                "`model.load_weights` on it."
            )
        text = (path / _CONFIG / "_strings.json").read_text("utf-8")
        return json.loads(json.loads(text)["config"])


def read_checkpoint(
    model: SaveableModel, filepath: str | os.PathLike[str], *, optimizer: bool
) -> None:
    """Load the weights and the optimizer state of the newest checkpoint in a folder.

    Raises:
        FileFormatError: if the checkpoint is damaged.
        ShapeError: if the checkpoint belongs to another model.
    """
    checkpoints, step = _find_existing(filepath)
    if optimizer:
        model.optimizer.build(model.trainable_variables)
    tree = model.get_state_tree()
    kinds = (*_WEIGHTS, "optimizer_variables") if optimizer else _WEIGHTS
    like = {kind: tree[kind] for kind in kinds}
    model.set_state_tree(checkpoints.read_tree(step, _VARIABLES, like))


def _find(filepath: str | os.PathLike[str]) -> tuple[Checkpoints, int] | None:
    """Return the folder of checkpoints and the step to load, or None."""
    path = Path(filepath).expanduser().absolute()
    if path.name.isdigit() and (path / _VARIABLES).is_dir():
        return Checkpoints(path.parent), int(path.name)
    steps = Checkpoints(path).steps()
    return (Checkpoints(path), steps[-1]) if steps else None


def _find_existing(filepath: str | os.PathLike[str]) -> tuple[Checkpoints, int]:
    found = _find(filepath)
    if found is None:
        raise FileFormatError(f"There are no checkpoints in {str(filepath)!r}.")
    return found
