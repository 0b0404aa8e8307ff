"""What the operator comparison draws for int16 activations and for int4 weights."""

import numpy

from build import Node, Tensor
from cases import Case, activation, case, dims, ints, pick

BIASES = {"int32": 2, "int64": 4}


def small_weights(rng, kind, shape, axis, channels):
    """Signed weights of 8, 4 or 2 bits, symmetric, quantized per channel of `axis`."""
    bits = int(kind[3:])
    limit = 2 ** (bits - 1) - 1
    scale = rng.uniform(0.002, 0.02, channels).astype("f4") * 2 ** (8 - bits)
    return Tensor(kind, data=rng.integers(-limit, limit, shape, "i1", endpoint=True), scale=scale, axis=axis)


def layer(rng, name, kind, data_shape, filter_shape, axis, depth, table, options, bias_field=True, version=1):
    """A layer of `data` type x weight type, e.g. "int16 int8", "int8 int4" or "float32 int8"."""
    data_kind, weight_kind = kind.split()[:2]
    channels = filter_shape[axis]
    filters = small_weights(rng, weight_kind, filter_shape, axis, channels)
    data = Tensor("float32", data_shape) if data_kind == "float32" else activation(rng, data_kind, data_shape)
    typical = 74 * 74 if data_kind == "int8" else 19000 * 74
    if data_kind == "float32":
        output, addend = Tensor("float32"), Tensor("float32", data=rng.uniform(-1, 1, channels).astype("f4"))
    else:
        products = float(data.scale) * filters.scale
        typical *= float(products.mean()) * depth ** 0.5
        output = activation(rng, data_kind, scale=typical / float(rng.uniform(20, 60)) / (256 if data_kind == "int16" else 1))
        bias_kind = "int32" if data_kind == "int8" or kind.endswith("int32") else "int64"
        addend = Tensor(bias_kind, data=rng.integers(-3000, 3000, channels).astype(bias_kind), scale=products)
        if bias_field and data_kind == "int16" and bias_kind == "int32":
            options["quantizedBiasType"] = BIASES[bias_kind]
    # Without a bias the other runtime's int4 layers, and with int32 ones its int16 layers, refuse.
    inputs = [data, filters, addend]
    return Node(name, inputs, [output], version, table, options)


def judged(node, kind):
    """Integers within one unit of the reference kernels, hybrid layers as XNNPACK has them."""
    if kind.startswith("float32"):
        return Case(node, tolerance=1e-5, oracle="default")
    return Case(node)


@case("CONV_2D", ("int16 int8", "int16 int8 int32", "int8 int4", "float32 int8"))
def convolution(rng, name, kind):
    channels, outputs = int(rng.integers(1, 40)), int(rng.integers(1, 50))
    kernel = pick(rng, (1, 1), (3, 3), (5, 3), (2, 2))
    stride, dilation = pick(rng, (1, 1), (2, 1), (2, 2)), 1
    if stride == (1, 1) and rng.random() < 0.3:
        dilation = 2
    options = {"padding": int(rng.integers(0, 2)), "strideH": stride[0], "strideW": stride[1],
               "dilationHFactor": dilation, "dilationWFactor": dilation, "fusedActivationFunction": pick(rng, 0, 1, 3)}
    shape = (int(rng.integers(1, 3)), *dims(rng, 2, 10, 17), channels)
    return judged(layer(rng, name, kind, shape, (outputs, *kernel, channels), 0, channels * kernel[0] * kernel[1],
                        "Conv2DOptions", options, version=8 if "int4" not in kind else 7), kind)


@case("CONV_2D grouped", ("int16 int8",))
def grouped_convolution(rng, name, kind):
    groups, channels, outputs = int(rng.integers(2, 5)), int(rng.integers(1, 20)), int(rng.integers(1, 20))
    options = {"padding": int(rng.integers(0, 2)), "strideH": 1, "strideW": 1, "fusedActivationFunction": 0}
    return judged(layer(rng, "CONV_2D", kind, (1, *dims(rng, 2, 4, 9), groups * channels),
                        (groups * outputs, 3, 3, channels), 0, channels * 9, "Conv2DOptions", options, version=8), kind)


