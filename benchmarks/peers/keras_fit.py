"""`keras.Model.fit`, on JAX, with its defaults."""

import os

from benchmarks.peers._keras_like import Fitted
from benchmarks.workloads import Workload

os.environ["KERAS_BACKEND"] = "jax"


class Peer(Fitted):
    def __init__(self, workload: Workload) -> None:
        import keras

        super().__init__(keras, workload)
