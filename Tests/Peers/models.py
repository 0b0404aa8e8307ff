"""Every real model beside LiteRT on random inputs, and on every instruction set of this machine beside itself."""

import subprocess
import sys

from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet

# Differences of one unit in an operator grow through a network; each operator is held to one unit elsewhere. Here the
# reference kernels' own distance from LiteRT's default is the yardstick, with these limits for quiet models.
UNITS, RELATIVE = 2, 1e-4
# Hybrid layers quantize their input again and so amplify the last bit of float32 sums.
SSE41_RELATIVE = 5e-3
SEEDS = (1, 2)
# What LiteRT refuses and TensorFlow Lite Micro runs: it has to run here, with nothing to compare.
UNCOMPARED = {"person_detect_vww96_int8.tflite": "LiteRT refuses it"}


def runnable(binary):
    text = subprocess.run([str(binary), "run", "--list-isa"], capture_output=True, text=True).stdout
    return text.split() or ["scalar"]


def same_bytes(first, again, name):
    """SSE4.1 has no fused multiply-add, so float32 sums may differ there in their last bits."""
    difference = Difference(again, first)
    return difference.equal or (name == "sse41" and difference.within(0, SSE41_RELATIVE)), difference


def compare(path, options, names):
    try:
        LiteRT(path).close()
    except Refused as refusal:
        outputs = swiftlet(options.swiftlet, path, [], extra=["--random-input", "1"])
        known = UNCOMPARED.get(path.name)
        print(f"{path.name}: {len(outputs)} outputs; {known or 'LiteRT does not run it: ' + str(refusal)}")
        return known is not None
    good = True
    for seed in SEEDS:
        session, reference = LiteRT(path), LiteRT(path, kind="reference")  # anew, for models that keep a state
        inputs = random(session.inputs, seed)
        expected, yardstick = session.run(inputs), reference.run(inputs)
        first = swiftlet(options.swiftlet, path, inputs)
        for extra, isa in [((), name) for name in names] + [(("--threads", "2"), None)]:
            again = swiftlet(options.swiftlet, path, inputs, extra=extra, isa=isa)
            same, difference = same_bytes(first, again, isa)
            if not same:
                print(f"**{path.name}: {isa or 'two threads'} gives other bytes: {difference}")
                good = False
        ours, theirs = Difference(first, expected), Difference(yardstick, expected)
        close = Difference(first, yardstick)
        # As near to LiteRT's default, or to its reference, as those two are to each other.
        limit_units, limit = max(UNITS, theirs.units), max(RELATIVE, theirs.relative)
        fine = ours.within(limit_units, limit) or close.within(limit_units, limit)
        good &= fine
        print(f"{path.name} seed {seed}: {'' if fine else '**'}{ours}; reference against default: {theirs}")
        session.close()
        reference.close()
    return good


def main():
    options = arguments(__doc__).parse_args()
    folder = options.shared / "models"
    if not folder.exists():
        print(f"{folder} is absent: skipped")
        return summary(0, 0)
    names = runnable(options.swiftlet)
    passed = failed = 0
    for path in sorted(folder.glob("*/*.tflite")):
        if options.only not in path.name:
            continue
        try:
            good = compare(path, options, names)
        except (Refused, AssertionError) as problem:
            print(f"{path.name}: {problem}")
            good = False
        passed, failed = passed + good, failed + (not good)
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
