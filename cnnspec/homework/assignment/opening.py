"""Where assignments come from: a file with the key `assignment`, where a spec is accepted too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnspec import networks
from cnnspec.bundled import is_bundled
from cnnspec.homework.assignment.reading import beside, is_assignment, read_assignment
from cnnspec.homework.assignment.record import Assignment
from cnnspec.ir.graph import Graph
from cnnspec.text.limits import STANDARD, Limits


def open_homework(spec: str, limits: Limits = STANDARD, **given: Any) -> tuple[Graph, Assignment | None]:
    """Return the network of an assignment or of a spec, and the assignment; raise SpecError with every fault.

    `given` are input shapes and parameters, as `cnnspec.load` takes them.
    """
    path = Path(spec)
    if spec != "-" and is_bundled(spec) and not path.is_file():
        return networks.load(spec, limits=limits, **given), None
    source = networks.open_source(spec, limits)
    if not is_assignment(source, limits):
        loaded = networks.loads(source.text, source.name, limits=limits, **given) if spec == "-" else None
        return loaded or networks.load(spec, limits=limits, **given), None
    open_spec = beside(None if spec == "-" else path, lambda name: networks.load(name, limits=limits, **given))
    assignment = read_assignment(source, open_spec, limits)
    return assignment.graph, assignment
