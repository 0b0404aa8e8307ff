"""Every real model beside LiteRT on random inputs, and on every instruction set of this machine beside itself."""

import subprocess
import sys

from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet

# 8-bit models give LiteRT's bytes; float32 sums may be added in another order.
RELATIVE = 1e-5
# SSE4.1 rounds the float32 layers at the start otherwise in their last bits, which decide steps of the hybrid layers' activations.
WITHOUT_FUSED = {"emotion_model_quantized.tflite": 2e-2}
SEEDS = (1, 2)
# What LiteRT refuses and TensorFlow Lite Micro runs: it has to run here, with nothing to compare.
UNCOMPARED = {"person_detect_vww96_int8.tflite": "LiteRT refuses it"}


def runnable(binary):
    text = subprocess.run([str(binary), "run", "--list-isa"], capture_output=True, text=True).stdout
    return text.split() or ["scalar"]


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
            again = Difference(swiftlet(options.swiftlet, path, inputs, extra=extra, isa=isa), first)
            # SSE4.1 has no fused multiply-add, so float32 sums may differ there in their last bits.
            if not again.equal and not (isa == "sse41" and again.within(0, WITHOUT_FUSED.get(path.name, RELATIVE))):
                print(f"**{path.name}: {isa or 'two threads'} gives other bytes: {again}")
                good = False
        ours = Difference(first, expected)
        fine = ours.within(0, RELATIVE)
        good &= fine
        print(f"{path.name} seed {seed}: {'' if fine else '**'}{ours}; "
              f"reference against default: {Difference(yardstick, expected)}")
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
