"""What the operator comparison draws: one function for each family, one entry in `ALL` for each operator and type."""

import dataclasses
import functools

import numpy

from build import Node, Tensor

ALL = {}


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


def case(name, types, **fixed):
    """Registers a family function for an operator and each of its types."""
    def register(make):
        for kind in types:
            ALL[f"{name} {kind}"] = functools.partial(make, name=name, kind=kind, **fixed)
        return make
    return register


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


# Convolutions.


def weights(rng, kind, shape, axis, channels):
    if kind == "float32":
        return Tensor(kind, data=rng.uniform(-1, 1, shape).astype("f4"))
    if kind == "uint8":
        return Tensor(kind, data=draw(rng, kind, shape), scale=float(rng.uniform(0.002, 0.02)),
                      zero=int(rng.integers(90, 170)))
    data = numpy.maximum(draw(rng, "int8", shape), -127)
    return Tensor("int8", data=data, scale=rng.uniform(0.002, 0.02, channels).astype("f4"), zero=0, axis=axis)


def bias(rng, kind, data, filters, channels):
    if kind == "float32":
        return Tensor(kind, data=rng.uniform(-1, 1, channels).astype("f4"))
    scale = numpy.float32(data.scale) * numpy.asarray(filters.scale, "f4")
    return Tensor("int32", data=rng.integers(-3000, 3000, channels).astype("i4"), scale=scale, zero=0)


def result(rng, kind, data, filters, depth):
    """An output scale that uses most of the range for `depth` products."""
    if kind == "float32":
        return Tensor(kind)
    typical = float(data.scale) * float(numpy.mean(filters.scale)) * 74 * 74 * depth ** 0.5
    return activation(rng, kind, scale=typical / float(rng.uniform(20, 60)))


@case("CONV_2D", ("float32", "int8", "uint8"))
def convolution(rng, name, kind):
    batch, height, width = int(rng.integers(1, 3)), *dims(rng, 2, 3, 17)
    channels, outputs = int(rng.integers(1, 40)), int(rng.integers(1, 50))
    kernel = pick(rng, (1, 1), (1, 1), (3, 3), (5, 3), (2, 2))
    height, width = max(height, kernel[0] * 2), max(width, kernel[1] * 2)
    data = activation(rng, kind, (batch, height, width, channels))
    filters = weights(rng, kind, (outputs, *kernel, channels), 0, outputs)
    stride, dilation = (int(rng.integers(1, 3)), int(rng.integers(1, 3))), 1
    if stride == (1, 1) and rng.random() < 0.3:
        dilation = 2
    node = Node(name, [data, filters, bias(rng, kind, data, filters, outputs)],
                [result(rng, kind, data, filters, channels * kernel[0] * kernel[1])], 3, "Conv2DOptions",
                {"padding": int(rng.integers(0, 2)), "strideH": stride[0], "strideW": stride[1],
                 "dilationHFactor": dilation, "dilationWFactor": dilation, "fusedActivationFunction": pick(rng, 0, 1, 3)})
    return Case(node, exact=kind != "float32", tolerance=1e-5, same_everywhere=kind != "float32")


@case("DEPTHWISE_CONV_2D", ("float32", "int8", "uint8"))
def depthwise(rng, name, kind):
    batch, height, width, channels = int(rng.integers(1, 3)), *dims(rng, 2, 5, 17), int(rng.integers(1, 70))
    multiplier = pick(rng, 1, 1, 1, 2, 3)
    kernel = pick(rng, (3, 3), (3, 3), (5, 5), (1, 3), (4, 2))
    data = activation(rng, kind, (batch, height, width, channels))
    outputs = channels * multiplier
    filters = weights(rng, kind, (1, *kernel, outputs), 3, outputs)
    stride = pick(rng, 1, 1, 2)
    node = Node(name, [data, filters, bias(rng, kind, data, filters, outputs)],
                [result(rng, kind, data, filters, kernel[0] * kernel[1])], 3, "DepthwiseConv2DOptions",
                {"padding": int(rng.integers(0, 2)), "strideH": stride, "strideW": stride, "depthMultiplier": multiplier,
                 "dilationHFactor": 1, "dilationWFactor": 1, "fusedActivationFunction": pick(rng, 0, 1, 3)})
    return Case(node, exact=kind != "float32", tolerance=1e-5, same_everywhere=kind != "float32")


