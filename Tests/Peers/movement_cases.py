"""What the operator comparison draws for operators that move data, beside those in layout_cases.py."""

import numpy

from build import Node, Tensor
from cases import MOVABLE, NUMBERS, Case, activation, case, dims, draw, extents, ints, like, pick


@case("BROADCAST_TO", MOVABLE)
def broadcast_to(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 4)), 1, 5)
    data = activation(rng, kind, tuple(1 if rng.random() < 0.5 else n for n in shape))
    front = dims(rng, int(rng.integers(0, 3)), 1, 3)
    return Case(Node(name, [data, ints([*front, *shape])], [like(data)], 2, "BroadcastToOptions"), units=0)


@case("FILL", MOVABLE)
def fill(rng, name, kind):
    value = activation(rng, kind, ())
    return Case(Node(name, [ints(dims(rng, 3)), value], [like(value)], 1, "FillOptions"), units=0,
                inputs=[draw(rng, kind, ())])


@case("REVERSE_V2", MOVABLE)
def reverse(rng, name, kind):
    rank = int(rng.integers(1, 5))
    first = int(rng.integers(0, rank))
    data = activation(rng, kind, dims(rng, rank, 1, 6))
    axes = list(range(first, int(rng.integers(first, rank)) + 1))
    return Case(Node(name, [data, ints(axes)], [like(data)], 2, "ReverseV2Options"), units=0)


@case("SPACE_TO_BATCH_ND", MOVABLE, table="SpaceToBatchNDOptions")
@case("BATCH_TO_SPACE_ND", MOVABLE, table="BatchToSpaceNDOptions")
def batches(rng, name, kind, table):
    size = [int(n) for n in rng.integers(1, 4, 2)]
    h, w = dims(rng, 2, 1, 4)
    if name == "BATCH_TO_SPACE_ND":
        data = activation(rng, kind, (2 * size[0] * size[1], h, w, 3))
        margins = [[int(rng.integers(0, 2)) if s > 1 else 0, 0] for s in size]
    else:
        margins = [[int(rng.integers(0, 3)), int(rng.integers(0, 3))] for _ in size]
        extents = [n * s + s * 3 - sum(m) % s for n, s, m in zip((h, w), size, margins)]
        data = activation(rng, kind, (2, *extents, 3))
    return Case(Node(name, [data, ints(size), ints(margins)], [like(data)], 2, table), units=0)


@case("ONE_HOT", ("float32", "int8", "uint8", "int32", "int64", "bool"))
def one_hot(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 4)), 1, 5)
    depth = int(rng.integers(1, 6))
    on, off = activation(rng, kind, data=draw(rng, kind, ())), activation(rng, kind, data=draw(rng, kind, ()))
    node = Node(name, [Tensor("int32", shape), ints(depth), on, off], [Tensor(kind)], 1, "OneHotOptions",
                {"axis": int(rng.integers(-1, len(shape) + 1))})
    return Case(node, units=0, inputs=[rng.integers(-1, depth + 1, shape).astype("i4")])


@case("TOPK_V2", NUMBERS)
def top_k(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 20))
    k = int(rng.integers(1, data.shape[-1] + 1))
    values = draw(rng, kind, data.shape)
    if rng.random() < 0.5:
        values = (values * (3 if kind == "float32" else 1)).astype(kind) // type(values.flat[0])(2)
    return Case(Node(name, [data, ints(k)], [like(data), Tensor("int32")], 2, "TopKV2Options"), units=0, inputs=[values])


@case("DYNAMIC_UPDATE_SLICE", MOVABLE)
def dynamic_update_slice(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 4)), 1, 6)
    data, update = activation(rng, kind, shape), activation(rng, kind)
    update = like(data)
    update.shape = tuple(int(rng.integers(1, n + 1)) for n in shape)
    start = rng.integers(-2, 8, len(shape)).astype("i4")
    return Case(Node(name, [data, update, Tensor("int32", (len(shape),))], [like(data)], 1), units=0,
                inputs=[draw(rng, kind, shape), draw(rng, kind, update.shape), start])


@case("SCATTER_ND", ("float32", "int8", "uint8", "int32", "int64", "bool"))
def scatter_nd(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 4)), 1, 5)
    depth, count = int(rng.integers(1, len(shape) + 1)), int(rng.integers(1, 9))
    where = [[int(rng.integers(0, n)) for n in shape[:depth]] for _ in range(count)]
    updates = Tensor(kind, (count, *shape[depth:]))
    return Case(Node(name, [ints(where), updates, ints(shape)], [Tensor(kind)], 1, "ScatterNdOptions"), units=0)


@case("CUMSUM", ("float32", "int32", "int64"))
def cumulative_sum(rng, name, kind):
    rank = int(rng.integers(1, 5))
    data = Tensor(kind, dims(rng, rank, 1, 6))
    return Case(Node(name, [data, ints(int(rng.integers(-rank, rank)))], [Tensor(kind)], 1, "CumsumOptions",
                     {"exclusive": bool(rng.integers(0, 2)), "reverse": bool(rng.integers(0, 2))}), tolerance=1e-6)


