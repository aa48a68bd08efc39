"""The protocol of a layer and the registry of kinds.

A kind is one class: its attributes declared with `arg` are its schema, its methods are its formulas. Instances are
immutable values; equal ones are interchangeable, which is what makes measuring them once enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn, Self, TypeVar, dataclass_transform

from cnnspec.formula import Term, nothing, number, product, symbol
from cnnspec.ir.arguments import Arg, arg
from cnnspec.ir.fields import collect, is_default
from cnnspec.ir.keras_rule import Call, KerasRule
from cnnspec.ir.operation import Operation
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import AXES, Shape, Tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.ir.torch_rule import TorchRule
from cnnspec.ir.vocabulary import Vocabulary
from cnnspec.ir.window import Window

if TYPE_CHECKING:
    from fractions import Fraction

Variations = Mapping[str, tuple[str, Sequence[Any]]]


class LayerError(Exception):
    """A layer cannot take its input: a stable code, a message, facts, and a step that helps."""

    def __init__(self, code: str, message: str, *notes: str, step: str = "") -> None:
        """Keep what a diagnostic needs; the place is added by whoever knows it."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.notes = notes
        self.step = step


class Reach(NamedTuple):
    """How one axis of a layer changes receptive field, jump and start.

    With r, j and start of the input: r' = r + growth·j, j' = j·scale, start' = start + offset·j
    (Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, 2019).
    """

    growth: int | Fraction = 0
    scale: int | Fraction = 1
    offset: int | float | Fraction = 0


class Layer:
    """A layer of one kind with its arguments; every method takes traced dimensions and returns traced integers."""

    kind: ClassVar[str] = ""
    fields: ClassVar[dict[str, Arg]] = {}
    keras: ClassVar[KerasRule]
    keras_too: ClassVar[tuple[KerasRule, ...]] = ()
    """Further classes that stand for it in files of Keras, in words of their own: they are read, never written."""
    torch: ClassVar[TorchRule | None] = None
    onnx: ClassVar[tuple[Operation, ...]] = ()
    """The operations of ONNX that stand for it."""
    aten: ClassVar[tuple[Operation, ...]] = ()
    """The operations of PyTorch's ATen that stand for it."""
    role: ClassVar[Role]
    ranks: ClassVar[tuple[int, ...]] = (0, 1, 2, 3)
    joins: ClassVar[bool] = False
    may_join: ClassVar[bool] = False
    """Whether it reads a second input where `from` beside it names one."""
    free: ClassVar[str] = "nothing is learned"
    is_view: ClassVar[bool] = False
    """Whether the output is the input's own memory under another shape: it is not counted twice in a total."""
    sign: ClassVar[str] = ""
    """What stands for the kind in a circle of a drawing, as + for a sum."""
    optional: ClassVar[bool] = False
    """Whether a course may leave the kind's rows out of its tables."""
    called: ClassVar[str] = ""
    """Pattern of what tables call rows of this kind; without one they are known by its names."""
    also_called: ClassVar[str] = ""
    """Pattern of a word that means other things beside a narrower one, as `pool` does in `global pooling`."""
    leads: ClassVar[int] = 0
    """How many axes of the input stand in front of the spatial ones, as the steps of a sequence of images do."""
    step_axes: ClassVar[int] = 0
    """How many axes in front are steps, at each of which it does the same."""
    mixes_samples: ClassVar[bool] = False
    """Whether training computes with the whole batch, so that a part of it alone gives other numbers."""
    averages: ClassVar[bool] = False
    """Whether its windows give means."""
    standardizes: ClassVar[bool] = False
    """Whether elements are scaled by a mean and a variance of their own."""

    def __init_subclass__(cls) -> None:
        """Collect the arguments of a class once: those of its own and of all that it builds on."""
        cls.fields = collect(cls)

    def __init__(self, **values: Any) -> None:
        """Take checked values by name; what is not given takes its default."""
        mine = self.__dict__
        for name, field in self.fields.items():
            if name in values:
                mine[name] = values.pop(name)
            elif field.required:
                raise TypeError(f"{self.kind}() lacks {name}")
            else:
                mine[name] = field.default_for(mine)
        if values:
            raise TypeError(f"{self.kind}() takes no {', '.join(values)}")
        mine["_hash"] = hash((self.kind, *mine.values()))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a layer never changes."""
        raise AttributeError(f"{self.kind} is immutable, {name} cannot be set")

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Layer) and type(self) is type(other) and vars(self) == vars(other))

    def __hash__(self) -> int:
        return self.__dict__["_hash"]  # type: ignore[no-any-return] # set in __init__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in self.arguments().items())})"

    def arguments(self, *, brief: bool = False) -> dict[str, Any]:
        """Return the arguments that say something: unless `brief` the `always` ones, and all but defaults."""
        values = vars(self)
        return {
            name: values[name]
            for name, field in self.fields.items()
            if (field.always and not brief) or field.required or not is_default(field, values[name], values)
        }

    @property
    def window(self) -> tuple[int, ...]:
        """The sizes of the window that slides over the input, empty where none does."""
        return ()

    @property
    def spread(self) -> tuple[int, ...]:
        """The dilation of the window per axis."""
        return (1,)

    @property
    def applied(self) -> str:
        """The name of the activation function behind the output, empty where there is none."""
        return ""

    @property
    def keeps_values(self) -> bool:
        """Whether a trained network only moves the elements here: what holds for the values above holds for these."""
        return self.role in (Role.MOVE, Role.NOISE) or (self.role is Role.ACTIVATION and not self.applied)

    def followers(self) -> tuple[type[Layer], ...]:
        """Return the kinds of the layers that arguments put behind this one, as `bn` does with a batch norm."""
        return ()

    def alone(self) -> Layer:
        """Return the layer without what its followers do."""
        return self

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """Return the output dimensions; raise LayerError where the layer cannot take the input."""
        return x.dims

    def params(self, x: Tensor) -> Term:
        """Return the number of all learned or stored numbers."""
        return nothing(self.free)

    def biases(self, x: Tensor) -> Term:
        """Return how many of the parameters are biases."""
        return nothing("no bias")

    def non_trainable(self, x: Tensor) -> Term:
        """Return how many of the parameters are stored, not learned."""
        return nothing("all parameters are learned")

    def learned(self, x: Tensor) -> Term:
        """Return the number of all parameters that are not stored: those that PyTorch calls parameters."""
        stored = self.non_trainable(x)
        return self.params(x) - stored if stored.value else self.params(x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """Return the multiply-accumulates for one sample, without biases."""
        return nothing("no multiply-accumulates")

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """Return the operations besides multiply-accumulates: bias additions and per-element costs."""
        return nothing("no arithmetic")

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | str | None:
        """Return what a convention counts, or why that is not known, where its rule for the role does not hold."""
        return None

    def unknown(self) -> Mapping[str, str]:
        """Return why quantities are not known, by their names: where they are needed as numbers, they are 0."""
        return {}

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str | None:
        """Return the reach per axis; None where places in the input are given up, a reason where they are unknown."""
        return (SAME_PLACE,) * x.rank

    def uncounted(self) -> str:
        """Return why TensorFlow's profiler does not count the MACs, an empty text where it does."""
        return ""

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Return the Keras layers that do the same on inputs of these shapes."""
        return self.keras.calls(self.fields, vars(self), len(shapes[0]) - 1 - self.leads)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Return the steps that do the same in PyTorch; raise LayerError where it has none."""
        if self.torch is None:
            message = f"PyTorch has no layer that does what `{self.kind}` does"
            raise LayerError("E542", message, "its numbers are computed all the same")
        return (self.torch.call(self.fields, vars(self), shapes[0]),)

    @classmethod
    def from_keras(cls, config: Mapping[str, Any], rank: int) -> Self:
        """Return the layer that a configuration of Keras means; raise UnmodelledError for what the kind lacks."""
        from cnnspec.ir.keras_reading import read  # noqa: PLC0415 - few commands read what Keras wrote

        return cls(**read(cls.keras, cls.fields, config, rank))

    def variations(self) -> Variations:
        """Return what practice may draw anew: for each word of `--vary`, a field and its values."""
        return {}

    def dropped(self, shape: Shape) -> tuple[int, ...]:
        """Return how many of the last elements per spatial axis no window reaches; nothing where no window slides."""
        return ()

    def sliding(self, shape: Shape) -> Window | None:
        """Return the window as it slides over an input of a shape, None where none does."""
        return None

    def check(self, x: Tensor) -> None:
        """Raise LayerError where the kind does not work on input of this rank."""
        if x.rank not in self.ranks:
            wanted = " or ".join(RANK_WORDS[rank] for rank in self.ranks)
            flat = "put a `reshape` before it, or move it before the `flatten`"
            step = flat if x.rank == 0 else "put `flatten` before it" if self.ranks == (0,) else ""
            raise LayerError("E303", f"`{self.kind}` works on {wanted}; its input is {x.shape}", step=step)


