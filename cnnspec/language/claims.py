"""What arguments of other frameworks say of the input, held against the input that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.ir.keras_values import is_same, unit
from cnnspec.ir.layer import RANK_WORDS
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, compact, looks_channels_first, show, size_of
from cnnspec.language.expressions import ExpressionError, Scope, substitute
from cnnspec.language.faults import Faults
from cnnspec.language.items import Call, Claim, Claims


class Fault(NamedTuple):
    """Why a claim does not hold: a code, the rest of a sentence that begins with the argument, a note and a step."""

    code: str
    text: str
    note: str = ""
    step: str = ""


def check(faults: Faults, item: Call, shape: Shape, variables: Callable[[], Scope]) -> None:
    """Report every claim of an item's arguments that does not hold for its input."""
    for claim in item.arguments.claims:
        try:
            value = substitute(claim.value, variables()) if _waits(claim.value) else claim.value
        except ExpressionError as error:
            faults.add(error.code, error.message, claim.place or item.place, step=error.step)
            continue
        if fault := _CHECKS[claim.sort](claim._replace(value=value), shape):
            message = f"`{claim.argument}` of `{claim.word}` is {_shown(value)}, {fault.text}"
            notes = tuple(filter(None, (fault.note, _famous(item, value, shape) if fault.code == "E304" else "")))
            faults.add(fault.code, message, claim.place or item.place, *notes, step=fault.step)


def _waits(value: Any) -> bool:
    return isinstance(value, str) and "$" in value


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return _shown(value[0])
    if isinstance(value, list):
        return "[" + ", ".join("null" if part is None else str(part) for part in value) + "]"
    return shorten(str(value))


def _channels(claim: Claim, shape: Shape) -> Fault | None:
    """Check how many channels, or numbers, enter."""
    if is_same(unit(claim.value), shape[-1]):
        return None
    rest = f"but {_entering(shape)}"
    if len(shape) > 1 and size_of(shape) == claim.value:
        return Fault("E304", rest, f"{'·'.join(map(str, shape))} = {claim.value}", "put `flatten` before it")
    if looks_channels_first(shape) and claim.value == shape[0]:
        turned = compact((*shape[1:], shape[0]))
        return Fault("E304", rest, f"its input is {show(shape)}", f"channels come last: write `{turned}`")
    return Fault(
        "E304", rest, f"its input is {show(shape)}" if len(shape) > 1 else "", f"write `{claim.argument}: {shape[-1]}`"
    )


def _one(claim: Claim, shape: Shape) -> Fault | None:
    """Check that there is one number, or one per channel."""
    return None if is_same(claim.value, 1) else _channels(claim, shape)


def _entering(shape: Shape) -> str:
    what = "channels enter" if len(shape) > 1 else "numbers enter"
    return f"{shape[-1]} {what if shape[-1] != 1 else what.replace('s enter', ' enters')} here"


def _famous(item: Call, value: Any, shape: Shape) -> str:
    """Return what PyTorch says of a dense layer that does not fit, which people look for."""
    if item.cls.role is not Role.DENSE or len(shape) > 1:
        return ""
    return f"in PyTorch: mat1 and mat2 shapes cannot be multiplied (Nx{shape[-1]} and {_shown(value)}xM)"


def _sizes(claim: Claim, shape: Shape) -> Fault | None:
    """Check over which sizes is normalized: those of the channels, or all, which PyTorch writes channels first."""
    if not isinstance(claim.value, list) or len(claim.value) == 1:
        return _channels(claim, shape)
    first = [shape[-1], *shape[:-1]]
    if claim.value == first:
        return None
    return Fault("E304", f"but {show(shape)} enters here", step=f"write `{claim.argument}: {first}`")


def _axis(claim: Claim, shape: Shape) -> Fault | None:
    """Check that PyTorch's axis is that of the channels: 1, or the last of a vector."""
    if claim.value in (1, None) or (claim.value == -1 and len(shape) == 1):
        return None
    return Fault("E105", "and channels are axis 1 in PyTorch", step=f"write `{claim.argument}: 1`, or leave it out")


def _last_axis(claim: Claim, shape: Shape) -> Fault | None:
    """Check that Keras' axis is the last one."""
    if unit(claim.value) in (-1, len(shape)):
        return None
    step = f"channels come last here: write `{claim.argument}: -1`" if unit(claim.value) == 1 else ""
    text = f"and only the channels are modelled: axis {len(shape)}, or -1"
    return Fault("E105", text, f"its input is {show(shape)}", step)


def _shape(claim: Claim, shape: Shape) -> Fault | None:
    """Check the whole shape; unknown sizes may be any."""
    given = claim.value
    if len(given) == len(shape) and all(part in (None, size) for part, size in zip(given, shape, strict=True)):
        return None
    return Fault("E304", f"but {show(shape)} enters here", step=f"write `{claim.argument}: {compact(shape)}`")


def _rank(claim: Claim, shape: Shape) -> Fault | None:
    """Check the number of axes that a value is for."""
    ranks = claim.value[1]
    if len(shape) - 1 in ranks:
        return None
    wanted = " or ".join(RANK_WORDS[rank] for rank in ranks)
    return Fault("E105", f"which is modelled for {wanted} only", f"its input is {show(shape)}")


_CHECKS: Final[Mapping[Claims, Callable[[Claim, Shape], Fault | None]]] = {
    Claims.CHANNELS: _channels,
    Claims.SIZES: _sizes,
    Claims.ONE: _one,
    Claims.AXIS: _axis,
    Claims.LAST_AXIS: _last_axis,
    Claims.SHAPE: _shape,
    Claims.RANK: _rank,
}