@case("FULLY_CONNECTED", ("float32", "int8", "uint8"))
def fully_connected(rng, name, kind):
    batch, depth, outputs = pick(rng, 1, 1, 2, 5, 17), int(rng.integers(1, 200)), int(rng.integers(1, 100))
    data = activation(rng, kind, (batch, depth))
    filters = weights(rng, kind, (outputs, depth), 0, 1)
    filters.scale = filters.scale if kind != "int8" else float(filters.scale[0])
    addend = bias(rng, kind, data, filters, outputs) if rng.random() < 0.8 else None
    node = Node(name, [data, filters, addend], [result(rng, kind, data, filters, depth)], 4 if kind == "int8" else 1,
                "FullyConnectedOptions", {"fusedActivationFunction": pick(rng, 0, 1, 3)})
    return Case(node, exact=kind != "float32", tolerance=1e-5, same_everywhere=kind != "float32")


# Elementwise.


def broadcast_pair(rng):
    shape = dims(rng, int(rng.integers(1, 5)), 1, 7)
    other = tuple(1 if rng.random() < 0.4 else n for n in shape)
    other = other[int(rng.integers(0, len(other) + 1)):] if rng.random() < 0.3 else other
    return (shape, shape) if rng.random() < 0.5 else pick(rng, (shape, other), (other, shape))


@case("ADD", ("float32", "int8", "uint8", "int32", "int64"), table="AddOptions", version=2)
@case("SUB", ("float32", "int8", "uint8", "int32"), table="SubOptions", version=2)
@case("MUL", ("float32", "int8", "uint8", "int32"), table="MulOptions", version=2)
def arithmetic(rng, name, kind, table, version):
    a, b = broadcast_pair(rng)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    spread = (left.scale + right.scale if name != "MUL" else left.scale * right.scale * 128) if quantized(kind) else None
    output = activation(rng, kind, scale=spread and spread * float(rng.uniform(0.5, 1.5)))
    options = {"fusedActivationFunction": pick(rng, 0, 0, 1, 3) if kind != "int64" else 0}
    return Case(Node(name, [left, right], [output], version if kind == "int8" else 1, table, options))


@case("DIV", ("float32",), table="DivOptions")
@case("MAXIMUM", ("float32", "int8", "uint8", "int32"), table="MaximumMinimumOptions", version=2)
@case("MINIMUM", ("float32", "int8", "uint8", "int32"), table="MaximumMinimumOptions", version=2)
@case("SQUARED_DIFFERENCE", ("float32", "int8", "int32"), table="SquaredDifferenceOptions", version=2)
@case("FLOOR_DIV", ("int32", "float32"), table="FloorDivOptions")
def pairs(rng, name, kind, table, version=1):
    a, b = broadcast_pair(rng)
    left, right = activation(rng, kind, a), activation(rng, kind, b)
    output = like(left)
    if name in ("MAXIMUM", "MINIMUM"):
        right.scale, right.zero = left.scale, left.zero
    elif quantized(kind):
        output = activation(rng, kind, scale=max(left.scale, right.scale) ** 2 * 300)
    inputs = None
    if "DIV" in name:
        values = [draw(rng, kind, a), draw(rng, kind, b)]
        values[1] = numpy.where(values[1] == 0, 3, values[1]).astype(kind)
        inputs = values
    return Case(Node(name, [left, right], [output], version if kind == "int8" else 1, table), inputs=inputs)


@case("EQUAL", ("float32", "int8", "uint8", "int32", "int64", "bool"), table="EqualOptions")
@case("NOT_EQUAL", ("float32", "int8", "int32", "bool"), table="NotEqualOptions")
@case("LESS", ("float32", "int8", "uint8", "int32", "int64"), table="LessOptions")
@case("LESS_EQUAL", ("float32", "int8", "int32"), table="LessEqualOptions")
@case("GREATER", ("float32", "int8", "int32"), table="GreaterOptions")
@case("GREATER_EQUAL", ("float32", "int8", "int32"), table="GreaterEqualOptions")
def comparisons(rng, name, kind, table):
    a, b = broadcast_pair(rng)
    left = activation(rng, kind, a)
    right = activation(rng, kind, b)
    return Case(Node(name, [left, right], [Tensor("bool")], 2 if kind in ("int8", "uint8") else 1, table), units=0)


