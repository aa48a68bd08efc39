"""The course's plain Keras script for each network: `plain_keras FILE NETWORK BATCH STEPS_PER_EXECUTION`."""

import sys
from typing import Any

import keras  # noqa: TID251 - the other side
import numpy as np  # noqa: TID251 - as above
from keras import layers  # noqa: TID251 - as above

from tests.benchmarks.sides.clock import Clock

FILE, NETWORK, BATCH, STEPS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
CLOCK = Clock()


def mnist_cnn() -> Any:
    """Three convolutions, two poolings, one dense layer."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(128, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def lenet5() -> Any:
    """LeNet-5 with ReLU and max-pooling."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(48, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def alexnet_cifar10() -> Any:
    """AlexNet's convolutions for images of 32 × 32."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.ZeroPadding2D(5),
            layers.Conv2D(64, 11, strides=4, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(192, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(384, 3, padding="same", activation="relu"),
            layers.Conv2D(256, 3, padding="same", activation="relu"),
            layers.Conv2D(256, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def resnet20_cifar10() -> Any:
    """ResNet-20 as the Keras example cifar10_resnet.py has it."""

    def conv(x: Any, filters: int, stride: int = 1, size: int = 3) -> Any:
        return layers.Conv2D(
            filters,
            size,
            strides=stride,
            padding="same",
            kernel_initializer="he_normal",
            kernel_regularizer=keras.regularizers.L2(1e-4),
        )(x)

    def normed(x: Any) -> Any:
        return layers.BatchNormalization()(x)

    images = keras.Input((32, 32, 3))
    x = layers.ReLU()(normed(conv(images, 16)))
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            stride = 2 if stage and not block else 1
            y = normed(conv(layers.ReLU()(normed(conv(x, filters, stride))), filters))
            shortcut = conv(x, filters, stride, 1) if stride > 1 else x
            x = layers.ReLU()(layers.Add()([y, shortcut]))
    x = layers.Flatten()(layers.AveragePooling2D(8)(x))
    return keras.Model(images, layers.Dense(10, activation="softmax", kernel_initializer="he_normal")(x))


NETWORKS = {
    "mnist-cnn": (mnist_cnn, 104_202),
    "lenet5": (lenet5, 664_086),
    "alexnet-cifar10": (alexnet_cifar10, 2_472_266),
    "resnet20-cifar10": (resnet20_cifar10, 274_442),
}


class Timing(keras.callbacks.Callback):  # type: ignore[misc] # keras has no types
    """Takes the times."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002 - as Keras calls it
        """Wait for the word."""
        CLOCK.begin()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - as Keras calls it
        """Take the time of the first execution."""
        CLOCK.step()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002 - as Keras calls it
        """Tell the time."""
        CLOCK.end()


with np.load(FILE) as arrays:
    images, labels = arrays["x_train"].astype("float32") / 255, arrays["y_train"]
build, params = NETWORKS[NETWORK]
model = build()
assert model.count_params() == params
loss = "sparse_categorical_crossentropy"
model.compile(optimizer="adam", loss=loss, metrics=["accuracy"], steps_per_execution=STEPS)
model.fit(images, labels, epochs=1_000_000, batch_size=BATCH, callbacks=[Timing()])
