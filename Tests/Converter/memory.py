"""How much memory a conversion takes above what the program itself takes, that of converting a single small layer alike.

Measured with ten samples, of one model with a thousand too. The aim is three times the model's bytes and those of the
activations of its largest layer, what it reads and what it computes; what exceeds the aim by more than SLACK fails. Of a
layer whose weights are most of the file, no form may take more than nine tenths of the aim, 2.7 times the file.
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from conversion import convert

# Models and how samples are given to them.
MODELS = {
    "FastestDet": ("detection/FastestDet.onnx", "pictures"),
    "ResNet-8": ("mlperf_tiny/pretrainedResnet.h5", "pictures"),
    "wake words": ("mlperf_tiny/vww_96.h5", "pictures"),
    "O-Net": ("onnx/onet.onnx", "pictures"),
    "magika": ("onnx/magika_v3_3.onnx", "numbers"),
}
# Samples: few, and for one model many.
COUNTS = [10, 1000]
MANY = "ResNet-8"
# How many pages of the program a model needs differs from run to run, most on a busy machine.
SLACK = 1.1
# The layer of large weights: outputs and inputs, and the share of the aim.
LARGE = (16384, 2048)
LARGE_SHARE = 0.9
SCHEMES = ("none", "float16", "dynamic", "weight-only", "int8")


def small_layer(path):
    weights = numpy_helper.from_array(numpy.ones((4, 3, 3, 3), numpy.float32), "w")
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="conv", pads=[1, 1, 1, 1])
    graph = helper.make_graph([node], "small", [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 16, 16))],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def large_layer(path):
    """134 MB of weights that begin at no multiple of four in the file."""
    weights = numpy_helper.from_array(numpy.random.default_rng(1).standard_normal(LARGE, numpy.float32), "weight")
    node = helper.make_node("Gemm", ["x", "weight"], ["y"], name="dense", transB=1)
    graph = helper.make_graph([node], "large", [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, LARGE[1]))],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    while model.SerializeToString().index(weights.raw_data[:64]) % 4 == 0:
        model.producer_name += "x"
    onnx.save(model, path)


def large_weights(binary, own, root):
    """What fails of converting a layer of large weights."""
    source = root / "large.onnx"
    large_layer(source)
    (root / "features").mkdir()
    numpy.save(root / "features" / "0.npy", numpy.random.default_rng(1).standard_normal((1, LARGE[1]), numpy.float32))
    aim = 3 * source.stat().st_size
    failures = []
    for scheme in SCHEMES:
        flags = ["--calibrate", root / "features"] if scheme == "int8" else []
        report = convert(binary, source, root / "large.tflite", "--quantize", scheme, *flags)
        above = report["peak_resident_bytes"] - own
        print(f"a layer of {source.stat().st_size / 1e6:.0f} MB, {scheme}: {above / 1e6:.0f} MB above the program, "
              f"{above / aim:.2f} of three times the model; {report['seconds']:.1f} s")
        if above > LARGE_SHARE * aim:
            failures.append(f"a large layer, {scheme}: {above} bytes, expected at most {LARGE_SHARE} times {aim}")
    return failures


def samples(kind, count, pictures, folder):
    """A folder of so many: pictures again and again, or arrays of bytes as magika takes them."""
    folder.mkdir()
    if kind == "pictures":
        for index, picture in zip(range(count), itertools.cycle(pictures)):
            (folder / f"{index:04}{picture.suffix}").symlink_to(picture)
    else:
        random = numpy.random.default_rng(1)
        for index in range(count):
            numpy.save(folder / f"{index:04}.npy", random.integers(0, 257, (1, 2048), dtype=numpy.int32))
    return folder


def largest_layer(binary, path):
    """The bytes that the layer with the largest activations reads and computes, constants aside."""
    run = subprocess.run([binary, "inspect", path, "--json"], capture_output=True, text=True, check=True)
    model = json.loads(run.stdout)
    bytes_of = {t["index"]: t["bytes"] for t in model["tensors"] if t["kind"] != "constant"}
    return max(sum(bytes_of.get(t, 0) for t in {*o["inputs"], *o["outputs"]}) for o in model["operators"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    options = parser.parse_args()
    shared = options.shared.resolve()
    pictures = sorted((shared / "images/tiny_coco/train2017").glob("*.jpg"))
    if not (shared / "models").is_dir() or not pictures:
        print(f"skipped: no models or pictures in {shared}")
        return
    binary = options.swiftlet.resolve()
    failures = []
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        small_layer(root / "small.onnx")
        limits = {}
        for count in [0, *COUNTS]:
            form = f"int8, {count} samples" if count else "float"
            folders = {kind: samples(kind, count, pictures, root / f"{kind}{count}")
                       for kind in ("pictures", "numbers")}
            flags = {kind: ["--quantize", "int8", "--calibrate", path] if count else []
                     for kind, path in folders.items()}
            own = convert(binary, root / "small.onnx", root / "small.tflite", *flags["pictures"])["peak_resident_bytes"]
            print(f"the program itself, {form}: {own / 1e6:.1f} MB")
            if not count:
                failures += large_weights(binary, own, root)
            for name, (path, kind) in MODELS.items():
                if count == COUNTS[-1] and name != MANY:
                    continue
                source, target = shared / "models" / path, root / f"{name} {count}.tflite"
                report = convert(binary, source, target, *flags[kind])
                bytes = source.stat().st_size
                if not count:
                    limits[name] = 3 * bytes + largest_layer(binary, target)
                above = report["peak_resident_bytes"] - own
                print(f"{name} {form}: {above / 1e6:.1f} MB above the program, {above / limits[name]:.2f} of three times "
                      f"the model of {bytes / 1e6:.2f} MB and its largest layer, {limits[name] / 1e6:.1f} MB; "
                      f"{report['seconds']:.1f} s")
                if above > SLACK * limits[name]:
                    failures.append(f"{name}, {form}: {above} bytes, expected at most {SLACK} times {limits[name]}")
    for failure in failures:
        print(f"FAILS {failure}")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
