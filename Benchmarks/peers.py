"""Latency of whole models beside LiteRT, OpenVINO and ONNX Runtime, and the cost of a process that loads a model and
runs it once beside TensorFlow Lite's C library, as ratios in one run: above 1 Swiftlet is faster, or smaller.

The programs take turns, each time in a fresh process; reported is the smallest median of a process. Absolute times mean
nothing on a shared machine; the ratios do.

  Benchmarks/run ../shared                      the models of the README
  Benchmarks/run ../shared --all                every .tflite below SHARED/models
  Benchmarks/run ../shared --store              stores the ratios that check.py compares with
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import chart

HERE = pathlib.Path(__file__).parent
# Ratios by instruction set and model.
STORED = HERE / "ratios.json"
SLACK = 0.85
MODELS = [
    "classification/tf2_mobilenet_v2_1.0_224_ptq", "classification/mobilenet_v2_1.0_224_quant",
    "detection/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29", "classification/mobilenet_v1_0.25_128_quant",
    "segmentation/deeplabv3_mnv2_dm05_pascal_quant", "pose/movenet_single_pose_lightning_ptq",
    "mlperf_tiny/vww_96_int8", "mlperf_tiny/kws_ref_model", "mlperf_tiny/pretrainedResnet_quant",
    "mlperf_tiny/ad01_int8", "audio/okay_nabu", "audio/alexa", "classification/keras_lstm_mnist_ptq",
    "classification/trained_lstm_int8", "mlperf_tiny/vww_96_float", "mlperf_tiny/pretrainedResnet",
    "audio/basic_pitch", "detection/face_detection_short_range",
]


# Beside OpenVINO's default, which computes float32 models in bfloat16 on such machines: ours does when it is asked to.
BFLOAT16 = "swiftlet_bfloat16"


class Failed(Exception):
    """A program refused the model; the text is its last line."""


def printed(command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
    if done.returncode != 0:
        raise Failed((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return json.loads(done.stdout.strip().splitlines()[-1])


def command(options, runtime, path):
    if runtime in ("swiftlet", BFLOAT16):
        own = [options.swiftlet, "bench", path, "--threads", str(options.threads), "--warmup", "5", "--seconds", "0.4",
               "--runs", "100", "--json"]
        return own + (["--bfloat16"] if runtime == BFLOAT16 else [])
    if runtime == "onnxruntime":
        path = options.shared / "models/onnx" / f"{path.stem}.onnx"
        if not path.exists():
            raise Failed("has no ONNX form here")
    return [sys.executable, HERE / "runtimes.py", runtime, path, str(options.threads)]


def latencies(options, path, runtimes):
    """The smallest median of each runtime that runs the model, and why the others do not."""
    medians, refusals = {}, {}
    for _ in range(options.rounds):
        for runtime in runtimes:
            if runtime in refusals:
                continue
            try:
                median = printed(command(options, runtime, path))["median_ms"]
            except Failed as reason:
                refusals[runtime] = str(reason)
            else:
                medians.setdefault(runtime, []).append(median)
    return {name: min(values) for name, values in medians.items()}, refusals


def has_float_layers(options, path):
    """Whether a convolution of the model reads float32."""
    try:
        model = printed([options.swiftlet, "inspect", path, "--json"])
    except Failed:
        return False
    types = {tensor["index"]: tensor["type"] for tensor in model["tensors"]}
    return any(operator["name"] == "CONV_2D" and types.get(operator["inputs"][0]) == "float32"
               for operator in model["operators"])


def process(arguments):
    """Seconds and peak kilobytes of a process; nothing of this one's size or of reading what it says is in them."""
    reader, writer = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    words = [str(argument) for argument in arguments]
    start = time.perf_counter()
    child = os.posix_spawn(words[0], words, os.environ, file_actions=actions)
    status = os.waitpid(child, 0)[1]
    seconds = time.perf_counter() - start
    os.close(writer)
    with os.fdopen(reader) as output:
        text = output.read()
    if status != 0:
        raise Failed(f"status {status}")
    return seconds, int(text)


def wheel_library():
    """TensorFlow Lite's C library, as the wheel pymicro-wakeword carries it."""
    import pymicro_wakeword
    return next(pathlib.Path(pymicro_wakeword.__file__).parent.rglob("libtensorflowlite_c*.so"), None)


