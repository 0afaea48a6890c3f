"""Write and run `quickstart.ipynb`: its cells are here, where they can be reviewed and linted.

python notebooks/build.py
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PATH = Path(__file__).with_name("quickstart.ipynb")

CELLS = [
    """# kerasish in ten minutes

Build, compile, fit, look at the curve, evaluate, predict, save, load, and then the same model as a
pure function under `jax.grad`. The data are 1,797 handwritten digits that come with the package, so
nothing is downloaded.""",
    """
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import kerasish
from kerasish import layers

kerasish.utils.set_random_seed(0)
(x_train, y_train), (x_test, y_test) = kerasish.datasets.digits.load_data()
x_train.shape, x_train.dtype, y_train[:10]
""",
    "## Build",
    """
model = kerasish.Sequential(
    [
        kerasish.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
""",
    "## Compile and fit",
    """
model.compile(
    optimizer=kerasish.optimizers.Adam(5e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(x_train, y_train, epochs=12, validation_split=0.1)
""",
    "## Look at the curve",
    """
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for axis, name in zip(axes, ("loss", "accuracy")):
    axis.plot(history.history[name], label="training")
    axis.plot(history.history[f"val_{name}"], label="validation")
    axis.set(xlabel="epoch", ylabel=name)
    axis.legend()
plt.show()
""",
    "## Evaluate and predict",
    """
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"{accuracy:.1%} of {len(y_test)} digits, by writers the model has not seen")
""",
    """
probabilities = model.predict(x_test[:8], verbose=0)
figure, axes = plt.subplots(1, 8, figsize=(9, 1.4))
for axis, image, p in zip(axes, x_test, probabilities):
    axis.imshow(image, cmap="gray_r")
    axis.set_title(f"{p.argmax()} ({p.max():.0%})", fontsize=9)
    axis.axis("off")
plt.show()
""",
    "## Save and load",
    """
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "digits.keras"
    model.save(path)  # Keras can load this file, too
    again = kerasish.saving.load_model(path)
np.array_equal(again.predict(x_test, verbose=0), model.predict(x_test, verbose=0))
""",
    """## The same model as a pure function

`model.params` and `model.state` are nested dicts of arrays, and `model.apply` is a pure function of
them: `jit` it, `vmap` it, differentiate it. Here: how much would each pixel have to change for the
model to believe less in what it sees?""",
    """
params, state = model.params, model.state
print(jax.tree.map(jnp.shape, params))


@jax.jit
def belief(image):
    probabilities, _ = model.apply(params, state, image[None])
    return probabilities[0].max()


image = jnp.asarray(x_test[0], "float32")[..., None]
sensitivity = jax.grad(belief)(image)

figure, axes = plt.subplots(1, 2, figsize=(4.5, 2.2))
axes[0].imshow(image[..., 0], cmap="gray_r")
axes[1].imshow(sensitivity[..., 0], cmap="RdBu")
for axis, title in zip(axes, ("image", "gradient")):
    axis.set_title(title, fontsize=9)
    axis.axis("off")
plt.show()
""",
    """And one step of gradient descent by hand, with any optax transformation or none at all:""",
    """
def loss_of(params, x, y):
    probabilities, _ = model.apply(params, state, x)
    return -jnp.mean(jnp.log(probabilities[jnp.arange(len(y)), y]))


x, y = jnp.asarray(x_train[:256]), jnp.asarray(y_train[:256])
loss, gradients = jax.value_and_grad(loss_of)(params, x, y)
params = jax.tree.map(lambda p, g: p - 0.01 * g, params, gradients)
float(loss), float(loss_of(params, x, y))
""",
]


def build() -> nbformat.NotebookNode:
    """Return the notebook without outputs."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for i, text in enumerate(CELLS):
        is_code = text.startswith("\n")
        make = nbformat.v4.new_code_cell if is_code else nbformat.v4.new_markdown_cell
        notebook.cells.append(make(text.strip(), id=f"cell-{i}"))
    return notebook


def main() -> None:
    """Run the cells and write the notebook with their outputs."""
    notebook = build()
    NotebookClient(notebook, timeout=300).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is nobody's business
    text = nbformat.writes(notebook)
    PATH.write_text(re.sub(r"/tmp/[\w./-]+", "...", text) + "\n")
    print(f"{PATH} has {len(notebook.cells)} cells")


if __name__ == "__main__":
    main()