@case("SELECT_V2", ("float32", "int8", "int32"), table="SelectV2Options")
def select(rng, name, kind, table):
    a, b = broadcast_pair(rng)
    left = activation(rng, kind, a)
    right = like(left)
    right.shape = b
    return Case(Node(name, [Tensor("bool", pick(rng, a, b)), left, right], [like(left)], 1, table), units=0)


FREE = {"RELU": ("float32", "int8", "uint8"), "RELU6": ("float32", "int8", "uint8"), "RELU_N1_TO_1": ("float32",),
        "FLOOR": ("float32",), "CEIL": ("float32",), "ROUND": ("float32",), "SIN": ("float32",), "COS": ("float32",),
        "ELU": ("float32",), "TANH": ("float32", "int8", "uint8"), "LOGISTIC": ("float32", "int8", "uint8")}
TABLES = {"NEG": ("NegOptions", ("float32", "int32")), "ABS": ("AbsOptions", ("float32", "int8")),
          "SQUARE": ("SquareOptions", ("float32",)), "EXP": ("ExpOptions", ("float32",)),
          "HARD_SWISH": ("HardSwishOptions", ("float32", "int8", "uint8"))}
POSITIVE = ("SQRT", "RSQRT", "LOG")
FIXED = {("LOGISTIC", "int8"): (1 / 256, -128), ("LOGISTIC", "uint8"): (1 / 256, 0), ("TANH", "int8"): (1 / 128, 0),
         ("TANH", "uint8"): (1 / 128, 128)}


def unary(rng, name, kind, table=""):
    shape = dims(rng, int(rng.integers(1, 5)), 1, 9)
    data = activation(rng, kind, shape)
    output = activation(rng, kind)
    if (name, kind) in FIXED:
        output.scale, output.zero = FIXED[name, kind]
    elif name == "ABS" and quantized(kind):
        output = like(data)
    inputs = [(rng.uniform(0.01, 4, shape)).astype("f4")] if name in POSITIVE else None
    if kind == "float32" and name not in POSITIVE:
        inputs = [rng.uniform(-8, 8, shape).astype("f4")]
    version = 2 if quantized(kind) and name in ("RELU", "RELU6", "TANH", "LOGISTIC", "ABS") else 1
    return Case(Node(name, [data], [output], version, table), inputs=inputs, tolerance=1e-5)


for operator, kinds in FREE.items():
    case(operator, kinds)(unary)
for operator, (options, kinds) in TABLES.items():
    case(operator, kinds, table=options)(unary)
for operator in POSITIVE:
    case(operator, ("float32",))(unary)


@case("QUANTIZE", ("float32 int8", "float32 uint8", "float32 int16", "int8 int8", "int8 uint8", "uint8 int8", "uint8 uint8"))
def quantize(rng, name, kind):
    source, target = kind.split()
    data, output = activation(rng, source, dims(rng, 3)), activation(rng, target)
    inputs = [rng.uniform(-20, 20, data.shape).astype("f4")] if source == "float32" else None
    return Case(Node(name, [data], [output], 1, "QuantizeOptions"), inputs=inputs)


@case("DEQUANTIZE", ("int8", "uint8", "int16", "float16"))
def dequantize(rng, name, kind):
    data = activation(rng, kind, dims(rng, 3))
    return Case(Node(name, [data], [Tensor("float32")], {"float16": 3, "int16": 3}.get(kind, 2), "DequantizeOptions"))


@case("CAST", ("float32 int32", "int32 float32", "uint8 float32", "float32 uint8", "int64 int32", "bool float32", "int8 float32"))
def cast(rng, name, kind):
    source, target = kind.split()
    shape = dims(rng, 2)
    inputs = [rng.uniform(0, 200, shape).astype("f4")] if source == "float32" else None
    return Case(Node(name, [Tensor(source, shape)], [Tensor(target)], 1, "CastOptions"), inputs=inputs)


