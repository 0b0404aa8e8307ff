"""Holds the speed beside LiteRT to the stored ratios: fails where one fell by more than 15 %. About a minute and a half, two
at most.

The two programs take turns, each time in a fresh process; the ratio is that of the smallest medians, so that what else the
machine does in between counts little. A model that looks slower is measured again after the others, up to four times as
long, before it fails. Ratios are stored for an instruction set and say nothing about another: where there are none, nothing is checked.

  Benchmarks/run-check ../shared                quick models, one of each kind
  Benchmarks/run-check ../shared --only vww     models whose name contains this text
"""

import argparse
import json
import pathlib
import sys
import time

from peers import MODELS, SLACK, STORED, printed

HERE = pathlib.Path(__file__).parent
QUICK = ["tf2_mobilenet_v2_1.0_224_ptq", "mobilenet_v1_0.25_128_quant", "vww_96_int8", "kws_ref_model",
         "pretrainedResnet_quant", "trained_lstm_int8", "vww_96_float"]
ROUNDS, MOST_ROUNDS, SECONDS = 4, 16, 120


class Model:
    """What was measured so far of one model."""

    def __init__(self, path):
        self.path, self.stored = path, None
        self.ours, self.theirs = [], []

    def measure(self, options):
        ours = printed([options.swiftlet, "bench", self.path, "--warmup", "5", "--seconds", "0.3", "--json"])
        theirs = printed([sys.executable, HERE / "runtimes.py", "litert", self.path, "1"])
        self.ours.append(ours["median_ms"])
        self.theirs.append(theirs["median_ms"])
        return ours["isa"]

    @property
    def ratio(self):
        return min(self.theirs) / min(self.ours)

    @property
    def holds(self):
        return self.ratio >= self.stored * SLACK


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--only", default="", help="only models whose name contains this text")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="begin no further round after as many")
    options = parser.parse_args()
    paths = [options.shared / "models" / f"{name}.tflite" for name in MODELS]
    models = [Model(p) for p in paths
              if p.exists() and (options.only in p.stem if options.only else p.stem in QUICK)]
    if not models:
        print(f"{options.shared}/models is absent, or has no such model: skipped\n0 passed, 0 failed")
        return 0
    start = time.monotonic()
    isa, stored = models[0].measure(options), json.loads(STORED.read_text())
    if isa not in stored:
        print(f"ratios were stored with {' and '.join(stored)}, this machine has {isa}: skipped\n0 passed, 0 failed")
        return 0
    for model in models:
        model.stored = stored[isa][model.path.stem]["litert"]
    # Whole rounds first, so that a busy minute touches every model alike; then those in doubt alone.
    for _ in range(ROUNDS):
        for model in models:
            model.measure(options)
    for _ in range(MOST_ROUNDS - ROUNDS):
        for model in (m for m in models if not m.holds):
            if time.monotonic() - start < options.seconds:
                model.measure(options)
    for model in models:
        print(f"{'  ' if model.holds else '! '}{model.path.stem}: {model.ratio:.2f} times as fast as LiteRT, stored "
              f"{model.stored:.2f}, {len(model.ours)} rounds")
    failed = sum(not model.holds for model in models)
    print(f"{len(models) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
