"""How the tests compile: programs kept on disk between tests, workers and runs, and fast compiles.

Most of the suite's time goes into XLA, which compiles programs that run once on a few numbers.
"""

from __future__ import annotations

import functools
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import jax
from jax._src import compiler, lru_cache

__all__ = ["compile_fast", "keep_programs", "remove_old_programs"]

_KEEP_DAYS = 7


def keep_programs(folder: Path) -> None:
    """Keep every compiled program in a folder, which several processes may share.

    A program is found again if its code, its compile options and the versions of JAX and XLA are
    the same, so that a change of the library never meets a stale one.
    """
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def remove_old_programs(folder: Path) -> None:
    """Remove programs that no test has used for a week."""
    oldest = time.time() - _KEEP_DAYS * 86400
    for path in folder.iterdir():
        with suppress(OSError):  # Another run may remove it, too.
            if path.stat().st_mtime < oldest:
                path.unlink()


def _put_at_once(self: Any, key: str, value: bytes) -> None:
    """Write an entry as a whole: JAX writes in place, and other workers read meanwhile."""
    target = Path(self.path) / f"{key}-cache"
    if not target.exists():
        written = target.with_name(f"{uuid.uuid4().hex}.tmp")
        written.write_bytes(value)
        os.replace(written, target)


def _get_and_touch(self: Any, key: str) -> bytes | None:
    """Read an entry, and note that it is in use."""
    path = Path(self.path) / f"{key}-cache"
    try:
        value = path.read_bytes()
        if time.time() - path.stat().st_mtime > 86400:
            os.utime(path)
    except FileNotFoundError:
        return None
    return value


lru_cache.LRUCache.put = _put_at_once
lru_cache.LRUCache.get = _get_and_touch


@functools.cache
def _fast_options() -> list[tuple[str, bool]]:
    """Return compile options for short compiles, where this version of XLA has them."""
    options = {"xla_cpu_use_fusion_emitters": False}
    try:
        jax.jit(lambda: 0, compiler_options=options)()
    except jax.errors.JaxRuntimeError:
        return []
    return list(options.items())


@contextmanager
def compile_fast() -> Iterator[None]:
    """Compile with few optimizations and the simpler emitters of XLA: four times faster on CPUs.

    For tests that compare numbers to a tolerance. Tests that promise equal bits, speed or memory
    compile as users do.
    """
    _fast_options()  # Compiles a program, by the function that is replaced below.
    options_of = compiler.get_compile_options

    def get_compile_options(*args: Any, **kwargs: Any) -> Any:
        options = options_of(*args, **kwargs)
        options.env_option_overrides = [*options.env_option_overrides, *_fast_options()]
        return options

    before = jax.config.values["jax_disable_most_optimizations"]
    jax.config.update("jax_disable_most_optimizations", True)
    compiler.get_compile_options = get_compile_options
    try:
        yield
    finally:
        compiler.get_compile_options = options_of
        jax.config.update("jax_disable_most_optimizations", before)
