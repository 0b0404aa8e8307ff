"""LiteRT's own test models: what LiteRT runs, Swiftlet runs with agreeing outputs or refuses by name.

The table that comes out is committed as Conformance.md; a run that gives another table fails. Inputs are zeros, as many
of these models are about structure, plus one random draw where the model takes it.
"""

import pathlib
import re
import sys

import numpy

from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet, zeros

TABLE = pathlib.Path(__file__).with_name("Conformance.md")
# Units of the last place for integer outputs and relative distance for float outputs of whole models.
UNITS, RELATIVE = 1, 2e-4
# Layers that quantize their float input to int8 while running: half a unit of that is 2e-3 of the range.
HYBRID = {"qwen_fc_blockwise_quantized.tflite": 5e-3}
# LiteRT's products of int16 and int8 matrices with a scale for each channel are zero for every input. The same network in
# float32, whose weights have not lost anything to 8 bits, judges instead.
ZERO_IN_LITERT, TWIN = "static_w8_a16_quantized_", 0.02
HEADER = """# LiteRT's test models

Made by `Tests/Peers/conformance.py --write`. LiteRT 2.3.0 is the default interpreter with XNNPACK. "agrees" means equal
up to one unit for integers and 2e-4 of the largest magnitude for floats (5e-3 for layers that quantize float input).

| model | LiteRT | Swiftlet |
|---|---|---|
"""


def attempt(run):
    try:
        return run(), None
    except Refused as refusal:
        return None, str(refusal)


def litert_pairs(path):
    """Inputs and LiteRT's outputs, each from a fresh interpreter, as some models keep a state."""
    session = LiteRT(path, timeout=90)
    if any(d["dtype"].startswith(("|O", "|S")) for d in session.inputs):
        session.close()
        return []  # strings: it loads, and there is nothing to compare
    pairs = [(zeros(session.inputs), session.run(zeros(session.inputs)))]
    session.close()
    session = LiteRT(path, timeout=90)
    values = random(session.inputs, 1)
    try:
        pairs.append((values, session.run(values)))
        session.close()
    except Refused:
        pass  # zeros ran; the random draw is out of the model's range
    return pairs


def judge_by_twin(path, binary):
    """Beside the float32 form of the network on inputs in the middle of the range, as a share of the largest output."""
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(str(path))
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, output_scale = source["quantization"][0], target["quantization"][0]
    stored = numpy.random.default_rng(1).integers(-20000, 20001, source["shape"], dtype="i2")
    session = LiteRT(path.with_name(path.name.removeprefix(ZERO_IN_LITERT)))
    expected = session.run([(stored * scale).astype("f4").reshape(session.inputs[0]["shape"])])[0]
    session.close()
    found = swiftlet(binary, path, [stored])[0].reshape(expected.shape) * output_scale
    distance = float(numpy.abs(found - expected).max() / numpy.abs(expected).max())
    verdict = f"within {TWIN:.0%} of its float32 form" if distance <= TWIN else f"**differs** from its float32 form: {distance:.1%}"
    return "gives zeros", verdict, distance <= TWIN


def judge(path, binary):
    """The two cells of the table and whether the outcome is acceptable."""
    if path.name.startswith(ZERO_IN_LITERT):
        return judge_by_twin(path, binary)
    pairs, refusal = attempt(lambda: litert_pairs(path))
    if not pairs:
        outputs, ours = attempt(lambda: swiftlet(binary, path, [], extra=["--zero-input"], timeout=90))
        verdict = "runs" if ours is None else "refused: " + reason(ours)
        return ("does not run", verdict, True) if pairs is None else ("runs", verdict, ours is None or names_operator(ours))
    verdicts = []
    for inputs, expected in pairs:
        outputs, ours = attempt(lambda: swiftlet(binary, path, inputs, timeout=90))
        if ours is not None:
            return "runs", "refused: " + reason(ours), names_operator(ours)
        verdicts.append(Difference(outputs, expected))
    worst = max(verdicts, key=lambda v: (v.problem is not None, v.units, v.relative))
    if worst.within(UNITS, HYBRID.get(path.name, RELATIVE)):
        return "runs", "agrees", True
    return "runs", f"**differs**: {worst}", False


def reason(message):
    """The message without folders and without the command's prefix."""
    return re.sub(r"^swiftlet: [^:]*/[^:]*: ", "", message).replace("|", "/")


def names_operator(message):
    return "(" in message and "node " in message


def main():
    options = arguments(__doc__).parse_args()
    folder = options.shared / "conformance" / "litert"
    if not folder.exists():
        print(f"{folder} is absent: skipped")
        return summary(0, 0)
    rows, failed = [], 0
    for path in sorted(folder.iterdir()):
        if options.only not in path.name:
            continue
        theirs, ours, acceptable = judge(path, options.swiftlet)
        rows.append(f"| {path.name} | {theirs} | {ours} |")
        failed += not acceptable
        if not acceptable:
            print(rows[-1])
    agree = sum(row.endswith("| agrees |") for row in rows)
    table = HEADER + "\n".join(rows) + f"\n\n{agree} of {sum('| runs |' in r for r in rows)} models that LiteRT runs agree.\n"
    if options.only:
        print(table)
    elif options.write:
        TABLE.write_text(table)
    elif not TABLE.exists() or TABLE.read_text() != table:
        TABLE.with_suffix(".found.md").write_text(table)
        print(f"the table differs from {TABLE.name}: see {TABLE.stem}.found.md, or run with --write")
        failed += 1
    return summary(len(rows) - failed, failed)


if __name__ == "__main__":
    sys.exit(main())
