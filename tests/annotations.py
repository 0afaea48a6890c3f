"""How many annotations of the library are a bare `Any`, by package.

python tests/annotations.py            # a table
python tests/annotations.py layers     # where they are in one package
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "kerasish"


def annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield every annotation: of arguments, of returned values, of names and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns


def is_bare(annotation: ast.expr) -> bool:
    """Return whether an annotation says nothing."""
    return ast.unparse(annotation).strip("'\"") in ("Any", "Any | None", "typing.Any")


def package(path: Path) -> str:
    """Return the package of a module: `layers`; modules beside the packages count as one."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else "."


def places() -> dict[str, tuple[list[str], int]]:
    """Return for each package where bare annotations are, and how many annotations it has."""
    bare, total = defaultdict(list), defaultdict(int)
    for path in sorted(ROOT.rglob("*.py")):
        for annotation in annotations(ast.parse(path.read_text(encoding="utf-8"))):
            total[package(path)] += 1
            if is_bare(annotation):
                bare[package(path)].append(f"{path.relative_to(ROOT.parent)}:{annotation.lineno}")
    return {name: (bare[name], total[name]) for name in sorted(total)}


if __name__ == "__main__":
    found = places()
    for name in sys.argv[1:]:
        print("\n".join(found[name][0]))
    if not sys.argv[1:]:
        for name, (bare, total) in found.items():
            print(f"{name:16} {len(bare):5} of {total:5} {len(bare) / total:6.1%}")
        bare = sum(len(each) for each, _ in found.values())
        total = sum(count for _, count in found.values())
        print(f"{'all':16} {bare:5} of {total:5} {bare / total:6.1%}")
