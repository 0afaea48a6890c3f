"""The losses and metrics of `compile` as pure functions of outputs, and weights of classes."""
