"""Operators that few models have: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import MOVABLE, NUMBERS, Case, activation, case, dims, draw, extents, ints, like, pick
from elementwise_cases import broadcast_pair


@case("ADD_N", ("float32", "int32"))
def add_n(rng, name, kind):
    shape = extents(rng, int(rng.integers(0, 5)))
    return Case(Node(name, [Tensor(kind, shape) for _ in range(int(rng.integers(2, 6)))], [Tensor(kind)], 1, "AddNOptions"))


@case("BITWISE_XOR", ("int8", "uint8", "int16", "int32", "uint16", "uint32"))
@case("RIGHT_SHIFT", ("int8", "uint8", "int16", "int32", "uint16", "uint32"))
def bitwise(rng, name, kind):
    a, b = broadcast_pair(rng)
    limits = numpy.iinfo(kind)
    values = [rng.integers(limits.min, limits.max, a, endpoint=True).astype(kind),
              rng.integers(max(limits.min, -3), 40, b).astype(kind)]
    return Case(Node(name, [Tensor(kind, a), Tensor(kind, b)], [Tensor(kind)], 1), units=0, inputs=values)


@case("BITCAST", ("float32 int32", "int32 int8", "uint8 int16", "float32 float32", "int64 int32", "int8 int32"))
def bitcast(rng, name, kind):
    source, target = kind.split()
    parts = numpy.dtype(target).itemsize // numpy.dtype(source).itemsize
    shape = (*extents(rng, int(rng.integers(0, 4))), *([parts] if parts > 1 else []))
    return Case(Node(name, [Tensor(source, shape)], [Tensor(target)], 1), units=0)


@case("FAKE_QUANT", ("float32",))
def fake_quantize(rng, name, kind):
    shape = extents(rng, int(rng.integers(0, 5)))
    options = {"min": -rng.uniform(0, 6), "max": rng.uniform(0.1, 6), "numBits": int(rng.integers(2, 17))}
    return Case(Node(name, [Tensor(kind, shape)], [Tensor(kind)], 1, "FakeQuantOptions", options), inputs=[numpy.asarray(rng.uniform(-8, 8, shape), "f4")], tolerance=1e-5)


@case("L2_POOL_2D", ("float32",))
def l2_pool(rng, name, kind):
    data = Tensor(kind, (int(rng.integers(1, 3)), *dims(rng, 2, 4, 15), int(rng.integers(1, 20))))
    size = dims(rng, 2, 1, 4)
    options = {"padding": int(rng.integers(0, 2)), "strideH": int(rng.integers(1, 3)), "strideW": int(rng.integers(1, 3)),
               "filterHeight": size[0], "filterWidth": size[1], "fusedActivationFunction": pick(rng, 0, 0, 1)}
    return Case(Node(name, [data], [Tensor(kind)], 1, "Pool2DOptions", options), tolerance=1e-6)


@case("LOCAL_RESPONSE_NORMALIZATION", ("float32",))
def local_response(rng, name, kind):
    options = {"radius": int(rng.integers(0, 6)), "bias": rng.uniform(0.5, 2), "alpha": rng.uniform(0, 1),
               "beta": rng.uniform(0.2, 1)}
    return Case(Node(name, [Tensor(kind, extents(rng, 4))], [Tensor(kind)], 1, "LocalResponseNormalizationOptions", options),
                tolerance=1e-5)


@case("REVERSE_SEQUENCE", ("float32", "uint8", "int16", "int32", "int64"))
def reverse_sequence(rng, name, kind):
    shape = extents(rng, int(rng.integers(2, 5)), 1, 6)
    axes = [int(n) for n in rng.permutation(len(shape))]
    count, steps = shape[axes[1]], shape[axes[0]]
    lengths = numpy.asarray(rng.integers(0, steps + 1, count), pick(rng, "int32", "int64"))
    data = activation(rng, kind, shape)
    return Case(Node(name, [data, Tensor(lengths.dtype.name, (count,))], [like(data)], 1, "ReverseSequenceOptions",
                     {"seqDim": axes[0], "batchDim": axes[1]}), units=0, inputs=[draw(rng, kind, shape), lengths])


@case("MATRIX_DIAG", NUMBERS)
def matrix_diagonal(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(1, 4)), 1, 6))
    return Case(Node(name, [data], [like(data)], 1, "MatrixDiagOptions"), units=0)


@case("MATRIX_SET_DIAG", NUMBERS)
def matrix_set_diagonal(rng, name, kind):
    data = activation(rng, kind, extents(rng, int(rng.integers(2, 5)), 1, 6))
    diagonal = like(data)
    diagonal.shape = (*data.shape[:-2], min(data.shape[-2:]))
    return Case(Node(name, [data, diagonal], [like(data)], 1, "MatrixSetDiagOptions"), units=0)


@case("SEGMENT_SUM", ("float32", "int32"))
def segment_sum(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 4)), 1, 9)
    ids = numpy.cumsum([0, *rng.integers(0, 2, shape[0] - 1)])  # LiteRT refuses ids that leave one out
    return Case(Node(name, [Tensor(kind, shape), ints(ids)], [Tensor(kind)], 1, "SegmentSumOptions"))


@case("UNSORTED_SEGMENT_SUM", ("float32", "int32"), table="UnsortedSegmentSumOptions")
@case("UNSORTED_SEGMENT_PROD", ("float32", "int32"), table="UnsortedSegmentProdOptions")
@case("UNSORTED_SEGMENT_MAX", ("float32", "int32"), table="UnsortedSegmentMaxOptions")
@case("UNSORTED_SEGMENT_MIN", ("float32", "int32"), table="UnsortedSegmentMinOptions")
def unsorted_segments(rng, name, kind, table):
    shape, segments = dims(rng, int(rng.integers(1, 4)), 1, 7), int(rng.integers(1, 6))
    ids = numpy.asarray(rng.integers(0, segments, shape[:int(rng.integers(1, len(shape) + 1))]), "i4")
    return Case(Node(name, [Tensor(kind, shape), Tensor("int32", ids.shape), ints(segments)], [Tensor(kind)], 1, table),
                inputs=[draw(rng, kind, shape), ids], tolerance=1e-5)


@case("SPARSE_TO_DENSE", ("float32", "int8", "uint8", "int32", "int64"))
def sparse_to_dense(rng, name, kind):
    shape, count = dims(rng, int(rng.integers(1, 5)), 1, 6), int(rng.integers(1, 6))
    places = sorted({tuple(int(rng.integers(0, n)) for n in shape) for _ in range(count)})
    indices = numpy.asarray(places, pick(rng, "int32", "int64"))
    if len(shape) == 1 and rng.random() < 0.5:
        indices = indices.reshape(-1)
    values = activation(rng, kind, () if rng.random() < 0.3 else (len(places),))
    return Case(Node(name, [ints(indices, indices.dtype.name), ints(shape, indices.dtype.name), values, like_scalar(values)],
                     [like(values)], 3, "SparseToDenseOptions", {"validateIndices": False}), units=0)


def like_scalar(tensor):
    result = like(tensor)
    result.shape = ()
    return result


@case("BUCKETIZE", ("float32", "int32", "int64"))
def bucketize(rng, name, kind):
    boundaries = numpy.sort(rng.uniform(-10, 10, int(rng.integers(1, 9)))).astype("f4")
    shape = extents(rng, int(rng.integers(0, 5)))
    values = numpy.asarray(rng.uniform(-12, 12, shape) if kind == "float32" else rng.integers(-12, 13, shape), kind)
    return Case(Node(name, [Tensor(kind, shape)], [Tensor("int32")], 1, "BucketizeOptions", {"boundaries": boundaries}),
                units=0, inputs=[values])


@case("DILATE", MOVABLE)
def dilate(rng, name, kind):
    shape = extents(rng, int(rng.integers(1, 5)), 1, 5)
    data = activation(rng, kind, shape)
    return Case(Node(name, [data, ints(rng.integers(1, 4, len(shape))), like_scalar(data)], [like(data)], 1), units=0)
