"""Models of several inputs and outputs."""

from __future__ import annotations

from typing import Any

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

ROWS, OTHERS = draw((N, 6)), draw((N, 3), seed=1)
NUMBERS = draw((N, 1), seed=2)
PEOPLE, FILMS = kinds(1, high=5), draw((N, 1), "int32", seed=8, high=6)


@architecture([ROWS, OTHERS], NUMBERS, "mse", lambda k: k.optimizers.Adam(0.01, weight_decay=0.01))
def wide_and_deep(k: Any) -> Any:
    layers = k.layers
    wide, deep = k.Input((6,), name="wide"), k.Input((3,), name="deep")
    x = layers.Dense(4, activation="relu")(layers.Dense(8, activation="relu")(deep))
    return k.Model([wide, deep], layers.Dense(1)(layers.Concatenate()([wide, x])))


@architecture({"person": PEOPLE, "film": FILMS}, NUMBERS, metrics=["mae"])
def two_towers(k: Any) -> Any:
    layers = k.layers

    def tower(name: str, size: int) -> tuple[Any, Any]:
        start = k.Input((1,), dtype="int32", name=name)
        x = layers.Flatten()(layers.Embedding(size, 4, name=f"{name}_table")(start))
        return start, layers.Dense(3, activation="relu", name=f"{name}_tower")(x)

    (person, a), (film, b) = tower("person", 5), tower("film", 6)
    return k.Model({"person": person, "film": film}, layers.Dot(1, normalize=True)([a, b]))


def two_ends(k: Any) -> tuple[Any, Any, Any]:
    layers = k.layers
    start = k.Input((6,), name="start")
    x = layers.Dense(5, activation="tanh", name="body")(start)
    return start, layers.Dense(CLASSES, "softmax", name="kind")(x), layers.Dense(1, name="size")(x)


@architecture(
    ROWS,
    {"kind": kinds(), "size": NUMBERS},
    {"kind": SPARSE, "size": "mse"},
    loss_weights={"kind": 0.5, "size": 2.0},
    metrics={"kind": ["accuracy"], "size": ["mae"]},
)
def outputs_in_a_dict(k: Any) -> Any:
    start, kind, size = two_ends(k)
    return k.Model(start, {"kind": kind, "size": size})


@architecture(ROWS, [kinds(), NUMBERS], [SPARSE, "mae"], metrics=[["accuracy"], ["mse"]])
def outputs_in_a_list(k: Any) -> Any:
    start, kind, size = two_ends(k)
    return k.Model(start, [kind, size])


@architecture(ROWS, [kinds(), NUMBERS], [SPARSE, "mse"], loss_weights=[1.0, 0.3])
def help_on_the_way(k: Any) -> Any:
    """An output in the middle helps to train what is before it."""
    layers = k.layers
    start = k.Input((6,))
    x = layers.Dense(6, activation="relu")(start)
    aside = layers.Dense(1, name="aside")(x)
    x = layers.Dropout(0.0)(layers.Dense(6, activation="relu")(x))
    return k.Model(start, [layers.Dense(CLASSES, activation="softmax", name="main")(x), aside])


@architecture({"image": draw((N, 6, 6, 1)), "text": kinds(4, high=5)}, kinds(), SPARSE)
def image_and_text(k: Any) -> Any:
    layers = k.layers
    image, text = k.Input((6, 6, 1), name="image"), k.Input((4,), dtype="int32", name="text")
    seen = layers.Flatten()(layers.Conv2D(2, 3, strides=2, activation="relu")(image))
    read = layers.GRU(3)(layers.Embedding(5, 3)(text))
    x = layers.Concatenate()([seen, read])
    return k.Model({"image": image, "text": text}, layers.Dense(CLASSES, activation="softmax")(x))
