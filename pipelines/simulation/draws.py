"""Random numbers that are the same on any machine: whole numbers from a counter-based generator.

The bits of Philox are promised never to change; what numpy makes of bits (floats, normal
deviates) is not, so everything here is arithmetic on whole numbers. Not here: what is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: Draws lie in [0, ONE).
ONE = 1 << 32


class Draws:
    """Independent draws for `count` items of one chunk; each call gives one number for each."""

    def __init__(self, seed: int, chunk: int, count: int) -> None:
        self._bits = np.random.Philox(key=np.array([seed, chunk], dtype=np.uint64))
        self._count = count

    def raw(self) -> Ints:
        """Whole numbers in [0, 2**32)."""
        found: Ints = (self._bits.random_raw(self._count) >> np.uint64(32)).astype(np.int64)
        return found

    def happens(self, share: float) -> Flags:
        """True for this share."""
        found: Flags = self.raw() < int(share * ONE)
        return found

    def between(self, low: int | Ints, high: int | Ints) -> Ints:
        """Whole numbers from low to high, both included."""
        width = np.maximum(np.asarray(high, dtype=np.int64) - low + 1, 1)
        found: Ints = low + ((self.raw() * width) >> 32)
        return found

    def pick(self, weights: Sequence[float]) -> Ints:
        """Places in `weights`, each as often as its weight says."""
        total = sum(weights)
        ends = [int(end / total * ONE) for end in accumulate(weights)]
        ends[-1] = ONE
        return np.searchsorted(np.array(ends), self.raw(), side="right").astype(np.int64)

    def from_quantiles(self, quantiles: dict[float, int]) -> Ints:
        """Whole numbers whose quantiles these are, evenly spread in between."""
        at = np.array([int(share * ONE) for share in quantiles])
        values = np.array(list(quantiles.values()), dtype=np.int64)
        raw = self.raw()
        place = np.searchsorted(at, raw, side="right") - 1
        step = (raw - at[place]) * (values[place + 1] - values[place])
        found: Ints = values[place] + step // (at[place + 1] - at[place])
        return found
