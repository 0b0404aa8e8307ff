"""What the comparison with LiteRT draws: one function for each family, one entry in `ALL` for each operator and type.

The families are in the files that end in `_cases.py`; a new one needs no further registration than its decorator. A
function draws everything from `rng` (choices.py), simplest things first, so that failures can be shrunk.
"""

import dataclasses
import functools

import numpy

from build import Node, Tensor

ALL = {}
WORDS = ("float32", "int8", "uint8", "int16")
NUMBERS = (*WORDS, "int32", "int64")
MOVABLE = (*NUMBERS, "bool")


@dataclasses.dataclass
class Case:
    node: Node
    # Byte for byte LiteRT's default rather than within `units` of its reference.
    exact: bool = False
    units: int = 1
    tolerance: float = 2e-6
    same_everywhere: bool = True
    inputs: list = None
    # Which of LiteRT's interpreters judges: its reference kernels, unless those are known to be wrong.
    oracle: str = "reference"
    # What judges where all of LiteRT's kernels are known to be wrong: a function from inputs to outputs.
    formula: object = None
    # Inputs whose numbers shrinking must leave alone.
    frozen: tuple = ()
    # What of the outputs counts, where a runtime leaves the rest as it was: a function from outputs to outputs.
    trim: object = None


def case(name, types, **fixed):
    """Registers a family function for an operator and each of its types."""
    def register(make):
        for kind in types:
            ALL[f"{name} {kind}"] = functools.partial(make, name=name, kind=kind, **fixed)
        return make
    return register


def plain():
    """Some model that every machine runs."""
    return Node("RELU", [Tensor("float32", (1,))], [Tensor("float32", (1,))])


def quantized(kind):
    return kind in ("int8", "uint8", "int16")


def activation(rng, kind, shape=(), scale=None, zero=None, **more):
    """A computed tensor; quantized ones get a random scale and zero point unless given."""
    if not quantized(kind):
        return Tensor(kind, shape, **more)
    limits = numpy.iinfo(kind)
    if scale is None:
        scale = float(numpy.exp(rng.uniform(numpy.log(1e-3), numpy.log(0.5))))
    if zero is None:
        zero = 0 if kind == "int16" else int(rng.integers(limits.min, limits.max, endpoint=True))
    return Tensor(kind, shape, scale=scale, zero=zero, **more)


def like(tensor):
    return Tensor(tensor.type, tensor.shape, scale=tensor.scale, zero=tensor.zero)


def ints(values, kind="int32"):
    return Tensor(kind, data=numpy.asarray(values, kind))


def dims(rng, rank, low=1, high=9):
    return tuple(int(n) for n in rng.integers(low, high, rank, endpoint=True))


def real(tensor, values):
    """What stored numbers stand for."""
    return (numpy.asarray(values, "f8") - tensor.zero) * tensor.scale


def stored(tensor, values):
    """The stored numbers for real ones: halves away from zero, saturated."""
    limits = numpy.iinfo(tensor.type)
    steps = numpy.asarray(values, "f8") / tensor.scale
    return numpy.clip(numpy.trunc(steps + numpy.copysign(0.5, steps)) + tensor.zero, limits.min, limits.max).astype(tensor.type)


def extents(rng, rank, low=1, high=9):
    """The shape of data: now and then with a dimension that is 0, or a prime beyond the others."""
    shape = dims(rng, rank, low, high)
    odd = rng.integers(0, 24) if rank else 0
    if odd >= 21:
        axis = int(rng.integers(0, rank))
        shape = (*shape[:axis], (17, 31, 0)[odd - 21], *shape[axis + 1:])
    return shape


def pick(rng, *choices):
    return choices[int(rng.integers(len(choices)))]


def draw(rng, kind, shape):
    if kind.startswith("float"):
        return rng.uniform(-1, 1, shape).astype(kind)
    if kind == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if kind in ("int32", "int64"):
        return rng.integers(-20, 20, shape).astype(kind)
    limits = numpy.iinfo(kind)
    return rng.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
