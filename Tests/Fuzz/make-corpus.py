"""Writes the seeds of the fuzzer: a small single-operator model for each operator of the comparison with LiteRT, in
float32 and int8, or in its first type where it has neither.

    python make-corpus.py FOLDER     in the environment of Tests/Peers

The files packed_NAME.tflite come from others: swiftlet pack NAME.tflite, for scalar, avx2 and avx512vnni.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Peers"))

import build
import cases
import differential
from choices import Choices

LARGEST, SEEDS = 4096, 16
TYPES = ("float32", "int8")


def chosen():
    """Labels are an operator's name, which may hold spaces, and a type."""
    by_name = {}
    for label in cases.ALL:
        name, kind = label.rsplit(" ", 1)
        by_name.setdefault(name, []).append(kind)
    for name, kinds in by_name.items():
        yield from (f"{name} {kind}" for kind in [k for k in kinds if k in TYPES] or kinds[:1])


def smallest(label):
    return min((build.model(differential.drawn(cases.ALL[label], Choices(seed)).node) for seed in range(SEEDS)), key=len)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for label in chosen():
        model = smallest(label)
        if len(model) <= LARGEST:
            (folder / f"{label.replace(' ', '_').lower()}.tflite").write_bytes(model)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
