"""`convert --max-memory`: the activations of real models take less, and every output keeps its bytes.

Both files, as converted with and without the limit, run in Swiftlet and in LiteRT.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

from litert import run_litert

# The model, the bytes of activations it has to come down to, and the device whose kernels are meant; this machine without.
MODELS = [
    ("classification/tf2_mobilenet_v2_1.0_224_ptq.tflite", 700_000, None),
    ("classification/mobilenet_v2_1.0_224_quant.tflite", 700_000, None),
    ("mlperf_tiny/vww_96_int8.tflite", 75_000, None),
    ("mlperf_tiny/vww_96_float.tflite", 280_000, None),
    ("mlperf_tiny/pretrainedResnet_quant.tflite", 57_000, None),  # 56,448 with the scratch of AMX
    ("mlperf_tiny/pretrainedResnet_quant.tflite", 42_000, "cortex-m7"),
    ("mlperf_tiny/vww_96_int8.tflite", 65_000, "cortex-m7"),
]


def command(binary, *arguments):
    run = subprocess.run([binary, *arguments], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    return run.stdout


def judge(binary, model, limit, device, folder, generator):
    command(binary, "convert", model, "-o", folder / "whole.tflite")
    target = ["--target", device] if device else []
    report = json.loads(command(
        binary, "convert", model, "-o", folder / "split.tflite", "--max-memory", str(limit), *target, "--json"))
    before, after = report["activations"]["bytes_before"], report["activations"]["bytes"]
    if not after <= limit < before:
        raise RuntimeError(f"{before} bytes became {after}, the limit is {limit}")
    kernels = ["--isa", "scalar"] if device else []
    inspection = command(binary, "inspect", folder / "split.tflite", "--no-row-chains", *kernels, "--json")
    arena = json.loads(inspection)["memory"]["arena_bytes"]
    if arena != after:
        raise RuntimeError(f"reported {after} bytes, the runtime reserves {arena}")
    value = report["inputs"][0]
    if value["type"] == "float32":
        sample = generator.uniform(-1, 1, value["shape"]).astype(numpy.float32)
    else:
        limits = numpy.iinfo(value["type"])
        sample = generator.integers(limits.min, limits.max + 1, value["shape"]).astype(value["type"])
    numpy.save(folder / "input.npy", sample)
    ours, theirs = set(), set()
    for name in ("whole", "split"):
        command(
            binary, "run", folder / f"{name}.tflite", "--input", folder / "input.npy", "--output-dir", folder / name)
        ours.add(numpy.load(folder / name / "0.npy").tobytes())
        found, problem = run_litert(folder / f"{name}.tflite", [sample])
        if problem:
            raise RuntimeError(f"LiteRT on the {name} file: {problem}")
        theirs.add(found[0].tobytes())
    # LiteRT's float sums depend on how many rows it computes at once.
    for runtime, outputs in (("Swiftlet", ours), ("LiteRT", theirs if value["type"] != "float32" else ours)):
        if len(outputs) != 1:
            raise RuntimeError(f"the split model gives other bytes in {runtime}")
    return before, after


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    options = parser.parse_args()
    failures = []
    generator = numpy.random.default_rng(2)
    for model, limit, device in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                path = options.shared / "models" / model
                before, after = judge(options.swiftlet.resolve(), path, limit, device, pathlib.Path(folder), generator)
                print(f"{model} on {device or 'this machine'}: {before} bytes of activations became {after}")
            except RuntimeError as error:
                failures.append(f"{model} on {device or 'this machine'}: {error}")
    print(f"{len(MODELS) - len(failures)} of {len(MODELS)} models take less memory and keep their outputs")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
