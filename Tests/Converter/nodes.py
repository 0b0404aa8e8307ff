"""The single-operator cases of the onnx wheel: each is converted, and run in Swiftlet and in LiteRT.

The cases come from the PyPI wheel onnx 1.21.0, the last that carries them. Inputs that stand for parameters (shapes, axes,
weights) are frozen to constants first, as exporters write them. The table of those that do not pass, with reasons, is
committed as Nodes.md; a run that gives another table fails.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import numpy_helper

from litert import run_litert

TABLE = pathlib.Path(__file__).with_name("Nodes.md")
FLOOR = 550  # cases that have to pass

# Not inference, or not tensors of numbers that the file format's kernels have.
EXCLUDED = re.compile(
    r"_expanded|^test_(ai_onnx_ml|adagrad|adam|momentum|training|sce|nllloss|bernoulli|optional|sequence|string|"
    r"strnormalizer|tfidf|regex|identity_(sequence|opt)|loop|scan|gradient|if_(seq|opt)|range_.*_expanded|"
    r"image_decoder|unique|split_to_sequence|label_encoder|concat_from|equal_string|nonmaxsuppression|compress|"
    r"nonzero|melweightmatrix|deform|roialign|center_crop|maxunpool|det|bitcast)"
    r"|float8|float4|FLOAT8|FLOAT4|_e4m3|_e5m2|float4e2m1|FLOAT4E2M1|E4M3|E5M2|E8M0|e8m0|[uU][iI][nN][tT][24]\b"
    r"|_STRING|STRING_|_uint2|_int2|INT2|UINT2|INT4|int4|[uU]int(16|32|64)|UINT(16|32|64)|dropout_.*mask|"
    r"batchnorm_.*training|training_mode")

# Operands that real models hold as constants, by operator.
PARAMETERS = collections.defaultdict(tuple, {
    "BatchNormalization": (1, 2, 3, 4), "Clip": (), "Conv": (1, 2), "ConvInteger": (1, 2, 3), "ConvTranspose": (1, 2),
    "ConstantOfShape": (0,), "AffineGrid": (1,), "BitShift": (1,), "Col2Im": (1, 2), "DFT": (1, 2), "STFT": (1, 2, 3), "CumSum": (1,), "CumProd": (1,), "DequantizeLinear": (1, 2), "Dropout": (1, 2), "Expand": (1,),
    "GRU": (1, 2, 3, 4), "GroupNormalization": (1, 2), "InstanceNormalization": (1, 2), "LSTM": (1, 2, 3, 4, 7),
    "OneHot": (1, 2), "Pad": (1, 2, 3), "PRelu": (1,), "QLinearConv": (1, 2, 3, 4, 5, 6, 7, 8),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7), "QuantizeLinear": (1, 2), "RNN": (1, 2, 3, 4), "Range": (0, 1, 2),
    "ReduceL1": (1,), "ReduceL2": (1,), "ReduceLogSum": (1,), "ReduceLogSumExp": (1,), "ReduceMax": (1,),
    "ReduceMean": (1,), "ReduceMin": (1,), "ReduceProd": (1,), "ReduceSum": (1,), "ReduceSumSquare": (1,),
    "Reshape": (1,), "Resize": (1, 2, 3), "ReverseSequence": (1,), "ScatterElements": (1,), "Scatter": (1,), "ScatterND": (1,),
    "Slice": (1, 2, 3, 4), "Split": (1,), "Squeeze": (1,), "Tile": (1,), "TopK": (1,), "Trilu": (1,), "Unsqueeze": (1,),
    "Upsample": (1,), "BlackmanWindow": (0,), "HammingWindow": (0,), "HannWindow": (0,), "If": (0,), "TensorScatter": (2,),
})

HEADER = """# ONNX node cases

Made by `Tests/Converter/run --write` from the cases of the PyPI wheel onnx {version}: single operators, with inputs that
stand for parameters frozen. A case passes when the converted file gives the expected outputs in Swiftlet and in LiteRT
2.3.0, to 1e-4 of the largest magnitude.

Left out as no inference on tensors of numbers: training and losses, sequences, optionals, text, images, float8, 4-bit and
unsigned 16- to 64-bit types, RoiAlign and DeformConv, outputs whose size depends on data, and function
bodies (`_expanded`), which repeat their case with other operators.

{passed} of {total} cases pass. The rest:

