"""Operators of two inputs, element by element: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import MOVABLE, NUMBERS, WORDS, Case, activation, case, draw, extents, like, pick, quantized, real, stored


def broadcast_pair(rng, high=5):
    """Two shapes that broadcast: equal, or one with dimensions of 1 or without its first dimensions."""
    shape = extents(rng, int(rng.integers(0, high)), 1, 7)
    if rng.random() < 0.5:
        return shape, shape
    other = tuple(1 if rng.random() < 0.4 else n for n in shape)
    other = other[int(rng.integers(0, len(other) + 1)):] if rng.random() < 0.3 else other
    if rng.random() < 0.2:
        shape = tuple(1 if rng.random() < 0.3 else n for n in shape)
    return pick(rng, (shape, other), (other, shape))


def power_of_two(rng):
    return 2.0 ** -int(rng.integers(8, 16))


def shifted_sum(rng, name, a, b, table):
    """16-bit sums of the first kind: scales that are powers of two, one of them the output's."""
    coarse = power_of_two(rng)
    fine = coarse * 2.0 ** -int(rng.integers(0, 4))
    scales = pick(rng, (coarse, fine), (fine, coarse))
    left, right = activation(rng, "int16", a, scale=scales[0]), activation(rng, "int16", b, scale=scales[1])
    return Case(Node(name, [left, right], [activation(rng, "int16", scale=coarse)], 2, table,
                     {"fusedActivationFunction": pick(rng, 0, 1, 3)}))


@case("ADD", NUMBERS, table="AddOptions", version=2, general=3)
@case("SUB", NUMBERS, table="SubOptions", version=2, general=5)
@case("MUL", NUMBERS, table="MulOptions", version=2, general=4)
def arithmetic(rng, name, kind, table, version, general):
    a, b = broadcast_pair(rng)
    if kind == "int16" and name != "MUL" and rng.random() < 0.4:
        return shifted_sum(rng, name, a, b, table)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    options = {"fusedActivationFunction": pick(rng, 0, 0, 1, 3) if kind != "int64" else 0}
    spread = None
    if quantized(kind):
        half = 128 if kind != "int16" else 32768
        spread = (left.scale + right.scale if name != "MUL" else left.scale * right.scale * half) * rng.uniform(0.3, 1.5)
        version = general if kind == "int16" else version
    if kind == "int16" and name != "MUL":
        options["potScaleInt16"] = False
    output = activation(rng, kind, scale=spread)
    return Case(Node(name, [left, right], [output], version if quantized(kind) else 1, table, options))


@case("DIV", ("float32", "int32"), table="DivOptions")
@case("FLOOR_DIV", ("float32", "int32", "int16", "int8"), table="FloorDivOptions", version=3)
@case("FLOOR_MOD", ("float32", "int32", "int64", "int16", "int8"), table="FloorModOptions", version=2)
def division(rng, name, kind, table, version=1):
    a, b = broadcast_pair(rng)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    if name != "DIV":  # on the stored numbers
        left, right = Tensor(kind, a), Tensor(kind, b)
    output, inputs = like(left), [draw(rng, kind, a), draw(rng, kind, b)]
    inputs[1] = numpy.asarray(numpy.where(inputs[1] == 0, 3, inputs[1]), kind)
    if quantized(kind):  # LiteRT's quotient of the lowest number and -1 leaves the type
        inputs[0] = numpy.maximum(inputs[0], numpy.iinfo(kind).min + 1)
    options = {"fusedActivationFunction": pick(rng, 0, 1, 3)} if name == "DIV" else {}
    return Case(Node(name, [left, right], [output], version, table, options), inputs=inputs, frozen=(1,))


@case("DIV", ("uint8", "int8", "int16"))
def quantized_division(rng, name, kind):
    a, b = broadcast_pair(rng)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    output = activation(rng, kind, scale=left.scale / right.scale / rng.uniform(1, 40))
    inputs = [draw(rng, kind, a), draw(rng, kind, b)]
    inputs[1] = numpy.asarray(numpy.where(inputs[1] == right.zero, right.zero ^ 1, inputs[1]), kind)

    def formula(x, y):
        return [stored(output, real(left, x) / real(right, y))]
    # LiteRT's kernel, for uint8 alone, shifts by more than 31 bits for small dividends.
    return Case(Node(name, [left, right], [output], 2, "DivOptions"), inputs=inputs, frozen=(1,), formula=formula)


