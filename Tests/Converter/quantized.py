"""Quantized files: each loads in LiteRT, which gives what Swiftlet gives, and says nearly what the float model says.

Single operators come as ONNX models made on the spot, in every scheme; real models from the shared folder are calibrated
on train pictures and measured on others: top-1 and signal-to-noise beside the float file, and beside the files that
TensorFlow's converter made of the same networks.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from conversion import convert
from litert import run_litert
from models import swiftlet

SCHEMES = ["int8", "int16x8", "weight-only"]
# By scheme: how many units an output may differ between LiteRT and Swiftlet.
UNITS = {"int8": 1, "int16x8": 1}
random = numpy.random.default_rng(5)


def weights(*shape, scale=0.5):
    return (random.standard_normal(shape) * scale).astype(numpy.float32)


def numbers(*values):
    return numpy.array(values, numpy.int64)


# name: (operator, inputs as shapes, constants, attributes); constants follow the inputs.
PICTURE = (1, 4, 8, 8)
ROW = (1, 32)
CASES = {
    "conv": ("Conv", [PICTURE], [weights(6, 4, 3, 3), weights(6)], {"pads": [1, 1, 1, 1]}),
    "conv-stride": ("Conv", [PICTURE], [weights(6, 4, 3, 3)], {"strides": [2, 2]}),
    "depthwise": ("Conv", [PICTURE], [weights(4, 1, 3, 3), weights(4)], {"group": 4, "pads": [1, 1, 1, 1]}),
    "grouped": ("Conv", [PICTURE], [weights(8, 2, 3, 3), weights(8)], {"group": 2}),
    "transposed": ("ConvTranspose", [PICTURE], [weights(4, 6, 2, 2), weights(6)], {"strides": [2, 2]}),
    "gemm": ("Gemm", [ROW], [weights(32, 10), weights(10)], {}),
    "matmul": ("MatMul", [(1, 5, 8), (1, 8, 7)], [], {}),
    "add": ("Add", [PICTURE, PICTURE], [], {}),
    "add-constant": ("Add", [PICTURE], [weights(4, 1, 1)], {}),
    "sub": ("Sub", [PICTURE, PICTURE], [], {}),
    "mul": ("Mul", [PICTURE, PICTURE], [], {}),
    "div": ("Div", [PICTURE, (1, 4, 1, 1)], [], {}),
    "max": ("Max", [PICTURE, PICTURE], [], {}),
    "min": ("Min", [PICTURE, PICTURE], [], {}),
    "relu": ("Relu", [PICTURE], [], {}),
    "leaky": ("LeakyRelu", [PICTURE], [], {"alpha": 0.1}),
    "prelu": ("PRelu", [PICTURE], [weights(4, 1, 1)], {}),
    "elu": ("Elu", [PICTURE], [], {}),
    "gelu": ("Gelu", [PICTURE], [], {}),
    "hard-swish": ("HardSwish", [PICTURE], [], {}),
    "sigmoid": ("Sigmoid", [PICTURE], [], {}),
    "tanh": ("Tanh", [PICTURE], [], {}),
    "softmax": ("Softmax", [ROW], [], {"axis": 1}),
    "log-softmax": ("LogSoftmax", [ROW], [], {"axis": 1}),
    "exp": ("Exp", [PICTURE], [], {}),
    "abs": ("Abs", [PICTURE], [], {}),
    "neg": ("Neg", [PICTURE], [], {}),
    "max-pool": ("MaxPool", [PICTURE], [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "average-pool": ("AveragePool", [PICTURE], [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "global-pool": ("GlobalAveragePool", [PICTURE], [], {}),
    "reduce-mean": ("ReduceMean", [PICTURE], [numbers(1)], {"keepdims": 1}),
    "reduce-sum": ("ReduceSum", [PICTURE], [numbers(2)], {"keepdims": 1}),
    "reduce-max": ("ReduceMax", [PICTURE], [numbers(2)], {"keepdims": 1}),
    "reduce-min": ("ReduceMin", [PICTURE], [numbers(2)], {"keepdims": 1}),
    "concat": ("Concat", [PICTURE, PICTURE], [], {"axis": 1}),
    "reshape": ("Reshape", [PICTURE], [numbers(1, 16, 4, 4)], {}),
    "transpose": ("Transpose", [(1, 5, 8)], [], {"perm": [0, 2, 1]}),
    "pad": ("Pad", [PICTURE], [numbers(0, 0, 1, 1, 0, 0, 1, 1)], {}),
    "slice": ("Slice", [PICTURE], [numbers(1, 1), numbers(7, 8), numbers(2, 3), numbers(2, 1)], {}),
    "gather": ("Gather", [(1, 5, 8)], [numbers(3, 0, 1)], {"axis": 1}),
    "tile": ("Tile", [(1, 5, 8)], [numbers(1, 2, 1)], {}),
    "depth-to-space": ("DepthToSpace", [PICTURE], [], {"blocksize": 2}),
    "space-to-depth": ("SpaceToDepth", [PICTURE], [], {"blocksize": 2}),
    "resize-nearest": ("Resize", [PICTURE], ["", numpy.array([1, 1, 2, 2], numpy.float32)],
                       {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}),
    "resize-linear": ("Resize", [PICTURE], ["", numpy.array([1, 1, 2, 2], numpy.float32)], {"mode": "linear"}),
    "expand": ("Expand", [(1, 1, 8)], [numbers(1, 5, 8)], {}),
    "l2-normalization": ("LpNormalization", [ROW], [], {"axis": 1, "p": 2}),
    "cumsum": ("CumSum", [(1, 5, 8)], [numpy.array(1, numpy.int64)], {}),
}
# Computed in float between conversions, since LiteRT has no integer arithmetic for them.
FLOAT = {"div", "cumsum", "neg"}


def model(case):
    operator, shapes, constants, attributes = case
    inputs = [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, shape) for i, shape in enumerate(shapes)]
    names = [value.name for value in inputs]
    initializers = []
    for index, array in enumerate(constants):
        name = "" if isinstance(array, str) else f"c{index}"
        if name:
            initializers.append(numpy_helper.from_array(array, name))
        names.append(name)
    node = helper.make_node(operator, names, ["y"], name=operator.lower(), **attributes)
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "one", inputs, [output], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def read(path):
    """The details of inputs and outputs, in a child process as all that LiteRT does."""
    code = ("import sys, json\nfrom ai_edge_litert.interpreter import Interpreter\n"
            "i = Interpreter(sys.argv[1]); i.allocate_tensors()\n"
            "f = lambda d: [d['dtype'].__name__, [int(n) for n in d['shape']], *map(float, d['quantization'])]\n"
            "print(json.dumps([[f(d) for d in i.get_input_details()], [f(d) for d in i.get_output_details()]]))")
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError("LiteRT: " + (run.stderr.strip().splitlines() or ["aborts"])[-1][:200])
    return json.loads(run.stdout)


def stored(array, detail):
    name, _, scale, zero = detail
    if name == "float32":
        return array.astype(numpy.float32)
    limits = numpy.iinfo(name)
    return numpy.clip(numpy.round(array / scale + zero), limits.min, limits.max).astype(name)


def real(array, detail):
    name, _, scale, zero = detail
    return array if name == "float32" or scale == 0 else (array.astype(numpy.float32) - zero) * scale


def noise(expected, found):
    power = float((expected.astype(numpy.float64) ** 2).sum())
    error = float(((expected.astype(numpy.float64) - found) ** 2).sum())
    return 10 * numpy.log10(max(power, 1e-30) / max(error, 1e-30))


def both(binary, path, arrays, folder, units, unit=0.0):
    """The outputs of LiteRT as real numbers, after checking that Swiftlet's are the same to so many units; `unit` is that of
    float32 outputs that were quantized before their DEQUANTIZE."""
    inputs, outputs = read(path)
    given = [stored(array, detail) for array, detail in zip(arrays, inputs)]
    theirs, problem = run_litert(path, given)
    if problem:
        raise RuntimeError(f"LiteRT: {problem}")
    ours = swiftlet(binary, path, given, folder)
    for one, other, detail in zip(ours, theirs, outputs):
        distance = numpy.abs(one.astype(numpy.float64) - other.astype(numpy.float64)).max()
        allowed = units if detail[0] != "float32" else max(units * unit, 1e-4 * max(1, numpy.abs(other).max()))
        if distance > allowed:
            raise RuntimeError(f"Swiftlet and LiteRT differ by {distance} ({detail[0]})")
    return [real(array, detail) for array, detail in zip(theirs, outputs)]


def check_operator(binary, name, scheme, folder):
    case = CASES[name]
    source = folder / f"{name}.onnx"
    onnx.save(model(case), source)
    arrays = {f"x{i}": random.uniform(-2, 2, (16, *shape)).astype(numpy.float32) for i, shape in enumerate(case[1])}
    numpy.savez(folder / "samples.npz", **arrays)
    plain = convert(binary, source, folder / "float.tflite")
    flags = ["--quantize", scheme]
    if scheme != "weight-only":
        kind = "int8" if scheme == "int8" else "int16"
        flags += ["--calibrate", folder / "samples.npz", "--input-type", kind, "--output-type", kind]
    report = convert(binary, source, folder / "quantized.tflite", *flags)
    layout = {value["name"]: value["permutation"] for value in report["inputs"]}
    worst = float("inf")
    for index in (0, 15):
        given = [numpy.ascontiguousarray(numpy.transpose(arrays[v["name"]][index], layout[v["name"]]))
                 for v in plain["inputs"]]
        expected, problem = run_litert(folder / "float.tflite", given)
        if problem:
            raise RuntimeError(f"LiteRT, float: {problem}")
        found = both(binary, folder / "quantized.tflite", given, folder, UNITS.get(scheme, 1))
        worst = min(worst, *(noise(e, f) for e, f in zip(expected, found)))
    kept = [layer["reason"] for layer in report["kept_in_float"]]
    return worst, kept


def operators(binary, root):
    failures = []
    for scheme in SCHEMES:
        floor = 25 if scheme != "int16x8" else 55
        kept_in_float = []
        for name in CASES:
            folder = pathlib.Path(root, scheme, name)
            folder.mkdir(parents=True)
            try:
                decibels, kept = check_operator(binary, name, scheme, folder)
                if kept:
                    kept_in_float.append(name)
                if scheme == "int8" and bool(kept) != (name in FLOAT):
                    failures.append(f"{scheme} {name}: kept in float: {kept}")
                elif decibels < floor and not kept and not (scheme == "int16x8" and name in WEIGHTED):
                    failures.append(f"{scheme} {name}: {decibels:.1f} dB")
            except RuntimeError as error:
                failures.append(f"{scheme} {name}: {error}")
        print(f"{scheme}: {len(CASES)} operators, in float: {', '.join(kept_in_float) or 'none'}")
    return failures


# int8 weights limit what int16 data gains.
WEIGHTED = {"conv", "conv-stride", "depthwise", "grouped", "transposed", "gemm"}


def resized(picture, size, filter=Image.Resampling.BILINEAR):
    return numpy.asarray(picture.resize((size, size), filter), numpy.float32)


def pictures(folder, size, crops=0):
    """Whole pictures, and after each so many random parts of it, always the same."""
    source = numpy.random.default_rng(0)
    result = []
    for path in sorted(folder.iterdir()):
        picture = Image.open(path).convert("RGB")
        result.append(resized(picture, size))
        for _ in range(crops):
            side = int(min(picture.size) * source.uniform(0.25, 0.9))
            left, top = (int(source.integers(0, extent - side + 1)) for extent in picture.size)
            result.append(resized(picture.crop((left, top, left + side, top + side)), size))
    return result


def persons(coco):
    """For each val picture, by file name: whether a person is in it."""
    instances = json.loads((coco / "annotations" / "instances_val2017.json").read_text())
    category = next(c["id"] for c in instances["categories"] if c["name"] == "person")
    found = {a["image_id"] for a in instances["annotations"] if a["category_id"] == category}
    return [i["id"] in found for i in sorted(instances["images"], key=lambda image: image["file_name"])]


def views(folder, size):
    """Each picture made small in five ways, as it is and mirrored: ten inputs with the same answer, one after the other.

    Of fifty pictures three are so near to a tie that chance decides on them."""
    filters = [Image.Resampling[name] for name in ("BILINEAR", "BICUBIC", "LANCZOS", "BOX", "HAMMING")]
    loaded = [Image.open(path).convert("RGB") for path in sorted(folder.iterdir())]
    return [resized(side, size, filter) for picture in loaded
            for side in (picture, picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) for filter in filters]


VIEWS = 10


def classify(path, inputs):
    detail, outputs = read(path)
    found = [real(run(path, [stored(array[None], detail[0])])[0], outputs[0]) for array in inputs]
    return numpy.concatenate(found)


def run(path, inputs):
    outputs, problem = run_litert(path, inputs)
    if problem:
        raise RuntimeError(f"LiteRT: {problem}")
    return outputs


# Keras model, float pair, int8 pair by TensorFlow, size, what samples are divided by; by further options the least shares
# of equal first classes: on whole val pictures and their parts, and on the whole ones.
CLASSIFIERS = [
    # One picture in twenty has two classes whose logits are less than a tenth apart: 98 % of parts would take 30 dB, and
    # int8 data with exact weights, on ranges that know these very pictures, gives 26 dB and 97 %. `precise_enough` has the
    # rest.
    ("pretrainedResnet.h5", "pretrainedResnet.tflite", "pretrainedResnet_quant.tflite", 32, 1,
     {"": (0.94, 0), "--refine-weights": (0.95, 0.98)}),
    ("vww_96.h5", "vww_96_float.tflite", "vww_96_int8.tflite", 96, 255,
     {"": (0.98, 0), "--refine-weights": (0.98, 0), "--equalize --refine-weights": (0.98, 0.98)}),
]
CROPS = 9
# Points of a hundred that ResNet-8 may lose where it is to be precise, and parts of each picture that tell: more than
# those that judge it, since the search stops at the first network that is good enough on them.
PRECISE_DROP = 1
PRECISE_CROPS = 39


def calibrated(coco, factor):
    return ["--quantize", "int8", "--calibrate", coco / "train2017", "--preprocess", f"std={factor}",
            "--input-type", "int8", "--output-type", "int8"]


def agreement(expected, found):
    """The shares of equal first classes: on whole pictures and their parts, and on whole pictures alone."""
    equal = found.argmax(1) == expected.argmax(1)
    return float(equal.mean()), float(equal[::CROPS + 1].mean())


def persons_found(paths, coco, size, factor):
    """By model: on how many views of val pictures, and on how many pictures as they are, it is right about persons."""
    answers = numpy.repeat(persons(coco), VIEWS)
    inputs = [view / factor for view in views(coco / "val2017", size)]
    equal = {name: classify(path, inputs).argmax(1) == answers for name, path in paths.items()}
    return {name: (int(found.sum()), int(found[::VIEWS].sum())) for name, found in equal.items()}


def converts_the_same_twice(binary, source, target, flags):
    again = target.with_name("again.tflite")
    for path in (target, again):
        convert(binary, source, path, *flags)
    return target.read_bytes() == again.read_bytes()


def classifiers(binary, shared, root):
    failures = []
    models = shared / "models" / "mlperf_tiny"
    coco = shared / "images" / "tiny_coco"
    for source, plain, pair, size, factor, floors in CLASSIFIERS:
        folder = pathlib.Path(root, source)
        folder.mkdir()
        inputs = [picture / factor for picture in pictures(coco / "val2017", size, CROPS)]
        expected = classify(models / plain, inputs)
        paths = {"float": models / plain, "TensorFlow": models / pair}
        for option in floors:
            flags = calibrated(coco, factor) + option.split()
            target = paths[f"Swiftlet {option}".strip()] = folder / f"int8{option.replace(' ', '')}.tflite"
            if not converts_the_same_twice(binary, models / source, target, flags):
                failures.append(f"{source} {option}: converting twice gives two files")
            both(binary, target, [inputs[0][None]], folder, 1)
        results = {name: expected if name == "float" else classify(path, inputs) for name, path in paths.items()}
        right = persons_found(paths, coco, size, factor) if source.startswith("vww") else {}
        decibels = {k: noise(expected, v) for k, v in results.items()}
        for name, found in results.items():
            all_inputs, whole = agreement(expected, found)
            line = (f"{source:20} {name:25} top-1 as float {all_inputs:.3f} of {len(inputs)}, {whole:.2f} of "
                    f"{len(inputs) // (CROPS + 1)} whole, {decibels[name]:.1f} dB")
            if right:
                line += f", right on {right[name][1]} pictures and {right[name][0]} views of them"
            print(line)
            if not name.startswith("Swiftlet"):
                continue
            if decibels[name] < decibels["TensorFlow"]:
                failures.append(f"{source} {name}: noisier than the file of TensorFlow's converter")
            if right and right[name][0] < right["TensorFlow"][0]:
                failures.append(f"{source} {name}: right on fewer views than TensorFlow's file")
            least = floors[name.removeprefix("Swiftlet").strip()]
            if all_inputs < least[0] or whole < least[1]:
                failures.append(f"{source} {name}: agrees on {all_inputs:.3f} and {whole:.2f}, expected {least}")
            if name != "Swiftlet":
                continue
            if right and right[name][1] < right["TensorFlow"][1]:
                failures.append(f"{source}: right on fewer pictures than TensorFlow's file")
            if whole < agreement(expected, results["TensorFlow"])[1]:
                failures.append(f"{source}: agrees on {whole:.2f} of the whole pictures, less than TensorFlow's file")
    return failures


def precise_enough(binary, shared, root):
    """ResNet-8 with as many layers in int16 as it takes on parts of train pictures, judged on val pictures."""
    source, plain, _, size, factor, _ = CLASSIFIERS[0]
    models = shared / "models" / "mlperf_tiny"
    coco = shared / "images" / "tiny_coco"
    folder = pathlib.Path(root, "precise")
    (folder / "parts").mkdir(parents=True)
    for index, picture in enumerate(pictures(coco / "train2017", size, PRECISE_CROPS)):
        numpy.save(folder / "parts" / f"{index:04}.npy", picture[None] / factor)
    inputs = [picture / factor for picture in pictures(coco / "val2017", size, CROPS)]
    target = folder / "precise.tflite"
    report = convert(binary, models / source, target, *calibrated(coco, factor),
                     "--refine-weights", "--eval", folder / "parts", "--max-drop", PRECISE_DROP)
    both(binary, target, [inputs[0][None]], folder, 1)
    expected, found = classify(models / plain, inputs), classify(target, inputs)
    judgement = report["judgement"]
    all_inputs, whole = agreement(expected, found)
    print(f"{source} --max-drop {PRECISE_DROP}: {judgement['score_before']:.3f} to {judgement['score']['quantized']:.3f} of "
          f"parts of train pictures; of val pictures {all_inputs:.3f} of {len(inputs)}, {whole:.2f} of "
          f"{len(inputs) // (CROPS + 1)} whole, {noise(expected, found):.1f} dB, {report['bytes']} bytes; "
          + ", ".join(f"{layer['layer']} {layer['scheme']}" for layer in judgement["restored"]))
    failures = []
    if not judgement["is_reached"]:
        failures.append(f"{source}: --max-drop {PRECISE_DROP} is out of reach")
    if min(all_inputs, whole) < 0.98:
        failures.append(f"{source} --max-drop {PRECISE_DROP}: agrees on {all_inputs:.3f} and {whole:.2f}, expected 0.98")
    return failures


def detector(binary, shared, root):
    failures = []
    source = shared / "models" / "detection" / "FastestDet.onnx"
    coco = shared / "images" / "tiny_coco"
    folder = pathlib.Path(root, "detector")
    folder.mkdir()
    picture = pictures(coco / "val2017", 352)[0][None, :, :, ::-1] / 255
    convert(binary, source, folder / "float.tflite")
    expected = run(folder / "float.tflite", [numpy.ascontiguousarray(picture)])
    for scheme in SCHEMES:
        flags = ["--quantize", scheme]
        if scheme != "weight-only":
            flags += ["--calibrate", coco / "train2017", "--preprocess", "colors=bgr,filter=bilinear"]
        report = convert(binary, source, folder / f"{scheme}.tflite", *flags)
        # LiteRT's SOFTMAX of int8 adds single precision exponentials, ours and its reference those in fixed point.
        found = both(binary, folder / f"{scheme}.tflite", [picture], folder, 1, 1 / 256 if scheme == "int8" else 0.0)
        print(f"FastestDet {scheme}: {report['bytes']} bytes in {report['seconds']:.1f} s, "
              f"{noise(expected[0], found[0]):.1f} dB, {len(report['kept_in_float'])} layers in float")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    options = parser.parse_args()
    binary = options.swiftlet.resolve()
    with tempfile.TemporaryDirectory() as root:
        failures = operators(binary, root)
        if (options.shared / "models").is_dir():
            failures += classifiers(binary, options.shared, root)
            failures += precise_enough(binary, options.shared, root)
            failures += detector(binary, options.shared, root)
        else:
            print(f"skipped: no models in {options.shared}")
    for failure in failures:
        print(f"FAILS {failure}")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
