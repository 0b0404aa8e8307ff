"""What a case draws, kept as a list of small numbers that can be replayed and made smaller.

A case is a function of its draws, so every list of numbers gives a valid case: shrinking a failure means lowering the
numbers of its list for as long as the failure stays, and never has to know what they mean.
"""

import math

import numpy

STEPS = 1 << 12  # of a number between two bounds
LONG = 24  # arrays of more elements are drawn as a whole, from a seed that is one choice


class Choices:
    """Stands in for numpy's Generator in the functions that draw cases. Lower choices are nearer to `low`."""

    def __init__(self, seed=0, replay=None):
        self.trace = []
        self._random = numpy.random.default_rng(seed)
        self._replay = replay

    def _choose(self, count):
        """A number below `count`."""
        if self._replay is None:
            value = int(self._random.integers(count)) if count > 1 else 0
        else:
            position = len(self.trace)
            value = min(self._replay[position], count - 1) if position < len(self._replay) else 0
        self.trace.append(value)
        return value

    def _whole(self):
        return numpy.random.default_rng(self._choose(1 << 16))

    def integers(self, low, high=None, size=None, dtype=None, endpoint=False):
        low, high = (0, low) if high is None else (low, high)
        if size is None:
            return low + self._choose(int(high) - int(low) + bool(endpoint))
        if _count(size) > LONG or numpy.ndim(low) or numpy.ndim(high):
            return self._whole().integers(low, high, size, dtype or "i8", endpoint)
        values = [self.integers(low, high, endpoint=endpoint) for _ in range(_count(size))]
        return numpy.array(values, dtype or "i8").reshape(size)

    def random(self):
        return self._choose(STEPS) / STEPS

    def uniform(self, low=0.0, high=1.0, size=None):
        if size is not None:
            return self._whole().uniform(low, high, size)
        return low + (high - low) * self._choose(STEPS) / STEPS

    def permutation(self, count):
        return self.choice(count, count, replace=False)

    def choice(self, values, size=None, replace=True):
        pool = list(range(values)) if isinstance(values, (int, numpy.integer)) else list(values)
        if size is None:
            return pool[self._choose(len(pool))]
        taken = []
        for _ in range(size):
            index = self._choose(len(pool))
            taken.append(pool[index] if replace else pool.pop(index))
        return numpy.array(taken)


def _count(size):
    return math.prod(size) if isinstance(size, (tuple, list)) else int(size)
