"""How much faster models run on several threads: medians of `swiftlet bench` with one thread and with more, in turns, each
time in a fresh process. Reported is the ratio of the smallest medians, and the range of the ratios of single rounds: on
a machine that does something else at the same time they differ much, and the smallest medians mean most.

  Benchmarks/run-threads ../shared              the models of the README
  Benchmarks/run-threads ../shared --all        every .tflite below SHARED/models
  Benchmarks/run-threads ../shared --check      fails where more threads are slower, or models of over 100 MMAC under 1.8
"""

import argparse
import pathlib
import sys

from peers import Failed, machine, paths, printed

# More threads may be slower by this much before --check fails, and a large model may fall short of its aim by as much.
SLACK = 0.03
LARGE_MMAC, AIM = 100, 1.8


def medians(options, path):
    """Milliseconds of each round on one thread and on several, and millions of multiply-accumulates."""
    one, several = [], []
    for _ in range(options.rounds):
        for threads, found in ((1, one), (options.threads, several)):
            report = printed([options.swiftlet, "bench", path, "--threads", str(threads), "--warmup", "10", "--seconds",
                              str(options.seconds), "--json"])
            found.append(report["median_ms"])
    return one, several, report["mmac"]


def holds(ratio, mmac, threads):
    aim = AIM * threads / 2 if mmac > LARGE_MMAC else 1
    return ratio >= aim * (1 - SLACK)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet")
    parser.add_argument("--shared", type=pathlib.Path, default="../shared")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.15, help="of each process")
    parser.add_argument("--all", action="store_true", help="every .tflite below SHARED/models")
    parser.add_argument("--only", default="", help="only models whose name contains this text")
    parser.add_argument("--check", action="store_true", help="fail where threads do not pay; suspects are measured again")
    options = parser.parse_args()
    models = paths(options)
    if not models:
        print(f"{options.shared}/models is absent, or has no such model: skipped\n0 passed, 0 failed")
        return 0
    print(f"{machine()}; {options.rounds} rounds\n\n| model | MMAC | 1 thread, ms | {options.threads} threads, ms | ratio | of "
          "single rounds |\n|---|---|---|---|---|---|")
    failed = count = 0
    for path in models:
        one, several = [], []
        for _ in range(3 if options.check else 1):
            try:
                more, others, mmac = medians(options, path)
            except Failed as reason:
                print(f"<!-- {path.stem}: {reason} -->", flush=True)
                break
            one, several = one + more, several + others
            ratio = min(one) / min(several)
            if holds(ratio, mmac, options.threads):
                break
        if not one:
            continue
        ratios = [a / b for a, b in zip(one, several)]
        good = holds(ratio, mmac, options.threads)
        count, failed = count + 1, failed + (not good)
        print(f"| {path.stem} | {mmac:.1f} | {min(one):.4f} | {min(several):.4f} | {'' if good else '!'}{ratio:.2f} | "
              f"{min(ratios):.2f} to {max(ratios):.2f} |", flush=True)
    print(f"\n{count - failed} passed, {failed} failed: at least {AIM} over {LARGE_MMAC} MMAC and 1 elsewhere, less "
          f"{SLACK:.0%}")
    return 1 if options.check and failed else 0


if __name__ == "__main__":
    sys.exit(main())
