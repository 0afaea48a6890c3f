"""One module for each way to train a workload; each has a class `Peer`."""
