"""The floors of the library, and what its modules promise of themselves."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import kerasish

# Each unit imports only from the floors below its own, never from its siblings beside it.
FLOORS = """
    kerasish
    applications backend distillation legacy mixed_precision preprocessing visualization wrappers
    models
    export
    saving training utils
    layers losses metrics optimizers callbacks datasets
    ops checkpoints
    activations initializers regularizers constraints functional kernels random config errors
    dtype_policies quantizers tree
    core
"""

# The rooms of a package with several, likewise: each imports only from those below it.
ROOMS = {
    "training": """
        loops
        diagnosis profiling
        execution
        checks
        objective
        data
    """,
}

# What `import kerasish` must not wait for: it is imported where it is used.
HEAVY = (
    "IPython PIL cv2 flax h5py matplotlib orbax pandas rich safetensors scipy sklearn "
    "tensorboardX tensorflow tensorflow_datasets"
)

ROOT = Path(kerasish.__file__).parent
FLOOR = {
    unit: floor
    for floor, line in enumerate(reversed(FLOORS.strip().splitlines()))
    for unit in line.split()
}


class Module(NamedTuple):
    """A file of the library."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def imports(self, types: bool = False) -> Iterator[tuple[str, str]]:
        """Yield `(module, name)` for each import, also in functions and by `import_module`.

        Args:
            types: whether to include the imports below `if TYPE_CHECKING`.
        """
        for node in ast.walk(self.tree) if types else _running(self.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                if isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value), ""
            elif isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
                source = [*above, node.module] if node.level else [node.module]
                yield from ((".".join(filter(None, source)), alias.name) for alias in node.names)

    def arrows(self, types: bool = False) -> set[str]:
        """Return the modules of the library that this one imports."""
        found = set()
        for source, name in self.imports(types):
            inner = f"{source}.{name}"
            found.add(inner if inner in MODULES else source)
        return {target for target in found if target in MODULES} - {self.name}


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk through the code that runs, which leaves out what stands below `if TYPE_CHECKING`."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield from _running(child)


def _read() -> dict[str, Module]:
    modules = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return modules


MODULES = _read()


def unit(module: str) -> str:
    """Return what stands in the table of floors: `kerasish.layers.dense` is of `layers`."""
    return (module + ".").split(".")[1] or "kerasish"


def every(modules: dict[str, Module]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("module", modules.values(), ids=modules)


# Imports


def test_every_module_has_a_floor():
    assert {unit(name) for name in MODULES} <= set(FLOOR)


@every(MODULES)
def test_arrows_point_down(module):
    own = unit(module.name)
    up = [
        target
        for target in module.arrows()
        if unit(target) != own and FLOOR.get(unit(target), 0) >= FLOOR.get(own, 0)
    ]
    assert not up, f"{module.name} (floor of {own}) imports {up}"


def room(module: str, package: str) -> str | None:
    """Return the room of a module in a package: `kerasish.training.data.block` is in `data`."""
    parts = module.split(".")
    return parts[2] if parts[1:2] == [package] and len(parts) > 2 else None


@pytest.mark.parametrize("package", ROOMS)
def test_arrows_point_down_between_rooms(package):
    lines = reversed(ROOMS[package].strip().splitlines())
    floors = {name: floor for floor, line in enumerate(lines) for name in line.split()}
    assert floors.keys() == {room(name, package) for name in MODULES} - {None}
    for name, module in MODULES.items():
        for target in module.arrows():
            own, other = room(name, package), room(target, package)
            if own and other and own != other:
                assert floors[other] < floors[own], f"{name} imports {target}"


def test_no_imports_go_in_circles():
    # Imports for types count: a circle of types is a circle of ideas.
    arrows = {name: module.arrows(types=True) for name, module in MODULES.items()}
    while True:
        # What imports nothing that is left, or is imported by nothing, is in no circle.
        imported = set().union(*arrows.values())
        free = [name for name in arrows if not arrows[name] or name not in imported]
        if not free:
            break
        arrows = {name: arrows[name] - set(free) for name in arrows if name not in free}
    assert not arrows


def test_the_table_of_floors_is_checked_against_something():
    assert "kerasish.core.variable" in MODULES["kerasish.core.weights"].arrows()
    assert "kerasish.layers.dense" in MODULES["kerasish.layers"].arrows()
    assert "kerasish.activations" in MODULES["kerasish.layers.dense"].arrows()


def test_importing_takes_no_detours():
    code = (
        "import sys, kerasish, jax\n"
        "from jax._src import xla_bridge\n"
        f"heavy = {HEAVY.split()!r}\n"
        "print([name for name in heavy if name in sys.modules], bool(xla_bridge._backends))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent
    )
    assert run.stdout.strip() == "[] False"


# Names


def exported(tree: ast.Module) -> list[str] | None:
    """Return `__all__` as it is written."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def order(name: str) -> tuple[int, list[str | int]]:
    """Sort as ruff does: constants, classes, everything else; 50 before 101."""
    constant = name.isupper() and len(name) > 1
    parts = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
    return (0 if constant else 1 if name[0].isupper() else 2), parts


def public(tree: ast.Module) -> set[str]:
    """Return the public classes and functions that a module defines."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {n.name for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")}


