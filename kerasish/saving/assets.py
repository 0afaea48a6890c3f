"""Assets: additional files of layers in `.keras` files (`save_assets`, `load_assets`)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kerasish.core.errors import ArgumentError
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.untrusted import guarded
from kerasish.saving.layout import layers_by_name
from kerasish.saving.model_protocol import SaveableModel, as_layer
from kerasish.saving.zip_reader import extracted_assets

__all__ = ["collect_assets", "load_assets"]

_FOLDER = "assets/"


def collect_assets(model: SaveableModel) -> dict[str, bytes]:
    """Return the asset files of all layers by their names in the archive.

    Raises:
        ArgumentError: if one of them is a symbolic link.
    """
    found: dict[str, bytes] = {}
    for place, layer, _ in layers_by_name(as_layer(model)):
        if has_hook(layer, "save_assets"):
            above = f"{_FOLDER}{place}/" if place else _FOLDER
            with tempfile.TemporaryDirectory(prefix="kerasish-") as folder:
                layer.save_assets(folder)
                files = _files(Path(folder), layer.name)
                found |= {above + name: path.read_bytes() for name, path in files.items()}
    return found


def _files(folder: Path, who: str) -> dict[str, Path]:
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ArgumentError(
                f"`save_assets` of {who!r} created a symbolic link, {path.name!r}, which cannot be "
                "saved; copy the target instead."
            )
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = path
    return files


def load_assets(model: SaveableModel, path: Path) -> None:
    """Call `load_assets` of all layers with their files in a `.keras` file.

    The files are extracted to a temporary folder, which is deleted afterwards.

    Raises:
        FileFormatError: if the archive is damaged, or a layer cannot read its files.
        UnsafeModelError: if a file would be extracted outside of the folder, or is far larger
            than the archive.
    """
    wanted = [
        (place, each)
        for place, each, _ in layers_by_name(as_layer(model))
        if has_hook(each, "load_assets")
    ]
    if not wanted:
        return
    with extracted_assets(path, _FOLDER) as folder:
        for place, layer in wanted:
            own = folder / place
            if own.is_dir():
                with guarded(f"`load_assets` of {layer.name!r} failed"):
                    layer.load_assets(str(own))