@case("EMBEDDING_LOOKUP", ("float32", "int8"))
def embedding_lookup(rng, name, kind):
    rows, columns, count = dims(rng, 3, 1, 9)
    table = Tensor(kind, data=draw(rng, kind, (rows, columns)))
    if kind == "int8":
        table.scale = float(rng.uniform(0.01, 0.1))
    node = Node(name, [Tensor("int32", (count,)), table], [Tensor("float32")], 3 if kind == "int8" else 1)
    return Case(node, inputs=[rng.integers(0, rows, count).astype("i4")], tolerance=1e-6)


@case("BROADCAST_ARGS", ("int32", "int64"))
def broadcast_args(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 5)), 1, 5)
    left = [1 if rng.random() < 0.4 else n for n in shape][int(rng.integers(0, len(shape))):]
    right = [1 if rng.random() < 0.4 else n for n in shape]
    return Case(Node(name, [Tensor(kind, (len(left),)), Tensor(kind, (len(right),))], [Tensor(kind)], 1), units=0,
                inputs=[ints(left, kind).data, ints(right, kind).data])


@case("RANK", ("float32", "int8"))
def rank(rng, name, kind):
    return Case(Node(name, [activation(rng, kind, dims(rng, int(rng.integers(1, 5))))], [Tensor("int32")], 1, "RankOptions"),
                units=0)


@case("MIRROR_PAD int64 paddings", ("float32", "int8"))
def mirror_pad(rng, name, kind):
    data = activation(rng, kind, dims(rng, 2, 4, 7))
    return Case(Node("MIRROR_PAD", [data, ints(rng.integers(0, 4, (2, 2)), "int64")], [like(data)], 2, "MirrorPadOptions",
                     {"mode": pick(rng, 0, 1)}), units=0)


@case("GATHER batch_dims", MOVABLE)
def gather_batches(rng, name, kind):
    data = activation(rng, kind, dims(rng, 4, 1, 5))
    batch = int(rng.integers(0, 3))
    axis = int(rng.integers(batch, 4))
    shape = (*data.shape[:batch], *dims(rng, int(rng.integers(0, 2)), 1, 4))
    where = Tensor(pick(rng, "int32", "int64"), shape)
    return Case(Node("GATHER", [data, where], [like(data)], 5, "GatherOptions", {"axis": axis, "batchDims": batch}), units=0,
                inputs=[draw(rng, kind, data.shape), rng.integers(0, data.shape[axis], shape).astype(where.type)])


@case("STRIDED_SLICE masks", ("float32", "int8"))
def strided_slice_masks(rng, name, kind):
    shape = dims(rng, int(rng.integers(2, 5)), 2, 7)
    while True:
        count = int(rng.integers(1, len(shape) + 1))
        begin, end = rng.integers(-7, 8, count), rng.integers(-7, 8, count)
        step = [int(n) for n in rng.choice([-2, -1, 1, 2, 3], count)]
        masks = {f"{mask}Mask": int(rng.integers(0, 2 ** count)) if rng.random() < 0.5 else 0
                 for mask in ("begin", "end", "newAxis")}
        masks["ellipsisMask"] = 1 << int(rng.integers(0, count)) if rng.random() < 0.4 else 0
        masks["newAxisMask"] &= ~masks["ellipsisMask"]
        taken = numpy.zeros(shape)[index(begin, end, step, **masks)]
        if taken.size > 0 and taken.ndim <= 5:  # LiteRT reports empty results under another shape
            break
    data = activation(rng, kind, shape)
    return Case(Node("STRIDED_SLICE", [data, ints(begin), ints(end), ints(step)], [like(data)], 6, "StridedSliceOptions",
                     masks), units=0)


def index(begin, end, step, beginMask, endMask, newAxisMask, ellipsisMask):
    """What NumPy takes for the same slice."""
    def part(i):
        if ellipsisMask >> i & 1:
            return Ellipsis
        if newAxisMask >> i & 1:
            return None
        return slice(None if beginMask >> i & 1 else begin[i], None if endMask >> i & 1 else end[i], step[i])
    return tuple(part(i) for i in range(len(begin)))


@case("STRIDED_SLICE offset", ("float32", "int8"))
def strided_slice_offset(rng, name, kind):
    data = activation(rng, kind, dims(rng, 3, 2, 7))
    begin = [int(rng.integers(-n, n)) for n in data.shape]
    room = [-b if b < 0 else n - b for b, n in zip(begin, data.shape)]  # LiteRT reads past the input where the end is behind it
    count = [int(rng.integers(1, n + 1)) for n in room]
    node = Node("STRIDED_SLICE", [data, ints(begin), ints(count), ints(rng.integers(1, 3, 3))], [like(data)], 8,
                "StridedSliceOptions", {"offset": True})
    return Case(node, units=0)