@every(MODULES)
def test_all_is_sorted_and_true(module):
    names = exported(module.tree)
    if names is None:
        assert not public(module.tree), f"{module.name} has no __all__"
        return
    assert names == sorted(set(names), key=order)
    loaded = importlib.import_module(module.name)
    assert not [name for name in names if not hasattr(loaded, name)]


PACKAGES = {name: m for name, m in MODULES.items() if m.path.name == "__init__.py"}


@every(PACKAGES)
def test_what_a_package_hands_on_is_public_on_the_way(module):
    own = exported(module.tree) or []
    for source, name in module.imports():
        inside = source.startswith(f"{module.name}.") and f"{source}.{name}" not in MODULES
        if inside and name in public(MODULES[source].tree):
            assert name in own, f"{module.name} imports {name} and has it not in __all__"
            assert name in (exported(MODULES[source].tree) or []), f"{source} hides {name}"


@every(MODULES)
def test_everything_public_has_a_docstring(module):
    names = set(exported(module.tree) or []) & public(module.tree)
    bare = [
        node.name
        for node in module.tree.body
        if getattr(node, "name", None) in names
        and not ast.get_docstring(node)
        and "overload" not in map(ast.unparse, getattr(node, "decorator_list", ()))
    ]
    assert ast.get_docstring(module.tree)
    assert not bare


FAMILIES = (
    *("layers", "losses", "metrics", "optimizers", "optimizers.schedules", "callbacks"),
    *("initializers", "regularizers", "constraints", "models"),
)
# A pytree that one meets and does not make.
UNMADE = {"OptimizerState"}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_public_class_has_arguments_and_an_example(family):
    found = importlib.import_module(f"kerasish.{family}")
    for name in set(found.__all__) - UNMADE:
        thing = getattr(found, name)
        if inspect.isclass(thing):
            words = inspect.getdoc(thing)
            asked = set(inspect.signature(thing).parameters) - {"args", "kwargs"}
            assert "Examples:" in words, name
            assert "Args:" in words or not asked, name


# What programs may import though it is not for users: the kernels are what a benchmark compares.
INSIDE = {"benchmarks": ("kernels",)}


@pytest.mark.parametrize("folder", ["recipes", "benchmarks"])
def test_programs_use_public_names_only(folder):
    public = ("kerasish", *kerasish.__all__, *INSIDE.get(folder, ()))
    for path in sorted((Path(__file__).parent.parent / folder).rglob("*.py")):
        program = Module(folder, path, ast.parse(path.read_text(encoding="utf-8")))
        for source, name in program.imports():
            if source.split(".")[0] == "kerasish":
                assert unit(source) in public, f"{path.name}: {source}"
                names = getattr(importlib.import_module(source), "__all__", ())
                assert not name or name in names, f"{path.name}: {source}.{name}"
