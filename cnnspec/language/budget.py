"""How far a spec may expand: the limit on layers also bounds the time of items that make none."""

from __future__ import annotations

from typing import Final, NoReturn

from cnnspec.language.faults import Faults
from cnnspec.language.items import Place
from cnnspec.text.limits import Limits

BLOCK: Final = 5
"""What a call of a block costs, in items."""
FEW: Final = 50
"""Names that cost nothing beside the item that looks at them: of parameters, columns of a loop, tensors of a join."""
NAMES: Final = 10
"""Names, beyond a few, that cost what an item does."""


class Budget:
    """The steps that one expansion has made; each item and each copy is one, and very many names are more."""

    def __init__(self, faults: Faults, limits: Limits) -> None:
        """Start with none."""
        self.faults = faults
        self.limits = limits
        self.steps = 0

    def spend(self, place: Place, steps: int = 1, names: int = 0) -> None:
        """Count steps, and names that are looked at; raise SpecError where there are too many."""
        self.steps += steps + (max(names, FEW) - FEW) // NAMES
        if self.steps > 2 * self.limits.nodes + 1000:
            self.exceed(place)

    def exceed(self, place: Place) -> NoReturn:
        """Report that the network is too large, and give up."""
        message = f"the network expands to more than {self.limits.nodes:,} layers"
        step = f"allow it with `--limit nodes={self.limits.nodes * 10}`"
        self.faults.add("E110", message, place, step=step)
        raise self.faults.error()
