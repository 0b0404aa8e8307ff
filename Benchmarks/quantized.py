"""16x8, dynamic-range and int8 forms of the benchmark models, made on the spot, beside LiteRT 2.3.0, as ratios in one run.

The float models are quantized with ai-edge-quantizer in an environment of its own (quantized-requirements.txt), and where that
leaves the weights float32, with `swiftlet convert --quantize dynamic`; nothing that they make is kept. Hybrid models of the
shared folder stand beside them. Each row is one model and form: the smallest median of a process of each program, LiteRT's
divided by Swiftlet's, for 16x8 also Swiftlet's 16x8 divided by its int8, and for dynamic-range forms how many of 50 inputs
(pictures, or random numbers where the model does not see any) get the same top-1 from both. The programs take turns.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

MODELS = {"vww_96": "mlperf_tiny/vww_96_float", "ResNet-8": "mlperf_tiny/pretrainedResnet", "ad01": "mlperf_tiny/ad01_fp32",
          "MobileNet v1 0.25": "classification/mobilenet_v1_0.25_224_1_default_1"}
HYBRID = {"kws": "mlperf_tiny/kws_ref_model_float32", "emotion": "classification/emotion_model_quantized"}
FORMS = ("int8", "16x8", "dynamic")
# How a model wants the pixels of a picture: what they are divided by, and what is subtracted then.
PIXELS = {"vww_96": (255, 0), "ResNet-8": (1, 0), "MobileNet v1 0.25": (127.5, 1), "emotion": (127.5, 1)}
INPUTS = 50


def quantize(source, folder):
    """Runs in the quantizer's environment: `quantized.py --quantize SOURCE FOLDER`."""
    import flatbuffers
    import numpy
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, recipe

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(pathlib.Path(source).read_bytes(), 0))
    graph = model.subgraphs[0]
    if not model.signatureDefs:  # calibration runs a signature
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = b"serving_default", 0
        signature.inputs = [named(schema, f"input{i}", t) for i, t in enumerate(graph.inputs)]
        signature.outputs = [named(schema, f"output{i}", t) for i, t in enumerate(graph.outputs)]
        model.signatureDefs = [signature]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path = pathlib.Path(folder) / "float.tflite"
    path.write_bytes(builder.Output())
    interpreter = Interpreter(str(path))
    key, names = next(iter(interpreter.get_signature_list().items()))
    shape = [abs(int(n)) for n in interpreter.get_input_details()[0]["shape"]]
    random = numpy.random.default_rng(0)
    data = {key: [{names["inputs"][0]: random.uniform(0, 1, shape).astype("f4")} for _ in range(8)]}
    recipes = {"int8": recipe.static_wi8_ai8(), "16x8": recipe.static_wi8_ai16(), "dynamic": recipe.dynamic_wi8_afp32()}
    for form, how in recipes.items():
        work = quantizer.Quantizer(str(path), how)
        result = work.quantize(work.calibrate(data) if work.need_calibration else None)
        (pathlib.Path(folder) / f"{form}.tflite").write_bytes(result.quantized_model)


def named(schema, name, tensor):
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name.encode(), int(tensor)
    return entry


def median(command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])["median_ms"]


def is_quantized(path):
    from ai_edge_litert import schema_py_generated as schema
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
    return any(t.type == schema.TensorType.INT8 for t in model.subgraphs[0].tensors)


def agreement(name, path, options):
    """How many inputs get the same answer, and how far the outputs are apart, as text."""
    import numpy
    from peers import Difference, LiteRT, swiftlet
    from PIL import Image

    session = LiteRT(path)
    shape = session.inputs[0]["shape"]
    if name in PIXELS:
        divisor, less = PIXELS[name]
        files = sorted(options.shared.glob("images/tiny_coco/val2017/*.jpg"))[:INPUTS]
        size, mode = (shape[2], shape[1]), "RGB" if shape[3] == 3 else "L"
        pictures = [Image.open(f).convert(mode).resize(size, Image.Resampling.BILINEAR) for f in files]
        inputs = numpy.stack([numpy.asarray(p, "f4").reshape(shape) / divisor - less for p in pictures])
    else:
        inputs = numpy.random.default_rng(0).uniform(-1, 1, (INPUTS, *shape)).astype("f4")
    expected = numpy.stack([session.run([value])[0] for value in inputs])
    session.close()
    found = swiftlet(options.swiftlet, path, [inputs], sequence=True)[0]
    same = (found.reshape(len(inputs), -1).argmax(1) == expected.reshape(len(inputs), -1).argmax(1)).sum()
    return f"{same} of {len(inputs)}, {Difference([found], [expected]).relative:.1e}"


def make_forms(name, source, folder, options):
    """The forms of a model that there are, as paths."""
    original = options.shared / f"models/{source}.tflite"
    if name in HYBRID:
        return {"dynamic": original}
    subprocess.run([options.quantizer, __file__, "--quantize", original, folder], capture_output=True)
    paths = {form: pathlib.Path(folder) / f"{form}.tflite" for form in FORMS}
    if not paths["dynamic"].exists() or not is_quantized(paths["dynamic"]):
        subprocess.run([options.swiftlet, "convert", original, "--quantize", "dynamic", "-o", paths["dynamic"]],
                       capture_output=True)
    return paths


def measure(paths, options):
    """The smallest medians of both programs by form."""
    runtimes = pathlib.Path(__file__).with_name("runtimes.py")
    ours, theirs = {}, {}
    for _ in range(options.rounds):
        for form, path in paths.items():
            for times, command in ((theirs, [sys.executable, runtimes, "litert", path, "1"]),
                                   (ours, [options.swiftlet, "bench", path, "--threads", "1", "--warmup", "5",
                                           "--seconds", "0.4", "--json"])):
                found = median(list(map(str, command)))
                if found is not None:
                    times[form] = min(found, times.get(form, found))
    return ours, theirs


def main():
    if sys.argv[1:2] == ["--quantize"]:
        return quantize(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--quantizer", required=True, help="Python of the environment with ai-edge-quantizer")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests/Peers"))
    print("| model | form | LiteRT ms | Swiftlet ms | ratio | 16x8 to int8 | same top-1, relative difference |\n"
          "|---|---|---|---|---|---|---|")
    for name, source in (MODELS | HYBRID).items():
        with tempfile.TemporaryDirectory() as folder:
            paths = make_forms(name, source, folder, options)
            ours, theirs = measure(paths, options)
            for form, path in paths.items():
                if form not in ours or form not in theirs:
                    print(f"| {name} | {form} | not comparable: one of the programs refuses it |")
                    continue
                growth = f"{ours[form] / ours['int8']:.2f}" if form == "16x8" and "int8" in ours else ""
                answers = agreement(name, path, options) if form == "dynamic" else ""
                print(f"| {name} | {form} | {theirs[form]:.4f} | {ours[form]:.4f} | **{theirs[form] / ours[form]:.2f}** "
                      f"| {growth} | {answers} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
