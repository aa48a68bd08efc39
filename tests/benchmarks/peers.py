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
from typing import Final

from tests.benchmarks.figures import ENVIRONMENT, Figure

OURS: Final = ("-m", "cnnspec", "summarize", "resnet50", "--format", "csv")
PARAMS: Final = 25_557_032
"""Of ResNet-50 without the biases of its convolutions, as in PyTorch: the literature's 25.6 million."""
TORCH: Final = "import torch, torchvision; net = torchvision.models.resnet50(); image = torch.rand(1, 3, 224, 224)\n"
PEERS: Final = {
    "keras": (
        "import keras; net = keras.applications.ResNet50(weights=None); net.summary(); print(net.count_params())",
        25_636_712,
    ),
    "torchinfo": (
        TORCH + "import torchinfo; found = torchinfo.summary(net, (1, 3, 224, 224)); print(found.total_params)",
        PARAMS,
    ),
    "fvcore": (
        TORCH + "from fvcore.nn import FlopCountAnalysis, flop_count_table as table, parameter_count\n"
        "print(table(FlopCountAnalysis(net, image))); print(parameter_count(net)[''])",
        PARAMS,
    ),
    "thop": (TORCH + "from thop import profile; print(int(profile(net, (image,))[1]))", PARAMS),
}
"""What a user of each tool writes for a table of ResNet-50, and the parameters that it must print last."""


def figures() -> Iterator[Figure]:
    """Yield for each peer how many times as long as the command its process takes, best of three in turns."""
    python = os.environ.get("CNNSPEC_PEERS", sys.executable)
    for name, (program, params) in PEERS.items():
        if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
            print(f"  {name} is not installed", file=sys.stderr)
            continue
        theirs = min(seconds(python, params, "-c", program) for _ in range(3))
        ours = min(seconds(sys.executable, 25_636_712, *OURS) for _ in range(5))
        yield Figure(f"process: {name}'s table of ResNet-50", theirs, "s")
        yield Figure(f"process: {name} / `summarize resnet50`", theirs / ours)


def seconds(python: str, params: int, *arguments: str) -> float:
    """Return the seconds of a process that prints the right number of parameters."""
    quiet = ENVIRONMENT | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    start = time.perf_counter()
    done = subprocess.run([python, *arguments], check=True, capture_output=True, text=True, env=quiet)
    took = time.perf_counter() - start
    assert str(params) in re.sub(r"[ ,]", "", done.stdout), f"{arguments}: {done.stdout[-400:]}"
    return took
