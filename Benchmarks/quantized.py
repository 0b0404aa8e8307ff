"""16x8, dynamic-range and int4 forms of the benchmark models, made on the spot, beside LiteRT 2.3.0, as ratios in one run.

The float models are quantized with ai-edge-quantizer in an environment of its own (quantized-requirements.txt); nothing that it
makes is kept. Each row is one model and form: the smallest median of a process of each program, LiteRT's divided by
Swiftlet's, and for 16x8 also Swiftlet's 16x8 divided by its int8. The programs take turns.
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
FORMS = ("int8", "16x8", "dynamic")


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


def main():
    if sys.argv[1:2] == ["--quantize"]:
        return quantize(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--quantizer", required=True, help="Python of the environment with ai-edge-quantizer")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    runtimes = pathlib.Path(__file__).with_name("runtimes.py")
    print("| model | form | LiteRT ms | Swiftlet ms | ratio | 16x8 to int8 |\n|---|---|---|---|---|---|")
    for name, source in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([options.quantizer, __file__, "--quantize", options.shared / f"models/{source}.tflite", folder],
                           capture_output=True)
            ours, theirs = {}, {}
            for _ in range(options.rounds):
                for form in FORMS:
                    path = pathlib.Path(folder) / f"{form}.tflite"
                    for times, command in ((theirs, [sys.executable, runtimes, "litert", path, "1"]),
                                           (ours, [options.swiftlet, "bench", path, "--threads", "1", "--warmup", "5",
                                                   "--seconds", "0.4", "--json"])):
                        found = median(list(map(str, command)))
                        if found is not None:
                            times[form] = min(found, times.get(form, found))
            for form in FORMS:
                if form not in ours or form not in theirs:
                    print(f"| {name} | {form} | not comparable: one of the programs refuses it |")
                    continue
                growth = f"{ours[form] / ours['int8']:.2f}" if form == "16x8" and "int8" in ours else ""
                print(f"| {name} | {form} | {theirs[form]:.4f} | {ours[form]:.4f} | **{theirs[form] / ours[form]:.2f}** "
                      f"| {growth} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
