"""What the operator comparison draws where shapes depend on values: the operands that decide are computed, not constant."""

import numpy

from build import Node, Tensor
from cases import MOVABLE, NUMBERS, Case, activation, case, dims, draw, like, pick


def given(values, kind="int32"):
    """A computed tensor and its value."""
    values = numpy.asarray(values, kind)
    return Tensor(kind, values.shape), values


def single(name, kind, data, deciding, table="", options=None, version=2, position=1, outputs=None):
    """A case whose inputs behind `position` are computed and keep their values."""
    tensors, values = zip(*[given(*value) if isinstance(value, tuple) else given(value) for value in deciding])
    inputs = list(tensors)
    inputs.insert(0 if position else len(inputs), data)
    drawn = draw_for(data)
    numbers = [drawn, *values] if position else [*values, drawn]
    frozen = tuple(range(1, len(inputs))) if position else tuple(range(len(values)))
    node = Node(name, inputs, outputs or [like(data)], version, table, options or {})
    return Case(node, units=0, inputs=numbers, frozen=frozen)


def draw_for(tensor):
    rng = numpy.random.default_rng(sum(tensor.shape) + 7)
    return draw(rng, tensor.type, tensor.shape)


@case("WHERE", ("float32", "int8", "uint8", "int32", "int64", "bool"))
def where(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 5)), 1, 6)
    values = draw(rng, kind, shape)
    mask = rng.integers(0, 4, shape)
    values = numpy.where(mask > 0, values, 0).astype(kind)
    return Case(Node(name, [Tensor(kind, shape)], [Tensor("int64")], 2 if kind != "bool" else 1, "WhereOptions"), units=0,
                inputs=[values])


@case("NON_MAX_SUPPRESSION_V4", ("float32",), soft=False)
@case("NON_MAX_SUPPRESSION_V5", ("float32",), soft=True)
def suppression(rng, name, kind, soft):
    count, limit = int(rng.integers(1, 24)), int(rng.integers(1, 24))
    corners = rng.uniform(0, 4, (count, 2)).astype("f4")
    sizes = rng.uniform(0, 3, (count, 2)).astype("f4")
    boxes = numpy.concatenate([corners, corners + sizes], axis=1)
    if rng.integers(0, 2):
        boxes = boxes[:, [2, 3, 0, 1]]
    scores = (numpy.argsort(rng.uniform(0, 1, count)) / count).astype("f4")  # LiteRT orders equal ones at will
    numbers = [numpy.asarray(rng.uniform(0, 1), "f4"), numpy.asarray(rng.uniform(-0.2, 0.6), "f4")]
    if soft:
        numbers.append(numpy.asarray(pick(rng, 0.0, 0.3, 1.5), "f4"))
    inputs = [boxes, scores, numpy.asarray(limit, "i4"), *numbers]
    tensors = [Tensor(str(v.dtype), v.shape) for v in inputs]
    outputs = [Tensor("int32"), Tensor("float32"), Tensor("int32")] if soft else [Tensor("int32"), Tensor("int32")]
    node = Node(name, tensors, outputs, 1, "NonMaxSuppressionV5Options" if soft else "NonMaxSuppressionV4Options")
    return Case(node, units=0, inputs=inputs, frozen=tuple(range(len(inputs))), oracle="builtin")


@case("TOPK_V2 computed", NUMBERS)
def top_k(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 12))
    return single("TOPK_V2", kind, data, [(int(rng.integers(1, data.shape[-1] + 1)), pick(rng, "int32", "int16"))],
                  "TopKV2Options", version=3, outputs=[like(data), Tensor("int32")])


@case("RESHAPE computed", MOVABLE)
def reshape(rng, name, kind):
    parts = dims(rng, 3, 1, 5)
    data = activation(rng, kind, (parts[0] * parts[1], parts[2]))
    wanted = [list(parts), [-1, parts[0]], [parts[0] * parts[1] * parts[2]]][int(rng.integers(0, 3))]
    return single("RESHAPE", kind, data, [wanted], "ReshapeOptions", {"newShape": []}, version=1)


@case("FILL computed", ("float32", "int8", "int32", "bool"))
def fill(rng, name, kind):
    value = activation(rng, kind, ())
    return single("FILL", kind, value, [list(dims(rng, int(rng.integers(1, 5)), 0, 5))], "FillOptions", version=1, position=0)


@case("TILE computed", ("float32", "int8", "int32", "int64", "bool"))
def tile(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 4))
    return single("TILE", kind, data, [list(dims(rng, len(data.shape), 1, 4))], "TileOptions")


