"""Models with classes and functions of the program's own, registered under the same names."""

from __future__ import annotations

from typing import Any

from ..oracle import draw
from .entry import N, architecture

ROWS, NUMBERS = draw((N, 6)), draw((N, 1), seed=1)


def gated(k: Any) -> Any:
    """Return a layer of the program's own, as a class of a library."""

    @k.saving.register_keras_serializable("architectures")
    class Gated(k.layers.Layer):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
            self.gate = k.layers.Dense(self.units, activation="sigmoid")
            self.gate.build(input_shape)

        def call(self, x: Any) -> Any:
            return k.ops.matmul(x, self.kernel) * self.gate(x)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    return Gated


@architecture(ROWS, NUMBERS)
def a_layer_of_ones_own(k: Any) -> Any:
    @k.saving.register_keras_serializable("architectures")
    def doubled(x: Any) -> Any:
        return 2.0 * x

    layer = gated(k)
    return k.Sequential([k.Input((6,)), layer(4), k.layers.Dense(3, doubled), k.layers.Dense(1)])


@architecture(ROWS, NUMBERS)
def a_model_of_ones_own(k: Any) -> Any:
    @k.saving.register_keras_serializable("architectures")
    class Residual(k.Model):
        def __init__(self, depth: int = 2, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.depth = depth
            self.blocks = [gated(k)(6) for _ in range(depth)]
            self.ends = {"norm": k.layers.LayerNormalization(), "top": k.layers.Dense(1)}

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = x + block(x)
            return self.ends["top"](self.ends["norm"](x))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "depth": self.depth}

    model = Residual()
    model(ROWS)
    return model


@architecture(ROWS, NUMBERS)
def a_model_that_holds_models(k: Any) -> Any:
    @k.saving.register_keras_serializable("architectures")
    class Pair(k.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            layers = k.layers
            self.encoder = k.Sequential([layers.Dense(4, "tanh"), layers.BatchNormalization()])
            start = k.Input((4,))
            self.decoder = k.Model(start, layers.Dense(1)(layers.Dense(3, "relu")(start)))

        def call(self, x: Any, training: bool | None = None) -> Any:
            return self.decoder(self.encoder(x, training=training))

    model = Pair()
    model(ROWS)
    return model
