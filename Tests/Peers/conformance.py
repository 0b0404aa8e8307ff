"""LiteRT's own test models: what LiteRT runs, Swiftlet runs with agreeing outputs or refuses by name.

The table that comes out is committed as Conformance.md; a run that gives another table fails. Inputs are zeros, as many
of these models are about structure, plus one random draw where the model takes it.
"""

import pathlib
import re
import sys

from peers import Difference, LiteRT, Refused, arguments, random, summary, swiftlet, zeros

TABLE = pathlib.Path(__file__).with_name("Conformance.md")
# Units of the last place for integer outputs and relative distance for float outputs of whole models.
UNITS, RELATIVE = 1, 2e-4
HEADER = """# LiteRT's test models

Made by `Tests/Peers/conformance.py --write`. LiteRT 2.3.0 is the default interpreter with XNNPACK. "agrees" means equal
up to one unit for integers and 2e-4 of the largest magnitude for floats.

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


def judge(path, binary):
    """The two cells of the table and whether the outcome is acceptable."""
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
    if worst.within(UNITS, RELATIVE):
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
