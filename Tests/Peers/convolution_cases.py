"""Convolutions and fully connected layers: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import Case, activation, case, dims, draw, pick


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


@case("TRANSPOSE_CONV", ("float32", "int8", "uint8"))
def transposed(rng, name, kind):
    batch, height, width = int(rng.integers(1, 3)), *dims(rng, 2, 1, 7)
    channels, outputs = int(rng.integers(1, 20)), int(rng.integers(1, 20))
    kernel, stride, padding = dims(rng, 2, 1, 5), dims(rng, 2, 1, 3), int(rng.integers(0, 2))
    data = activation(rng, kind, (batch, height, width, channels))
    filters = weights(rng, kind, (outputs, *kernel, channels), 0, outputs)
    extent = [n * s if padding == 0 else (n - 1) * s + k for n, s, k in zip((height, width), stride, kernel)]
    addend = [bias(rng, kind, data, filters, outputs)] if rng.random() < 0.5 else []
    shape = Tensor("int32", data=numpy.array([batch, *extent, outputs], "i4"))
    node = Node(name, [shape, filters, data, *addend],
                [result(rng, kind, data, filters, channels * kernel[0] * kernel[1])], 3, "TransposeConvOptions",
                {"padding": padding, "strideH": stride[0], "strideW": stride[1]})
    # LiteRT's default leaves strides beyond the kernel to kernels that round twice.
    exact = kind != "float32" and all(k >= s for k, s in zip(kernel, stride))
    return Case(node, exact=exact, tolerance=1e-5, same_everywhere=kind != "float32")


@case("Convolution2DTransposeBias", ("float32",))
def transposed_with_bias(rng, name, kind):
    batch, height, width = int(rng.integers(1, 3)), *dims(rng, 2, 1, 7)
    channels, outputs = int(rng.integers(1, 20)), int(rng.integers(1, 20))
    stride, padding = dims(rng, 2, 1, 3), int(rng.integers(0, 2))
    kernel = tuple(int(s + rng.integers(0, 3)) for s in stride)
    filters = weights(rng, kind, (outputs, *kernel, channels), 0, outputs)
    extent = [n * s if padding == 0 else (n - 1) * s + k for n, s, k in zip((height, width), stride, kernel)]
    data = activation(rng, kind, (batch, height, width, channels))
    # The padding as C's enumeration counts it, the strides across and down.
    options = numpy.array([padding + 1, stride[1], stride[0]], "<i4").tobytes()
    node = Node(name, [data, filters, bias(rng, kind, data, filters, outputs)], [Tensor(kind, (batch, *extent, outputs))],
                1, options=options, custom=True)
    return Case(node, tolerance=1e-5, same_everywhere=False, oracle="default")


@case("BATCH_MATMUL", ("float32", "int8", "int16"))
def batch_matmul(rng, name, kind):
    rows, depth, columns = dims(rng, 3, 1, 12)
    batch = dims(rng, int(rng.integers(0, 3)), 1, 3)
    other = tuple(1 if rng.random() < 0.3 else n for n in batch)[int(rng.integers(0, len(batch) + 1)):]
    flipped = [bool(rng.integers(0, 2)), bool(rng.integers(0, 2))]
    left = activation(rng, kind, (*batch, *((depth, rows) if flipped[0] else (rows, depth))))
    right = activation(rng, kind, (*other, *((columns, depth) if flipped[1] else (depth, columns))))
    output = activation(rng, kind)
    if kind != "float32":
        output.scale = left.scale * right.scale * (74 if kind == "int8" else 20000) * depth ** 0.5
    return Case(Node(name, [left, right], [output], 4, "BatchMatMulOptions", {"adjX": flipped[0], "adjY": flipped[1]}),
                tolerance=1e-5, same_everywhere=kind != "float32")
