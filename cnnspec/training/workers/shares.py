"""Who computes what: each batch is divided between the workers, in their order, as evenly as it can be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import UsageError
from cnnspec.language.train.threads import parts_of


@dataclass(frozen=True, slots=True)
class Share:
    """The part of one of so many workers: of 7 samples, three of them have 3, 2 and 2."""

    index: int
    workers: int

    def begin(self, samples: int) -> int:
        """Return how many samples come before those of this worker."""
        return self.index * (samples // self.workers) + min(self.index, samples % self.workers)

    def size(self, samples: int) -> int:
        """Return how many samples this worker has; of fewer samples no worker has more."""
        return samples // self.workers + (self.index < samples % self.workers)

    def part(self, samples: int) -> slice:
        """Return where this worker's samples are."""
        begin = self.begin(samples)
        return slice(begin, begin + self.size(samples))

    def places(self, samples: int, batch: int) -> NDArray[np.int64]:
        """Return where this worker's samples are in an epoch; cut by its share of a batch, they are its batches."""
        whole = np.arange(samples - samples % batch, dtype=np.int64).reshape(-1, batch)
        rest = np.arange(samples - samples % batch, samples, dtype=np.int64)
        return np.concatenate([whole[:, self.part(batch)].ravel(), rest[self.part(len(rest))]])

    def weights(self, samples: int, batch: int) -> NDArray[np.float32]:
        """Return the weight of this worker's mean loss in each step; the mean over workers is that over samples."""
        sizes = [batch] * (samples // batch) + [samples % batch] * (samples % batch > 0)
        return np.array([self.size(size) * self.workers / size for size in sizes], np.float32)


def demand_one_device(workers: int, devices: int) -> None:
    """Raise UsageError where each worker would have several devices."""
    if devices > 1:
        message = f"each of {workers} workers has one device, and `--devices {devices}` asks for more"
        raise UsageError.one("E702", message, help="start a worker for every device")


def demand_whole_batches(workers: int, threads: str | None) -> None:
    """Raise UsageError where each worker would divide its part of a batch once more."""
    if parts_of(threads) > 1:
        message = f"each of {workers} workers computes its part of a batch whole, and `--threads {threads}` divides it"
        raise UsageError.one("E702", message, help="give each a number of threads")


def demand_whole_gradients(workers: int, *, clips: bool) -> None:
    """Raise UsageError where each worker would clip its own part of a gradient, which is another training."""
    if workers > 1 and clips:
        message = f"each of {workers} workers would clip its part of the gradient"
        raise UsageError.one("E702", message, help="leave out the clipping, or train with one worker")


def demand_shares(workers: int, samples: int, batch: int) -> None:
    """Raise UsageError where a worker would have no sample of a batch, and the others would wait for it for ever."""
    last = samples % batch or batch
    if min(batch, last) >= workers:
        return
    of = f"the last batch has {last} of {samples:,} samples"
    fewest = f"a batch has {batch} sample{'s' if batch > 1 else ''}" if batch < workers else of
    fit = next((size for size in range(max(batch, workers), samples + 1) if (samples % size or size) >= workers), None)
    step = f"`--batch-size {fit}` leaves enough for each" if fit else "take fewer workers"
    raise UsageError.one("E702", f"{fewest}, which {workers} workers cannot share", help=step)
