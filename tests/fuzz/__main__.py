"""`python -m tests.fuzz --minutes N [TARGET…]`: readers under attack, or networks against others who count."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: its threads reserve memory
os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.fuzz.differences import DIFFERENCES
from tests.fuzz.targets import available, targets
from tests.fuzz.watching import Result, again, save, watch


def main() -> int:
    """Attack the targets that are named, all of them by default, and return 1 where a promise was broken."""
    options = _options()
    if options.targets[:1] and options.targets[0] in DIFFERENCES:
        return DIFFERENCES[options.targets[0]](options.count, options.seed, options.minutes)
    known = targets()
    if unknown := [name for name in (*options.targets, *(options.again or ())[:1]) if name not in known]:
        print(f"there is no target {', '.join(unknown)}; targets are {', '.join([*known, *DIFFERENCES])}")
        return 2
    if options.list:
        print("\n".join([*known, *DIFFERENCES]))
        return 0
    chosen = [known[name] for name in options.targets or known]
    if options.again:
        name, path = options.again
        print(again(known[name], Path(path).resolve()))
        return 0
    ready = [target for target in chosen if available(target)]
    for target in chosen:
        if target not in ready:
            print(f"{target.name}: needs {', '.join(target.needs)}, and is NOT attacked")
    seconds = options.minutes * 60 / max(1, len(ready))
    print(f"seed {options.seed}, {seconds:.0f} s for each of {len(ready)} targets\n{HEAD}", flush=True)
    begun = time.monotonic()
    results = [_attacked(target, options.seed, seconds, options.findings) for target in ready]
    broken = sum(len(result.findings) for result in results)
    total = sum(result.figures.count for result in results)
    taken = (time.monotonic() - begun) / 60, _processor() / 60
    print(f"{'all':20}{total:>12,}  {broken} broken promises; {taken[0]:.1f} minutes, {taken[1]:.1f} of processor time")
    return 1 if broken else 0


HEAD = f"{'target':20}{'inputs':>12}{'read':>10}{'ways':>7}{'slowest s':>11}{'more MB':>9}"


def _processor() -> float:
    """Return the seconds of processor time that children have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _attacked(target: object, seed: int, seconds: float, folder: Path) -> Result:
    result = watch(target, seed, seconds)  # type: ignore[arg-type]
    figures = result.figures
    line = f"{result.target.name:20}{figures.count:>12,}{figures.accepted:>10,}{figures.ways:>7,}"
    print(f"{line}{figures.slowest:>11.2f}{figures.memory / 1e6:>9.0f}", flush=True)
    for finding, path in zip(result.findings, save(result, folder), strict=True):
        print(f"  BROKEN {finding.key}\n    python -m tests.fuzz --again {result.target.name} {path}", flush=True)
    return result


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="readers, or one of networks, fields, costs")
    parser.add_argument("--minutes", type=float, default=2, help="for all targets together (2)")
    parser.add_argument("--seed", type=int, default=1998, help="the same seed makes the same inputs (1998)")
    parser.add_argument("--count", type=int, default=2000, help="networks that are compared (2000)")
    parser.add_argument("--findings", type=Path, default=Path("findings"), help="where inputs that break a promise go")
    parser.add_argument("--list", action="store_true", help="name all targets")
    parser.add_argument("--again", nargs=2, metavar=("TARGET", "FILE"), help="read one input once more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
