"""What kerasish and Keras have in common: everything."""

from __future__ import annotations

from typing import Any

from benchmarks.workloads import MOMENTUM, Workload, network


class _Layers:
    def __init__(self, layers: Any) -> None:
        self.layers = layers

    def dense(self, x: Any, units: int, activation: str | None) -> Any:
        return self.layers.Dense(units, activation=activation)(x)

    def conv(
        self,
        x: Any,
        filters: int,
        size: int,
        stride: int,
        padding: str,
        bias: bool,
        activation: str | None,
    ) -> Any:
        layer = self.layers.Conv2D(
            filters, size, stride, padding, activation=activation, use_bias=bias
        )
        return layer(x)

    def norm(self, x: Any) -> Any:
        return self.layers.BatchNormalization(momentum=MOMENTUM)(x)

    def pool(self, x: Any) -> Any:
        return self.layers.MaxPooling2D()(x)

    def flatten(self, x: Any) -> Any:
        return self.layers.Flatten()(x)

    def mean(self, x: Any) -> Any:
        return self.layers.GlobalAveragePooling2D()(x)

    def dropout(self, x: Any, rate: float) -> Any:
        return self.layers.Dropout(rate)(x)

    def relu(self, x: Any) -> Any:
        return self.layers.Activation("relu")(x)

    def add(self, x: Any, y: Any) -> Any:
        return self.layers.Add()([x, y])


class Fitted:
    """A compiled model, trained by `fit` as its documentation says.

    Args:
        library: the module `kerasish` or `keras`.
        workload: what to train.
    """

    def __init__(self, library: Any, workload: Workload) -> None:
        library.utils.set_random_seed(0)
        self.x, self.y = workload.data()
        self.batch = workload.batch
        inputs = library.Input(workload.shape)
        outputs = network(_Layers(library.layers), workload.layers, inputs)
        self.model = library.Model(inputs, outputs)
        self.model.compile(
            optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        self.size = sum(int(w.size) for w in self.model.get_weights())

    def train(self, epochs: int, shuffle: bool = True) -> float:
        history = self.model.fit(
            self.x, self.y, self.batch, epochs=epochs, verbose=0, shuffle=shuffle
        )
        return float(history.history["loss"][-1])

    def evaluate(self) -> float:
        return float(self.model.evaluate(self.x, self.y, self.batch, verbose=0)[0])

    def predict(self) -> Any:
        return self.model.predict(self.x, self.batch, verbose=0)
