"""Operators that give elements other places: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import MOVABLE, NUMBERS, WORDS, Case, activation, case, dims, draw, extents, ints, like, pick


@case("CONCATENATION", MOVABLE)
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


@case("PAD", MOVABLE, table="PadOptions")
@case("PADV2", MOVABLE, table="PadV2Options")
@case("MIRROR_PAD", MOVABLE, table="MirrorPadOptions")
def padding(rng, name, kind, table):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, extents(rng, rank, 3, 7))
    inputs = [data, ints(rng.integers(0, 3, (rank, 2)), pick(rng, "int32", "int64"))]
    options = {}
    if name == "PADV2":
        value = like(data)
        value.data, value.shape = draw(rng, kind, (1,)), (1,)
        inputs.append(value)
    if name == "MIRROR_PAD":
        options = {"mode": int(rng.integers(0, 2))}
    return Case(Node(name, inputs, [like(data)], 2 if kind == "int8" else 1, table, options), units=0)


@case("TRANSPOSE", MOVABLE)
def transpose(rng, name, kind):
    rank = int(rng.integers(1, 6))
    data = activation(rng, kind, extents(rng, rank, 1, 6))
    return Case(Node(name, [data, ints(rng.permutation(rank))], [like(data)], 4, "TransposeOptions"), units=0)


@case("RESHAPE", MOVABLE, table="ReshapeOptions")
def reshape(rng, name, kind, table):
    data = activation(rng, kind, extents(rng, 3, 1, 6))
    shape = pick(rng, [-1], [data.shape[0], -1], [1, -1, data.shape[2]], [data.shape[1] * data.shape[2], data.shape[0]])
    if rng.random() < 0.5:
        return Case(Node(name, [data, ints(shape)], [like(data)], 1, table), units=0)
    return Case(Node(name, [data], [like(data)], 1, table, {"newShape": shape}), units=0)


@case("STRIDED_SLICE", MOVABLE)
def strided_slice(rng, name, kind):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, extents(rng, rank, 2, 8))
    begin, end, step = [], [], []
    for size in data.shape:
        if size == 0:
            begin, end, step = [*begin, 0], [*end, 0], [*step, 1]
            continue
        low, high = sorted(int(n) for n in rng.choice(size + 1, 2, replace=False))
        forward = rng.random() < 0.7
        begin.append(low if forward else high - 1)
        end.append(high if forward else low - 1 - size if low == 0 else low - 1)
        step.append(int(rng.integers(1, 3)) * (1 if forward else -1))
    shrink = int(rng.integers(0, 2 ** rank)) if rng.random() < 0.3 and 0 not in data.shape else 0
    step = [1 if shrink >> i & 1 else s for i, s in enumerate(step)]
    end = [b + 1 if shrink >> i & 1 else e for i, (b, e) in enumerate(zip(begin, end))]
    options = {"beginMask": int(rng.integers(0, 2 ** rank)) & ~shrink if rng.random() < 0.3 else 0,
               "endMask": int(rng.integers(0, 2 ** rank)) & ~shrink if rng.random() < 0.3 else 0, "shrinkAxisMask": shrink}
    return Case(Node(name, [data, ints(begin), ints(end), ints(step)], [like(data)], 2, "StridedSliceOptions", options), units=0)


@case("SLICE", MOVABLE)
def slice_(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(1, 5)), 2, 8))
    begin = [int(rng.integers(0, n)) for n in data.shape]
    size = [pick(rng, -1, int(rng.integers(1, n - b + 1))) for n, b in zip(data.shape, begin)]
    output = like(data)
    output.shape = tuple(n - b if s < 0 else s for n, b, s in zip(data.shape, begin, size))
    return Case(Node(name, [data, ints(begin), ints(size)], [output], 2, "SliceOptions"), units=0)


@case("SPLIT", NUMBERS)
def split(rng, name, kind):
    count = int(rng.integers(1, 5))
    shape = list(dims(rng, 3, 1, 6))
    axis = int(rng.integers(0, 3))
    shape[axis] *= count
    data = activation(rng, kind, tuple(shape))
    return Case(Node(name, [ints(axis), data], [like(data) for _ in range(count)], 2, "SplitOptions", {"numSplits": count}), units=0)


@case("SPLIT_V", NUMBERS)
def split_v(rng, name, kind):
    sizes = [int(n) for n in rng.integers(1, 5, int(rng.integers(1, 4)))]
    shape = list(dims(rng, 3, 1, 6))
    axis = int(rng.integers(0, 3))
    shape[axis] = sum(sizes)
    data = activation(rng, kind, tuple(shape))
    return Case(Node(name, [data, ints(sizes), ints(axis)], [like(data) for _ in sizes], 2, "SplitVOptions",
                     {"numSplits": len(sizes)}), units=0)


@case("PACK", NUMBERS)
def pack(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(1, 4)), 1, 6))
    count = int(rng.integers(1, 5))
    return Case(Node(name, [like(data) for _ in range(count)], [like(data)], 2, "PackOptions",
                     {"valuesCount": count, "axis": int(rng.integers(0, len(data.shape) + 1))}), units=0)


@case("UNPACK", (*WORDS, "int32", "bool"))
def unpack(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(1, 4)), 1, 5))
    axis = int(rng.integers(0, len(data.shape)))
    count = data.shape[axis]
    return Case(Node(name, [data], [like(data) for _ in range(count)], 2, "UnpackOptions", {"num": count, "axis": axis}), units=0)


@case("GATHER", MOVABLE)
def gather(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(1, 4)), 1, 6))
    axis = int(rng.integers(0, len(data.shape)))
    where = ints(rng.integers(0, data.shape[axis], dims(rng, int(rng.integers(0, 3)), 1, 4)))
    return Case(Node(name, [data, where], [like(data)], 2, "GatherOptions", {"axis": axis}), units=0)


@case("GATHER_ND", MOVABLE)
def gather_nd(rng, name, kind):
    data = activation(rng, kind, extents(rng, 3, 1, 6))
    depth, count = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    where = numpy.stack([rng.integers(0, n, count) for n in data.shape[:depth]], -1)
    return Case(Node(name, [data, ints(where)], [like(data)], 1, "GatherNdOptions"), units=0)


@case("EXPAND_DIMS", MOVABLE)
def expand(rng, name, kind):
    data = activation(rng, kind, extents(rng, 3))
    return Case(Node(name, [data, ints(int(rng.integers(-4, 4)))], [like(data)], 1, "ExpandDimsOptions"), units=0)


@case("SQUEEZE", MOVABLE)
def squeeze(rng, name, kind):
    data = activation(rng, kind, (1, *dims(rng, 2, 2, 6), 1))
    return Case(Node(name, [data], [like(data)], 1, "SqueezeOptions", {"squeezeDims": pick(rng, [], [0], [-1], [0, 3])}), units=0)


@case("TILE", MOVABLE)
def tile(rng, name, kind):
    data = activation(rng, kind, extents(rng, 3, 1, 5))
    return Case(Node(name, [data, ints(rng.integers(1, 4, 3))], [like(data)], 1, "TileOptions"), units=0)


@case("SPACE_TO_DEPTH", ("float32", "int8", "uint8", "int32", "int64"), table="SpaceToDepthOptions")
@case("DEPTH_TO_SPACE", ("float32", "int8", "uint8", "int32", "int64"), table="DepthToSpaceOptions")
def blocks(rng, name, kind, table):
    size = int(rng.integers(1, 4))
    h, w, c = dims(rng, 3, 1, 4)
    shape = (2, h * size, w * size, c) if name == "SPACE_TO_DEPTH" else (2, h, w, c * size * size)
    data = activation(rng, kind, shape)
    return Case(Node(name, [data], [like(data)], 1, table, {"blockSize": size}), units=0)