SAME_PLACE: Final = Reach()
RANK_WORDS: Final = {0: "a vector", 1: "a sequence (L, C)", 2: "an image (H, W, C)", 3: "a volume (D, H, W, C)"}

KINDS: Final[Vocabulary[type[Layer]]] = Vocabulary()
ALIASES: Final[Vocabulary[str]] = Vocabulary()
KERAS_NAMES: Final[Vocabulary[tuple[str, int | None]]] = Vocabulary(whole=True)
TORCH_NAMES: Final[Vocabulary[list[tuple[str, int | None, TorchRule]]]] = Vocabulary(whole=True)
"""The kinds of a PyTorch class with the number of spatial axes and the rule; of several, arguments tell which."""

LayerType = TypeVar("LayerType", bound=type[Layer])


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(arg,))
def kind(name: str, *aliases: str) -> Callable[[LayerType], LayerType]:
    """Register a class as a kind, under its name, further names, and the names of its Keras rule."""

    def register(cls: LayerType) -> LayerType:
        cls.kind = name
        KINDS[name] = cls
        ALIASES.update(dict.fromkeys(aliases, name))
        name_in_frameworks(cls)
        return cls

    return register


def name_in_frameworks(cls: type[Layer]) -> None:
    """Register a kind under the names of its classes in Keras and PyTorch."""
    keras, torch = KERAS_NAMES.declared(), TORCH_NAMES.declared()
    for name, rank in cls.keras.class_names().items():
        keras.setdefault(name, (cls.kind, rank))
    for rule in cls.torch.rules if "torch" in vars(cls) and cls.torch else ():
        for name, rank in rule.class_names().items():
            torch.setdefault(name, []).append((cls.kind, rank, rule))


def kernel_symbols(kernel: tuple[int, ...], letter: str = "F", meaning: str = "kernel size") -> tuple[Term, ...]:
    """Return a kernel's sizes as leaves: one letter where they are equal, else one per axis."""
    if len(set(kernel)) == 1:
        return tuple(symbol(letter, size, meaning) for size in kernel)
    axes = AXES[len(kernel)]
    return tuple(symbol(f"{letter}_{axis.lower()}", size) for axis, size in zip(axes, kernel, strict=True))


def per_element(cost: int, y: Tensor, what: str) -> Term:
    """Return a documented cost for every output element."""
    if not cost:
        return nothing(what)
    size = product(y.dims)
    return size if cost == 1 else number(cost) * size
