"""Run benchmarks and print their figures beside their goals: `python -m tests.benchmarks [--json] [NAME…]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Final

from tests.benchmarks import core, editing, homework, importing, live, peers, scale, training
from tests.benchmarks.figures import Figure, dump, machine

BENCHMARKS: Final[dict[str, Callable[[], Iterator[Figure]]]] = {
    "core": core.figures,
    "scale": scale.figures,
    "importing": importing.figures,
    "homework": homework.figures,
    "live": live.figures,
    "editing": editing.figures,
    "peers": peers.figures,
    "training": training.figures,
}


def main() -> None:
    """Run what is named, or all; a goal that is missed ends with 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all where none is given")
    parser.add_argument("--json", action="store_true", help="print one JSON document, and the lines on stderr")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}: they are {', '.join(BENCHMARKS)}")
    lines = sys.stderr if options.json else sys.stdout
    print(", ".join(f"{name} {value}" for name, value in machine().items()), file=lines)
    results: dict[str, list[Figure]] = {}
    for name in options.names or BENCHMARKS:
        print(f"\n{name}", file=lines)
        results[name] = []
        for figure in BENCHMARKS[name]():
            print(f"  {figure.line()}", file=lines, flush=True)
            results[name].append(figure)
    if options.json:
        dump(results)
    sys.exit(any(figure.met is False for figures in results.values() for figure in figures))


if __name__ == "__main__":
    main()
