"""Random changes of images while training, from one table: nothing is learned, and shapes stay.

Arguments have Keras' own names, for Keras alone knows what they do.
"""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

from cnnspec.formula import Term
from cnnspec.ir.arguments import Arg, Choice, Count, PerAxis, Real, Reals
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, LayerError, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, show
from cnnspec.ir.torch_call import TorchCall
from cnnspec.ir.values import REAL, Raw


class Factor(Reals):
    """How strong a change is: one number, or the least and the most."""

    accepts = "a number, or a list of the least and the most"

    def read(self, raw: Raw) -> float | tuple[float, float]:  # type: ignore[override] # one number is no list here
        """Read one number or two; f stands for −f to f where Keras makes this of it."""
        values = super().read(raw)
        if len(values) > 2:
            raise ValueError
        least, most = values[0], values[-1]
        return most if len(values) == 1 or least == -most else (least, most)

    def claims(self, token: str) -> bool:
        """Claim a number."""
        return REAL.fullmatch(token) is not None


class Augmentation(Layer):
    """A layer that changes images at random while training, and passes them on afterwards."""

    role = Role.NOISE
    ranks = (2,)
    optional = True
    free = "images are changed while training, nothing is learned"
    channels: ClassVar[tuple[int, ...]] = ()
    """The numbers of channels that it works on, any unless given."""

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Nothing: PyTorch changes images where they are read."""
        note = "left out: in PyTorch, images are changed where they are read, with torchvision.transforms"
        return (TorchCall("Identity", inline="{0}", note=note),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where colours are changed that it does not have."""
        self.check(x)
        if self.channels and x.channels.value not in self.channels:
            wanted = " or ".join(map(str, self.channels))
            raise LayerError("E307", f"`{self.kind}` works on images of {wanted} channels, not on {show(x.shape)}")
        return x.dims


class Row(NamedTuple):
    """The Keras class of an augmentation, what it does, its arguments, and the channels that it works on."""

    class_name: str
    text: str
    fields: dict[str, Arg]
    channels: tuple[int, ...] = ()


class Bits(Factor):
    """How many bits stay: the most, or the least and the most, as whole numbers."""

    accepts = "a whole number of bits, or a list of the least and the most"

    def read(self, raw: Raw) -> tuple[float, float]:
        """Read one number or two; n stands for 1 to n, as Keras makes of it."""
        values = Reals.read(self, raw)
        least, most = (1, values[0]) if len(values) == 1 else values
        if not 0 <= least <= most <= _BITS or any(value % 1 for value in (least, most)):
            raise ValueError
        return int(least), int(most)


_BITS: Final = 8


def _factor(default: float | tuple[float, float] | None = None, *, required: bool = False) -> Arg:
    doc = "how strong the change is"
    return Arg(Factor(), doc=doc, always=True) if required else Arg(Factor(), default, doc=doc)


_FACTOR: Final = {"factor": _factor(required=True)}
_RANGE: Final = {"value_range": Arg(Factor(), (0.0, 255.0), doc="least and largest value of a pixel")}
_BETWEEN: Final = {"interpolation": Arg(Choice(("nearest", "bilinear")), "bilinear", doc="how new elements are made")}
_OUTSIDE: Final = {
    "fill_mode": Arg(
        Choice(("reflect", "constant", "wrap", "nearest"), bare=False), "reflect", doc="what lies outside"
    ),
    "fill_value": Arg(Real(), 0.0, doc="the value outside with `constant`"),
}
_MODES: Final = Choice(("horizontal_and_vertical", "horizontal", "vertical"))