@case("DEPTHWISE_CONV_2D", ("int16 int8", "int8 int4", "float32 int8"))
def depthwise(rng, name, kind):
    channels, multiplier = int(rng.integers(1, 70)), pick(rng, 1, 1, 1, 2, 3)
    kernel, stride = pick(rng, (3, 3), (3, 3), (5, 5), (1, 3), (4, 2)), pick(rng, 1, 1, 2)
    options = {"padding": int(rng.integers(0, 2)), "strideH": stride, "strideW": stride, "depthMultiplier": multiplier,
               "dilationHFactor": 1, "dilationWFactor": 1, "fusedActivationFunction": pick(rng, 0, 1, 3)}
    return judged(layer(rng, name, kind, (int(rng.integers(1, 3)), *dims(rng, 2, 5, 17), channels),
                        (1, *kernel, channels * multiplier), 3, kernel[0] * kernel[1], "DepthwiseConv2DOptions", options,
                        bias_field=False, version=6), kind)


@case("FULLY_CONNECTED", ("int16 int8", "int16 int8 int32", "int8 int4", "float32 int4", "float32 int8"))
def fully_connected(rng, name, kind):
    is_deep = not kind.startswith("float32") and rng.random() < 0.2
    depth, outputs = int(rng.integers(1, 3000 if is_deep else 200)), int(rng.integers(1, 100))
    if kind == "float32 int4":
        depth += depth % 2  # the other runtime gives odd ones to a kernel with a coarser rule than XNNPACK's
    rows, options = pick(rng, 1, 1, 2, 5, 17), {"fusedActivationFunction": pick(rng, 0, 1, 3)}
    node = layer(rng, name, kind, (rows, depth), (outputs, depth), 0, depth, "FullyConnectedOptions", options, version=11)
    node.outputs[0].shape = (rows, outputs)
    return judged(node, kind)


@case("BATCH_MATMUL", ("int16 int8",))
def batch_matmul(rng, name, kind):
    """Per tensor: for weights quantized per channel the other runtime's results are all zero."""
    rows, depth, columns = (int(n) for n in rng.integers(1, 90, 3))
    batches = pick(rng, (), (3,), (2, 2))
    is_transposed, is_constant = bool(rng.integers(0, 2)), bool(rng.integers(0, 2))
    right_shape = (columns, depth) if is_transposed else (depth, columns)
    if not is_constant:
        right_shape = (*batches, *right_shape)
    left = activation(rng, "int16", (*batches, rows, depth))
    right = activation(rng, "int8", right_shape, scale=0.01, zero=0)
    if is_constant:
        right.data = rng.integers(-127, 127, right_shape, "i1", endpoint=True)
    output = activation(rng, "int16", scale=float(left.scale) * 0.01 * 19000 * 74 * depth ** 0.5 / 10000)
    return judged(Node(name, [left, right], [output], 4, "BatchMatMulOptions", {"adjY": is_transposed}), kind)


@case("TRANSPOSE_CONV", ("int16 int8", "int16 int8 int32"))
def transpose_convolution(rng, name, kind):
    channels, outputs = int(rng.integers(1, 20)), int(rng.integers(1, 20))
    height, width = dims(rng, 2, 2, 8)
    stride, kernel = int(rng.integers(1, 3)), pick(rng, (1, 1), (2, 2), (3, 3))
    padding = int(rng.integers(0, 2))
    size = [(n - 1) * stride + k if padding else n * stride for n, k in zip((height, width), kernel)]
    options = {"padding": padding, "strideH": stride, "strideW": stride, "fusedActivationFunction": 0}
    node = layer(rng, name, kind, (1, height, width, channels), (outputs, *kernel, channels), 0,
                 channels * kernel[0] * kernel[1] / stride ** 2, "TransposeConvOptions", options, version=5)
    data, filters, addend = node.inputs
    node.inputs = [ints([1, *size, outputs]), filters, data, addend]
    return judged(node, kind)


@case("EMBEDDING_LOOKUP", ("float32 int8", "float32 int4"))
def embedding(rng, name, kind):
    rows, width, count = (int(n) for n in rng.integers(1, 30, 3))
    table = small_weights(rng, kind.split()[1], (rows, 2 * width), 0, rows)
    ids = rng.integers(0, rows, count).astype("i4")
    return Case(Node(name, [Tensor("int32", (count,)), table], [Tensor("float32")], 4), inputs=[ids], frozen=(0,))


@case("DEQUANTIZE", ("int4",))
def dequantize_small(rng, name, kind):
    data = small_weights(rng, kind, dims(rng, int(rng.integers(1, 4)), 1, 9), 0, 1)
    data.scale = float(data.scale[0])
    return Case(Node(name, [data], [Tensor("float32", data.data.shape)], 6, "DequantizeOptions"), inputs=[])
