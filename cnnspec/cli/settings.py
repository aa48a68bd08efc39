"""The settings of a training as options of a command, made from their declarations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from cnnspec.errors import Diagnostic, UsageError
from cnnspec.ir.arguments import ArgType, Choice, Count, Flag, Real
from cnnspec.language.train.declaration import Setting
from cnnspec.language.train.section import value_step
from cnnspec.language.train.settings import Settings

Command = Callable[..., None]
_NUMBERS: Final[Mapping[type[ArgType], str]] = {Count: "INTEGER", Real: "FLOAT"}
"""What stands in the help for numbers; they are read by their types, which say what they accept."""


def takes_settings(command: Command) -> Command:
    """Give a command an option for each setting, behind its first parameter; it gets those that are given.

    Where it has a parameter of a setting's name, that is the option.
    """
    spec, *others = inspect.signature(command, eval_str=True).parameters.values()
    own = [parameter for parameter in others if parameter.kind is not parameter.VAR_KEYWORD]
    declared = {name: setting for name, setting in Settings.declared.items() if setting.option}
    taken = {parameter.name for parameter in own}
    options = [_parameter(name, setting) for name, setting in declared.items() if name not in taken]
    parameters = [parameter.replace(kind=parameter.KEYWORD_ONLY) for parameter in (spec, *options, *own)]
    vars(command)["__signature__"] = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _parameter(name: str, setting: Setting) -> inspect.Parameter:
    """Return a setting as the parameter that Typer makes an option of."""
    accepts = _python_type(name, setting)
    flags = [f"--{name.replace('_', '-')}"] if accepts is bool else []
    option = typer.Option(*flags, help=setting.doc, metavar=setting.metavar or _number(setting))
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[accepts | None, option]
    )


def _python_type(name: str, setting: Setting) -> Any:
    """Return what Typer itself reads an option as: a flag, a word of a choice, or else any text."""
    accepts = setting.option
    if isinstance(accepts, Choice) and not setting.metavar:
        return StrEnum(name, [(word.upper(), word) for word in accepts.options])
    return bool if isinstance(accepts, Flag) else str


def _number(setting: Setting) -> str | None:
    return next((word for declared, word in _NUMBERS.items() if isinstance(setting.option, declared)), None)


def read_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that options give; raise UsageError for all that are wrong."""
    values: dict[str, Any] = {}
    faults = []
    for name, setting in Settings.declared.items():
        value, accepts = given.get(name), setting.option
        if value is None or accepts is None:
            continue
        try:
            values[name] = accepts.read(str(value))
        except ValueError:
            message = f"`--{name.replace('_', '-')}` must be {accepts.accepts}, not `{value}`"
            faults.append(Diagnostic("E703", message, help=value_step(name, accepts, str(value))))
    if faults:
        raise UsageError(faults)
    return values
