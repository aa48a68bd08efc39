"""The pickles that CIFAR comes in: run by a machine of our own, which has texts, numbers, lists and arrays of bytes.

A pickle is a program. Python's own unpickler would look up what it names, hash whatever is a key and compute with any
number in it; this machine knows the few steps that data need. What a step costs is bounded, and so is their number.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from typing import Any, Final
from warnings import catch_warnings

from cnnspec.training.data.files import FaultError
from cnnspec.training.data.formats.pickled_arrays import called, give_state, named, plain, refused, text

MOST_STEPS: Final = 1_000_000
"""The training batch of CIFAR-100, the largest, takes 200,000 steps, and 350,000 in the oldest form of pickles."""
LONGEST_KEY: Final = 100
_DAMAGE: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


def read_pickle(content: bytes) -> dict[str, object]:
    """Return the dictionary in a pickle: texts and numbers, lists of them, arrays of bytes.

    Raises FaultError where the pickle is damaged, or does anything else.
    """
    try:
        with catch_warnings(action="ignore"):  # Python's of the escapes in a text
            result = _run(content)
    except FaultError:
        raise
    except _DAMAGE:
        raise FaultError("a damaged pickle") from None
    if not isinstance(result, dict):
        raise FaultError("a pickle without a dictionary")
    return {key: plain(value) for key, value in result.items()}


def _run(content: bytes) -> object:
    machine = _Machine(len(content))
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content), start=1):
        step = _STEPS.get(opcode.name)
        if step is None:
            raise refused(f"the step {opcode.name}")
        if count > MOST_STEPS:
            raise FaultError(f"a pickle of more than {MOST_STEPS:,} steps")
        step(machine, argument)
    return machine.stack.pop()


class _Machine:
    """The stack of a pickle, the stacks below its marks, its memo, and how many bytes it may still encode."""

    __slots__ = ("below", "memo", "room", "stack")

    def __init__(self, room: int) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.room = room

    def pop(self, count: int) -> list[Any]:
        """Take so many values from the stack."""
        taken = self.stack[-count:]
        if len(taken) < count:
            raise IndexError
        del self.stack[-count:]
        return taken

    def pop_marked(self, *_: object) -> list[Any]:
        """Take the values above the last mark."""
        taken, self.stack = self.stack, self.below.pop()
        return taken


def _global(machine: _Machine, argument: str) -> None:
    machine.stack.append(named(*argument.split(" ", 1)))


def _stack_global(machine: _Machine, _: object) -> None:
    machine.stack.append(named(*machine.pop(2)))


def _reduce(machine: _Machine, _: object) -> None:
    result = called(*machine.pop(2))
    if type(result) is bytes:
        machine.room -= len(result)
        if machine.room < 0:
            raise FaultError("a damaged pickle (it encodes more than there is)")
    machine.stack.append(result)


def _build(machine: _Machine, _: object) -> None:
    target, state = machine.pop(2)
    give_state(target, state)
    machine.stack.append(target)


def _set_items(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not dict or len(items) % 2:
        raise TypeError
    for key, value in zip(items[::2], items[1::2], strict=True):
        target[_key(key)] = value


def _key(value: object) -> str:
    """Return a key, which is a short text: all else may cost any time to be hashed or compared."""
    if isinstance(value, bytes | str) and len(value) > LONGEST_KEY:
        raise FaultError(f"a name of more than {LONGEST_KEY} characters")
    return text(value)


def _dictionary(machine: _Machine, _: object) -> None:
    items = machine.pop_marked()
    machine.stack.append({})
    _set_items(machine, items)


def _append(machine: _Machine, values: list[Any]) -> None:
    if type(machine.stack[-1]) is not list:
        raise TypeError
    machine.stack[-1].extend(values)


def _put(machine: _Machine, place: int | None) -> None:
    machine.memo[len(machine.memo) if place is None else place] = machine.stack[-1]


def _mark(machine: _Machine, _: object) -> None:
    machine.below.append(machine.stack)
    machine.stack = []


def _pop(machine: _Machine, _: object) -> None:
    """Forget the last value; where there is none above a mark, the mark."""
    machine.pop(1) if machine.stack else machine.pop_marked()


_Step = Callable[[_Machine, Any], object]


def _pushing(value: Callable[[_Machine, Any], Any]) -> _Step:
    """Return the step that puts a value on the stack."""

    def step(machine: _Machine, argument: Any) -> None:
        pushed = value(machine, argument)
        machine.stack.append(pushed)

    return step


_PUSH: Final = _pushing(lambda _, argument: argument)
_BYTES: Final = _pushing(lambda _, argument: argument.encode("latin1"))
_GET: Final = _pushing(lambda machine, place: machine.memo[place])
_STEPS: Final[dict[str, _Step]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda *_: None),
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1"), _PUSH),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"), _PUSH),
    **dict.fromkeys(("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), _PUSH),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING"), _BYTES),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _GET),
    "MARK": _mark,
    "POP": _pop,
    "POP_MARK": _Machine.pop_marked,
    "NONE": _pushing(lambda *_: None),
    "NEWTRUE": _pushing(lambda *_: True),
    "NEWFALSE": _pushing(lambda *_: False),
    "EMPTY_LIST": _pushing(lambda *_: []),
    "EMPTY_TUPLE": _pushing(lambda *_: ()),
    "EMPTY_DICT": _pushing(lambda *_: {}),
    "LIST": _pushing(_Machine.pop_marked),
    "TUPLE": _pushing(lambda machine, _: tuple(machine.pop_marked())),
    "TUPLE1": _pushing(lambda machine, _: tuple(machine.pop(1))),
    "TUPLE2": _pushing(lambda machine, _: tuple(machine.pop(2))),
    "TUPLE3": _pushing(lambda machine, _: tuple(machine.pop(3))),
    "DICT": _dictionary,
    "APPEND": lambda machine, _: _append(machine, machine.pop(1)),
    "APPENDS": lambda machine, _: _append(machine, machine.pop_marked()),
    "SETITEM": lambda machine, _: _set_items(machine, machine.pop(2)),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.pop_marked()),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "BUILD": _build,
}
"""The steps of a pickle that holds a dictionary of lists and arrays."""
