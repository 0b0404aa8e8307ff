"""Single operators of realistic sizes beside LiteRT 2.3.0, one thread, as ratios: LiteRT's time divided by Swiftlet's.

Each is an ONNX model of one node made on the spot and converted by `swiftlet convert`: to float32, to int8 and, where there
are weights, to dynamic range. Both libraries run the same file in one process of its own, in turns; medians. A first glance
at what is slow: a program that runs one small operator again and again has its data in the caches, models have not.
"""

import argparse
import json
import multiprocessing
import pathlib
import statistics
import sys
import tempfile
import time

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "Tests" / "Converter"), str(FOLDER.parent / "Python")]
from conversion import convert  # noqa: E402
from runtimes import random as random_input  # noqa: E402

ROUNDS, SECONDS = 9, 0.02
generator = numpy.random.default_rng(5)


def weights(*shape):
    return (generator.standard_normal(shape) * 0.05).astype(numpy.float32)


def numbers(*values):
    return numpy.array(values, numpy.int64)


# An ONNX tensor of 64 channels at 56 x 56, a sequence of 128 tokens, a row, the heads of attention.
PICTURE, SMALL, SEQUENCE, ROW, HEADS = (1, 64, 56, 56), (1, 64, 28, 28), (1, 128, 768), (1, 1024), (1, 12, 128, 64)
TWICE = numpy.array([1, 1, 2, 2], numpy.float32)
# By name: operator, shapes of inputs, constants after them ("" for none), attributes.
OPERATORS = {
    "fully connected": ("Gemm", [ROW], [weights(1024, 1000), weights(1000)], {}),
    "fully connected, large": ("Gemm", [(1, 4096)], [weights(4096, 1024), weights(1024)], {}),
    "fully connected, 8 rows": ("Gemm", [(8, 1024)], [weights(1024, 1000), weights(1000)], {}),
    "matrix 128x768x768": ("MatMul", [SEQUENCE], [weights(768, 768)], {}),
    "query times key": ("MatMul", [HEADS, (1, 12, 64, 128)], [], {}),
    "3x3": ("Conv", [PICTURE], [weights(64, 64, 3, 3), weights(64)], {"pads": [1] * 4}),
    "3x3 stride 2": ("Conv", [PICTURE], [weights(128, 64, 3, 3), weights(128)], {"pads": [1] * 4, "strides": [2, 2]}),
    "3x3 dilated": ("Conv", [SMALL], [weights(64, 64, 3, 3), weights(64)], {"pads": [2] * 4, "dilations": [2, 2]}),
    "3x3 in 8 groups": ("Conv", [PICTURE], [weights(64, 8, 3, 3), weights(64)], {"pads": [1] * 4, "group": 8}),
    "1x1": ("Conv", [PICTURE], [weights(128, 64, 1, 1), weights(128)], {}),
    "7x7 of a picture": ("Conv", [(1, 3, 224, 224)], [weights(64, 3, 7, 7), weights(64)],
                         {"pads": [3] * 4, "strides": [2, 2]}),
    "5 along one dimension": ("Conv", [(1, 64, 400)], [weights(64, 64, 5), weights(64)], {"pads": [2, 2]}),
    "depthwise 3x3": ("Conv", [PICTURE], [weights(64, 1, 3, 3), weights(64)], {"pads": [1] * 4, "group": 64}),
    "depthwise 5x5 stride 2": ("Conv", [PICTURE], [weights(64, 1, 5, 5), weights(64)],
                               {"pads": [2] * 4, "group": 64, "strides": [2, 2]}),
    "transposed 4x4": ("ConvTranspose", [SMALL], [weights(64, 32, 4, 4), weights(32)],
                       {"strides": [2, 2], "pads": [1] * 4}),
    "add": ("Add", [PICTURE, PICTURE], [], {}),
    "add a row": ("Add", [PICTURE], [weights(64, 1, 1)], {}),
    "subtract": ("Sub", [PICTURE, PICTURE], [], {}),
    "multiply": ("Mul", [PICTURE, PICTURE], [], {}),
    "multiply channels": ("Mul", [PICTURE, (1, 64, 1, 1)], [], {}),
    "divide": ("Div", [PICTURE, PICTURE], [], {}),
    "maximum": ("Max", [PICTURE, PICTURE], [], {}),
    "power": ("Pow", [PICTURE, PICTURE], [], {}),
    "relu": ("Relu", [PICTURE], [], {}),
    "leaky relu": ("LeakyRelu", [PICTURE], [], {"alpha": 0.1}),
    "prelu": ("PRelu", [PICTURE], [weights(64, 1, 1)], {}),
    "elu": ("Elu", [PICTURE], [], {}),
    "gelu": ("Gelu", [(1, 128, 3072)], [], {}),
    "hard swish": ("HardSwish", [PICTURE], [], {}),
    "logistic": ("Sigmoid", [PICTURE], [], {}),
    "tanh": ("Tanh", [PICTURE], [], {}),
    "exp": ("Exp", [PICTURE], [], {}),
    "log": ("Log", [PICTURE], [], {}),
    "sqrt": ("Sqrt", [PICTURE], [], {}),
    "sin": ("Sin", [PICTURE], [], {}),
    "abs": ("Abs", [PICTURE], [], {}),
    "neg": ("Neg", [PICTURE], [], {}),
    "floor": ("Floor", [PICTURE], [], {}),
    "softmax of 128": ("Softmax", [(1, 12, 128, 128)], [], {"axis": -1}),
    "softmax of 1000": ("Softmax", [(1, 1000)], [], {"axis": -1}),
    "log softmax of 1000": ("LogSoftmax", [(1, 1000)], [], {"axis": -1}),
    "layer normalization": ("LayerNormalization", [SEQUENCE], [weights(768), weights(768)], {"axis": -1}),
    "instance normalization": ("InstanceNormalization", [PICTURE], [weights(64), weights(64)], {}),
    "l2 normalization": ("LpNormalization", [SEQUENCE], [], {"axis": -1, "p": 2}),
    "max pool 2x2": ("MaxPool", [PICTURE], [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "max pool 3x3": ("MaxPool", [PICTURE], [], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}),
    "average pool 2x2": ("AveragePool", [PICTURE], [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "average pool 3x3": ("AveragePool", [PICTURE], [], {"kernel_shape": [3, 3], "pads": [1] * 4}),
    "mean of a picture": ("GlobalAveragePool", [PICTURE], [], {}),
    "mean of channels": ("ReduceMean", [PICTURE], [numbers(1)], {}),
    "sum of a picture": ("ReduceSum", [PICTURE], [numbers(2, 3)], {}),
    "largest channel": ("ReduceMax", [PICTURE], [numbers(1)], {}),
    "cumulative sum": ("CumSum", [SEQUENCE], [numpy.array(1, numpy.int64)], {}),
    "concatenate": ("Concat", [PICTURE, PICTURE], [], {"axis": 1}),
    "transpose": ("Transpose", [SEQUENCE], [], {"perm": [0, 2, 1]}),
    "transpose heads": ("Transpose", [(1, 128, 12, 64)], [], {"perm": [0, 2, 1, 3]}),
    "pad": ("Pad", [PICTURE], [numbers(0, 0, 1, 1, 0, 0, 1, 1)], {}),
    "slice": ("Slice", [PICTURE], [numbers(4, 4), numbers(50, 50), numbers(2, 3)], {}),
    "depth to space": ("DepthToSpace", [PICTURE], [], {"blocksize": 2}),
    "space to depth": ("SpaceToDepth", [PICTURE], [], {"blocksize": 2}),
    "resize, nearest": ("Resize", [SMALL], ["", TWICE], {"mode": "nearest", "nearest_mode": "floor",
                                                         "coordinate_transformation_mode": "asymmetric"}),
    "resize, linear": ("Resize", [SMALL], ["", TWICE], {"mode": "linear"}),
}
FORMS = {"float32": [], "int8": ["--quantize", "int8", "--input-type", "int8", "--output-type", "int8"],
         "dynamic range": ["--quantize", "dynamic"]}
WEIGHTED = {"Gemm", "MatMul", "Conv"}


def model(operator, shapes, constants, attributes):
    inputs = [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, shape) for i, shape in enumerate(shapes)]
    stored = [numpy_helper.from_array(c, f"c{i}") for i, c in enumerate(constants) if not isinstance(c, str)]
    names = [v.name for v in inputs] + ["" if isinstance(c, str) else f"c{i}" for i, c in enumerate(constants)]
    graph = helper.make_graph([helper.make_node(operator, names, ["y"], **attributes)], "one", inputs,
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def medians(path, answer):
    """Puts the medians of Swiftlet and LiteRT into a queue, in milliseconds."""
    from ai_edge_litert.interpreter import Interpreter as Theirs
    from swiftlet.interpreter import Interpreter as Ours

    calls = []
    for make in (Ours, Theirs):
        interpreter = make(str(path), num_threads=1)
        interpreter.allocate_tensors()
        for detail in interpreter.get_input_details():
            interpreter.set_tensor(detail["index"], random_input(detail["shape"], detail["dtype"]))
        for _ in range(3):
            interpreter.invoke()
        calls.append(interpreter.invoke)
    start = time.perf_counter()
    calls[0]()
    runs = max(1, int(SECONDS / (time.perf_counter() - start)))
    times = ([], [])
    for _ in range(ROUNDS):
        for call, list_of in zip(calls, times):
            start = time.perf_counter()
            for _ in range(runs):
                call()
            list_of.append((time.perf_counter() - start) / runs * 1e3)
    answer.put([statistics.median(t) for t in times])


def apart(path):
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=medians, args=(path, answer))
    process.start()
    process.join()
    return answer.get() if process.exitcode == 0 else None


def rows(options, folder):
    """Name, form, milliseconds of Swiftlet and LiteRT; `None` where one of them does not run the file."""
    for name, case in OPERATORS.items():
        if options.only and not any(text in name for text in options.only):
            continue
        source = folder / "one.onnx"
        onnx.save(model(*case), source)
        numpy.savez(folder / "samples.npz", **{f"x{i}": generator.uniform(-2, 2, (2, *shape)).astype(numpy.float32)
                                                for i, shape in enumerate(case[1])})
        for form, flags in FORMS.items():
            if form == "dynamic range" and case[0] not in WEIGHTED:
                continue
            calibration = ["--calibrate", folder / "samples.npz"] if form == "int8" else []
            convert(options.swiftlet, source, folder / "one.tflite", *flags, *calibration)
            yield name, form, apart(folder / "one.tflite")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="parts of names; all operators without them")
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures there")
    options = parser.parse_args()
    print("| operator | form | Swiftlet us | LiteRT us | ratio |\n|---|---|---|---|---|")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, form, times in rows(options, pathlib.Path(folder)):
            if times is None:
                print(f"| {name} | {form} | | | not run |", flush=True)
                continue
            ours, theirs = times
            found.append({"operator": name, "form": form, "swiftlet_ms": ours, "litert_ms": theirs})
            print(f"| {name} | {form} | {ours * 1e3:.1f} | {theirs * 1e3:.1f} | {theirs / ours:.2f} |", flush=True)
    ratios = sorted(row["litert_ms"] / row["swiftlet_ms"] for row in found)
    if ratios:
        print(f"\n{sum(r >= 1 for r in ratios)} of {len(ratios)} at least as fast, median ratio "
              f"{statistics.median(ratios):.2f}, lowest {ratios[0]:.2f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
