"""Real models: what they give after conversion is what ONNX Runtime gives, or LiteRT for the file that pairs a Keras model.

Each is converted, run in Swiftlet and in LiteRT on the same random inputs, and compared to 1e-4 of the largest magnitude.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnxruntime
from PIL import Image

from conversion import convert
from litert import run_litert

LIMIT = 1e-4
# path, shapes given, range of random inputs or a picture
ONNX = [
    ("detection/FastestDet.onnx", [], (0, 1)),
    ("onnx/pnet.onnx", ["input_1=1,120,160,3"], (-1, 1)),
    ("onnx/rnet.onnx", [], (-1, 1)),
    ("onnx/onet.onnx", [], (-1, 1)),
    ("onnx/magika_v3_3.onnx", [], (0, 257)),
    ("onnx/ch_ppocr_mobile_v2.0_cls_infer.onnx", ["x=1,3,48,192"], (0, 1)),
    # Noise is no text: its outputs are so small that ONNX Runtime with and without optimization differs by 1.6e-4.
    ("onnx/ppocrv6_tiny_det.onnx", ["x=1,3,320,320"], "coral_grace_hopper.bmp"),
    ("onnx/basic_pitch.onnx", [], (0, 1)),
]
# path, the same network as .tflite, range of the inputs
KERAS = [
    ("mlperf_tiny/pretrainedResnet.h5", "mlperf_tiny/pretrainedResnet.tflite", (0, 255)),
    ("mlperf_tiny/pretrainedResnet.keras", "mlperf_tiny/pretrainedResnet.tflite", (0, 255)),
    ("mlperf_tiny/vww_96.h5", "mlperf_tiny/vww_96_float.tflite", (0, 1)),
    ("classification/emotion_model.keras", "classification/emotion_model.hdf5", (-1, 1)),
]
# Networks of convolutions, which keep no transpose.
WITHOUT_TRANSPOSE = {"FastestDet", "pnet", "rnet", "onet", "ch_ppocr_mobile_v2.0_cls_infer", "ppocrv6_tiny_det"}


def swiftlet(binary, path, inputs, folder):
    flags = []
    for index, array in enumerate(inputs):
        numpy.save(folder / f"{index}.npy", array)
        flags += ["--input", folder / f"{index}.npy"]
    run = subprocess.run(
        [binary, "run", path, *flags, "--output-dir", folder / "out"], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    return [numpy.load(path) for path in sorted((folder / "out").iterdir(), key=lambda path: int(path.stem))]


def litert(path, inputs):
    outputs, problem = run_litert(path, inputs)
    if problem:
        raise RuntimeError(f"LiteRT: {problem}")
    return outputs


def draw(inputs, limits, pictures):
    source = numpy.random.default_rng(1)
    values = {}
    for value in inputs:
        if isinstance(limits, str):
            height, width = value["source_shape"][2:]
            picture = Image.open(pictures / limits).convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
            numbers = numpy.asarray(picture).transpose(2, 0, 1)[None] / 127.5 - 1
        else:
            numbers = source.uniform(*limits, value["source_shape"])
        values[value["name"]] = numbers.astype(value["type"])
    return values


def distance(expected, found):
    if expected.shape != found.shape:
        return float("inf")
    return float(numpy.abs(expected - found).max() / max(numpy.abs(expected).max(), 1e-30))


def check(name, expected, report, path, arrays, binary, folder):
    """The largest relative distance from `expected`, which are in the source model's layout."""
    given = [numpy.array(numpy.transpose(arrays[i["name"]], i["permutation"]), order="C") for i in report["inputs"]]
    worst = {}
    for runtime, outputs in (("Swiftlet", swiftlet(binary, path, given, folder)), ("LiteRT", litert(path, given))):
        back = [numpy.transpose(o, numpy.argsort(r["permutation"])) for o, r in zip(outputs, report["outputs"])]
        worst[runtime] = max(distance(e, o) for e, o in zip(expected, back))
    transposes = report["operator_counts"].get("TRANSPOSE", 0)
    is_good = max(worst.values()) <= LIMIT and (name not in WITHOUT_TRANSPOSE or transposes == 0)
    print(f"{name:36} {report['operators']:4} operators, {transposes} TRANSPOSE, {report['seconds']:.3f} s, "
          f"Swiftlet {worst['Swiftlet']:.1e}, LiteRT {worst['LiteRT']:.1e}{'' if is_good else '  <-- FAILS'}")
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    options = parser.parse_args()
    models = options.shared / "models"
    if not models.is_dir():
        print(f"skipped: no models in {models}")
        return
    binary = options.swiftlet.resolve()
    good = []
    with tempfile.TemporaryDirectory() as root:
        for number, (path, shapes, limits) in enumerate(ONNX):
            folder = pathlib.Path(root, str(number))
            folder.mkdir()
            report = convert(
                binary, models / path, folder / "model.tflite", *(f"--input-shape={shape}" for shape in shapes))
            arrays = draw(report["inputs"], limits, options.shared / "images")
            session = onnxruntime.InferenceSession(models / path)
            expected = session.run([o["name"] for o in report["outputs"]], arrays)
            good.append(check(pathlib.Path(path).stem, expected, report, folder / "model.tflite", arrays, binary, folder))
        for number, (path, pair, limits) in enumerate(KERAS):
            folder = pathlib.Path(root, f"k{number}")
            folder.mkdir()
            report = convert(binary, models / path, folder / "model.tflite")
            arrays = draw(report["inputs"], limits, options.shared / "images")
            reference = models / pair
            if reference.suffix != ".tflite":
                convert(binary, reference, folder / "pair.tflite")
                reference = folder / "pair.tflite"
            expected = litert(reference, list(arrays.values()))
            good.append(check(pathlib.Path(path).name, expected, report, folder / "model.tflite", arrays, binary, folder))
            again = folder / "again.tflite"
            convert(binary, models / path, again)
            if again.read_bytes() != (folder / "model.tflite").read_bytes():
                good.append(False)
                print(f"{path}: converting twice gives two files")
    if not all(good):
        sys.exit(1)


if __name__ == "__main__":
    main()
