"""What kerasish wants to reach; a page says of each whether it is reached."""

from __future__ import annotations

__all__ = ["AT_LEAST", "DROP", "FIRST", "MEMORY", "OF_LOOP"]

# By job and workload: times faster than Keras, at least.
AT_LEAST = {
    ("train", "mlp_small"): 8.0,
    ("train", "mlp_mnist"): 1.3,
    ("train", "deep_dense"): 2.5,
    ("train", "convnet"): 2.0,
    ("train", "resnet20"): 1.3,
    ("train", "lstm"): 1.5,
    ("train", "bilstm"): 1.5,
    ("train", "transformer"): 1.15,
    ("evaluate", "mlp_small"): 3.0,
    ("evaluate", "convnet"): 1.2,
    ("predict", "mlp_small"): 3.0,
    ("predict", "convnet"): 1.2,
}

# By job and workload: the time of the better loop written by hand, at most.
OF_LOOP = {
    ("train", "mlp_small"): 1.1,
    ("train", "mlp_mnist"): 1.05,
    ("train", "deep_dense"): 1.05,
    ("train", "convnet"): 0.7,
    ("train", "resnet20"): 1.0,
    ("train", "lstm"): 0.8,
    ("train", "bilstm"): 0.8,
    ("train", "transformer"): 1.0,
    ("evaluate", "mlp_small"): 1.05,
    ("evaluate", "convnet"): 1.05,
    ("predict", "mlp_small"): 1.05,
    ("predict", "convnet"): 1.05,
}

# How much of the ratio against Keras callbacks may cost, in percent.
DROP = 5.0

# A fresh process to the end of its first epoch: Keras's time, at most.
FIRST = {name: 0.6 for name in ("mlp_small", "mlp_mnist", "convnet", "resnet20", "deep_dense")}

# Keras's peak of memory, at most.
MEMORY = 1.0
