"""Train a ConvNet or a ResNet-20 on CIFAR-10, with flips and crops made on the device.

    python recipes/cifar10.py                            # LeNet-style, 20 epochs
    python recipes/cifar10.py --model resnet20 --epochs 100
    python recipes/cifar10.py --limit 2000 --epochs 2    # a quick look

ResNet-20 is that of He et al., "Deep Residual Learning for Image Recognition" (2016), section 4.2,
with 1x1 convolutions where the shape changes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import jax
import jax.numpy as jnp
from mnist import plot

import kerasish
from kerasish import callbacks, layers, optimizers
from kerasish.datasets import cifar10

# The mean and the standard deviation of all training pixels, over the channels.
MEAN, DEVIATION = 120.7, 64.2


class Augmented(kerasish.Model):
    """A model that sees each image flipped at random and cropped after padding by 4."""

    def train_step(self, state, data):
        """Change the images in training only, each step by other random numbers."""
        x, y = data
        key = jax.random.fold_in(jax.random.key(0), self.optimizer.iterations.value)
        return super().train_step(state, (flip_and_crop(x, key), y))


def flip_and_crop(images, key):
    """Return each image flipped or not, and moved by up to 4 pixels; a pure function."""
    flip_key, crop_key = jax.random.split(key)
    count, height, width, channels = images.shape
    flip = jax.random.bernoulli(flip_key, 0.5, (count, 1, 1, 1))
    images = jnp.where(flip, images[:, :, ::-1], images)
    padded = jnp.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)))
    starts = jax.random.randint(crop_key, (count, 2), 0, 9)
    return jax.vmap(
        lambda image, start: jax.lax.dynamic_slice(
            image, (start[0], start[1], 0), (height, width, channels)
        )
    )(padded, starts)


def lenet(x):
    """A LeNet-style ConvNet: two convolutions, two poolings, two dense layers."""
    for filters in (32, 64):
        x = layers.Conv2D(filters, 5, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return layers.Dense(10)(x)


def resnet20(x):
    """Three stages of three blocks of two convolutions each."""

    def convolution(x, filters, size=3, strides=1):
        x = layers.Conv2D(
            filters,
            size,
            strides,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=kerasish.regularizers.L2(5e-5),
        )(x)
        return layers.BatchNormalization(momentum=0.9)(x)

    x = layers.ReLU()(convolution(x, 16))
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            strides = 2 if stage and not block else 1
            shortcut = x if strides == 1 else convolution(x, filters, 1, strides)
            x = layers.ReLU()(convolution(x, filters, strides=strides))
            x = layers.Add()([convolution(x, filters), shortcut])
            x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(10)(x)


def main() -> None:
    """Train, evaluate, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", choices=["lenet", "resnet20"], default="lenet")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.1, help="the highest")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="use only the first images of each split")
    parser.add_argument("--out", type=Path, default=Path("out/cifar10"))
    parser.add_argument("--resume", type=Path, metavar="FOLDER", help="go on if it was killed")
    args = parser.parse_args()

    kerasish.utils.set_random_seed(args.seed)
    kerasish.config.enable_compilation_cache()  # the second time it starts at once
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    x_train, y_train = x_train[: args.limit], y_train[: args.limit]
    x_test, y_test = x_test[: args.limit], y_test[: args.limit]
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"cifar10: {len(x_train):,} images to train on, {len(x_test):,} to test on", flush=True)

    image = kerasish.Input((32, 32, 3))
    network = {"lenet": lenet, "resnet20": resnet20}[args.model]
    logits = network(layers.Rescaling(1 / DEVIATION, -MEAN / DEVIATION)(image))
    model = Augmented(image, logits, name=args.model)
    model.summary()

    steps = args.epochs * -(-len(x_train) // args.batch_size)
    warmup = min(steps // 10, 1000)
    highest = args.learning_rate if args.model == "resnet20" else args.learning_rate / 5
    schedule = optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=highest, warmup_steps=warmup
    )
    model.compile(
        optimizer=optimizers.SGD(schedule, momentum=0.9, nesterov=True),
        loss=kerasish.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train,
        y_train,
        batch_size=args.batch_size,
        epochs=args.epochs,
        validation_data=(x_test, y_test),
        callbacks=[callbacks.CSVLogger(args.out / "history.csv")],
        resume=args.resume,
    )
    _, accuracy = model.evaluate(x_test, y_test, batch_size=500, verbose=0)
    # What is saved is the plain model: loading it does not need the augmentation.
    kerasish.Model(model.input, model.output, name=args.model).save(args.out / "model.keras")
    plot(history.history, args.out / "history.png", f"cifar10, {args.model}")

    print(f"Test accuracy: {accuracy:.2%} (cifar10, {args.model}, {args.epochs} epochs)")
    print(f"Model:   {args.out / 'model.keras'}")
    print(f"History: {args.out / 'history.csv'}")
    print(f"Curve:   {args.out / 'history.png'}")


if __name__ == "__main__":
    main()
