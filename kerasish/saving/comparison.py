"""Comparison of the structure of two weights files."""

from __future__ import annotations

from collections.abc import Iterator

from kerasish.saving.weight_tree import WeightTree

__all__ = ["compare"]


def compare(model: WeightTree, file: WeightTree) -> tuple[list[str], int]:
    """Return a sentence for each difference, and the number of matching weights.

    Args:
        model: the weights that a model would save.
        file: the weights in a file.
    """
    found = list(_pairs(model, file, ""))
    differences = [line for _, lines in found for line in lines]
    return differences, sum(matches for matches, _ in found)


def _pairs(model: WeightTree, file: WeightTree, path: str) -> Iterator[tuple[int, list[str]]]:
    """Yield for each object in both trees the number of matching weights and the differences."""
    ours, theirs = _with_weights(model), _with_weights(file)
    where = repr(path) if path else "The whole"
    lines = [f"{where}: the file lacks the object {name!r}." for name in ours if name not in theirs]
    lines += [f"{where}: only the file has {name!r}." for name in theirs if name not in ours]
    matches = 0
    for name in dict.fromkeys([*model.weights, *file.weights]):
        mine, other = (each.weights.get(name) for each in (model, file))
        if mine is None or other is None:
            lines.append(f"{where}: {'only' if mine is None else 'not'} the file has {name!r}.")
        elif mine.shape != other.shape:
            lines.append(f"{where}: {name!r} is {mine.shape} in the model, {other.shape} here.")
        else:
            matches += 1
    yield matches, lines
    for name in ours:
        if name in theirs:
            yield from _pairs(ours[name], theirs[name], f"{path}/{name}" if path else name)


def _with_weights(contents: WeightTree) -> dict[str, WeightTree]:
    """Return the parts with weights at any depth; others need not be in a file."""
    return {
        name: part
        for name, part in contents.parts.items()
        if any(each.weights for _, each in part.walk())
    }
