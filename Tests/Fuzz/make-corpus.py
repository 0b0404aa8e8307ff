"""Writes the seeds of the fuzzer: one small single-operator model for each operator and type of the comparison suite.

    python make-corpus.py FOLDER     in the environment of Tests/Peers
"""

import pathlib
import sys
import tempfile

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Peers"))

import cases
import operators

LARGEST = 4096


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for label, make in cases.ALL.items():
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "model.tflite"
            best = None
            for seed in range(16):
                operators.settle(make(numpy.random.default_rng(seed)), path)
                data = path.read_bytes()
                best = data if best is None or len(data) < len(best) else best
            if len(best) <= LARGEST:
                (folder / f"{label.replace(' ', '_').lower()}.tflite").write_bytes(best)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
