"""Makes a failing case small: first its shapes, options and quantization, then its data.

Lower choices are simpler (choices.py), so a pass lowers one choice at a time, to 0 or half way there, and keeps what
still fails; passes go on until nothing changes or the attempts are used up. Data is simplified on the finished case, by
setting parts of its arrays to zero.
"""

import numpy

from choices import Choices

ATTEMPTS = 400


def shrink(make, trace, fails, attempts=ATTEMPTS):
    """The smallest case found. `make(choices)` draws a case; `fails(case)` says whether it shows the failure."""
    best = list(trace)
    budget = _Budget(attempts)

    def still_fails(candidate):
        case = _drawn(make, candidate)
        return case is not None and budget.spend() and fails(case)

    changed = True
    while changed and budget.left > 0:
        changed = False
        position = 0
        while position < len(best) and budget.left > 0:
            for candidate in _lowered(best, position):
                if still_fails(candidate):
                    best, changed = _used(make, candidate), True
                    break
            position += 1
    return simplify(_drawn(make, best), fails, budget)


class _Budget:
    def __init__(self, left):
        self.left = left

    def spend(self):
        self.left -= 1
        return self.left >= 0


def _lowered(choices, position):
    value = choices[position]
    for smaller in dict.fromkeys((0, value // 2, value - 1)):
        if 0 <= smaller < value:
            yield [*choices[:position], smaller, *choices[position + 1:]]


def _drawn(make, trace):
    try:
        return make(Choices(replay=trace))
    except (ValueError, IndexError, ZeroDivisionError):
        return None  # a case function may not expect every combination


def _used(make, trace):
    """The choices that the case takes: those behind them mean nothing."""
    choices = Choices(replay=trace)
    make(choices)
    return choices.trace


def simplify(case, fails, budget):
    """The case with as much of its data zero as keeps the failure."""
    for arrays, index in _arrays(case):
        whole = arrays[index]
        parts = [numpy.arange(whole.size)]
        while parts and budget.left > 0:
            part = parts.pop(0)
            flat = arrays[index].reshape(-1).copy()
            if part.size == 0 or not numpy.any(flat[part]):
                continue
            flat[part] = 0
            kept, arrays[index] = arrays[index], flat.reshape(whole.shape)
            if budget.spend() and fails(case):
                continue
            arrays[index] = kept
            if part.size > 1:
                parts += numpy.array_split(part, 2)
    return case


def _arrays(case):
    yield from ((case.inputs, i) for i in range(len(case.inputs)) if i not in case.frozen)
    for tensor in case.node.inputs:
        if tensor is not None and tensor.data is not None:
            yield _Data(tensor), 0


class _Data:
    """A constant's data as a list of one array."""

    def __init__(self, tensor):
        self._tensor = tensor

    def __getitem__(self, _):
        return numpy.asarray(self._tensor.data)

    def __setitem__(self, _, value):
        self._tensor.data = value