_AUGMENTATIONS: Final = {
    "random_flip": Row(
        "RandomFlip",
        "Mirror images.",
        {"mode": Arg(_MODES, "horizontal_and_vertical", always=True, doc="along which axes")},
    ),
    "random_rotation": Row(
        "RandomRotation", "Rotate images, by a share of a full turn.", _FACTOR | _OUTSIDE | _BETWEEN
    ),
    "random_zoom": Row(
        "RandomZoom",
        "Zoom into images or out of them.",
        {"height_factor": _factor(required=True), "width_factor": _factor()} | _OUTSIDE | _BETWEEN,
    ),
    "random_translation": Row(
        "RandomTranslation",
        "Move images by a share of their size.",
        {"height_factor": _factor(required=True), "width_factor": _factor(required=True)} | _OUTSIDE | _BETWEEN,
    ),
    "random_shear": Row(
        "RandomShear",
        "Shear images.",
        {"x_factor": _factor(0.0), "y_factor": _factor(0.0)} | _OUTSIDE | _BETWEEN,
    ),
    "random_perspective": Row(
        "RandomPerspective",
        "Move the corners of images.",
        {"factor": _factor(1.0), "scale": _factor(1.0), "fill_value": _OUTSIDE["fill_value"]} | _BETWEEN,
    ),
    "random_elastic_transform": Row(
        "RandomElasticTransform",
        "Distort images as if they were rubber.",
        {"factor": _factor(1.0), "scale": _factor(1.0)} | _OUTSIDE | _BETWEEN | _RANGE,
    ),
    "random_brightness": Row("RandomBrightness", "Make images brighter or darker.", _FACTOR | _RANGE),
    "random_contrast": Row("RandomContrast", "Change the contrast of images.", _FACTOR | _RANGE),
    "random_hue": Row("RandomHue", "Change the hue of images.", _FACTOR | _RANGE, (3,)),
    "random_saturation": Row("RandomSaturation", "Change the saturation of images.", _FACTOR | _RANGE, (3,)),
    "random_sharpness": Row("RandomSharpness", "Sharpen images or blur them.", _FACTOR | _RANGE),
    "random_color_degeneration": Row("RandomColorDegeneration", "Take colour from images.", _FACTOR | _RANGE, (3,)),
    "random_posterization": Row(
        "RandomPosterization",
        "Leave fewer bits per channel.",
        {"factor": Arg(Bits(), doc="how many bits stay, or the least and the most", always=True)} | _RANGE,
    ),
    "random_color_jitter": Row(
        "RandomColorJitter",
        "Change brightness, contrast, saturation and hue.",
        {f"{name}_factor": _factor() for name in ("brightness", "contrast", "saturation", "hue")} | _RANGE,
    ),
    "random_grayscale": Row("RandomGrayscale", "Make a share of the images grey.", {"factor": _factor(0.5)}, (1, 3)),
    "random_invert": Row("RandomInvert", "Make negatives of a share of the images.", {"factor": _factor(1.0)} | _RANGE),
    "random_erasing": Row(
        "RandomErasing",
        "Erase a rectangle of images.",
        {"factor": _factor(1.0), "scale": _factor((0.02, 0.33)), "fill_value": Arg(Real(), None, doc="its value")}
        | _RANGE,
    ),
    "random_gaussian_blur": Row(
        "RandomGaussianBlur",
        "Blur images.",
        {"factor": _factor(1.0), "kernel_size": Arg(PerAxis(), (3,), doc="size of the window"), "sigma": _factor(1.0)}
        | _RANGE,
    ),
    "rand_augment": Row(
        "RandAugment",
        "Apply a few changes, drawn from many, as RandAugment does.",
        {"factor": _factor(0.5), "num_ops": Arg(Count(), 2, doc="number of changes")} | _RANGE | _BETWEEN,
        (1, 3),
    ),
    "aug_mix": Row(
        "AugMix",
        "Mix an image with changed copies of it, as AugMix does.",
        {
            "factor": _factor(0.3),
            "num_chains": Arg(Count(), 3, doc="number of copies"),
            "chain_depth": Arg(Count(), 3, doc="changes of a copy"),
            "alpha": Arg(Real(), 1.0, doc="how evenly they are mixed"),
        }
        | _RANGE
        | _BETWEEN,
        (1, 3),
    ),
}

for _name, _row in _AUGMENTATIONS.items():
    _members = {
        "__doc__": f"{_row.text[:-1]} at random while training.",
        "__module__": __name__,
        "keras": KerasRule(_row.class_name, {field: field for field in _row.fields}, neutral={"all_ops": True}),
        "channels": _row.channels,
    }
    kind(_name)(type(_row.class_name, (Augmentation,), _members | _row.fields))