def starts(options, path, theirs):
    """Ratios of load plus first inference in a process of its own: time, time with our library linked into the program as
    theirs cannot be, and peak memory above that of an empty process."""
    commands = {
        "empty": [options.once], "ours": [options.once, options.library, path],
        "linked": [options.once_linked, "itself", path], "theirs": [options.once, theirs, path],
    }
    samples = {name: [] for name in commands}
    for _ in range(4 * options.rounds + 1):
        for name, arguments in commands.items():
            samples[name].append(process(arguments))
    seconds = {name: statistics.median(s for s, _ in values) for name, values in samples.items()}
    memory = {name: statistics.median(m for _, m in values) for name, values in samples.items()}
    return (seconds["theirs"] / seconds["ours"], seconds["theirs"] / seconds["linked"],
            (memory["theirs"] - memory["empty"]) / max(1, memory["ours"] - memory["empty"]))


def paths(options):
    """The models to measure; none where there are none."""
    folder = options.shared / "models"
    found = sorted(folder.glob("*/*.tflite")) if options.all else [folder / f"{name}.tflite" for name in MODELS]
    return [path for path in found if options.only in path.stem and path.exists()]


def machine():
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def report(options, models):
    peers = [name for name in options.runtimes.split(",") if name]
    runtimes = ["swiftlet", *peers]
    theirs = wheel_library() if options.library.exists() else None
    heading = f"{machine()}; {options.threads} thread(s), {options.rounds} rounds"
    print(heading + "\n")
    print("| " + " | ".join(["model", "Swiftlet ms", *peers, "bfloat16", "load + first", "linked", "memory"]) + " |")
    print("|---|---|" + "---|" * (len(peers) + 4))
    figures = {}
    for path in models:
        rounded = [BFLOAT16] if "openvino" in peers and has_float_layers(options, path) else []
        medians, refusals = latencies(options, path, [*runtimes, *rounded])
        cells, ratios = [], {}
        for name in peers:
            if name in medians and "swiftlet" in medians:
                ratios[name] = round(medians[name] / medians["swiftlet"], 3)
        # The same arithmetic on both sides, where OpenVINO's default is another than float32.
        if BFLOAT16 in medians and "openvino" in medians:
            ratios["bfloat16"] = round(medians["openvino"] / medians[BFLOAT16], 3)
        cells += [f"**{ratios[name]:.2f}**" if name in ratios else "" for name in [*peers, "bfloat16"]]
        try:
            start = starts(options, path, theirs) if theirs else ()
        except Failed:
            start = ()
        cells += [f"**{value:.1f}**" for value in start] or ["", "", ""]
        own = f"{medians['swiftlet']:.4f}" if "swiftlet" in medians else refusals["swiftlet"]
        print(f"| {path.stem} | {own} | {' | '.join(cells)} |", flush=True)
        figures[path.stem] = ratios | dict(zip(("start", "linked", "memory"), (round(value, 3) for value in start)))
        for name, reason in refusals.items():
            print(f"<!-- {path.stem}: {name}: {reason[:160]} -->", flush=True)
    options.output.mkdir(parents=True, exist_ok=True)
    rows = [(name, {k: v for k, v in f.items() if k in chart.NAMES}) for name, f in figures.items()]
    (options.output / "peers.svg").write_text(chart.svg([r for r in rows if r[1]], heading))
    (options.output / "peers.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nchart and figures: {options.output}/peers.svg, peers.json")
    if options.store:
        isa = printed(command(options, "swiftlet", models[0]))["isa"]
        stored = json.loads(STORED.read_text()) | {isa: figures}
        STORED.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--library", type=pathlib.Path, default="build/libs/x86_64-linux/libswiftlet.so")
    parser.add_argument("--once", default="build/benchmarks/once")
    parser.add_argument("--once-linked", default="build/benchmarks/once-linked", help="with our library in it")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--output", type=pathlib.Path, default="build/benchmarks")
    parser.add_argument("--runtimes", default="litert,openvino,openvino_f32,onnxruntime",
                        help="separated by commas; openvino computes float32 models in bfloat16 where the processor can")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="every .tflite below SHARED/models")
    parser.add_argument("--only", default="", help="only models whose name contains this text")
    parser.add_argument("--store", action="store_true", help="store the ratios found")
    options = parser.parse_args()
    models = paths(options)
    if not models:
        print(f"{options.shared}/models is absent, or has no such model: skipped\n0 passed, 0 failed")
        return 0
    return report(options, models)


if __name__ == "__main__":
    sys.exit(main())
