"""Single-operator models with random valid shapes, options and quantization, beside LiteRT.

8-bit CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED must equal LiteRT's default (XNNPACK) byte for byte; every other
quantized operator must be within one unit of LiteRT's reference kernel; float operators within the tolerance of their
line below. Every instruction set of this machine must give the same bytes for everything but float32.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy

import build
import cases
import movement_cases  # noqa: F401, registers its cases
from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet


def outputs_of(path, kind, inputs):
    session = LiteRT(path, kind=kind)
    values = random(session.inputs, 7) if inputs is None else inputs
    try:
        return values, session.run(values)
    finally:
        session.close()


def settle(case, path):
    """Writes the model with the output shapes that LiteRT's reference kernel finds, and returns inputs and outputs.

    A few operators have no reference kernel there: LiteRT's own kernels then take its place.
    """
    path.write_bytes(build.model(case.node))
    try:
        inputs, expected = outputs_of(path, case.oracle, case.inputs)
    except Refused:
        inputs, expected = outputs_of(path, "builtin", case.inputs)
    for tensor, value in zip(case.node.outputs, expected):
        tensor.shape = value.shape
    path.write_bytes(build.model(case.node))
    if case.exact:
        inputs, expected = outputs_of(path, "default", inputs)
    return inputs, expected


def check(case, path, options, names):
    try:
        inputs, expected = settle(case, path)
    except Refused as refusal:
        return None, f"LiteRT: {refusal}"
    try:
        found = swiftlet(options.swiftlet, path, inputs)
    except Refused as refusal:
        return False, str(refusal)
    difference = Difference(found, expected)
    if not (difference.equal if case.exact else difference.within(case.units, case.tolerance)):
        return False, str(difference)
    if case.same_everywhere:
        for name in names:
            other = Difference(swiftlet(options.swiftlet, path, inputs, isa=name), found)
            if not other.equal:
                return False, f"{name} gives other bytes: {other}"
    return True, str(difference)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=8, help="configurations for each operator and type")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the models that fail")
    options = parser.parse_args()
    names = subprocess.run([str(options.swiftlet), "run", "--list-isa"], capture_output=True, text=True).stdout.split()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for label, make in cases.ALL.items():
            if options.only not in label:
                continue
            good = unsure = 0
            problems = []
            for seed in range(options.count):
                path = pathlib.Path(folder) / f"{label.replace(' ', '_')}_{seed}.tflite"
                verdict, text = check(make(numpy.random.default_rng(seed)), path, options, names)
                good += verdict is True
                unsure += verdict is None
                if verdict is False:
                    problems.append(f"seed {seed}: {text}")
                    if options.keep:
                        options.keep.mkdir(parents=True, exist_ok=True)
                        (options.keep / path.name).write_bytes(path.read_bytes())
                elif verdict is None:
                    problems.append(f"seed {seed} not comparable: {text}")
            bad = options.count - good - unsure
            print(f"{'**' if bad else ''}{label}: {good} of {options.count} agree{'; ' + problems[0] if problems else ''}")
            # A case that LiteRT never runs compares nothing: that is a mistake of this file.
            passed, failed = passed + (bad == 0 and good > 0), failed + (bad > 0 or good == 0)
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
