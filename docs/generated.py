"""What the program knows of itself, as Markdown for the site: kinds, words of frameworks, slips, pages elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Final

import cnnspec
from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.explaining.vocabulary import default_of, formula_lines, sentence
from cnnspec.homework.diagnosis.diagnosis import ARITHMETIC
from cnnspec.homework.diagnosis.slip_page import teach
from cnnspec.homework.diagnosis.slips import FAMILIES
from cnnspec.ir.arguments import Arg
from cnnspec.ir.layer import ALIASES, KINDS, Layer
from cnnspec.ir.role import Role
from cnnspec.ir.torch_rule import LAZY, TorchRule

HERE: Final = Path(__file__).parent
LONG: Final = 120
"""Letters of a list of values above which it stands once, behind all kinds that take it."""

NOTHING: Final = "–"
"""Stands for an argument of a framework that a spec needs no word for."""


def text(name: str) -> str:
    """Return the Markdown that a page asks for by a name, or by the path of a page beside this folder."""
    return PARTS[name]() if name in PARTS else above(name)


def above(path: str) -> str:
    """Return a page that lies elsewhere, with its links as they are from this folder, and codes as targets."""
    written = (HERE / path).resolve().read_text(encoding="utf-8")
    linked = re.sub(r"\]\((?!docs/|https?:|#)", "](../", written).replace("](docs/", "](")
    return re.sub(r"^(## ([EW]\d{3}) )", r"(\2)=\n\1", linked, flags=re.MULTILINE)


def kinds() -> str:
    """Return every kind below what it does in a network: arguments, formulas, classes of frameworks."""
    parts = []
    for role in Role:
        own = sorted(name for name, cls in KINDS.items() if cls.role is role)
        parts += [f"## {role.value.capitalize()}", *(kind(KINDS[name]) for name in own)]
    parts += [
        "## Long lists of values",
        *(f"({_anchor(name)})=\n`{name}`: {accepts}." for accepts, name in _long().items()),
    ]
    return "\n\n".join(parts) + "\n"


def kind(cls: type[Layer]) -> str:
    """Return one kind as a section."""
    also = ", ".join(f"`{alias}`" for alias, meant in ALIASES.items() if meant == cls.kind)
    rows = [_row(name.rstrip("_"), field) for name, field in cls.fields.items()]
    head = "| argument | what it is | default | accepts |\n|---|---|---|---|\n"
    parts = [f"### {cls.kind}", sentence(cls) + (f" Also called {also}." if also else "")]
    parts += [head + "\n".join(rows)] if rows else []
    parts += ["```text\n" + "\n".join(line[2:] for line in formula_lines(cls)) + "\n```"]
    classes = [*_names(cls.keras.class_names(), "Keras"), *_names(_torch_classes(cls), "PyTorch")]
    return "\n\n".join([*parts, *([" · ".join(classes)] if classes else [])])


def _row(name: str, field: Arg) -> str:
    symbol = f", {field.symbol} in formulas" if field.symbol else ""
    also = ", ".join(f"`{word}`" for word in field.also if word != name)
    default = "required" if field.required else f"`{default_of(field)}`"
    accepts = (
        f"[one of many](#{_anchor(_long()[field.type.accepts])})"
        if field.type.accepts in _long()
        else field.type.accepts
    )
    return f"| `{name}`{f' ({also})' if also else ''} | {_cell(field.doc + symbol)} | {default} | {_cell(accepts)} |"


def _long() -> dict[str, str]:
    """Return the long lists of values, each with the argument that most often takes it."""
    uses: dict[str, Counter[str]] = {}
    for cls in KINDS.values():
        for name, field in cls.fields.items():
            if len(field.type.accepts) > LONG:
                uses.setdefault(field.type.accepts, Counter())[name] += 1
    return {accepts: names.most_common(1)[0][0] for accepts, names in uses.items()}


def _anchor(name: str) -> str:
    return f"values-{name.replace('_', '-')}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _names(classes: Iterable[str], framework: str) -> list[str]:
    found = ", ".join(f"`{name}`" for name in classes if not name.startswith(LAZY))
    return [f"{framework}: {found}"] if found else []


def _torch_classes(cls: type[Layer]) -> list[str]:
    return [name for rule in _torch_rules(cls) for name in rule.class_names()]


def _torch_rules(cls: type[Layer]) -> tuple[TorchRule, ...]:
    return cls.torch.rules if cls.torch else ()


def keras_words() -> str:
    """Return the words of Keras beside those of a spec, from the rules of the kinds."""
    return _words("Keras", (row for cls in KINDS.values() for row in _keras_rows(cls)))


def torch_words() -> str:
    """Return the words of PyTorch beside those of a spec, from the rules of the kinds."""
    return _words("PyTorch", (row for cls in KINDS.values() for row in _torch_rows(cls)))


def _words(framework: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {theirs} | {ours} |" for theirs, ours in sorted(rows, key=lambda row: row[0].lower())]
    return "\n".join([f"| {framework} | a spec |", "|---|---|", *lines]) + "\n"


def _keras_rows(cls: type[Layer]) -> Iterator[tuple[str, str]]:
    names, pairs = list(cls.keras.class_names()), cls.keras.argument_names()
    if names:
        yield _call(names, list(pairs)), _call([cls.kind], [field.rstrip("_") for field in pairs.values()], ": ")


def _torch_rows(cls: type[Layer]) -> Iterator[tuple[str, str]]:
    for rule in _torch_rules(cls):
        names = [name for name in rule.class_names() if not name.startswith(LAZY)]
        pairs = {**{f"{name}={value!r}": "" for name, value in rule.fixed.items()}, **rule.described()}
        fields = [field.strip("_/") or NOTHING for field in pairs.values()]
        values = [f"{field}={cls.fields[field].type.write(value)}" for field, value in rule.values.items()]
        default = f", by itself {' '.join(f'`{value}`' for value in values)}" if values else ""
        yield _call(names, list(pairs)), _call([cls.kind], fields, ": ") + default


def _call(names: list[str], arguments: list[str], between: str = " ") -> str:
    """Return a class or a kind with its arguments, those that say nothing as a dash."""
    words = " ".join(f"`{name}`" for name in sorted(names))
    own = " ".join(name if name == NOTHING else f"`{name}`" for name in arguments)
    return words + between + own if set(arguments) - {NOTHING} else words


def slips() -> str:
    """Return the page of every slip, as `cnnspec explain SLIP` prints it, family by family."""
    parts = []
    for family in FAMILIES:
        title = re.split(r"[:.\n]", family.__doc__ or "", maxsplit=1)[0]
        parts += [f"## {title}", *(_slip(slip.id) for slip in family.SLIPS)]
    return "\n\n".join([*parts, "## Slips of the pen", _slip(ARITHMETIC)]) + "\n"


def _slip(name: str) -> str:
    head, *hint, example, source = teach(name).strip().split("\n\n")
    said = "\n".join(line.strip() for part in hint for line in part.split("\n"))
    parts = (f"### {name}", f"{_sentence(head.partition(': ')[2])} {said}", f"```text\n{dedent(example)}\n```")
    return "\n\n".join((*parts, source.strip()))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def library() -> str:
    """Return the directives of Sphinx that show by its docstring every name that the page of the library lists."""
    parts = []
    for name in cnnspec.__all__:
        thing = getattr(cnnspec, name)
        if isinstance(thing, type):
            members = ", ".join(word for owner, word in _listed() if owner == name and not _is_field(thing, word))
            parts.append(f".. autoclass:: cnnspec.{name}\n" + (f"   :members: {members}\n" if members else ""))
        elif callable(thing):
            parts.append(f".. autofunction:: cnnspec.{name}\n")
        elif hasattr(thing, "__all__"):
            parts += [f".. autofunction:: cnnspec.{name}.{word}\n" for word in thing.__all__]
    return "```{eval-rst}\n" + "\n".join(parts) + "```\n"


def _listed() -> list[tuple[str, str]]:
    """Return the attributes in the tables of the page of the library, with their classes."""
    cells = re.findall(r"^\| (`.+?) \|", (HERE / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [pair for cell in cells for pair in re.findall(r"`(\w+)\.(\w+)", cell)]


def _is_field(cls: type, name: str) -> bool:
    """Tell whether an attribute is a field, which has no docstring: the signature shows it."""
    return name in getattr(cls, "_fields", ()) or name not in dir(cls)


PARTS: Final[dict[str, Callable[[], str]]] = {
    "kinds": kinds,
    "slips": slips,
    "keras-words": keras_words,
    "torch-words": torch_words,
    "library": library,
}
"""What a block `{generated} NAME` stands for."""
