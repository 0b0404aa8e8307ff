"""Single-operator models with random valid shapes, types, options and quantization, here and in LiteRT.

8-bit CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV must equal LiteRT's default (XNNPACK) byte for byte; every other
quantized operator must be within one unit of LiteRT's reference kernel; float operators within the tolerance of their
case. Every instruction set of this machine must give the same bytes for everything but float32 sums.

A difference is shrunk to the smallest model that shows it, which `--keep` writes beside its inputs and both answers.
"""

import dataclasses
import importlib
import multiprocessing
import os
import pathlib
import re
import sys
import time
import zlib

import numpy

import build
import cases
import workers
from choices import Choices
from exceptions import excused
from peers import Difference, arguments, summary
from shrink import shrink

BATCH = 40
for file in sorted(pathlib.Path(__file__).parent.glob("*_cases.py")):
    importlib.import_module(file.stem)  # registers its cases


@dataclasses.dataclass
class Outcome:
    """What one case came to. `verdict` is None where LiteRT gives nothing to compare with."""

    verdict: object
    text: str
    found: object = None
    expected: object = None


@dataclasses.dataclass
class Report:
    label: str
    agree: int = 0
    unsure: int = 0
    excused: int = 0
    problems: list = dataclasses.field(default_factory=list)
    unsure_text: str = ""


def drawn(make, choices):
    """The case with its inputs."""
    case = make(choices)
    if case.inputs is None:
        case.inputs = [values(choices, t) for t in computed(case.node)]
    case.inputs = [numpy.asarray(value, order="C") for value in case.inputs]
    return case


def computed(node):
    return [t for t in node.inputs if t is not None and t.data is None and not t.variable]


def values(choices, tensor):
    """Small integers over their whole range, wide ones and floats near zero."""
    rng = numpy.random.default_rng(choices.integers(0, 1 << 16))
    if tensor.type.startswith("float"):
        return rng.uniform(-1, 1, tensor.shape).astype(tensor.type)
    if tensor.type == "bool":
        return rng.integers(0, 2, tensor.shape).astype(bool)
    if tensor.type in ("int8", "uint8", "int16"):
        limits = numpy.iinfo(tensor.type)
        return rng.integers(limits.min, limits.max, tensor.shape, dtype=tensor.type, endpoint=True)
    return rng.integers(0 if tensor.type.startswith("u") else -10, 10, tensor.shape).astype(tensor.type)


class Lane:
    """One worker of each runtime, and what compares their answers."""

    def __init__(self, library, names):
        self.names = names
        self.litert = workers.Worker(workers.litert)
        self.swiftlet = workers.Worker(workers.swiftlet, library)

    def judge(self, batch):
        """The outcomes of a list of cases, run as one batch."""
        self._settle([case for case in batch if case.exact])
        models = [build.model(case.node) for case in batch]
        self.litert.submit([(m, c.inputs, "default" if c.exact else c.oracle) for m, c in zip(models, batch)])
        self.swiftlet.submit([(m, c.inputs, self.names) for m, c in zip(models, batch)])
        expected, found = self.litert.collect(), self.swiftlet.collect()
        retried = [i for i, (case, answer) in enumerate(zip(batch, expected))
                   if isinstance(answer, str) and not case.exact and case.oracle == "reference"]
        if retried:  # a few operators and types have no reference kernel: LiteRT's own take its place
            again = self.litert.run([(models[i], batch[i].inputs, "builtin") for i in retried])
            for i, answer in zip(retried, again):
                expected[i] = answer
        for i, case in enumerate(batch):
            if case.formula is not None:
                expected[i] = case.formula(*case.inputs)
        return [self._compare(*triple) for triple in zip(batch, found, expected)]

    def _settle(self, batch):
        """Declares the shapes of the outputs, without which LiteRT's default does not choose XNNPACK."""
        if not batch:
            return
        answers = self.litert.run([(build.model(case.node), case.inputs, "reference") for case in batch])
        for case, outputs in zip(batch, answers):
            if isinstance(outputs, list):
                for tensor, value in zip(case.node.outputs, outputs):
                    tensor.shape = value.shape

    def _compare(self, case, found, expected):
        if isinstance(found, workers.Died):
            return Outcome(False, str(found), found, expected)
        if isinstance(expected, (str, workers.Died)):
            return Outcome(None, f"LiteRT: {expected}", found, expected)
        if case.trim is not None:
            expected = case.trim(expected)
            found = [answer if isinstance(answer, str) else case.trim(answer) for answer in found]
        first = found[0]
        for name, answer in zip(self.names, found):
            if isinstance(answer, str):
                return Outcome(False, answer, answer, expected)
            difference = Difference(answer, expected)
            if not (difference.equal if case.exact else difference.within(case.units, case.tolerance)):
                return Outcome(False, f"{name}: {difference}", answer, expected)
            same = Difference(answer, first)
            if case.same_everywhere and not same.equal:
                return Outcome(False, f"{name} gives other bytes: {same}", answer, expected)
        return Outcome(True, "")

    def close(self):
        self.litert.close()
        self.swiftlet.close()


