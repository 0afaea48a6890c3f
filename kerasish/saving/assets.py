"""Files that classes keep within `.keras` files, by `save_assets` and `load_assets`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.untrusted import guarded
from kerasish.saving.layout import places
from kerasish.saving.zip_reader import unpacked

__all__ = ["collect_assets", "load_assets"]

_FOLDER = "assets/"


def collect_assets(model: Any) -> dict[str, bytes]:
    """Return the files that the layers of a model want to keep, by their names in the zip.

    Raises:
        ArgumentError: if one of them is a link.
    """
    found: dict[str, bytes] = {}
    for place, layer, _ in places(model):
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
                f"`save_assets` of {who!r} made a link, {path.name!r}, which a file does not "
                "have; copy what it leads to."
            )
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = path
    return files


def load_assets(model: Any, path: Path) -> None:
    """Have the layers of a model read the files that they keep in a `.keras` file.

    They are unpacked to a temporary folder, which is gone afterwards.

    Raises:
        FileFormatError: if the zip is damaged, or a layer cannot read its files.
        UnsafeModelError: if they would lie elsewhere, or are far larger than the file.
    """
    wanted = [(place, each) for place, each, _ in places(model) if has_hook(each, "load_assets")]
    if not wanted:
        return
    with unpacked(path, _FOLDER) as folder:
        for place, layer in wanted:
            own = folder / place
            if own.is_dir():
                with guarded(f"`load_assets` of {layer.name!r} failed"):
                    layer.load_assets(str(own))