@case("BROADCAST_TO computed", ("float32", "int8", "int32"))
def broadcast_to(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 4)), 1, 4)
    data = activation(rng, kind, tuple(1 if rng.random() < 0.5 else n for n in shape))
    front = dims(rng, int(rng.integers(0, 3)), 1, 3)
    return single("BROADCAST_TO", kind, data, [[*front, *shape]], "BroadcastToOptions")


@case("SLICE computed", MOVABLE)
def slice_box(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 5)), 1, 6))
    begin = [int(rng.integers(0, n)) for n in data.shape]
    size = [pick(rng, -1, int(rng.integers(1, n - b + 1))) for n, b in zip(data.shape, begin)]
    return single("SLICE", kind, data, [begin, size], "SliceOptions", outputs=[activation(rng, kind, (), data.scale, data.zero)])


@case("STRIDED_SLICE computed", MOVABLE)
def strided_slice(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 2, 7))
    begin = [int(rng.integers(0, n)) for n in data.shape]
    end = [int(rng.integers(b + 1, n + 1)) for n, b in zip(data.shape, begin)]
    step = [int(rng.integers(1, 3)) for _ in data.shape]
    return single("STRIDED_SLICE", kind, data, [begin, end, step], "StridedSliceOptions", version=4)


@case("PAD computed", ("float32", "int8", "uint8", "int32", "int64"))
def pad(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 5)), 1, 4))
    return single("PAD", kind, data, [rng.integers(0, 3, (len(data.shape), 2))], "PadOptions")


@case("TRANSPOSE computed", ("float32", "int8", "int32", "int64"))
def transpose(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(2, 5)), 1, 5))
    order = sorted(range(len(data.shape)), key=lambda axis: (int(rng.integers(0, 100)), axis))
    return single("TRANSPOSE", kind, data, [order], "TransposeOptions")


@case("RANGE computed", ("float32", "int32", "int64"))
def number_range(rng, name, kind):
    start, count, step = int(rng.integers(-9, 10)), int(rng.integers(0, 20)), pick(rng, 1, 2, -1, -3)
    numbers = [start, start + count * step, step]
    if kind == "float32":
        numbers = [n / 4 for n in numbers]
    values = [numpy.asarray(n, kind) for n in numbers]
    node = Node("RANGE", [Tensor(kind, ()) for _ in values], [Tensor(kind)], 1, "RangeOptions")
    return Case(node, inputs=values, frozen=(0, 1, 2), tolerance=1e-6)


@case("ONE_HOT computed", ("float32", "int8", "int32"))
def one_hot(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 3)), 1, 5)
    depth = int(rng.integers(1, 6))
    indices = rng.integers(0, depth, shape).astype("i4")
    on, off = activation(rng, kind, ()), activation(rng, kind, ())
    node = Node("ONE_HOT", [Tensor("int32", shape), Tensor("int32", ()), on, like(on)], [like(on)], 1, "OneHotOptions",
                {"axis": -1})
    return Case(node, units=0, inputs=[indices, numpy.asarray(depth, "i4"), draw(rng, kind, ()), draw(rng, kind, ())],
                frozen=(0, 1))


@case("SPLIT_V computed", ("float32", "int8", "int32"))
def split_sizes(rng, name, kind):
    parts = [int(n) for n in rng.integers(1, 4, 3)]
    data = activation(rng, kind, (2, sum(parts)))
    sizes = numpy.asarray(parts, "i4")
    node = Node("SPLIT_V", [data, Tensor("int32", (3,)), Tensor("int32", data=numpy.asarray(1, "i4"))],
                [like(data) for _ in parts], 2, "SplitVOptions", {"numSplits": 3})
    return Case(node, units=0, inputs=[draw(rng, kind, data.shape), sizes], frozen=(1,))


@case("CONV_3D", ("float32",))
def convolution_3d(rng, name, kind):
    window, channels = dims(rng, 3, 1, 3), dims(rng, 2, 1, 5)
    strides, dilations = dims(rng, 3, 1, 2), dims(rng, 3, 1, 2)
    extent = [(w - 1) * d + 1 for w, d in zip(window, dilations)]
    shape = (int(rng.integers(1, 3)), *[int(rng.integers(n, n + 5)) for n in extent], channels[0])
    weights = Tensor(kind, data=draw(rng, kind, (*window, *channels)))
    bias = Tensor(kind, data=draw(rng, kind, (channels[1],))) if rng.integers(0, 2) else None
    names = ("D", "H", "W")
    options = {f"stride{n}": s for n, s in zip(names, strides)} | {f"dilation{n}Factor": d for n, d in zip(names, dilations)}
    node = Node(name, [Tensor(kind, shape), weights, bias], [Tensor(kind)], 1, "Conv3DOptions",
                {"padding": pick(rng, 0, 1), "fusedActivationFunction": pick(rng, 0, 1, 3), **options})
    return Case(node, tolerance=1e-5, same_everywhere=False)