# Movement.


@case("CONCATENATION", ("float32", "int8", "uint8", "int32"))
def concatenation(rng, name, kind):
    shape, axis = dims(rng, int(rng.integers(1, 5)), 1, 6), 0
    axis = int(rng.integers(0, len(shape)))
    first = activation(rng, kind, shape)
    inputs = []
    for _ in range(int(rng.integers(1, 5))):
        tensor = like(first) if kind != "uint8" else activation(rng, kind)
        tensor.shape = tuple(int(rng.integers(1, 6)) if i == axis else n for i, n in enumerate(shape))
        inputs.append(tensor)
    output = like(first)
    return Case(Node(name, inputs, [output], 2 if kind == "int8" else 1, "ConcatenationOptions",
                     {"axis": axis - (len(shape) if rng.random() < 0.5 else 0)}))


@case("PAD", ("float32", "int8", "uint8", "int32"), table="PadOptions")
@case("PADV2", ("float32", "int8", "uint8", "int32"), table="PadV2Options")
@case("MIRROR_PAD", ("float32", "int8", "int32"), table="MirrorPadOptions")
def padding(rng, name, kind, table):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, dims(rng, rank, 3, 7))
    inputs = [data, ints(rng.integers(0, 3, (rank, 2)), pick(rng, "int32", "int64"))]
    options = {}
    if name == "PADV2":
        value = like(data)
        value.data, value.shape = draw(rng, kind, (1,)), (1,)
        inputs.append(value)
    if name == "MIRROR_PAD":
        options = {"mode": int(rng.integers(0, 2))}
    return Case(Node(name, inputs, [like(data)], 2 if kind == "int8" else 1, table, options), units=0)


@case("TRANSPOSE", ("float32", "int8", "int32"))
def transpose(rng, name, kind):
    rank = int(rng.integers(1, 6))
    data = activation(rng, kind, dims(rng, rank, 1, 6))
    return Case(Node(name, [data, ints(rng.permutation(rank))], [like(data)], 4, "TransposeOptions"), units=0)


@case("RESHAPE", ("float32", "int8"), table="ReshapeOptions")
def reshape(rng, name, kind, table):
    data = activation(rng, kind, dims(rng, 3, 1, 6))
    shape = pick(rng, [-1], [data.shape[0], -1], [1, -1, data.shape[2]], [data.shape[1] * data.shape[2], data.shape[0]])
    if rng.random() < 0.5:
        return Case(Node(name, [data, ints(shape)], [like(data)], 1, table), units=0)
    return Case(Node(name, [data], [like(data)], 1, table, {"newShape": shape}), units=0)


@case("STRIDED_SLICE", ("float32", "int8", "int32"))
def strided_slice(rng, name, kind):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, dims(rng, rank, 2, 8))
    begin, end, step = [], [], []
    for size in data.shape:
        low, high = sorted(int(n) for n in rng.choice(size + 1, 2, replace=False))
        forward = rng.random() < 0.7
        begin.append(low if forward else high - 1)
        end.append(high if forward else low - 1 - size if low == 0 else low - 1)
        step.append(int(rng.integers(1, 3)) * (1 if forward else -1))
    shrink = int(rng.integers(0, 2 ** rank)) if rng.random() < 0.3 else 0
    step = [1 if shrink >> i & 1 else s for i, s in enumerate(step)]
    end = [b + 1 if shrink >> i & 1 else e for i, (b, e) in enumerate(zip(begin, end))]
    options = {"beginMask": int(rng.integers(0, 2 ** rank)) & ~shrink if rng.random() < 0.3 else 0,
               "endMask": int(rng.integers(0, 2 ** rank)) & ~shrink if rng.random() < 0.3 else 0, "shrinkAxisMask": shrink}
    return Case(Node(name, [data, ints(begin), ints(end), ints(step)], [like(data)], 2, "StridedSliceOptions", options), units=0)


