"""Other tools that count, beside the command, for `python -m tests.benchmarks peers`: each where it is installed.

`CNNSPEC_PEERS` may name the Python of another environment that holds them (PyTorch with torchvision, torchinfo, fvcore
and thop; Keras).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.benchmarks.figures import ENVIRONMENT, Figure


class Peer(NamedTuple):
    """What a user of a tool writes for a table of ResNet-50, and the numbers that it must print last."""

    program: str
    params: int
    operations: int | None = None


KERAS_PARAMS: Final = 25_636_712
"""Of ResNet-50 in keras.applications: with biases in its convolutions, and with what its batch norms store."""
TORCH_PARAMS: Final = 25_557_032
"""Of ResNet-50 in torchvision, without both: the literature's 25.6 million."""
TORCH: Final = "import torch, torchvision; net = torchvision.models.resnet50(); image = torch.rand(1, 3, 224, 224)\n"
PEERS: Final = {
    "keras": Peer(
        "import keras; net = keras.applications.ResNet50(weights=None); net.summary(); print(net.count_params())",
        KERAS_PARAMS,
    ),
    "torchinfo": Peer(
        TORCH + "import torchinfo; found = torchinfo.summary(net, (1, 3, 224, 224), verbose=1)\n"
        "print(found.total_params, found.total_mult_adds)",
        TORCH_PARAMS,
        4_089_238_376,
    ),
    "fvcore": Peer(
        TORCH + "from fvcore.nn import FlopCountAnalysis, flop_count_table, parameter_count\n"
        "found = FlopCountAnalysis(net.eval(), image)\n"
        "print(flop_count_table(found)); print(parameter_count(net)[''], found.total())",
        TORCH_PARAMS,
        4_111_512_576,
    ),
    "thop": Peer(
        TORCH + "from thop import profile; found = profile(net, (image,)); print(int(found[1]), int(found[0]))",
        TORCH_PARAMS,
        4_133_742_592,
    ),
}
"""The operations are those that `--convention` of the tool's name gives, as tests hold them (`docs/counting.md`)."""


def figures() -> Iterator[Figure]:
    """Yield the time and the memory of each peer's process and of the command's, the best of some in turns."""
    python = os.environ.get("CNNSPEC_PEERS", sys.executable)
    for name, peer in PEERS.items():
        if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
            print(f"  {name} is not installed", file=sys.stderr)
            continue
        command = ("-m", "cnnspec", "summarize", "resnet50")
        rounds = [
            (
                measured(python, "-c", peer.program, printed=(peer.params, peer.operations)),
                measured(sys.executable, *command, printed=(KERAS_PARAMS, None)),
            )
            for _ in range(5)
        ]
        theirs, ours = (tuple(map(min, zip(*side, strict=True))) for side in zip(*rounds, strict=True))
        for what, at, unit in (("time", 0, "s"), ("processor", 1, "s"), ("peak memory", 2, "MiB")):
            yield Figure(f"{what}: {name}'s table of ResNet-50", theirs[at], unit)
            yield Figure(f"{what}: `summarize resnet50`", ours[at], unit)
            yield Figure(f"{what}: {name} / ours", theirs[at] / ours[at])


def measured(python: str, *arguments: str, printed: tuple[int, int | None]) -> tuple[float, float, float]:
    """Return the seconds, those of the processor and the peak MiB of a process that prints the right numbers."""
    quiet = ENVIRONMENT | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    start = time.perf_counter()
    with subprocess.Popen(
        [python, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet
    ) as process:
        assert process.stdout
        shown = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - start
    numbers = {int(re.sub(r"\D", "", word)) for word in re.findall(r"\d[\d,]*", shown)}
    assert {each for each in printed if each} <= numbers, f"{arguments}: {shown[-400:]}"
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