| case | why not |
|---|---|
"""


def cases():
    folder = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
    for case in sorted(folder.iterdir()):
        if not EXCLUDED.search(case.name):
            yield case


def load(path, value):
    tensor = onnx.TensorProto()
    tensor.ParseFromString(path.read_bytes())
    array = numpy_helper.to_array(tensor)
    tensor.name = value.name
    return tensor, array


def freeze(model, tensors):
    """Moves parameters from the inputs to the initializers."""
    consumers = [(node, index) for node in model.graph.node for index in range(len(node.input))]
    frozen = set()
    for node, index in consumers:
        if node.input[index] in tensors and index in PARAMETERS[node.op_type]:
            frozen.add(node.input[index])
    for name in frozen:
        model.graph.initializer.append(tensors[name])
    kept = [value for value in model.graph.input if value.name not in frozen]
    del model.graph.input[:]
    model.graph.input.extend(kept)


def command(binary, *arguments):
    try:
        run = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return None, "takes more than a minute"
    if run.returncode < 0 or run.returncode == 70:
        return None, f"DIED: {run.stderr.strip()[:200]}"
    if run.returncode:
        return None, re.sub(r"^swiftlet: \S+?: ", "", run.stderr.strip().splitlines()[-1])
    return run.stdout, None


def difference(expected, found):
    if list(expected.shape) != list(found.shape):
        return f"shape {list(found.shape)}, expected {list(expected.shape)}"
    if expected.size == 0:
        return None
    expected, found = (numpy.asarray(a, dtype=numpy.float64) for a in (expected, found))
    same = (expected == found) | (numpy.isnan(expected) & numpy.isnan(found))
    with numpy.errstate(invalid="ignore"):
        distance = numpy.where(same, 0, numpy.abs(expected - found))
    finite = numpy.abs(expected[numpy.isfinite(expected)])
    limit = 1e-4 * max(float(finite.max(initial=0)), 1e-3)
    worst = float(numpy.nan_to_num(distance, nan=numpy.inf, posinf=numpy.inf).max())
    return None if worst <= limit else f"outputs differ by {worst:.1e}"


def compare(outputs, found):
    for expected, result in zip(outputs, found):
        wanted = expected if expected.dtype != numpy.dtype("float16") else expected.astype(numpy.float32)
        if wanted is not expected:
            scale = max(float(numpy.nanmax(numpy.abs(wanted[numpy.isfinite(wanted)]), initial=0)), 1e-3)
            if wanted.shape == result.shape and numpy.allclose(wanted, result, rtol=2e-3, atol=2e-3 * scale, equal_nan=True):
                continue
        problem = difference(wanted, result)
        if problem:
            return problem
    return None


def agrees_with_onnxruntime(model, arrays, found):
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return compare(session.run(None, {value.name: arrays[value.name] for value in session.get_inputs()}), found) is None
    except Exception:  # operators or types that it lacks
        return False


def judge(case, binary):
    """Why the case does not pass; None when it does."""
    model = onnx.load(case / "model.onnx")
    try:
        data = case / "test_data_set_0"
        names = list(model.graph.input)
        inputs = [load(data / f"input_{i}.pb", names[i]) for i in range(len(list(data.glob("input_*.pb"))))]
        outputs = [load(data / f"output_{i}.pb", value)[1] for i, value in enumerate(model.graph.output)]
    except Exception as error:  # sequences, optionals and types that NumPy lacks
        return f"no plain tensors ({type(error).__name__})"
    arrays = {tensor.name: array for tensor, array in inputs}
    for value in model.graph.input:
        if value.name in arrays:  # open dimensions take the case's shape
            del value.type.tensor_type.shape.dim[:]
            for size in arrays[value.name].shape:
                value.type.tensor_type.shape.dim.add().dim_value = size
    freeze(model, {tensor.name: tensor for tensor, _ in inputs})
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        onnx.save(model, folder / "model.onnx")
        text, problem = command(
            binary, "convert", folder / "model.onnx", "-o", folder / "model.tflite", "--keep-layout", "--json")
        if problem:
            return problem
        report = json.loads(text)
        given = []
        flags = []
        for index, value in enumerate(report["inputs"]):
            kind = {"bool": numpy.bool_}.get(value["type"], value["type"])
            given.append(numpy.array(arrays[value["name"]], dtype=kind, order="C"))
            numpy.save(folder / f"{index}.npy", given[-1])
            flags += ["--input", folder / f"{index}.npy"]
        _, problem = command(binary, "run", folder / "model.tflite", *flags, "--output-dir", folder / "out")
        if problem:
            return f"Swiftlet: {problem}"
        found = [numpy.load(folder / "out" / f"{i}.npy") for i in range(len(outputs))]
        problem = compare(outputs, found)
        if problem:
            agrees = agrees_with_onnxruntime(model, arrays, found)
            return f"{problem}; ONNX Runtime differs from the case too and agrees with the converted file" if agrees else problem
        found, problem = run_litert(folder / "model.tflite", given)
        if problem:
            return f"LiteRT: {problem}"
        problem = compare(outputs, found)
        return problem and f"LiteRT: {problem}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--write", action="store_true", help="write the committed table instead of checking it")
    parser.add_argument("--only", default="", help="only cases whose name contains this text, and every verdict")
    options = parser.parse_args()
    chosen = [case for case in cases() if options.only in case.name]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda case: judge(case, options.swiftlet.resolve()), chosen))
    if options.only:
        for case, verdict in zip(chosen, verdicts):
            print(f"{case.name}: {verdict or 'passes'}")
        return
    rows = [(case.name, verdict) for case, verdict in zip(chosen, verdicts) if verdict]
    passed = len(chosen) - len(rows)
    text = HEADER.format(version=onnx.__version__, passed=passed, total=len(chosen))
    text += "".join(f"| {name} | {verdict.replace('|', '/')} |\n" for name, verdict in rows)
    print(f"{passed} of {len(chosen)} node cases pass")
    if options.write:
        TABLE.write_text(text)
    died = [name for name, verdict in rows if "DIED" in verdict]
    if passed < FLOOR or died or (not options.write and text != TABLE.read_text()):
        sys.exit(f"expected {FLOOR} passes, no deaths {died} and the committed table")


if __name__ == "__main__":
    main()
