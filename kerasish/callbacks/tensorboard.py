"""Logs, weights and profiles for TensorBoard."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import jax
import numpy as np

from kerasish.callbacks.callback import Callback, Logs
from kerasish.core.errors import ArgumentError, KerasishError
from kerasish.core.paths import to_name
from kerasish.core.tree import all_layers, variables_with_paths

__all__ = ["TensorBoard"]


class TensorBoard(Callback):
    """Writes what `tensorboard --logdir logs` shows, without TensorFlow.

    The logs of epochs go to the folders `train` and `validation`, as `epoch_loss` and so on. It
    needs the extra `tensorboard`: `pip install kerasish[tensorboard]`.

    Args:
        log_dir: the folder; each run should have its own in it, so that they can be compared.
        histogram_freq: after how many epochs to write histograms of the weights; 0 for never.
        write_graph: whether to write the layers of the model and how they are connected.
        write_images: whether to write the weights as pictures, too, when their histograms are.
        write_steps_per_second: whether to write how many steps are made in a second.
        update_freq: when to write logs: `"epoch"`, `"batch"`, or after so many batches. Training
            waits for each batch whose logs are written.
        profile_batch: the batch to profile with `jax.profiler`, or the first and the last one,
            counted from 1 since training began; 0 for none.
        embeddings_freq: after how many epochs to write the tables of `Embedding` layers; 0 for
            never.
        embeddings_metadata: a file with a line for each row of the tables; or such files by the
            names of layers.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = model.fit(x, x[:, :1], callbacks=[TensorBoard(folder)], verbose=0)
        ...     [path.name for path in Path(folder).iterdir()]
        ['train']
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: int | str = "epoch",
        profile_batch: int | tuple[int, int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        self.log_dir = Path(log_dir)
        self.histogram_freq = _count(histogram_freq, "histogram_freq")
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = update_freq
        self.embeddings_freq = _count(embeddings_freq, "embeddings_freq")
        self.embeddings_metadata = embeddings_metadata
        self._after = None if update_freq == "epoch" else _batches(update_freq)
        self._first, self._last = _profiled(profile_batch)
        # A profile begins and ends at a batch, so each one counts until it has.
        self.batch_interval = 1 if self._last else self._after
        self._writers: dict[str, Any] = {}
        self._start = self._batch = 0
        self._profiling = False
        self._began, self._before = 0.0, 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the files, and write what the model is made of."""
        if self._profiling:
            self._end_profile()  # an exception ended the last training
        self._start, self._batch = self._made(), 0
        writer = self._writer("train")
        if self.write_graph:
            try:
                writer.file_writer.add_summary(_graph(self.model.to_json()))
            except KerasishError as error:
                warnings.warn(f"TensorBoard gets no graph of the model: {error}", stacklevel=2)
        if self._first == 1:
            self._profile()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Write the logs if they are due, and begin or end the profile."""
        before, self._batch = self._batch, self._made() - self._start
        if self._after and self._batch // self._after > before // self._after:
            self._scalars("train", "batch_", logs, self._batch)
        if self._profiling and self._batch >= self._last:
            self._end_profile()
        elif not self._profiling and before < self._first - 1 <= self._batch:
            self._profile()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Note when it began."""
        self._began, self._before = perf_counter(), self._made()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the logs, and weights if they are due."""
        logs = dict(logs or {})
        with suppress(AttributeError, KerasishError):  # not every transformation has one
            logs.setdefault("learning_rate", float(self.model.optimizer.learning_rate))
        validation = {k.removeprefix("val_"): v for k, v in logs.items() if k.startswith("val_")}
        training = {k: v for k, v in logs.items() if not k.startswith("val_")}
        if self.write_steps_per_second:
            made = self._made() - self._before
            training["steps_per_second"] = made / (perf_counter() - self._began)
        self._scalars("train", "epoch_", training, epoch)
        self._scalars("validation", "epoch_", validation, epoch)
        if _is_due(epoch, self.histogram_freq):
            self._weights(epoch)
        if _is_due(epoch, self.embeddings_freq):
            self._tables(epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Write what an evaluation has found, over the steps that training has made."""
        told = {f"{name}_vs_iterations": value for name, value in (logs or {}).items()}
        self._scalars("validation", "evaluation_", told, self._made())
        if "train" not in self._writers:
            self._close()  # no training is under way

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the files."""
        if self._profiling:
            self._end_profile()
        self._close()

    def _made(self) -> int:
        """Return how many steps the optimizer has made."""
        return int(self.model.optimizer.iterations.numpy())

    def _writer(self, kind: str) -> Any:
        if kind not in self._writers:
            try:
                from tensorboardX import SummaryWriter
            except ModuleNotFoundError as error:
                raise ArgumentError(
                    "TensorBoard needs the library tensorboardX: `pip install "
                    "kerasish[tensorboard]`."
                ) from error
            self._writers[kind] = SummaryWriter(str(self.log_dir / kind))
        return self._writers[kind]

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _scalars(self, kind: str, prefix: str, values: Logs | None, step: int) -> None:
        for name, value in (values or {}).items():
            if np.ndim(value) == 0:
                self._writer(kind).add_scalar(prefix + name, float(value), step)

    def _weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for path, weight in variables_with_paths(cast(Any, self.model)):
            if not weight.saved:
                continue
            tag, value = to_name(path), weight.numpy().astype("float32")
            writer.add_histogram(f"{tag}/histogram", value, epoch)
            if self.write_images:
                writer.add_image(f"{tag}/image", _picture(value), epoch, dataformats="HW")

    def _tables(self, epoch: int) -> None:
        for layer in all_layers(cast(Any, self.model)):
            if not hasattr(layer, "embeddings"):
                continue
            given = self.embeddings_metadata
            path = given.get(layer.name) if isinstance(given, Mapping) else given
            words = None if path is None else Path(path).read_text("utf-8").splitlines()
            table = np.asarray(layer.embeddings)
            self._writer("train").add_embedding(
                table, words, global_step=epoch, tag=_below(layer.path)
            )

    def _profile(self) -> None:
        jax.profiler.start_trace(str(self.log_dir))
        self._profiling = True

    def _end_profile(self) -> None:
        jax.profiler.stop_trace()
        self._profiling = False
        self._first = self._last = 0
        self.batch_interval = self._after


def _below(path: str) -> str:
    """Return the path of a layer without the name of the model."""
    return path.partition("/")[2] or path


def _graph(config: str) -> Any:
    """Return the record by which TensorBoard draws the layers of a model."""
    from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboardX.proto.tensor_pb2 import TensorProto
    from tensorboardX.proto.types_pb2 import DT_STRING

    plugin = SummaryMetadata.PluginData(plugin_name="graph_keras_model", content=b"1")
    tensor = TensorProto(dtype=DT_STRING, string_val=[config.encode()])
    metadata = SummaryMetadata(plugin_data=plugin)
    return Summary(value=[Summary.Value(tag="keras", metadata=metadata, tensor=tensor)])


def _picture(value: np.ndarray) -> np.ndarray:
    """Return an array as a picture with values from 0 to 1, a row for each unit."""
    rows = value.reshape(-1, value.shape[-1] if value.ndim else 1).T
    low, high = rows.min(), rows.max()
    found: np.ndarray = (rows - low) / (high - low or 1)
    return found


def _is_due(epoch: int, freq: int) -> bool:
    return bool(freq) and epoch % freq == 0


def _count(value: Any, name: str) -> int:
    if not isinstance(value, int) or value < 0:
        raise ArgumentError(f"{name} must be a number of epochs, 0 for never; got {value!r}.")
    return value


def _batches(update_freq: Any) -> int:
    number = 1 if update_freq == "batch" else update_freq
    if not isinstance(number, int) or number < 1:
        raise ArgumentError(
            f"update_freq must be 'epoch', 'batch' or a number of batches; got {update_freq!r}."
        )
    return number


def _profiled(batches: Any) -> tuple[int, int]:
    """Return the first and the last batch to profile."""
    pair = batches if isinstance(batches, (tuple, list)) else (batches, batches)
    if len(pair) != 2 or not all(isinstance(n, int) for n in pair) or not 0 <= pair[0] <= pair[1]:
        raise ArgumentError(
            f"profile_batch must be a batch, or the first and the last one; got {batches!r}."
        )
    return pair[0], pair[1]
