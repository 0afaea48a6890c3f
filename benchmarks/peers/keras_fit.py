"""`keras.Model.fit`, on JAX, with its defaults."""

import importlib
import os

from benchmarks.peers._keras_like import Fitted
from benchmarks.workloads import Workload

os.environ["KERAS_BACKEND"] = "jax"
keras = importlib.import_module("keras")


class Peer(Fitted):
    def __init__(self, workload: Workload) -> None:
        super().__init__(keras, workload)
