"""Train a small classifier on handwritten digits (or clothes), evaluate it and save it.

python recipes/mnist.py                       # MNIST, or the embedded digits without it
python recipes/mnist.py --model mlp --epochs 4
python recipes/mnist.py --dataset fashion_mnist --out out/fashion
"""

from __future__ import annotations

import argparse
from pathlib import Path

import kerasish
from kerasish import callbacks, layers, optimizers
from kerasish.datasets import digits, fashion_mnist, mnist

DATASETS = {"mnist": mnist, "fashion_mnist": fashion_mnist, "digits": digits}


def load(name: str):
    """Return the name of the dataset that was loaded, and its arrays."""
    if name != "auto":
        return name, DATASETS[name].load_data()
    try:
        return "mnist", mnist.load_data()
    except kerasish.errors.DatasetUnavailableError as error:
        print("=" * 80)
        print("MNIST IS NOT AVAILABLE; TRAINING ON THE EMBEDDED 8x8 DIGITS INSTEAD.")
        print(error)
        print("=" * 80, flush=True)
        return "digits", digits.load_data()


def build(model: str, shape: tuple[int, int], highest: float) -> kerasish.Sequential:
    """Return a model for images of a size whose values go from 0 to `highest`."""
    image = [kerasish.Input((*shape, 1)), layers.Rescaling(1 / highest)]
    if model == "mlp":
        return kerasish.Sequential(
            [
                *image,
                layers.Flatten(),
                layers.Dense(256, activation="relu"),
                layers.Dropout(0.2),
                layers.Dense(128, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]
        )
    # Small images come from small datasets: a wider network and more dropout work better.
    small = min(shape) <= 16
    stages, dropout = ([(32, 32), (64, 64)], 0.5) if small else ([(16,), (32,)], 0.3)
    body: list[layers.Layer] = []
    for filters in stages:
        for width in filters:
            body += [
                layers.Conv2D(width, 3, padding="same" if small else "valid", activation="relu"),
                # Few steps an epoch: the moving statistics must follow within one.
                layers.BatchNormalization(momentum=0.9 if small else 0.99),
            ]
        body += [layers.MaxPooling2D(), layers.Dropout(dropout / 2)]
    return kerasish.Sequential(
        [
            *image,
            *body,
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(10, activation="softmax"),
        ]
    )


def plot(history: dict[str, list[float]], path: Path, title: str) -> None:
    """Draw loss and accuracy over the epochs."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    epochs = range(1, len(history["loss"]) + 1)
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, history[name], marker="o", label="training")
        axis.plot(epochs, history[f"val_{name}"], marker="o", label="test")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
        axis.legend()
    figure.suptitle(title)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Train, evaluate, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", choices=["auto", *DATASETS], default="auto")
    parser.add_argument("--model", choices=["mlp", "cnn"], default="cnn")
    parser.add_argument("--epochs", type=int, help="5 by default, 30 for the small digits")
    parser.add_argument("--batch-size", type=int, help="128 by default, 32 for the small digits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out/mnist"))
    parser.add_argument("--resume", type=Path, metavar="FOLDER", help="go on if it was killed")
    args = parser.parse_args()

    kerasish.utils.set_random_seed(args.seed)
    kerasish.config.enable_compilation_cache()  # the second time it starts at once
    name, ((x_train, y_train), (x_test, y_test)) = load(args.dataset)
    small = name == "digits"
    epochs = args.epochs or (30 if small else 5)
    batch_size = args.batch_size or (32 if small else 128)
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"{name}: {len(x_train):,} images to train on, {len(x_test):,} to test on", flush=True)

    model = build(args.model, x_train.shape[1:3], 16 if small else 255)
    model.summary()
    steps = epochs * -(-len(x_train) // batch_size)
    model.compile(
        optimizer=optimizers.Adam(optimizers.schedules.CosineDecay(2e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train,
        y_train,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(x_test, y_test),
        callbacks=[callbacks.CSVLogger(args.out / "history.csv")],
        resume=args.resume,
    )
    _, accuracy = model.evaluate(x_test, y_test, batch_size=1000, verbose=0)
    model.save(args.out / "model.keras")
    plot(history.history, args.out / "history.png", f"{name}, {args.model}")

    print(f"Test accuracy: {accuracy:.2%} ({name}, {args.model}, {epochs} epochs)")
    print(f"Model:   {args.out / 'model.keras'}")
    print(f"History: {args.out / 'history.csv'}")
    print(f"Curve:   {args.out / 'history.png'}")
    print(f"Go on:   kerasish.saving.load_model({str(args.out / 'model.keras')!r}).predict(...)")


if __name__ == "__main__":
    main()