def compare(label, options, lane):
    """Runs `options.count` cases of one operator and type, and shrinks the first difference."""
    report = Report(label)
    make = cases.ALL[label]

    def make_drawn(choices):
        return drawn(make, choices)

    for start in range(0, options.count, BATCH):
        choices = [Choices((options.seed, zlib.crc32(label.encode()), i))
                   for i in range(start, min(start + BATCH, options.count))]
        batch = [make_drawn(c) for c in choices]
        for case, choice, outcome in zip(batch, choices, lane.judge(batch)):
            record(report, case, choice, outcome)
        if report.problems:
            break
    if report.problems:
        problem = report.problems[0]
        kind = failure_kind(problem[2])
        small = shrink(make_drawn, problem[1],
                       lambda case: failure_kind(lane.judge([case])[0]) == kind and not excused(label, case))
        outcome = lane.judge([small])[0]
        report.problems = [f"{describe(small.node)}: {outcome.text}"]
        if options.keep:
            keep(options.keep, label, small, outcome)
    return report


def record(report, case, choices, outcome):
    if outcome.verdict is True:
        report.agree += 1
    elif outcome.verdict is None:
        report.unsure += 1
        report.unsure_text = report.unsure_text or f"{outcome.text} <- {describe(case.node)}"
    elif excused(report.label, case):
        report.excused += 1
    else:
        report.problems.append((case, choices.trace, outcome))


def failure_kind(outcome):
    """Failures of one kind have one cause, as far as can be told from outside."""
    if outcome.verdict is not False:
        return None
    return re.sub(r"[^a-z ]+", "", outcome.text.lower())[-24:] if isinstance(outcome.found, str) else type(outcome.found)


def describe(node):
    """One line: the operator, its tensors and its options."""
    def tensor(t):
        if t is None:
            return "-"
        shape = list(numpy.shape(t.data)) if t.data is not None else list(t.shape)
        text = f"{t.type}{shape}"
        if t.data is not None and numpy.size(t.data) <= 8:
            text += f"={numpy.asarray(t.data).tolist()}"
        if t.scale is not None:
            text += f" scale {numpy.ravel(t.scale)[:4].tolist()} zero {t.zero}"
        return text
    parts = [f"{node.name} v{node.version} ({', '.join(tensor(t) for t in node.inputs)})",
             f"-> ({', '.join(tensor(t) for t in node.outputs)})"]
    return " ".join(parts + ([str(node.options)] if node.options else []))


def keep(folder, label, case, outcome):
    """Writes the model with its inputs and both answers, and the line that describes it."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"\W+", "_", label)
    (folder / f"{stem}.tflite").write_bytes(build.model(case.node))
    (folder / f"{stem}.txt").write_text(f"{describe(case.node)}: {outcome.text}\n")
    arrays = {f"input{i}": a for i, a in enumerate(case.inputs)}
    for name, answer in (("found", outcome.found), ("expected", outcome.expected)):
        if isinstance(answer, list):
            arrays |= {f"{name}{i}": a for i, a in enumerate(answer)}
    numpy.savez(folder / f"{stem}.npz", **arrays)


def serve(options, names, labels, reports):
    """Takes labels until there is none, in a process of its own."""
    lane = Lane(options.library, names)
    try:
        while (label := labels.get()) is not None:
            try:
                reports.put(compare(label, options, lane))
            except Exception as error:  # a mistake of this suite must fail it, and not hang it
                reports.put(Report(label, problems=[f"{type(error).__name__}: {error}"]))
    finally:
        lane.close()


def run(options, names):
    """The reports of all labels, from as many lanes as there are processors."""
    wanted = [label for label in cases.ALL if re.search(options.only, label)]
    context = multiprocessing.get_context("fork")
    labels, reports = context.Queue(), context.Queue()
    lanes = [context.Process(target=serve, args=(options, names, labels, reports)) for _ in range(options.lanes)]
    for label in [*wanted, *[None] * len(lanes)]:
        labels.put(label)
    for lane in lanes:
        lane.start()
    try:
        for _ in wanted:
            yield reports.get()
        for lane in lanes:  # each ends its own processes
            lane.join()
    finally:
        for lane in lanes:
            lane.terminate()


def main():
    parser = arguments(__doc__)
    parser.add_argument("--library", default="build/libs/x86_64-linux/libswiftlet.so", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=200, help="configurations for each operator and type")
    parser.add_argument("--seed", type=int, default=1, help="other numbers draw other configurations")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the smallest models that fail")
    parser.add_argument("--lanes", type=int, default=len(os.sched_getaffinity(0)), help="processes at work together")
    parser.add_argument("--verbose", action="store_true", help="a line for every operator and type")
    options = parser.parse_args()
    names = workers.instruction_sets(options.library, build.model(cases.plain()))
    began = time.monotonic()
    passed = failed = compared = 0
    for report in run(options, names):
        # A case that LiteRT seldom runs compares nothing: that is a mistake of its function.
        empty = report.agree < options.count // 20 or report.agree == 0
        bad = bool(report.problems) or empty
        passed, failed, compared = passed + (not bad), failed + bad, compared + report.agree
        if bad or options.verbose:
            detail = report.problems[0] if report.problems else report.unsure_text
            print(f"{'**' if bad else ''}{report.label}: {report.agree} agree, {report.unsure} not comparable, "
                  f"{report.excused} excused{'; ' + detail if detail else ''}", flush=True)
    print(f"{compared} configurations agree on {' '.join(names)} in {time.monotonic() - began:.0f} s")
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