@case("SLICE", ("float32", "int8"))
def slice_(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 5)), 2, 8))
    begin = [int(rng.integers(0, n)) for n in data.shape]
    size = [pick(rng, -1, int(rng.integers(1, n - b + 1))) for n, b in zip(data.shape, begin)]
    output = like(data)
    output.shape = tuple(n - b if s < 0 else s for n, b, s in zip(data.shape, begin, size))
    return Case(Node(name, [data, ints(begin), ints(size)], [output], 2, "SliceOptions"), units=0)


@case("SPLIT", ("float32", "int8", "uint8"))
def split(rng, name, kind):
    count = int(rng.integers(1, 5))
    shape = list(dims(rng, 3, 1, 6))
    axis = int(rng.integers(0, 3))
    shape[axis] *= count
    data = activation(rng, kind, tuple(shape))
    return Case(Node(name, [ints(axis), data], [like(data) for _ in range(count)], 2, "SplitOptions", {"numSplits": count}), units=0)


@case("SPLIT_V", ("float32", "int8"))
def split_v(rng, name, kind):
    sizes = [int(n) for n in rng.integers(1, 5, int(rng.integers(1, 4)))]
    shape = list(dims(rng, 3, 1, 6))
    axis = int(rng.integers(0, 3))
    shape[axis] = sum(sizes)
    data = activation(rng, kind, tuple(shape))
    return Case(Node(name, [data, ints(sizes), ints(axis)], [like(data) for _ in sizes], 2, "SplitVOptions",
                     {"numSplits": len(sizes)}), units=0)


@case("PACK", ("float32", "int8", "int32"))
def pack(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 6))
    count = int(rng.integers(1, 5))
    return Case(Node(name, [like(data) for _ in range(count)], [like(data)], 2, "PackOptions",
                     {"valuesCount": count, "axis": int(rng.integers(0, len(data.shape) + 1))}), units=0)


@case("UNPACK", ("float32", "int8"))
def unpack(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 5))
    axis = int(rng.integers(0, len(data.shape)))
    count = data.shape[axis]
    return Case(Node(name, [data], [like(data) for _ in range(count)], 2, "UnpackOptions", {"num": count, "axis": axis}), units=0)


@case("GATHER", ("float32", "int8", "int32"))
def gather(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 6))
    axis = int(rng.integers(0, len(data.shape)))
    where = ints(rng.integers(0, data.shape[axis], dims(rng, int(rng.integers(0, 3)), 1, 4)))
    return Case(Node(name, [data, where], [like(data)], 2, "GatherOptions", {"axis": axis}), units=0)


@case("GATHER_ND", ("float32", "int8"))
def gather_nd(rng, name, kind):
    data = activation(rng, kind, dims(rng, 3, 1, 6))
    depth, count = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    where = numpy.stack([rng.integers(0, n, count) for n in data.shape[:depth]], -1)
    return Case(Node(name, [data, ints(where)], [like(data)], 1, "GatherNdOptions"), units=0)


@case("EXPAND_DIMS", ("float32", "int8"))
def expand(rng, name, kind):
    data = activation(rng, kind, dims(rng, 3))
    return Case(Node(name, [data, ints(int(rng.integers(-4, 4)))], [like(data)], 1, "ExpandDimsOptions"), units=0)


@case("SQUEEZE", ("float32", "int8"))
def squeeze(rng, name, kind):
    data = activation(rng, kind, (1, *dims(rng, 2, 2, 6), 1))
    return Case(Node(name, [data], [like(data)], 1, "SqueezeOptions", {"squeezeDims": pick(rng, [], [0], [-1], [0, 3])}), units=0)


@case("TILE", ("float32", "int8"))
def tile(rng, name, kind):
    data = activation(rng, kind, dims(rng, 3, 1, 5))
    return Case(Node(name, [data, ints(rng.integers(1, 4, 3))], [like(data)], 1, "TileOptions"), units=0)


@case("SPACE_TO_DEPTH", ("float32", "int8"), table="SpaceToDepthOptions")
@case("DEPTH_TO_SPACE", ("float32", "int8"), table="DepthToSpaceOptions")
def blocks(rng, name, kind, table):
    size = int(rng.integers(1, 4))
    h, w, c = dims(rng, 3, 1, 4)
    shape = (2, h * size, w * size, c) if name == "SPACE_TO_DEPTH" else (2, h, w, c * size * size)
    data = activation(rng, kind, shape)
    return Case(Node(name, [data], [like(data)], 1, table, {"blockSize": size}), units=0)


