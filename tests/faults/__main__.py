"""`python -m tests.faults [--count N] [--seed S] [TARGET…]`: commands are killed, and nothing may be lost."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from random import Random

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.faults.child import Moment
from tests.faults.killing import Kill, Undisturbed, draw, kill, undisturbed
from tests.faults.target import Target
from tests.faults.targets import CHOICES

OF: int = sum(choice.share for choice in CHOICES.values())


def main() -> int:
    """Kill the targets that are named, all by default, and return 1 where a promise was broken."""
    options = _options()
    names = options.targets or list(CHOICES)
    if unknown := [name for name in names if name not in CHOICES]:
        print(f"there is no target {', '.join(unknown)}; targets are {', '.join(CHOICES)}")
        return 2
    _import_once()
    begun, random = time.monotonic(), Random(options.seed)
    drawn = list(_drawn(names, options.count, random))
    print(f"seed {options.seed}: {len(drawn)} moments\n{'target':48}{'whole':>8}  killed", flush=True)
    known: dict[Target, Undisturbed] = {}
    seen = [_seen(target, known, random) for target in drawn]
    killed, broken = sum(one.was_killed for one in seen), sum(bool(one.broken) for one in seen)
    strays = sum(bool(one.strays) for one in seen)
    minutes = (time.monotonic() - begun) / 60
    print(f"{len(seen)} moments, {killed} before the end, {strays} left temporary files that did no harm", end="; ")
    print(f"{broken} broke a promise; {minutes:.1f} minutes")
    return 1 if broken else 0


def _drawn(names: list[str], count: int, random: Random) -> Iterator[Target]:
    """Yield a target for every moment, as many of each name as its share is, in turns."""
    shares = {name: CHOICES[name].share for name in names}
    total, given = sum(shares.values()), dict.fromkeys(names, 0)
    for number in range(1, count + 1):
        name = max(names, key=lambda each: shares[each] * number / total - given[each])
        given[name] += 1
        targets = CHOICES[name].targets()
        target = targets[(given[name] - 1) % len(targets)] if len(targets) <= count else random.choice(targets)
        if missing := [package for package in target.needs if find_spec(package) is None]:
            print(f"{target.name}: needs {', '.join(missing)}, and is NOT killed")
            continue
        yield target


def _seen(target: Target, known: dict[Target, Undisturbed], random: Random) -> Kill:
    if target not in known:
        with tempfile.TemporaryDirectory(prefix="faults-") as place:
            try:
                known[target] = undisturbed(target, Path(place))
            except RuntimeError as error:
                print(f"{target.name}\n  BROKEN {error}", flush=True)
                return Kill(target.name, Moment(), was_killed=False, strays=(), broken=(str(error),))
    whole = known[target]
    one = kill(target, whole, draw(random, whole), older=target.older and random.random() < 0.5)
    note = "" if one.was_killed else " (it had ended)"
    note += f", left {', '.join(one.strays)}" if one.strays else ""
    print(f"{target.name[:47]:48}{whole.ended.seconds:>7.2f}s  {one.moment}{note}", flush=True)
    for line in one.broken:
        print(f"  BROKEN {line}", flush=True)
    return one


def _import_once() -> None:
    """Import what commands need, so that they are killed at their work and not while they import; nothing computes."""
    if find_spec("tensorflow") and find_spec("keras"):
        from cnnspec.keras import framework

        framework()
    for name in ("numpy", "PIL.Image", "rich.console", "yaml", "cnnspec.cli.training", "cnnspec.cli.grade"):
        if find_spec(name.partition(".")[0]):
            __import__(name)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(CHOICES)}; all without any")
    parser.add_argument("--count", type=int, default=OF, help=f"how many moments ({OF})")
    parser.add_argument("--seed", type=int, default=1998, help="the same seed draws the same targets (1998)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
