"""How many layers of the catalogue can be exported to ONNX, with the same numbers.

python -m tests.exportable  # counts, and tells what cannot
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import jax
import numpy as np
import onnxruntime

from kerasish.core.graph.symbolic import to_aval
from kerasish.errors import KerasishError
from kerasish.export import write_onnx

# Under the name that tests know it by: it registers classes, and would do so twice.
sys.path.insert(0, str(Path(__file__).parent))
from catalogue import LAYERS, Case

__all__ = ["main", "trouble"]


def trouble(case: Case, path: Path) -> str:
    """Return why a layer is not the same as an ONNX file, at two sizes of the batch, or ""."""
    layer = case.make()
    layer(*case.inputs)
    params, state = layer.params, layer.state
    arrays, structure = jax.tree.flatten(case.inputs)

    def call(*leaves: Any) -> Any:
        return layer.apply(params, state, *jax.tree.unflatten(structure, leaves))[0]

    try:
        write_onnx(call, [to_aval((None, *x.shape[1:]), x.dtype) for x in arrays], path)
    except KerasishError as error:
        return str(error)
    session = onnxruntime.InferenceSession(path)
    for size in (4, 2):
        part = [np.asarray(x)[:size] for x in arrays]
        names = [value.name for value in session.get_inputs()]
        found = session.run(None, dict(zip(names, part, strict=True)))
        for one, two in zip(found, jax.tree.leaves(call(*part)), strict=True):
            if not np.allclose(one, two, rtol=1e-5, atol=1e-5):
                return f"differs by {np.abs(one - two).max()}"
    return ""


def main() -> int:
    """Print the count."""
    with tempfile.TemporaryDirectory() as folder:
        found = [(case, trouble(case, Path(folder) / "layer.onnx")) for case in LAYERS]
    different = [(case, why) for case, why in found if why]
    equal = len(found) - len(different)
    print(f"{equal} of {len(found)} layers of the catalogue are the same in ONNX")
    for case, why in different:
        print(f"    {case}: {why}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
