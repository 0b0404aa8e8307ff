"""Single-operator models with one broken field: each is refused with a typed error, or is a valid model and runs.

The models are those of the comparison with LiteRT; damage.py breaks them. A model that ends or holds up its process is
written to the folder that `--keep` names, with the line that says what was broken.
"""

import multiprocessing
import os
import pathlib
import sys
import time

import numpy

import build
import cases
import differential
import workers
from choices import Choices
from damage import damage
from peers import arguments, summary

BATCH = 100


def broken(seed, number, labels):
    """The model with this number, what is broken in it, and numbers for its inputs."""
    rng = numpy.random.default_rng((seed, number))
    label = labels[number % len(labels)]
    tree = build.tree(differential.drawn(cases.ALL[label], Choices((seed, number))).node)
    text = damage(tree, rng)
    try:
        model = build.packed(tree)
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None  # the writer cannot say it
    data = numpy.frombuffer(rng.bytes(1021), numpy.uint8) if rng.random() < 0.8 else numpy.zeros(64, numpy.uint8)
    return f"{label}: {text}", model, [data]


def judge(numbers, options, worker, labels, names):
    """What became of each model: "ran", "refused", "unwritable", or a death with its description."""
    made = [broken(options.seed, n, labels) for n in numbers]
    jobs = [(model, data, [names[n % len(names)]]) for n, (_, model, data) in
            ((n, m) for n, m in zip(numbers, made) if m is not None)]
    answers = iter(worker.run(jobs) if jobs else [])
    for number, item in zip(numbers, made):
        if item is None:
            yield "unwritable", None
            continue
        answer = next(answers)
        if isinstance(answer, workers.Died):
            yield "died", f"{item[0]}: {answer}"
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"broken_{number}.tflite").write_bytes(item[1])
                (options.keep / f"broken_{number}.txt").write_text(f"{item[0]}: {answer}\n")
        elif answer[0] in ("", "no message"):
            yield "silent", item[0]
        else:
            yield ("refused" if isinstance(answer[0], str) else "ran"), None


def serve(options, labels, names, batches, reports):
    worker = workers.Worker(workers.swiftlet, options.library)
    try:
        while (numbers := batches.get()) is not None:
            try:
                reports.put(list(judge(numbers, options, worker, labels, names)))
            except Exception as error:  # a mistake of this suite must fail it, and not hang it
                reports.put([("silent", f"{type(error).__name__}: {error}")] * len(numbers))
    finally:
        worker.close()


def main():
    parser = arguments(__doc__)
    parser.add_argument("--library", default="build/libs/x86_64-linux/libswiftlet.so", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=20_000, help="broken models")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--seed", type=int, default=1, help="other numbers break other models")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for models that end the process")
    parser.add_argument("--lanes", type=int, default=len(os.sched_getaffinity(0)), help="processes at work together")
    options = parser.parse_args()
    labels = [label for label in cases.ALL if options.only in label]
    names = workers.instruction_sets(options.library, build.model(cases.plain()))
    began = time.monotonic()
    context = multiprocessing.get_context("fork")
    batches, reports = context.Queue(), context.Queue()
    lanes = [context.Process(target=serve, args=(options, labels, names, batches, reports)) for _ in range(options.lanes)]
    numbers = range(options.first, options.first + options.count)
    chunks = [numbers[i:i + BATCH] for i in range(0, len(numbers), BATCH)]
    for chunk in [*chunks, *[None] * len(lanes)]:
        batches.put(chunk)
    for lane in lanes:
        lane.start()
    counts = dict.fromkeys(("ran", "refused", "unwritable", "died", "silent"), 0)
    for _ in chunks:
        for kind, text in reports.get():
            counts[kind] += 1
            if text:
                print(f"**{kind}: {text}", flush=True)
    for lane in lanes:  # each ends its own process
        lane.join()
    print(f"{options.count} broken models in {time.monotonic() - began:.0f} s: {counts['refused']} refused with a reason, "
          f"{counts['ran']} still valid, {counts['unwritable']} that the writer cannot say, {counts['died']} ended the process")
    failed = counts["died"] + counts["silent"]
    return summary(options.count - failed, failed)


if __name__ == "__main__":
    sys.exit(main())