@case("MAXIMUM", NUMBERS, table="MaximumMinimumOptions", version=2)
@case("MINIMUM", NUMBERS, table="MaximumMinimumOptions", version=2)
@case("SQUARED_DIFFERENCE", ("float32", "int8", "int16", "int32"), table="SquaredDifferenceOptions", version=2)
def pairs(rng, name, kind, table, version=1):
    a, b = broadcast_pair(rng)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    output = like(left)
    if name in ("MAXIMUM", "MINIMUM"):
        right.scale, right.zero = left.scale, left.zero
    elif quantized(kind):
        output = activation(rng, kind, scale=max(left.scale, right.scale) ** 2 * (300 if kind == "int8" else 1e5))

    def formula(x, y):
        return [stored(output, (real(left, x) - real(right, y)) ** 2)]
    # LiteRT has none of int16.
    known = name == "SQUARED_DIFFERENCE" and kind == "int16"
    return Case(Node(name, [left, right], [output], version if kind == "int8" else 1, table),
                formula=formula if known else None)


@case("POW", ("float32", "int32"))
def power(rng, name, kind):
    a, b = broadcast_pair(rng)
    base = rng.uniform(0.1, 4, a).astype("f4") if kind == "float32" else rng.integers(-6, 7, a).astype("i4")
    exponent = rng.uniform(-3, 3, b).astype("f4") if kind == "float32" else rng.integers(0, 9, b).astype("i4")
    return Case(Node(name, [Tensor(kind, a), Tensor(kind, b)], [Tensor(kind)], 1, "PowOptions"), tolerance=1e-5,
                inputs=[base, exponent])


@case("ATAN2", ("float32",))
def angle(rng, name, kind):
    shape, _ = broadcast_pair(rng)
    return Case(Node(name, [Tensor(kind, shape), Tensor(kind, shape)], [Tensor(kind)], 1), tolerance=1e-5)


@case("EQUAL", MOVABLE, table="EqualOptions")
@case("NOT_EQUAL", MOVABLE, table="NotEqualOptions")
@case("LESS", NUMBERS, table="LessOptions")
@case("LESS_EQUAL", NUMBERS, table="LessEqualOptions")
@case("GREATER", NUMBERS, table="GreaterOptions")
@case("GREATER_EQUAL", NUMBERS, table="GreaterEqualOptions")
def comparisons(rng, name, kind, table):
    a, b = broadcast_pair(rng)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    if rng.random() < 0.3:
        right.scale, right.zero = left.scale, left.zero
    inputs = None
    if rng.random() < 0.3:  # numbers near each other
        top = 2 if kind == "bool" else 4
        inputs = [numpy.asarray(rng.integers(0, top, shape), kind) for shape in (a, b)]
    return Case(Node(name, [left, right], [Tensor("bool")], 2 if quantized(kind) else 1, table), units=0, inputs=inputs)


@case("LOGICAL_AND", ("bool",), table="LogicalAndOptions")
@case("LOGICAL_OR", ("bool",), table="LogicalOrOptions")
def logic(rng, name, kind, table):
    a, b = broadcast_pair(rng)
    return Case(Node(name, [Tensor(kind, a), Tensor(kind, b)], [Tensor(kind)], 1, table), units=0)


@case("LOGICAL_NOT", ("bool",))
def negation(rng, name, kind):
    shape = extents(rng, int(rng.integers(0, 5)))
    return Case(Node(name, [Tensor(kind, shape)], [Tensor(kind)], 1, "LogicalNotOptions"), units=0)


@case("SELECT_V2", MOVABLE)
def select_v2(rng, name, kind):
    a, b = broadcast_pair(rng)
    left = activation(rng, kind, a)
    right = like(left)
    right.shape = b
    return Case(Node(name, [Tensor("bool", pick(rng, a, b)), left, right], [like(left)], 1, "SelectV2Options"), units=0)


@case("SELECT", MOVABLE)
def select(rng, name, kind):
    shape = extents(rng, int(rng.integers(1, 5)))
    left = activation(rng, kind, shape)
    condition = Tensor("bool", pick(rng, shape, shape[:1]))
    return Case(Node(name, [condition, left, like(left)], [like(left)], 1, "SelectOptions"), units=0)


@case("PRELU", WORDS)
def prelu(rng, name, kind):
    shape = extents(rng, int(rng.integers(1, 5)), 1, 7)
    slopes = tuple(1 if rng.random() < 0.4 else n for n in shape)
    slopes = slopes[int(rng.integers(0, len(slopes))):]
    data, alpha = activation(rng, kind, shape), activation(rng, kind)
    alpha.data = draw(rng, kind, slopes)
    output = activation(rng, kind, scale=data.scale and data.scale * rng.uniform(0.5, 4))

    def formula(x):
        values = real(data, x)
        return [stored(output, numpy.where(values >= 0, values, values * real(alpha, alpha.data)))]
    # LiteRT runs the operator on 16 bits, too, and gives zeros.
    return Case(Node(name, [data, alpha], [output], 1), formula=formula if kind == "int16" else None)
