"""Quantized ONNX models: ONNX Runtime quantizes a small network in each of its formats, the converter reads the result.

Nothing may be lost: the convolutions stay integers, and the outputs are ONNX Runtime's to within a few units of the last
place, which differ because it rounds after multiplying by a float and the file format after a fixed-point product.
"""

import argparse
import json
import logging
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from litert import run_litert

UNITS = 3  # of the output's scale, after a dozen layers
SHAPE = (1, 3, 16, 16)
INTEGER = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}

# format, type of the data, type of the weights, scales by channel
FORMS = {
    "qdq_int8_per_channel": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, True),
    "qdq_int8": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, False),
    "qdq_uint8_int8": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QInt8, True),
    "qoperator_uint8_int8": (QuantFormat.QOperator, QuantType.QUInt8, QuantType.QInt8, True),
    "qoperator_int8": (QuantFormat.QOperator, QuantType.QInt8, QuantType.QInt8, False),
    "qdq_int16": (QuantFormat.QDQ, QuantType.QInt16, QuantType.QInt8, True),
}


def network(generator):
    """Convolutions, a depthwise one, a residual sum, a concatenation, pooling and a matrix product."""
    nodes, weights = [], []

    def constant(name, shape, spread):
        array = (generator.normal(0, spread, shape)).astype(numpy.float32)
        weights.append(numpy_helper.from_array(array, name))
        return name

    def conv(x, y, inputs, outputs, size, group=1, stride=1):
        spread = (inputs // group * size * size) ** -0.5
        nodes.append(helper.make_node(
            "Conv", [x, constant(y + "_w", (outputs, inputs // group, size, size), spread),
                     constant(y + "_b", (outputs,), 0.1)], [y], group=group, strides=[stride, stride],
            pads=[size // 2] * 4, name=y))
        return y

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    a = node("Relu", [conv("x", "first", 3, 8, 3, stride=2)], "a")
    b = node("Relu", [conv(a, "depthwise", 8, 8, 3, group=8)], "b")
    c = conv(b, "pointwise", 8, 8, 1)
    d = node("Add", [a, c], "d")
    e = node("MaxPool", [d], "e", kernel_shape=[2, 2], strides=[2, 2])
    f = node("Relu", [conv(e, "branch", 8, 4, 3)], "f")
    g = node("Concat", [e, f], "g", axis=1)
    h = node("GlobalAveragePool", [g], "h")
    flat = node("Flatten", [h], "flat")
    node("Gemm", [flat, constant("gemm_w", (5, 12), 0.4), constant("gemm_b", (5,), 0.1)], "y", transB=1)
    graph = helper.make_graph(
        nodes, "network", [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 5))], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


class Samples(CalibrationDataReader):
    def __init__(self, generator):
        self.samples = iter([{"x": generator.normal(size=SHAPE).astype(numpy.float32)} for _ in range(32)])

    def get_next(self):
        return next(self.samples, None)


def command(binary, *arguments):
    run = subprocess.run([binary, *arguments], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    return run.stdout


def judge(binary, form, folder, generator):
    kind, data, weights, per_channel = form
    onnx.save(network(generator), folder / "float.onnx")
    quantize_static(
        folder / "float.onnx", folder / "model.onnx", Samples(generator), quant_format=kind, activation_type=data,
        weight_type=weights, per_channel=per_channel,
        extra_options={"ActivationSymmetric": data == QuantType.QInt16})
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    command(binary, "convert", folder / "model.onnx", "-o", folder / "model.tflite", "--keep-layout")
    report = json.loads(command(binary, "inspect", folder / "model.tflite", "--json"))
    layers, tensors = report["operators"], report["tensors"]
    inside = [
        layer for layer in layers if layer["name"] in INTEGER and tensors[layer["outputs"][0]]["type"] == "float32"]
    if inside:
        return f"{len(inside)} layers compute on float32"
    # From one scale to another is ONNX Runtime's own; to float32 and back is not.
    widened = [layer for layer in layers if layer["name"] == "DEQUANTIZE"]
    if len(widened) != 1 or report["outputs"] != widened[0]["outputs"]:
        return f"{len(widened)} conversions to float32"
    scale = tensors[widened[0]["inputs"][0]]["quantization"]["scales"][0]
    worst = 0
    for _ in range(20):
        sample = generator.normal(size=SHAPE).astype(numpy.float32)
        numpy.save(folder / "x.npy", sample)
        command(binary, "run", folder / "model.tflite", "--input", folder / "x.npy", "--output-dir", folder / "out")
        expected = session.run(None, {"x": sample})[0]
        theirs, problem = run_litert(folder / "model.tflite", [sample])
        if problem:
            return f"LiteRT: {problem}"
        for found in (numpy.load(folder / "out" / "0.npy"), theirs[0]):
            worst = max(worst, float(numpy.abs(found - expected).max()) / scale)
    return None if worst <= UNITS else f"outputs differ by {worst:.1f} units"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only forms whose name contains this text")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    chosen = {name: form for name, form in FORMS.items() if options.only in name}
    failures = []
    for name, form in chosen.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                problem = judge(options.swiftlet.resolve(), form, pathlib.Path(folder), numpy.random.default_rng(5))
            except RuntimeError as error:
                problem = str(error)
        if problem:
            failures.append(f"{name}: {problem}")
    print(f"{len(chosen) - len(failures)} of {len(chosen)} quantized forms stay as they are")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
