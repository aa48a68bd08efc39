"""The settings of a training: a new one is an entry here."""

from __future__ import annotations

from cnnspec.ir.arguments import Choice, Count, Flag, Real
from cnnspec.language.train.augmentations import AUTO, MIRRORS
from cnnspec.language.train.class_weights import BALANCED, ClassWeights, SpokenClassWeights
from cnnspec.language.train.declaration import Declared, setting
from cnnspec.language.train.losses import CROSS_ENTROPY, LOSSES
from cnnspec.language.train.metrics import METRICS, VALIDATION, monitors
from cnnspec.language.train.optimizers import OPTIMIZERS, WITH_MOMENTUM
from cnnspec.language.train.schedules import SCHEDULES
from cnnspec.language.train.targets import CLASS, TARGETS
from cnnspec.language.train.threads import Threads, ThreadsOrAuto
from cnnspec.language.train.values import (
    CountOrAuto,
    Device,
    Folder,
    Names,
    Positive,
    Seed,
    SpokenNames,
    SpokenVariations,
    Text,
    Variations,
    Words,
    spelled,
)


class Settings(Declared):
    """Everything that decides how a network is trained; two trainings with equal settings are the same.

    In Python they have the names and the forms that stand here. `scale` None is decided by the data, `limit` keeps so
    many samples, `steps_per_execution` None is chosen from the cost of a step, `threads` None by measuring. Without a
    `learning_rate`, `merge` takes that of the optimizer.
    """

    data: str = setting(
        Text(),
        "mnist, fashion_mnist, cifar10, cifar100, digits, synthetic:N, an .npz file, or a folder of images.",
        metavar="NAME",
    )
    data_dir: str | None = setting(
        Folder(),
        "Where the files of the data are looked for first.",
        default=None,
        metavar="DIR",
        in_spec=False,
        beside=True,
    )
    offline: bool = setting(Flag(), "Download nothing.", default=False, in_spec=False, beside=True)
    limit: int | None = setting(
        Count(), "Train and test on N samples only, for a first try.", default=None, metavar="N", in_spec=False
    )
    target: str | None = setting(
        Choice(tuple(TARGETS)),
        f"What is to be told of a sample: {', '.join(TARGETS)}; otherwise the data and the loss decide.",
        default=None,
        metavar="SORT",
    )
    resize: bool = setting(Flag(), "Bring the images to the input's size and channels.", default=False)
    scale: float | None = setting(Positive(), "Factor of the pixels, such as 1/255.", default=None, option=False)
    augment: tuple[str, ...] = setting(
        Variations(Choice(tuple(MIRRORS))),
        f"Vary the images: {AUTO}, none, {', '.join(MIRRORS)}, or {','.join(MIRRORS)}.",
        default=(),
        option=SpokenVariations(Choice(tuple(MIRRORS))),
        metavar="HOW",
    )
    mixup: float = setting(
        Real(0.0, 1.0), "Mix every image with another one: the alpha of Keras' MixUp.", default=0.0, metavar="ALPHA"
    )
    init: tuple[str, ...] = setting(
        Names(),
        "Begin with these weights: of a run, a .keras or .h5 file, or imagenet; NETWORK=… for a network in the spec.",
        default=(),
        option=SpokenNames(),
        metavar="RUN|FILE|imagenet",
    )
    unfreeze: tuple[str, ...] = setting(
        Names(),
        "Let these frozen layers, blocks or networks learn; batch norms inside stay.",
        default=(),
        option=SpokenNames(),
        metavar="LAYER",
    )
    epochs: int = setting(Count(), "Passes over the data.", default=10, metavar="N")
    batch_size: int = setting(Count(), "Samples per step.", default=32, metavar="N")
    optimizer: str = setting(Choice(tuple(OPTIMIZERS)), "Keras' name of the optimizer.", default="adam", metavar="NAME")
    learning_rate: float = setting(Positive(), "Step size of the optimizer.", default=0.001, metavar="RATE")
    momentum: float = setting(Real(0.0, 1.0), f"Momentum of {' and '.join(WITH_MOMENTUM)}.", default=0.0, metavar="M")
    weight_decay: float | None = setting(
        Real(0.0), "Decay of the weights in every step, beside the gradient.", default=None, metavar="DECAY"
    )
    clipnorm: float | None = setting(
        Positive(), "Largest norm of the gradient of each weight.", default=None, metavar="NORM"
    )
    global_clipnorm: float | None = setting(
        Positive(), "Largest norm of the gradient of all weights.", default=None, metavar="NORM"
    )
    clipvalue: float | None = setting(
        Positive(), "Largest number in a gradient, as a distance from 0.", default=None, metavar="VALUE"
    )
    schedule: str = setting(Choice(tuple(SCHEDULES)), "How the learning rate changes.", default="constant")
    warmup_epochs: int = setting(Count(0), "Epochs in which the learning rate grows from 0.", default=0, metavar="N")
    warmup_steps: int = setting(Count(0), "The same, counted in steps.", default=0, metavar="N")
    loss: str = setting(spelled(LOSSES), "Keras' name of the loss.", default=CROSS_ENTROPY, metavar="NAME")
    from_logits: bool = setting(
        Flag(), "The network ends without softmax or sigmoid, which the loss applies.", default=False
    )
    label_smoothing: float = setting(
        Real(0.0, 1.0), "Share of every label that goes to all classes alike.", default=0.0, metavar="SHARE"
    )
    class_weight: tuple[str, ...] = setting(
        ClassWeights(),
        f"Weight of each class in the loss: {BALANCED}, or CLASS=WEIGHT,….",
        default=(),
        option=SpokenClassWeights(),
        metavar="HOW",
    )
    metrics: tuple[str, ...] = setting(
        Words(spelled(METRICS)), "What is measured besides the loss.", default=("accuracy",), option=False
    )
    validation_split: float = setting(
        Real(0.0, 1.0), "Share of the training data kept for validation.", default=0.0, metavar="SHARE"
    )
    monitor: str | None = setting(
        monitors(), "What tells the best epoch: loss, val_loss, a metric, or val_METRIC.", default=None, metavar="NAME"
    )
    patience: int = setting(
        Count(0), "Stop after N epochs without a better value of the monitor.", default=0, metavar="N"
    )
    seed: int = setting(Seed(), "Start of the random numbers.", default=0, metavar="N")
    deterministic: bool = setting(
        Flag(), "The same numbers in every run, to the last bit.", default=False, in_spec=False
    )
    mixed_precision: bool = setting(Flag(), "Compute in 16 bits, keep weights in 32.", default=False, in_spec=False)
    jit: str = setting(
        Choice(("auto", "on", "off")), "Compile just in time; auto: where it helps.", default="auto", in_spec=False
    )
    steps_per_execution: int | None = setting(
        Count(),
        "Steps between two looks at the progress.",
        default=None,
        option=CountOrAuto(),
        metavar="N|auto",
        in_spec=False,
    )
    threads: str | None = setting(
        Threads(),
        "Threads of an operation, or parts of a batch x threads; auto: measured in the first steps.",
        default=None,
        option=ThreadsOrAuto(),
        metavar="N|KxN|auto",
        in_spec=False,
    )
    device: str | None = setting(Device(), "Where to compute.", default=None, metavar="cpu|gpu[:N]", in_spec=False)
    devices: int = setting(Count(), "Devices that share every batch.", default=1, metavar="N", in_spec=False)
    tensorboard: bool = setting(
        Flag(), "Write the history for TensorBoard too.", default=False, in_spec=False, beside=True
    )

    @property
    def sort(self) -> str:
        """What is told of a sample; a class where nothing else was decided."""
        return self.target or CLASS

    @property
    def watched(self) -> str | None:
        """What tells the best epoch; None without a monitor and without validation data: then the last one is best."""
        return self.monitor or (f"{VALIDATION}loss" if self.validation_split else None)

    def steps_of_warmup(self, steps: int) -> int:
        """Return the steps in which the learning rate grows, where an epoch has so many."""
        return self.warmup_steps or self.warmup_epochs * steps
