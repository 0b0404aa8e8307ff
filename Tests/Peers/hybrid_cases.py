"""What the operator comparison draws for hybrid layers: float32 activations that are quantized while running, small weights.

LiteRT's default quantizes by XNNPACK's rule in convolutions and fully connected layers and by its own kernels' elsewhere; both
are followed, and what is left are activations that lie halfway between two steps.
"""

from build import Node, Tensor
from cases import Case, case, dims, ints, pick
from types_cases import layer, small_weights


@case("CONV_2D", ("float32 int8", "float32 int4"))
def convolution(rng, name, kind):
    channels, outputs = int(rng.integers(1, 40)), int(rng.integers(1, 50))
    kernel, stride = pick(rng, (1, 1), (3, 3), (5, 3), (2, 2)), pick(rng, (1, 1), (2, 1), (2, 2))
    dilation = 2 if stride == (1, 1) and rng.random() < 0.3 else 1
    options = {"padding": int(rng.integers(0, 2)), "strideH": stride[0], "strideW": stride[1], "dilationHFactor": dilation,
               "dilationWFactor": dilation, "fusedActivationFunction": pick(rng, 0, 1, 3)}
    shape = (int(rng.integers(1, 3)), *dims(rng, 2, 10, 17), channels)
    node = layer(rng, name, kind, shape, (outputs, *kernel, channels), 0, channels * kernel[0] * kernel[1],
                 "Conv2DOptions", options, version=5)
    sizes = [-(-(n - (k - 1) * dilation) // s) if options["padding"] else -(-n // s)
             for n, k, s in zip(shape[1:3], kernel, stride)]
    node.outputs[0].shape = (shape[0], *sizes, outputs)  # XNNPACK wants to know it
    # The other runtime's int4 convolutions are not XNNPACK's: a scale for each picture, where here each pixel may have one.
    return Case(node, tolerance=1e-5 if kind == "float32 int8" else 0.05, oracle="default")


@case("CONV_2D grouped", ("float32 int8",))
def grouped_convolution(rng, name, kind):
    groups, channels, outputs = int(rng.integers(2, 5)), int(rng.integers(1, 20)), int(rng.integers(1, 20))
    options = {"padding": 0, "strideH": 1, "strideW": 1, "fusedActivationFunction": 0}
    shape = (1, *dims(rng, 2, 4, 9), groups * channels)
    node = layer(rng, "CONV_2D", kind, shape, (groups * outputs, 3, 3, channels), 0, channels * 9, "Conv2DOptions", options,
                 version=5)
    node.outputs[0].shape = (*shape[:3], groups * outputs)
    return Case(node, tolerance=1e-5, oracle="default")


@case("DEPTHWISE_CONV_2D", ("float32 int8",))
def depthwise(rng, name, kind):
    channels, multiplier = int(rng.integers(1, 70)), pick(rng, 1, 1, 1, 2, 3)
    kernel, stride = pick(rng, (3, 3), (3, 3), (5, 5), (1, 3), (4, 2)), pick(rng, 1, 1, 2)
    options = {"padding": int(rng.integers(0, 2)), "strideH": stride, "strideW": stride, "depthMultiplier": multiplier,
               "dilationHFactor": 1, "dilationWFactor": 1, "fusedActivationFunction": pick(rng, 0, 1, 3)}
    node = layer(rng, name, kind, (int(rng.integers(1, 3)), *dims(rng, 2, 5, 17), channels),
                 (1, *kernel, channels * multiplier), 3, kernel[0] * kernel[1], "DepthwiseConv2DOptions", options, version=6)
    return Case(node, tolerance=1e-6, oracle="default")


@case("TRANSPOSE_CONV", ("float32 int8",))
def transpose_convolution(rng, name, kind):
    channels, outputs, (height, width) = int(rng.integers(1, 20)), int(rng.integers(1, 20)), dims(rng, 2, 2, 8)
    stride = int(rng.integers(1, 3))
    filters = small_weights(rng, "int8", (outputs, 3, 3, channels), 0, outputs)
    options = {"padding": 0, "strideH": stride, "strideW": stride, "fusedActivationFunction": 0}
    node = Node(name, [ints([1, height * stride, width * stride, outputs]), filters,
                       Tensor("float32", (1, height, width, channels))], [Tensor("float32")], 3, "TransposeConvOptions",
                options)
    return Case(node, tolerance=1e-2, oracle="default")


@case("BATCH_MATMUL", ("float32 int8",))
def batch_matmul(rng, name, kind):
    rows, depth, columns = int(rng.integers(2, 40)), int(rng.integers(1, 90)), int(rng.integers(1, 60))
    is_transposed = bool(rng.integers(0, 2))
    right = small_weights(rng, "int8", (columns, depth) if is_transposed else (depth, columns), 0, 1)
    right.scale = float(right.scale[0])
    node = Node(name, [Tensor("float32", (rows, depth)), right], [Tensor("float32", (rows, columns))], 4,
                "BatchMatMulOptions", {"adjY": is_transposed, "asymmetricQuantizeInputs": True})
    # The other runtime quantizes rows by its own rule: within a step of the activations.
    return Case(node, tolerance=0.05)


@case("SVDF", ("float32 int8",))
def svdf(rng, name, kind):
    batch, inputs, rank = int(rng.integers(1, 4)), int(rng.integers(1, 30)), int(rng.integers(1, 4))
    filters, memory = rank * int(rng.integers(1, 9)), int(rng.integers(1, 9))
    feature, time = (Tensor("int8", data=rng.integers(-127, 127, shape, "i1", endpoint=True), scale=0.01)
                     for shape in ((filters, inputs), (filters, memory)))
    state = Tensor("float32", (batch, filters * memory), variable=True)
    node = Node(name, [Tensor("float32", (batch, inputs)), feature, time, None, state], [Tensor("float32")], 3,
                "SVDFOptions", {"rank": rank, "fusedActivationFunction": pick(rng, 0, 1),
                                "asymmetricQuantizeInputs": bool(rng.integers(0, 2))})
    return Case(node, tolerance=1e-5)
