"""Latency of whole models beside LiteRT 2.3.0's default (XNNPACK), as ratios in one run.

The two programs take turns, each time in a fresh process with five warm-up invocations and then at least 100 invocations
or 0.4 s. Reported are the smallest median of a process and the median of load plus first inference; the ratio is
LiteRT's divided by Swiftlet's, so above 1 Swiftlet is faster.
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

MODELS = [
    "classification/tf2_mobilenet_v2_1.0_224_ptq", "detection/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29",
    "mlperf_tiny/vww_96_int8", "mlperf_tiny/pretrainedResnet_quant", "mlperf_tiny/kws_ref_model",
]
WARMUP, SECONDS, RUNS = 5, 0.4, 100


def litert(path, threads):
    """Runs in a process of its own: `latency.py --child PATH THREADS`."""
    import numpy
    from ai_edge_litert.interpreter import Interpreter

    start = time.perf_counter()
    interpreter = Interpreter(path, num_threads=threads)
    interpreter.allocate_tensors()
    generator = numpy.random.default_rng(1)
    loaded = time.perf_counter()
    for detail in interpreter.get_input_details():
        if numpy.dtype(detail["dtype"]).kind == "f":
            value = generator.uniform(-1, 1, detail["shape"]).astype(detail["dtype"])
        else:
            limits = numpy.iinfo(detail["dtype"])
            value = generator.integers(limits.min, limits.max, detail["shape"], dtype=detail["dtype"])
        interpreter.set_tensor(detail["index"], value)
    first = time.perf_counter()
    interpreter.invoke()
    end = time.perf_counter()
    for _ in range(WARMUP):
        interpreter.invoke()
    times = []
    began = time.perf_counter()
    while len(times) < RUNS or time.perf_counter() - began < SECONDS:
        mark = time.perf_counter()
        interpreter.invoke()
        times.append(time.perf_counter() - mark)
    print(json.dumps({"load_ms": (loaded - start) * 1e3, "first_ms": (end - first) * 1e3,
                      "min_ms": min(times) * 1e3, "median_ms": statistics.median(times) * 1e3}))


def measure(command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def main():
    if sys.argv[1:2] == ["--child"]:
        return litert(sys.argv[2], int(sys.argv[3]))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="every .tflite below SHARED/models")
    parser.add_argument("--only", default="", help="only models whose name contains this text")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures to this file")
    options = parser.parse_args()
    folder = options.shared / "models"
    paths = sorted(folder.glob("*/*.tflite")) if options.all else [folder / f"{name}.tflite" for name in MODELS]
    print(f"{machine()}; {options.threads} thread(s), {options.rounds} rounds")
    print("| model | LiteRT ms | Swiftlet ms | ratio | LiteRT load + first | Swiftlet load + first | ratio |")
    print("|---|---|---|---|---|---|---|")
    figures = {}
    for path in paths:
        if options.only not in path.stem:
            continue
        if not path.exists():
            print(f"| {path.stem} | absent |")
            continue
        ours, theirs = [], []
        try:
            for _ in range(options.rounds):
                theirs.append(measure([sys.executable, __file__, "--child", path, str(options.threads)]))
                ours.append(measure([options.swiftlet, "bench", path, "--threads", str(options.threads), "--warmup",
                                     str(WARMUP), "--seconds", str(SECONDS), "--json"]))
        except SystemExit as problem:
            print(f"| {path.stem} | {problem} |")
            continue
        a, b = (min(r["median_ms"] for r in rows) for rows in (theirs, ours))
        c, d = (statistics.median(r["load_ms"] + r["first_ms"] for r in rows) for rows in (theirs, ours))
        figures[path.stem] = {"latency_ratio": a / b, "first_ratio": c / d}
        print(f"| {path.stem} | {a:.4f} | {b:.4f} | **{a / b:.2f}** | {c:.2f} | {d:.2f} | **{c / d:.2f}** |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
