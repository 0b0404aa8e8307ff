"""Functions of one input, element by element: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import MOVABLE, WORDS, Case, activation, case, draw, extents, quantized

BYTES = ("float32", "int8", "uint8")
SIGNED = ("float32", "int8", "int16")

# Operators with their option tables and types.
FUNCTIONS = {
    "RELU": ("", WORDS), "RELU6": ("", WORDS), "RELU_N1_TO_1": ("", BYTES), "RELU_0_TO_1": ("", BYTES),
    "FLOOR": ("", ("float32",)), "CEIL": ("", ("float32",)), "ROUND": ("", ("float32",)), "SIN": ("", ("float32",)),
    "COS": ("CosOptions", ("float32",)), "ELU": ("", ("float32", "int8")), "TANH": ("", WORDS), "LOGISTIC": ("", WORDS),
    "NEG": ("NegOptions", ("float32", "int32", "int64")), "ABS": ("AbsOptions", (*SIGNED, "int32")),
    "SQUARE": ("SquareOptions", ("float32",)), "EXP": ("ExpOptions", SIGNED), "SQRT": ("", ("float32", "int8")),
    "RSQRT": ("", SIGNED), "LOG": ("", SIGNED), "HARD_SWISH": ("HardSwishOptions", BYTES), "GELU": ("GeluOptions", BYTES),
    "LEAKY_RELU": ("LeakyReluOptions", WORDS), "SIGN": ("", ("float32", "int32")),
}
POSITIVE = ("SQRT", "RSQRT", "LOG")
# The output quantization that the format prescribes.
FIXED = {("LOGISTIC", "int8"): (1 / 256, -128), ("LOGISTIC", "uint8"): (1 / 256, 0), ("LOGISTIC", "int16"): (2.0 ** -15, 0),
         ("TANH", "int8"): (1 / 128, 0), ("TANH", "uint8"): (1 / 128, 128), ("TANH", "int16"): (2.0 ** -15, 0)}
VERSIONS = {"RSQRT": 2, "ABS": 2, "EXP": 2, "LOG": 2, "SQRT": 2, "GELU": 2, "LEAKY_RELU": 2, "TANH": 3, "LOGISTIC": 3,
            "RELU": 3, "RELU6": 3}


def unary(rng, name, kind):
    shape = extents(rng, int(rng.integers(0, 5)))
    data, output = activation(rng, kind, shape), activation(rng, kind)
    if (name, kind) in FIXED:
        output.scale, output.zero = FIXED[name, kind]
    elif quantized(kind) and name in ("RELU", "RELU6", "ABS", "LEAKY_RELU", "GELU", "HARD_SWISH", "ELU"):
        output.scale = data.scale * rng.uniform(0.4, 2)
    if name == "EXP" and quantized(kind):  # LiteRT converts infinity to an integer
        data.scale = min(data.scale, 80 / float(numpy.iinfo(kind).max))
    options = {}
    if name == "LEAKY_RELU":
        options = {"alpha": rng.uniform(-0.5, 1.5)}
    elif name == "GELU":
        options = {"approximate": rng.random() < 0.5}
    inputs = None
    if quantized(kind) and name in POSITIVE:  # LiteRT refuses other numbers while it runs
        data.zero = int(numpy.iinfo(kind).min) if kind == "int8" else 0
        inputs = [numpy.maximum(draw(rng, kind, shape), data.zero + 1).astype(kind)]
    elif kind == "float32":
        inputs = [rng.uniform(0.01, 4, shape) if name in POSITIVE else rng.uniform(-8, 8, shape)]
        inputs = [numpy.asarray(inputs[0], "f4")]
    version = VERSIONS.get(name, 1) if quantized(kind) else 1
    return Case(Node(name, [data], [output], version, FUNCTIONS[name][0], options), inputs=inputs, tolerance=1e-5)


for operator, (_, kinds) in FUNCTIONS.items():
    case(operator, kinds)(unary)


@case("ZEROS_LIKE", ("float32", "int32", "int64"))
def zeros_like(rng, name, kind):
    return Case(Node(name, [Tensor(kind, extents(rng, int(rng.integers(0, 5))))], [Tensor(kind)], 1), units=0)


SOURCES = ("float32", "int8", "uint8", "int16", "int32")


@case("QUANTIZE", [f"{a} {b}" for a in SOURCES for b in ("int8", "uint8", "int16")
                   if (a, b) not in (("int16", "uint8"), ("int32", "uint8"))])
def quantize(rng, name, kind):
    source, target = kind.split()
    shape = extents(rng, int(rng.integers(0, 5)))
    data, output = activation(rng, source, shape), activation(rng, target)
    if source == "int32":
        data.scale, data.zero = rng.uniform(1e-5, 1e-3), 0
    inputs = [numpy.asarray(rng.uniform(-20, 20, shape), "f4")] if source == "float32" else None
    return Case(Node(name, [data], [output], 3, "QuantizeOptions"), inputs=inputs)


@case("DEQUANTIZE", ("int8", "uint8", "int16", "float16"))
def dequantize(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(0, 5))))
    return Case(Node(name, [data], [Tensor("float32")], {"float16": 3, "int16": 3}.get(kind, 2), "DequantizeOptions"))


@case("DEQUANTIZE per channel", ("int8", "uint8"))
def dequantize_channels(rng, name, kind):
    shape = extents(rng, int(rng.integers(1, 5)))
    axis = int(rng.integers(0, len(shape)))
    data = Tensor(kind, shape, scale=rng.uniform(0.01, 0.1, max(shape[axis], 1)), zero=0, axis=axis)
    return Case(Node("DEQUANTIZE", [data], [Tensor("float32")], 5, "DequantizeOptions"))


@case("CAST", [f"{a} {b}" for a in MOVABLE for b in MOVABLE if a != b])
def cast(rng, name, kind):
    source, target = kind.split()
    shape = extents(rng, int(rng.integers(0, 5)))
    inputs = [numpy.asarray(rng.uniform(0, 120, shape), "f4")] if source == "float32" else None
    return Case(Node(name, [Tensor(source, shape)], [Tensor(target)], 1, "CastOptions"), inputs=inputs)


@case("SHAPE", ("float32", "int8"))
def shape_of(rng, name, kind):
    wide = bool(rng.integers(0, 2))
    data = activation(rng, kind, extents(rng, int(rng.integers(0, 6))))
    return Case(Node(name, [data], [Tensor("int64" if wide else "int32")], 1, "ShapeOptions", {"outType": 4 if wide else 2}),
                units=0)

