"""A plain PyTorch loop for each network, with channels last and fused Adam: `plain_torch FILE NETWORK BATCH`."""

import sys
from typing import Any

import numpy as np  # noqa: TID251 - the other side
import torch  # noqa: TID251 - as above
from torch import nn  # noqa: TID251 - as above

from tests.benchmarks.sides.clock import Clock

FILE, NETWORK, BATCH = sys.argv[1], sys.argv[2], int(sys.argv[3])


def conv(inputs: int, filters: int, size: int, stride: int = 1, padding: int = 0) -> tuple[nn.Module, nn.Module]:
    """Return a convolution and its ReLU."""
    return nn.Conv2d(inputs, filters, size, stride, padding), nn.ReLU()


class Block(nn.Module):  # type: ignore[misc] # torch is not installed where types are checked
    """Two convolutions with batch norms beside a shortcut."""

    def __init__(self, inputs: int, filters: int, stride: int) -> None:
        """Make the layers; a convolution is in the shortcut where the shape changes."""
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, filters, 3, stride, 1),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1),
            nn.BatchNorm2d(filters),
        )
        self.shortcut = nn.Conv2d(inputs, filters, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Any) -> Any:
        """Add both ways."""
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet20() -> Any:
    """ResNet-20 with biases and projections without batch norm, as in the Keras example."""
    sizes = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    head = (nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU())
    return nn.Sequential(*head, *(Block(*size) for size in sizes), nn.AvgPool2d(8), nn.Flatten(), nn.Linear(64, 10))


NETWORKS = {
    "mnist-cnn": (
        lambda: nn.Sequential(
            *(*conv(1, 32, 3), nn.MaxPool2d(2), *conv(32, 64, 3), nn.MaxPool2d(2), *conv(64, 128, 3)),
            *(nn.Flatten(), nn.Linear(1152, 10)),
        ),
        104_202,
    ),
    "lenet5": (
        lambda: nn.Sequential(
            *(*conv(1, 32, 5, 1, 2), nn.MaxPool2d(2), *conv(32, 48, 5, 1, 2), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(2352, 256), nn.ReLU(), nn.Linear(256, 84), nn.ReLU(), nn.Linear(84, 10)),
        ),
        664_086,
    ),
    "alexnet-cifar10": (
        lambda: nn.Sequential(
            *(*conv(3, 64, 11, 4, 5), nn.MaxPool2d(2), *conv(64, 192, 5, 1, 2), nn.MaxPool2d(2)),
            *(*conv(192, 384, 3, 1, 1), *conv(384, 256, 3, 1, 1), *conv(256, 256, 3, 1, 1), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(256, 10)),
        ),
        2_472_266,
    ),
    "resnet20-cifar10": (resnet20, 274_442 - 1_376),  # moving means and variances are no parameters here
}

with np.load(FILE) as arrays:
    pixels, labels = torch.from_numpy(arrays["x_train"]), torch.from_numpy(arrays["y_train"].astype("int64"))
images = (pixels.permute(0, 3, 1, 2).float() / 255).contiguous(memory_format=torch.channels_last)
build, params = NETWORKS[NETWORK]
model = build().to(memory_format=torch.channels_last)
assert sum(weight.numel() for weight in model.parameters()) == params
kernels = [module.weight for module in model.modules() if isinstance(module, nn.Conv2d)]
optimizer, measure = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True), nn.CrossEntropyLoss()
clock = Clock()
while True:
    clock.begin()
    right, total = 0, 0.0
    for chosen in torch.randperm(len(images)).split(BATCH):
        optimizer.zero_grad(set_to_none=True)
        outputs = model(images[chosen])
        loss = measure(outputs, labels[chosen])
        if NETWORK == "resnet20-cifar10":
            loss = loss + 1e-4 * sum(kernel.square().sum() for kernel in kernels)
        loss.backward()
        optimizer.step()
        right += int((outputs.argmax(1) == labels[chosen]).sum())
        total += float(loss)
        clock.step()
    clock.end()
