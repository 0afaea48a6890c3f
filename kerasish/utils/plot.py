"""Pictures of models: boxes and arrows, drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kerasish.core.errors import ArgumentError, NotBuiltError
from kerasish.core.layer import Layer
from kerasish.core.surface.old_names import checked
from kerasish.utils.plot_layout import Box, Shown, boxes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Dot", "model_to_dot", "plot_model"]

# Sizes, in inches.
_CHARACTER, _LINE, _GAP = 0.085, 0.19, 0.45
_DIRECTIONS = ("TB", "LR", "BT", "RL")


class Dot:
    """A model in the DOT language, which Graphviz draws.

    Args:
        boxes: what there is to draw.
        rankdir: `"TB"` from top to bottom, `"LR"` from left to right.
        splines: how Graphviz draws the lines.
        dpi: dots in an inch.
    """

    def __init__(self, boxes: list[Box], rankdir: str, splines: str, dpi: int) -> None:
        self.boxes = boxes
        self.rankdir = rankdir
        self.settings = {"rankdir": rankdir, "splines": splines, "dpi": str(dpi)}

    def to_string(self) -> str:
        """Return the text."""
        lines = ["digraph model {", "  node [shape=box];"]
        lines += [f'  {name}="{value}";' for name, value in self.settings.items()]
        for i, box in enumerate(self.boxes):
            text = "\\n".join([box.title, *box.lines]).replace('"', '\\"')
            lines.append(f'  n{i} [label="{text}"];')
            lines += [f"  n{source} -> n{i};" for source in box.sources]
        return "\n".join([*lines, "}"])

    __str__ = to_string


@checked
def model_to_dot(
    model: Layer,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Dot:
    """Return a model in the DOT language, for Graphviz.

    Args:
        model: a built model.
        show_shapes: whether to show shapes.
        show_dtype: whether to show dtypes.
        show_layer_names: whether to show the names of layers.
        rankdir: `"TB"` from top to bottom, `"LR"` from left to right.
        expand_nested: whether to take models within the model apart.
        dpi: dots in an inch.
        subgraph: accepted for Keras's sake.
        show_layer_activations: whether to show activations.
        show_trainable: whether to show what trains.
        splines: how Graphviz draws the lines.

    Raises:
        NotBuiltError: if the model has no weights yet.
        ArgumentError: if there is no such direction.

    Examples:
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(2)])
        >>> 'n1 [label="dense (Dense)"];' in model_to_dot(model).to_string()
        True
    """
    if rankdir not in _DIRECTIONS:
        raise ArgumentError(f"rankdir must be one of {_DIRECTIONS}; got {rankdir!r}.")
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has nothing to show yet; build it, or call it once.")
    shown = Shown(
        show_layer_names,
        show_shapes,
        show_dtype,
        show_layer_activations,
        show_trainable,
        expand_nested,
    )
    return Dot(boxes_of(model, shown), rankdir, splines, dpi)


@checked
def plot_model(
    model: Layer,
    to_file: str = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> object | None:
    """Draw a model: a box for each layer, and arrows between them.

    Needs matplotlib, `pip install kerasish[plot]`, and nothing else.

    Args:
        model: a built model.
        to_file: the path of the file; its ending is the format, such as `.png` or `.svg`.
        show_shapes: whether to show shapes.
        show_dtype: whether to show dtypes.
        show_layer_names: whether to show the names of layers.
        rankdir: `"TB"` from top to bottom, `"LR"` from left to right.
        expand_nested: whether to take models within the model apart.
        dpi: dots in an inch.
        show_layer_activations: whether to show activations.
        show_trainable: whether to show what trains.
        splines: without effect: lines are straight.

    Returns:
        The picture, as notebooks show it; None if IPython is not installed, or it is no PNG.

    Raises:
        NotBuiltError: if the model has no weights yet.
        ArgumentError: if there is no such direction.
    """
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
    )
    path = Path(to_file).expanduser()
    _draw(dot.boxes, rankdir).savefig(path, dpi=dpi, bbox_inches="tight")
    try:
        from IPython.display import Image
    except ImportError:
        return None
    show: Callable[..., object] = Image
    return show(filename=str(path)) if path.suffix == ".png" else None


def _draw(boxes: list[Box], rankdir: str) -> Figure:
    """Return a figure with the boxes in rows, each below those that feed it."""
    from matplotlib.figure import Figure

    sizes = [_size(box) for box in boxes]
    ways = _ways(boxes, sizes)
    places, (width, height) = _places(boxes, ways, sizes, sideways=rankdir in ("LR", "RL"))
    if rankdir == "RL":
        places = [(width - x, y) for x, y in places]
    elif rankdir == "BT":
        places = [(x, height - y) for x, y in places]
    figure = Figure(figsize=(max(width, 1), max(height, 1)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    for way in ways:
        line = [places[i] for i in way]
        line[0] = _border(line[0], line[1], sizes[way[0]])
        line[-1] = _border(line[-1], line[-2], sizes[way[-1]])
        axes.plot(*zip(*line[:-1], strict=True), color="0.35", linewidth=1)
        style = {"arrowstyle": "-|>", "color": "0.35", "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", line[-1], line[-2], arrowprops=style)
    for i, box in enumerate(boxes):
        _draw_box(axes, box, places[i], sizes[i])
    return figure


def _ranks(boxes: list[Box]) -> list[int]:
    """Return in which row each box is: one below the lowest of those that feed it."""
    ranks: list[int] = []
    for box in boxes:
        ranks.append(1 + max((ranks[source] for source in box.sources), default=-1))
    return ranks


def _ways(boxes: list[Box], sizes: list[tuple[float, float]]) -> list[list[int]]:
    """Return what each arrow goes through: a box, a gap in each row between, a box.

    The gaps are numbered after the boxes; their sizes are added.
    """
    ranks, ways = _ranks(boxes), []
    for i, box in enumerate(boxes):
        for source in box.sources:
            between = range(ranks[source] + 1, ranks[i])
            ways.append([source, *range(len(sizes), len(sizes) + len(between)), i])
            sizes += [(0.1, 0.1)] * len(between)
    return ways


def _draw_box(axes: Axes, box: Box, place: tuple[float, float], size: tuple[float, float]) -> None:
    from matplotlib.patches import Rectangle

    (x, y), (w, h) = place, size
    colour = "0.9" if box.frozen else "#eef3fb" if not box.inside else "#f3eefb"
    corner = x - w / 2, y - h / 2
    axes.add_patch(Rectangle(corner, w, h, facecolor=colour, edgecolor="0.35", linewidth=0.8))
    lines = [*(["/".join(box.inside)] if box.inside else []), box.title, *box.lines]
    for i, line in enumerate(lines):
        title = i == int(bool(box.inside))
        axes.text(
            x,
            y - h / 2 + _LINE * (i + 0.85),
            line,
            ha="center",
            va="center",
            fontsize=9 if title else 8,
            fontweight="bold" if title else "normal",
            color="black" if title else "0.3",
        )


def _size(box: Box) -> tuple[float, float]:
    lines = [*(["/".join(box.inside)] if box.inside else []), box.title, *box.lines]
    return _CHARACTER * max(map(len, lines)) + 0.3, _LINE * (len(lines) + 0.7)


def _places(
    boxes: list[Box], ways: list[list[int]], sizes: list[tuple[float, float]], sideways: bool
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Return the middles of the boxes and the gaps, and the width and height of them all."""
    ranks = _ranks(boxes)
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for i, rank in enumerate(ranks):
        rows[rank].append(i)
    for way in ways:
        for rank, gap in enumerate(way[1:-1], ranks[way[0]] + 1):
            rows[rank].append(gap)
    along, across = (0, 1) if sideways else (1, 0)
    spans = [sum(sizes[i][across] + _GAP for i in row) for row in rows]
    widest, places, end = max(spans), [(0.0, 0.0)] * len(sizes), _GAP / 2
    for row, span in zip(rows, spans, strict=True):
        depth = max(sizes[i][along] for i in row)
        start = (widest - span) / 2
        for i in row:
            middle = start + (sizes[i][across] + _GAP) / 2
            place = end + depth / 2, middle
            places[i] = place if sideways else (place[1], place[0])
            start += sizes[i][across] + _GAP
        end += depth + _GAP
    total = end - _GAP / 2, widest
    return places, total if sideways else (total[1], total[0])


def _border(
    middle: tuple[float, float], towards: tuple[float, float], size: tuple[float, float]
) -> tuple[float, float]:
    """Return where the line from the middle of a box towards a point leaves the box."""
    dx, dy = towards[0] - middle[0], towards[1] - middle[1]
    shares = [s / 2 / abs(d) for s, d in zip(size, (dx, dy), strict=True) if d]
    share = min([*shares, 1.0])
    return middle[0] + dx * share, middle[1] + dy * share