# Reductions, pooling, softmax, resizing.


@case("AVERAGE_POOL_2D", ("float32", "int8", "uint8"))
@case("MAX_POOL_2D", ("float32", "int8", "uint8"))
def pooling(rng, name, kind):
    data = activation(rng, kind, (int(rng.integers(1, 3)), *dims(rng, 2, 4, 15), int(rng.integers(1, 40))))
    size = dims(rng, 2, 1, 4)
    options = {"padding": int(rng.integers(0, 2)), "strideH": int(rng.integers(1, 3)), "strideW": int(rng.integers(1, 3)),
               "filterHeight": size[0], "filterWidth": size[1], "fusedActivationFunction": pick(rng, 0, 0, 1)}
    return Case(Node(name, [data], [like(data)], 2 if kind == "int8" else 1, "Pool2DOptions", options), tolerance=1e-6)


@case("MEAN", ("float32", "int8", "uint8"))
@case("SUM", ("float32", "int8", "int32"))
@case("REDUCE_MAX", ("float32", "int8", "uint8"))
@case("REDUCE_MIN", ("float32", "int8"))
@case("REDUCE_PROD", ("float32",))
def reduction(rng, name, kind):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, dims(rng, rank, 1, 9))
    axes = sorted(int(n) for n in rng.choice(rank, int(rng.integers(1, rank + 1)), replace=False))
    output = like(data)
    if quantized(kind) and name in ("MEAN", "SUM"):
        count = numpy.prod([data.shape[a] for a in axes])
        output = activation(rng, kind, scale=data.scale * float(rng.uniform(0.5, 1.5)) * (count if name == "SUM" else 1))
    node = Node(name, [data, ints(axes)], [output], 2 if kind == "int8" else 1, "ReducerOptions", {"keepDims": bool(rng.integers(0, 2))})
    # LiteRT's reference kernel of SUM ignores the scales of 8-bit tensors; its optimized kernel does not.
    return Case(node, tolerance=1e-5, oracle="builtin" if name == "SUM" else "reference")


@case("SOFTMAX", ("float32", "int8", "uint8"))
def softmax(rng, name, kind):
    data = activation(rng, kind, (*dims(rng, int(rng.integers(0, 3)), 1, 4), int(rng.integers(1, 60))))
    output = activation(rng, kind, scale=1 / 256, zero=-128 if kind == "int8" else 0)
    inputs = [rng.uniform(-6, 6, data.shape).astype("f4")] if kind == "float32" else None
    return Case(Node(name, [data], [output], 2 if kind == "int8" else 1, "SoftmaxOptions", {"beta": pick(rng, 1.0, 1.0, 0.5)}),
                inputs=inputs, tolerance=1e-6)


@case("ARG_MAX", ("float32", "int8", "uint8"), table="ArgMaxOptions")
@case("ARG_MIN", ("float32", "int8"), table="ArgMinOptions")
def arg(rng, name, kind, table):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, dims(rng, rank, 1, 12))
    wide = bool(rng.integers(0, 2))
    return Case(Node(name, [data, ints(int(rng.integers(-rank, rank)))], [Tensor("int64" if wide else "int32")],
                     2 if kind == "int8" else 1, table, {"outputType": 4 if wide else 2}), units=0)


@case("RESIZE_BILINEAR", ("float32", "int8", "uint8"), table="ResizeBilinearOptions")
@case("RESIZE_NEAREST_NEIGHBOR", ("float32", "int8", "uint8"), table="ResizeNearestNeighborOptions")
def resize(rng, name, kind, table):
    data = activation(rng, kind, (int(rng.integers(1, 3)), *dims(rng, 2, 1, 9), int(rng.integers(1, 20))))
    corners = rng.random() < 0.3
    options = {"alignCorners": corners, "halfPixelCenters": not corners and rng.random() < 0.5}
    return Case(Node(name, [data, ints(rng.integers(1, 18, 2))], [like(data)], 3, table, options), tolerance=1e-5)
