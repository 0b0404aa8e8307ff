"""The streaming wake-word models: 200 consecutive invocations with state, byte for byte LiteRT's."""

import sys

import numpy

from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet

MODELS = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")
STEPS = 200


def compare(path, binary):
    session = LiteRT(path)
    inputs = [random(session.inputs, seed) for seed in range(STEPS)]
    # Every tenth stretch is quiet, so that the state also returns from extremes.
    for step in range(0, STEPS, 10):
        inputs[step] = [numpy.full_like(value, -128) for value in inputs[step]]
    expected = [session.run(values) for values in inputs]
    session.close()
    stacked = [numpy.stack(column) for column in zip(*inputs)]
    return Difference(swiftlet(binary, path, stacked, sequence=True), [numpy.stack(c) for c in zip(*expected)])


def main():
    options = arguments(__doc__).parse_args()
    passed = failed = 0
    for name in MODELS:
        path = options.shared / "models" / "audio" / f"{name}.tflite"
        if not path.exists():
            print(f"{path} is absent: skipped")
            continue
        try:
            difference = compare(path, options.swiftlet)
            good, text = difference.equal, str(difference)
        except (Refused, AssertionError) as problem:
            good, text = False, str(problem)
        print(f"{name}: {STEPS} invocations: {text}")
        passed, failed = passed + good, failed + (not good)
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
