"""Peers in processes of their own, which answer a line for a line."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.workloads import Workload

__all__ = ["KERAS", "LOOPS", "OURS", "PEERS", "TORCH", "Process", "TooSlow", "Trouble", "started"]

OURS, KERAS, LOOPS, TORCH = "kerasish_fit", "keras_fit", ("jax_loop", "jax_scan"), "torch_eager"
PEERS = (OURS, KERAS, *LOOPS, TORCH)
ROOT = Path(__file__).parent.parent

# Seconds after which something hangs, whatever it is.
PATIENCE = 900.0


class Trouble(Exception):
    """A peer that does not answer, and why, for people.

    Args:
        peer: its name.
        text: what happened.
    """

    def __init__(self, peer: str, text: str) -> None:
        super().__init__(f"{peer} {text}")
        self.peer = peer
        self.text = text


class TooSlow(Trouble):
    """A turn that was ended because it took too long."""


class Process:
    """A peer in its own process, with a terminal that is not shown.

    Args:
        peer: a module of `benchmarks.peers`.
        workload: what it trains; must be one of `WORKLOADS`, but for the number of samples.
        root: the checkout whose code runs.

    Raises:
        Trouble: if it cannot be started.
    """

    def __init__(self, peer: str, workload: Workload, root: Path = ROOT) -> None:
        self.peer = peer
        self.workload = workload
        self.reply: dict[str, Any] = {}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        answers, answering = os.pipe()
        screen, terminal = pty.openpty()
        command = ["benchmarks.serve", peer, workload.name, workload.samples, answering]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *map(str, command)],
            cwd=root,
            env=_environment(root),
            stdin=subprocess.PIPE,
            stdout=terminal,
            stderr=self._errors,
            pass_fds=(answering,),
            text=True,
        )
        os.close(answering)
        os.close(terminal)
        threading.Thread(target=_drain, args=(screen,), daemon=True).start()
        self._answers = os.fdopen(answers)
        try:
            self._listen(PATIENCE)
            if "missing" in self.reply:
                raise Trouble(peer, f"is left out: {self.reply['missing']} is not installed")
        except Trouble:
            self.close()
            raise
        self.size: int = self.reply["size"]
        self.device: str = self.reply["device"]

    def run(self, job: str, epochs: int | None = None, limit: float = PATIENCE) -> float:
        """Return how many seconds a turn takes: some epochs, or as many passes over the data.

        Args:
            job: a method of the peer.
            epochs: None for those of the workload.
            limit: seconds after which it is ended.

        Raises:
            Trouble: if there is no answer.
        """
        count = epochs or self.workload.epochs
        args, times = ([], count) if job in ("evaluate", "predict") else ([count], 1)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": job, "args": args, "times": times}) + "\n")
            self._process.stdin.flush()
        except OSError:
            self._died()
        self._listen(limit)
        return float(self.reply["seconds"])

    def _listen(self, limit: float) -> None:
        if not select.select([self._answers], [], [], limit)[0]:
            self._process.kill()
            raise TooSlow(self.peer, f"was ended: its turn took more than {limit:.0f} s")
        line = self._answers.readline()
        if not line:
            self._died()
        self.reply = json.loads(line)

    def _died(self) -> NoReturn:
        status = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        raise Trouble(self.peer, f"broke off ({status}): {' / '.join(lines[-3:]) or 'no words'}")

    def close(self) -> None:
        """End the process, whatever it does."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._answers.close()
        self._errors.close()


@contextmanager
def started(peer: str, workload: Workload, root: Path = ROOT) -> Iterator[Process]:
    """Start a peer, and end it afterwards."""
    process = Process(peer, workload, root)
    try:
        yield process
    finally:
        process.close()


def _environment(root: Path) -> dict[str, str]:
    # A cache of compiled programs would make a second first epoch out of the first.
    left = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
    # On a GPU the first process would take most of the memory for itself.
    left.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    # PyTorch's threads wait in a busy loop: beside any other work its steps then take up to a
    # hundred times as long.
    left.setdefault("OMP_WAIT_POLICY", "passive")
    shown = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    return left | shown | {"PYTHONPATH": str(root)}


def _drain(screen: int) -> None:
    """Take what a peer shows, so that it need not wait."""
    try:
        while os.read(screen, 1 << 16):
            pass
    except OSError:  # its end, on Linux
        pass
    finally:
        os.close(screen)
