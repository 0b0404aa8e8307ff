"""Reductions, pooling and resizing: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import NUMBERS, WORDS, Case, activation, case, dims, extents, ints, like, pick, quantized


@case("AVERAGE_POOL_2D", WORDS)
@case("MAX_POOL_2D", WORDS)
def pooling(rng, name, kind):
    data = activation(rng, kind, (int(rng.integers(1, 3)), *dims(rng, 2, 4, 15), int(rng.integers(1, 40))))
    size = dims(rng, 2, 1, 4)
    options = {"padding": int(rng.integers(0, 2)), "strideH": int(rng.integers(1, 3)), "strideW": int(rng.integers(1, 3)),
               "filterHeight": size[0], "filterWidth": size[1], "fusedActivationFunction": pick(rng, 0, 0, 1)}
    return Case(Node(name, [data], [like(data)], 2 if kind == "int8" else 1, "Pool2DOptions", options), tolerance=1e-6)


@case("MEAN", NUMBERS)
@case("SUM", NUMBERS)
@case("REDUCE_MAX", NUMBERS)
@case("REDUCE_MIN", NUMBERS)
@case("REDUCE_PROD", ("float32", "int32", "int64"))
def reduction(rng, name, kind):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, extents(rng, rank))
    axes = sorted(int(n) for n in rng.choice(rank, int(rng.integers(1, rank + 1)), replace=False))
    output = like(data)
    if quantized(kind) and name in ("MEAN", "SUM") and not (name == "SUM" and kind == "int16"):
        count = max(1, int(numpy.prod([data.shape[a] for a in axes])))
        output = activation(rng, kind, scale=data.scale * float(rng.uniform(0.5, 1.5)) * (count if name == "SUM" else 1))
    node = Node(name, [data, ints(axes)], [output], 2 if kind == "int8" else 1, "ReducerOptions", {"keepDims": bool(rng.integers(0, 2))})
    if quantized(kind) and name == "SUM" and 0 in data.shape:  # LiteRT leaves the output as it was
        data.shape = (1,) * rank
    # LiteRT's reference kernel of SUM ignores the scales of 8-bit tensors; its optimized kernel does not.
    return Case(node, tolerance=1e-5, oracle="builtin" if name == "SUM" else "reference")


@case("SOFTMAX", WORDS)
def softmax(rng, name, kind):
    data = activation(rng, kind, (*extents(rng, int(rng.integers(0, 4)), 1, 4), int(rng.integers(1, 60))))
    output = activation(rng, kind, scale=2.0 ** -15 if kind == "int16" else 1 / 256, zero=-128 if kind == "int8" else 0)
    inputs = [rng.uniform(-6, 6, data.shape).astype("f4")] if kind == "float32" else None
    return Case(Node(name, [data], [output], 2 if kind == "int8" else 1, "SoftmaxOptions", {"beta": pick(rng, 1.0, 1.0, 0.5)}),
                inputs=inputs, tolerance=1e-6)


@case("ARG_MAX", ("float32", "int8", "uint8", "int32", "bool"), table="ArgMaxOptions")
@case("ARG_MIN", ("float32", "int8", "uint8", "int32", "bool"), table="ArgMinOptions")
def arg(rng, name, kind, table):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, dims(rng, rank, 1, 12))
    wide = bool(rng.integers(0, 2))
    return Case(Node(name, [data, ints(int(rng.integers(-rank, rank)))], [Tensor("int64" if wide else "int32")],
                     2 if kind == "int8" else 1, table, {"outputType": 4 if wide else 2}), units=0)


@case("RESIZE_BILINEAR", WORDS, table="ResizeBilinearOptions")
@case("RESIZE_NEAREST_NEIGHBOR", WORDS, table="ResizeNearestNeighborOptions")
def resize(rng, name, kind, table):
    data = activation(rng, kind, (int(rng.integers(1, 3)), *extents(rng, 2), int(rng.integers(1, 20))))
    corners = rng.random() < 0.3
    options = {"alignCorners": corners, "halfPixelCenters": not corners and rng.random() < 0.5}
    return Case(Node(name, [data, ints(rng.integers(1, 18, 2))], [like(data)], 3, table, options), tolerance=1e-5)


@case("REDUCE_ANY", ("bool",))
@case("REDUCE_ALL", ("bool",))
def logical_reduction(rng, name, kind):
    rank = int(rng.integers(1, 5))
    axes = [int(n) for n in rng.choice(rank, int(rng.integers(1, rank + 1)), replace=False)]
    return Case(Node(name, [Tensor(kind, extents(rng, rank)), ints(axes)], [Tensor(kind)], 1, "ReducerOptions",
                     {"keepDims": bool(rng.integers(0, 2))}), units=0)


@case("LOG_SOFTMAX", ("float32", "int8"))
def log_softmax(rng, name, kind):
    data = activation(rng, kind, (*extents(rng, int(rng.integers(0, 3)), 1, 4), int(rng.integers(1, 60))))
    output = activation(rng, kind, scale=16 / 256, zero=127)
    inputs = [rng.uniform(-6, 6, data.shape).astype("f4")] if kind == "float32" else None
    return Case(Node(name, [data], [output], 2 if kind == "int8" else 1, "LogSoftmaxOptions"), inputs=inputs, tolerance=1e-6)


@case("L2_NORMALIZATION", ("float32", "int8", "uint8"))
def l2_normalization(rng, name, kind):
    data = activation(rng, kind, (*extents(rng, int(rng.integers(0, 4)), 1, 6), int(rng.integers(1, 40))))
    output = activation(rng, kind, scale=1 / 128, zero=128 if kind == "uint8" else 0)
    return Case(Node(name, [data], [output], 2 if kind == "int8" else 1, "L2NormOptions"), tolerance=1e-5)


@case("REDUCE_PROD", ("int8", "int16"))
def quantized_product(rng, name, kind):
    rank = int(rng.integers(1, 5))
    data = activation(rng, kind, dims(rng, rank, 1, 4), scale=rng.uniform(0.004, 0.04) / (1 if kind == "int8" else 256))
    axes = [int(rng.integers(0, rank))]  # LiteRT's products of many factors overflow 32 bits
    count = data.shape[axes[0]]
    output = activation(rng, kind, scale=min(1e30, max(1e-30, (data.scale * (60 if kind == "int8" else 15000)) ** count / 50)))
    return Case(Node(name, [data, ints(axes)], [output], 2, "ReducerOptions", {"keepDims": bool(rng.integers(0, 2))}))
