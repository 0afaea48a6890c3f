"""What kerasish and Keras have in common: everything."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.network import MOMENTUM, network
from benchmarks.workloads import Workload


class _Layers:
    def __init__(self, layers: Any) -> None:
        self.layers = layers
        self.Positions = _positions(layers.Layer)

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
        if len(x.shape) == 3:  # kerasish has the pooling of images only
            x = self.layers.Reshape((1, *x.shape[1:]))(x)
        return self.layers.GlobalAveragePooling2D()(x)

    def dropout(self, x: Any, rate: float) -> Any:
        return self.layers.Dropout(rate)(x)

    def relu(self, x: Any) -> Any:
        return self.layers.Activation("relu")(x)

    def add(self, x: Any, y: Any) -> Any:
        return self.layers.Add()([x, y])

    def lstm(self, x: Any, units: int, sequences: bool) -> Any:
        return self.layers.LSTM(units, return_sequences=sequences)(x)

    def bidirectional(self, x: Any, units: int, sequences: bool) -> Any:
        return self.layers.Bidirectional(self.layers.LSTM(units, return_sequences=sequences))(x)

    def embed(self, x: Any, words: int, width: int) -> Any:
        return self.layers.Embedding(words, width)(x)

    def positions(self, x: Any) -> Any:
        return self.Positions()(x)

    def layernorm(self, x: Any) -> Any:
        return self.layers.LayerNormalization()(x)

    def attention(self, x: Any, heads: int) -> Any:
        return self.layers.MultiHeadAttention(heads, x.shape[-1] // heads)(x, x)


def _positions(layer: Any) -> Any:
    """Return the layer for positions that a user would write, on the library's own `Layer`."""

    class Positions(layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.table = self.add_weight(shape=shape[1:], initializer="uniform", name="table")

        def call(self, x: Any) -> Any:
            return x + self.table

    return Positions


class Fitted:
    """A compiled model, trained by `fit` as its documentation says.

    Args:
        library: the module `kerasish` or `keras`.
        workload: what to train.
    """

    def __init__(self, library: Any, workload: Workload) -> None:
        library.utils.set_random_seed(0)
        self.callbacks = library.callbacks
        self.x, self.y = workload.data()
        self.batch = workload.batch
        inputs = library.Input(workload.shape, dtype=workload.dtype)
        outputs = network(_Layers(library.layers), workload.layers, inputs)
        self.model = library.Model(inputs, outputs)
        self.model.compile(
            optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        self.size = sum(int(w.size) for w in self.model.get_weights())

    def _fit(self, epochs: int, **how: Any) -> float:
        history = self.model.fit(self.x, self.y, self.batch, epochs=epochs, **how)
        return float(history.history["loss"][-1])

    def train(self, epochs: int, shuffle: bool = True, callbacks: Any = ()) -> float:
        return self._fit(epochs, verbose=0, shuffle=shuffle, callbacks=list(callbacks))

    def validated(self, epochs: int) -> float:
        """Train with validation after each epoch, on as many samples."""
        return self._fit(epochs, verbose=0, validation_data=(self.x, self.y))

    def watched(self, epochs: int) -> float:
        """Train with the progress bar and what else nearly everybody has."""
        with tempfile.TemporaryDirectory() as folder:
            callbacks = [
                self.callbacks.EarlyStopping(monitor="loss", patience=1000),
                self.callbacks.ModelCheckpoint(str(Path(folder) / "model.keras")),
            ]
            return self._fit(epochs, verbose=1, callbacks=callbacks)

    def evaluate(self) -> float:
        return float(self.model.evaluate(self.x, self.y, self.batch, verbose=0)[0])

    def predict(self) -> Any:
        return self.model.predict(self.x, self.batch, verbose=0)
