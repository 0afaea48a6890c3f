"""`kerasish.Model.fit`."""

import kerasish
from benchmarks.peers._keras_like import Fitted
from benchmarks.workloads import Workload


class Peer(Fitted):
    def __init__(self, workload: Workload) -> None:
        super().__init__(kerasish, workload)
