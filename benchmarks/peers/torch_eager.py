"""An eager loop of PyTorch, with the data on the device."""

from __future__ import annotations

import os
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.network import EPSILON, LEARNING_RATE, MOMENTUM, NORM_EPSILON, network
from benchmarks.workloads import Workload


class _Ops:
    """The operations on tensors, channels first; they take the parameters in order."""

    def __init__(self, params: list[Any], state: list[Any], training: bool) -> None:
        self.params = iter(params)
        self.state = iter(state)
        self.training = training

    def dense(self, x: Any, units: int, activation: str | None) -> Any:
        return _activated(F.linear(x, next(self.params).T, next(self.params)), activation)

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
        if around and stride == 2:
            # Keras pads an even size on the far side only.
            x, around = F.pad(x, (0, 1, 0, 1)), 0
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
        return x.permute(0, 2, 3, 1).flatten(1)  # channels last, as in Keras

    def mean(self, x: Any) -> Any:
        return x.mean((2, 3) if x.ndim == 4 else 1)

    def dropout(self, x: Any, rate: float) -> Any:
        return F.dropout(x, rate, self.training)

    def relu(self, x: Any) -> Any:
        return F.relu(x)

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def lstm(self, x: Any, units: int, sequences: bool) -> Any:
        outputs, last = self._lstm(x, units, 1)
        return outputs if sequences else last[0]

    def bidirectional(self, x: Any, units: int, sequences: bool) -> Any:
        outputs, last = self._lstm(x, units, 2)
        return outputs if sequences else torch.cat([*last], -1)

    def _lstm(self, x: Any, units: int, directions: int) -> Any:
        weights = []
        for _ in range(directions):
            kernel, recurrent, bias = next(self.params), next(self.params), next(self.params)
            # PyTorch has a second bias, which Keras has not.
            turned = kernel.T.contiguous(), recurrent.T.contiguous()
            weights += [*turned, bias, torch.zeros_like(bias)]
        zeros = x.new_zeros(directions, len(x), units)
        both = directions == 2
        found = torch.lstm(
            x, (zeros, zeros), weights, True, 1, 0.0, self.training, both, batch_first=True
        )
        return found[:2]

    def embed(self, x: Any, words: int, width: int) -> Any:
        return F.embedding(x, next(self.params))

    def positions(self, x: Any) -> Any:
        return x + next(self.params)

    def layernorm(self, x: Any) -> Any:
        return F.layer_norm(x, x.shape[-1:], next(self.params), next(self.params), NORM_EPSILON)

    def attention(self, x: Any, heads: int) -> Any:
        width = x.shape[-1]
        parts = []
        for _ in ("query", "key", "value"):
            kernel, bias = next(self.params), next(self.params)
            y = F.linear(x, kernel.reshape(width, width).T, bias.flatten())
            parts.append(y.reshape(*x.shape[:-1], heads, -1).transpose(1, 2))
        query, key, value = parts
        y = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(x.shape)
        return F.linear(y, next(self.params).reshape(width, width).T, next(self.params))


def _activated(x: Any, activation: str | None) -> Any:
    return F.relu(x) if activation == "relu" else x


def _device() -> torch.device:
    """Return the GPU, unless JAX is configured not to use it."""
    wanted = os.environ.get("JAX_PLATFORMS", "cuda")
    takes = torch.cuda.is_available() and not wanted.startswith("cpu")
    return torch.device("cuda" if takes else "cpu")


def _turned(array: Any) -> Any:
    """Return a parameter; the kernel of a convolution with the channels first."""
    tensor = torch.from_numpy(array)
    return tensor.permute(3, 2, 0, 1).contiguous() if tensor.ndim == 4 else tensor


class Peer:
    def __init__(self, workload: Workload) -> None:
        torch.manual_seed(0)
        device = _device()
        if device.type == "cuda":
            torch.set_float32_matmul_precision("high")  # JAX's default there
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
