"""The same models on each instruction set: whether 8 bits are faster than float32 everywhere, and the AVX2 kernels beside
LiteRT held to AVX2. The programs take turns, each time in a fresh process; ratios are those of the smallest medians.

  Benchmarks/run-instruction-sets ../shared              fails where 8 bits are not faster
  Benchmarks/run-instruction-sets ../shared --rounds 20  on a busy machine
"""

import argparse
import pathlib
import sys

from peers import MODELS, Failed, machine, printed

HERE = pathlib.Path(__file__).parent
# 8 bits and float32 of one network each.
PAIRS = [
    ("mlperf_tiny/vww_96_int8", "mlperf_tiny/vww_96_float"),
    ("mlperf_tiny/pretrainedResnet_quant", "mlperf_tiny/pretrainedResnet"),
    ("mlperf_tiny/kws_ref_model", "mlperf_tiny/kws_ref_model_float32"),
    ("mlperf_tiny/ad01_int8", "mlperf_tiny/ad01_fp32"),
    ("classification/mobilenet_v1_0.25_224_quant", "classification/mobilenet_v1_0.25_224_1_default_1"),
    ("classification/trained_lstm_int8", "classification/trained_lstm"),
]
SETS = ["amx", "avx512vnni", "avxvnni", "avx2", "sse41", "i8mm", "dotprod", "neon", "scalar"]


def bench(options, path, isa):
    return printed([options.swiftlet, "bench", path, "--isa", isa, "--warmup", "5", "--seconds", "0.1", "--json"])


def swiftlet(options, path, isa):
    return bench(options, path, isa)["median_ms"]


def is_here(options, isa):
    """Whether this processor runs `isa`; a lesser one stands in where it does not."""
    try:
        return bench(options, options.shared / "models" / f"{PAIRS[0][0]}.tflite", isa)["isa"] == isa
    except Failed:
        return False


def medians(options, first, second):
    """The smallest of the medians that two functions give in turns."""
    values = [(first(), second()) for _ in range(options.rounds)]
    return min(a for a, _ in values), min(b for _, b in values)


def beside_float(options, sets):
    """Prints how many times as fast as float32 8 bits are; the number of cells below 1."""
    print("8 bits: times as fast as float32 of the same network\n")
    print(f"| network | {' | '.join(sets)} |\n|---|{'---|' * len(sets)}")
    slower = 0
    for quantized, floating in (pair for pair in PAIRS if options.only in pair[0]):
        paths = [options.shared / "models" / f"{name}.tflite" for name in (quantized, floating)]
        cells = []
        for isa in sets:
            ours, theirs = medians(
                options, lambda: swiftlet(options, paths[0], isa), lambda: swiftlet(options, paths[1], isa))
            slower += theirs < ours
            cells.append(f"{'' if theirs >= ours else '!'}{theirs / ours:.2f}")
        print(f"| {paths[0].stem} | {' | '.join(cells)} |", flush=True)
    return slower


def beside_litert(options):
    """Prints how many times as fast as LiteRT held to AVX2 the AVX2 kernels are."""
    print("\nAVX2 kernels: times as fast as LiteRT held to AVX2\n\n| model | ratio |\n|---|---|")
    for name in MODELS:
        path = options.shared / "models" / f"{name}.tflite"
        if not path.exists() or options.only not in name:
            continue
        peer = [sys.executable, HERE / "runtimes.py", "litert_avx2", path, "1"]
        ours, theirs = medians(options, lambda: swiftlet(options, path, "avx2"), lambda: printed(peer)["median_ms"])
        print(f"| {path.stem} | {theirs / ours:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="only models whose name contains this text")
    options = parser.parse_args()
    if not (options.shared / "models").exists():
        print(f"{options.shared}/models is absent: skipped\n0 passed, 0 failed")
        return 0
    print(f"{machine()}; {options.rounds} rounds\n")
    sets = [isa for isa in SETS if is_here(options, isa)]
    slower = beside_float(options, sets)
    if "avx2" in sets:
        beside_litert(options)
    count = len(sets) * sum(options.only in quantized for quantized, _ in PAIRS)
    print(f"\n{count - slower} passed, {slower} failed: 8 bits faster than float32")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
