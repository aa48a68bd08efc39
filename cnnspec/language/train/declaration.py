"""How a setting is declared: once, with its type, its default, and where it may be given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple, NoReturn, Self, dataclass_transform

from cnnspec.ir.arguments import REQUIRED, ArgType


class Setting(NamedTuple):
    """A setting: what it accepts, what it is, its default, and where it may be given.

    `option` is how the command line reads it, None where it has no such option, and `metavar` stands for the value in
    its help. `in_spec` tells whether a `train` section may have it. What is `beside` a training says where to look
    and what else to write, and changes nothing that is computed.
    """

    type: ArgType
    doc: str
    default: Any
    option: ArgType | None
    metavar: str
    in_spec: bool
    beside: bool

    def read(self, value: Any) -> Any:
        """Return the value of a setting that Python code gives, or raise ValueError."""
        if (value is None and self.default is None) or (value in ([], ()) and isinstance(self.default, tuple)):
            return value if value is None else ()
        try:
            return self.type.read(list(value) if isinstance(value, tuple) else value)
        except OverflowError:
            raise ValueError from None

    def read_json(self, value: Any) -> Any:
        """Return the value of a setting as JSON has it, in no other form than `write_json` writes; raise ValueError."""
        found = self.read(value)
        if isinstance(value, bool) != isinstance(found, bool) or self.write_json(found) != value:
            raise ValueError
        return found

    @staticmethod
    def write_json(value: Any) -> Any:
        """Return a value as JSON has it."""
        return list(value) if isinstance(value, tuple) else value


def setting(
    accepts: ArgType,
    doc: str,
    *,
    default: Any = REQUIRED,
    option: ArgType | Literal[False] | None = None,
    metavar: str = "",
    in_spec: bool = True,
    beside: bool = False,
) -> Any:
    """Declare a setting, as the value of a class attribute; the command line reads it as a spec does unless told."""
    return Setting(accepts, doc, default, accepts if option is None else option or None, metavar, in_spec, beside)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(setting,))
class Declared:
    """Values of declared settings; they never change."""

    declared: ClassVar[Mapping[str, Setting]] = {}

    def __init_subclass__(cls) -> None:
        cls.declared = {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}

    def __init__(self, **values: Any) -> None:
        """Take checked values by name; what is not given takes its default."""
        unknown = values.keys() - self.declared.keys()
        missing = [name for name, declared in self.declared.items() if declared.default is REQUIRED]
        if unknown or not values.keys() >= {*missing}:
            raise TypeError(f"settings are {', '.join(self.declared)}")
        vars(self).update({name: declared.default for name, declared in self.declared.items()} | values)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: settings never change."""
        raise AttributeError(f"{name} cannot be set: `changed` returns other settings")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def changed(self, **values: Any) -> Self:
        """Return the same settings but for some values."""
        return type(self)(**(vars(self) | values))

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON has them."""
        return {name: Setting.write_json(value) for name, value in vars(self).items()}
