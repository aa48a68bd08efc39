"""The trainings of a sweep: what each is called, where its run lies, and the command that trains it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from cnnspec.ir.arguments import Flag
from cnnspec.language.train.settings import Settings
from cnnspec.training.runs.folders import LONGEST
from cnnspec.training.sweeps.variations import Variation

RESUME: Final = ("--resume", "auto")
"""What makes one command serve the first start and every other one."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of a sweep: what it varies, all that options say of it, and its folder."""

    varied: Mapping[str, str]
    given: Mapping[str, Any]
    params: Mapping[str, str]
    folder: Path
    command: tuple[str, ...]
    """The words behind `cnnspec`."""

    @property
    def label(self) -> str:
        """What tells this training from the others."""
        return label_of(self.varied)


def trials(
    spec: str,
    variations: Sequence[Variation],
    given: Mapping[str, Any],
    raw: Mapping[str, Any],
    inputs: Sequence[str],
    root: Path,
) -> Iterator[Trial]:
    """Yield every combination of values, the last name varying fastest.

    `given` are the settings that all have, as they were read, `raw` the same as the command line has them.
    """
    several = {variation.name for variation in variations if len(variation.values) > 1}
    for values in product(*(variation.values for variation in variations)):
        pairs = list(zip(variations, values, strict=True))
        varied = {variation.name: value for variation, value in pairs if variation.name in several}
        settings = {variation.name: value for variation, value in pairs if not variation.is_param}
        params = {variation.name: value for variation, value in pairs if variation.is_param}
        folder = root / folder_name(label_of(varied, ","))
        words = [
            *("train", spec, *RESUME, "--run-dir", str(folder)),
            *_options({name: value for name, value in raw.items() if value is not None} | settings),
            *(word for text in inputs for word in ("--input", text)),
            *(word for name, value in params.items() for word in ("--param", f"{name}={value}")),
        ]
        read = {name: _option(name).read(value) for name, value in settings.items()}
        yield Trial(varied, {**given, **read}, params, folder, tuple(words))


def label_of(varied: Mapping[str, str], between: str = " ") -> str:
    """Return what is varied as one text.

    >>> label_of({"width": "0.5", "seed": "0"})
    'width=0.5 seed=0'
    """
    return between.join(f"{name}={value}" for name, value in varied.items())


def folder_name(label: str) -> str:
    """Return the name of a training's folder: its label, and a checksum where that is no name of a folder.

    >>> folder_name("width=0.5,seed=0"), folder_name("data=a/b")
    ('width=0.5,seed=0', 'data=a-b-d2579e21')
    """
    plain = re.sub(r"[^\w.,=+-]+", "-", label).strip("-.")
    name = plain.encode()[:LONGEST].decode(errors="ignore")
    return name if name == label else f"{name}-{crc32(label.encode(errors='replace')):08x}"


def _option(name: str) -> Any:
    setting = Settings.declared[name]
    return setting.option or setting.type


def _options(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield settings as options of the command line; a flag that is off is left out."""
    for name, value in values.items():
        flag = f"--{name.replace('_', '-')}"
        if not isinstance(_option(name), Flag):
            yield from (flag, str(value))
        elif str(value).lower() == "true":
            yield flag
