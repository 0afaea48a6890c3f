"""An eager loop of PyTorch, with the data on the device."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.workloads import (
    EPSILON,
    LEARNING_RATE,
    MOMENTUM,
    NORM_EPSILON,
    Workload,
    network,
)


class _Ops:
    """The operations on tensors, channels first; they take the parameters in order."""

    def __init__(self, params: list[Any], state: list[Any], training: bool) -> None:
        self.params = iter(params)
        self.state = iter(state)
        self.training = training

    def dense(self, x: Any, units: int, activation: str | None) -> Any:
        return _activated(F.linear(x, next(self.params), next(self.params)), activation)

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
        kernel = next(self.params)
        around = size // 2 if padding == "same" else 0
        x = F.conv2d(x, kernel, next(self.params) if bias else None, stride, around)
        return _activated(x, activation)

    def norm(self, x: Any) -> Any:
        gamma, beta = next(self.params), next(self.params)
        mean, variance = next(self.state), next(self.state)
        # PyTorch's momentum is the share of the new value.
        return F.batch_norm(
            x, mean, variance, gamma, beta, self.training, 1 - MOMENTUM, NORM_EPSILON
        )

    def pool(self, x: Any) -> Any:
        return F.max_pool2d(x, 2)

    def flatten(self, x: Any) -> Any:
        return x.flatten(1)

    def mean(self, x: Any) -> Any:
        return x.mean((2, 3))

    def dropout(self, x: Any, rate: float) -> Any:
        return F.dropout(x, rate, self.training)

    def relu(self, x: Any) -> Any:
        return F.relu(x)

    def add(self, x: Any, y: Any) -> Any:
        return x + y


def _activated(x: Any, activation: str | None) -> Any:
    return F.relu(x) if activation == "relu" else x


def _turned(array: Any) -> Any:
    """Return a parameter in PyTorch's layout: outputs first."""
    tensor = torch.from_numpy(array)
    if tensor.ndim == 4:
        tensor = tensor.permute(3, 2, 0, 1)
    return tensor.T.contiguous() if tensor.ndim == 2 else tensor.contiguous()


class Peer:
    def __init__(self, workload: Workload) -> None:
        torch.manual_seed(0)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        x, y = (torch.from_numpy(each) for each in workload.data())
        if x.ndim == 4:
            x = x.permute(0, 3, 1, 2).contiguous()
        self.x, self.y = x.to(device), y.long().to(device)
        self.workload = workload
        params, state = workload.parameters()
        self.params = [_turned(each).to(device).requires_grad_() for each in params]
        self.state = [torch.from_numpy(each).to(device) for each in state]
        self.size = sum(each.numel() for each in [*self.params, *self.state])
        self.optimizer = torch.optim.Adam(self.params, LEARNING_RATE, eps=EPSILON)

    def _logits(self, x: Any, training: bool) -> Any:
        return network(_Ops(self.params, self.state, training), self.workload.layers, x)

    def _starts(self) -> range:
        return range(0, self.workload.samples, self.workload.batch)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        size, device = self.workload.samples, self.x.device
        for _ in range(epochs):
            order = (torch.randperm if shuffle else torch.arange)(size, device=device)
            totals = torch.zeros(2, device=device)
            for start in self._starts():
                rows = order[start : start + self.workload.batch]
                x, y = self.x[rows], self.y[rows]
                self.optimizer.zero_grad(set_to_none=True)
                logits = self._logits(x, True)
                loss = F.cross_entropy(logits, y)
                loss.backward()
                self.optimizer.step()
                right = (logits.detach().argmax(1) == y).sum()
                totals += torch.stack([loss.detach() * len(y), right])
            loss_sum, _accuracy = totals.tolist()
        return loss_sum / size

    @torch.inference_mode()
    def evaluate(self) -> float:
        totals = torch.zeros(2, device=self.x.device)
        for start in self._starts():
            rows = slice(start, start + self.workload.batch)
            logits = self._logits(self.x[rows], False)
            loss = F.cross_entropy(logits, self.y[rows], reduction="sum")
            totals += torch.stack([loss, (logits.argmax(1) == self.y[rows]).sum()])
        return totals[0].item() / self.workload.samples

    @torch.inference_mode()
    def predict(self) -> Any:
        batches = (self.x[start : start + self.workload.batch] for start in self._starts())
        found = [F.softmax(self._logits(each, False), 1).cpu() for each in batches]
        return torch.cat(found).numpy()
