"""What public modules show, and what they say of names that they lack."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import traceback

import pytest

import kerasish
from kerasish.core.surface import advice

MODULES = sorted(
    {
        f"kerasish.{name}"
        for name in kerasish.__all__
        if inspect.ismodule(getattr(kerasish, name)) and hasattr(getattr(kerasish, name), "__all__")
    }
    | {"kerasish", "kerasish.ops.image", "kerasish.optimizers.schedules"}
    | {"kerasish.applications.resnet"}
)


@pytest.mark.parametrize("name", MODULES)
def test_completion_shows_public_names_only(name):
    module = importlib.import_module(name)
    assert dir(module) == sorted(module.__all__)
    assert all(hasattr(module, each) for each in module.__all__)
    hidden = [each for each in vars(module) if not each.startswith("_")]
    inside = [each for each in hidden if getattr(module, each).__class__ is type(inspect)]
    assert not [each for each in inside if getattr(module, each).__name__ == f"{name}.{each}"]


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("layers.dense", "Did you mean 'Dense'?"),
        ("layers.lstm", "Did you mean 'LSTM'?"),
        ("layers.max_pooling2d", "Did you mean 'MaxPooling2D'?"),
        ("layers.Adam", "Use `kerasish.optimizers.Adam`."),
        ("layers.CuDNNGRU", "Use `kerasish.layers.GRU`."),
        ("layers.RandomZoom", "Layers that prepare or augment data"),
        ("layers.recurrent", "."),
        ("Sequental", "Did you mean 'Sequential'?"),
        ("Dense", "Use `kerasish.layers.Dense`."),
        ("ops.matmull", "Did you mean 'matmul'?"),
        ("utils.np_utils", "`to_categorical`"),
        ("objectives", "Use `kerasish.losses`."),
        ("activations.rellu", "Did you mean 'relu'?"),
        ("core", "."),
        ("quantizers.GPTQConfig", "Layers are not quantized here"),
        ("distribution", "`jax.sharding`"),
        ("nothing_like_it_at_all", "."),
    ],
)
def test_a_missing_name_is_explained(path, instead):
    module, _, name = f"kerasish.{path}".rpartition(".")
    with pytest.raises(AttributeError) as caught:
        getattr(importlib.import_module(module), name)
    message = str(caught.value)
    assert message.startswith(f"module {module!r} has no attribute {name!r}.")
    assert message.endswith(instead) or instead in message
    # Python adds no second suggestion.
    assert "".join(traceback.format_exception(caught.value)).count("Did you mean") <= 1


@pytest.mark.parametrize(
    "line",
    [
        "from kerasish.layers import RandomZoom",
        "from kerasish.layers.core import Dense",
        "from kerasish.utils import np_utils",
        "from kerasish.engine.topology import Layer",
        "from kerasish.optimizers import adam_v2",
        "from kerasish import Dense",
        "from kerasish.preprocessing.image import ImageDataGenerator",
        "import kerasish.objectives",
    ],
)
def test_an_import_of_a_missing_name_is_explained(line):
    with pytest.raises(ModuleNotFoundError, match=r"module 'kerasish.*has no attribute") as caught:
        exec(line, {})
    assert "`" in str(caught.value)


def test_files_of_the_library_can_be_imported_by_their_path():
    scope = {}
    exec("from kerasish.layers.dense import Dense; import kerasish.core.names as names", scope)
    assert scope["Dense"] is kerasish.layers.Dense
    assert scope["names"].snake_case("Dense") == "dense"


def test_advice_is_for_missing_names_and_names_things_that_exist():
    for path, said in advice._ADVICE.items():
        module, _, name = f"kerasish.{path}".rpartition(".")
        try:
            assert not hasattr(importlib.import_module(module), name), path
        except ModuleNotFoundError:
            assert "." in path
        for quoted in said.split("`")[1::2]:
            if quoted.startswith("kerasish."):
                thing = kerasish
                for part in quoted.split("(")[0].split(".")[1:]:
                    thing = getattr(thing, part)


def test_without_scikit_learn_a_sentence_says_what_to_install():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import kerasish\n"
        "assert 'kerasish.wrappers' not in sys.modules\n"
        "try: kerasish.wrappers.SKLearnRegressor(None)\n"
        "except ImportError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install kerasish[sklearn]" in run.stdout
