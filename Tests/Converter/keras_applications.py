"""Whole networks of Keras (keras_networks.py), saved by Keras 3 and Keras 2 and converted by Swiftlet and by TensorFlow.

Each file that Swiftlet writes has to load in LiteRT and to say what LiteRT says; the float ones say what Keras says, to LIMIT
of the largest magnitude. Each file of TensorFlow's converter has to run in Swiftlet with the outputs that LiteRT has; what LiteRT
refuses too is listed and counts for neither. Prints a table and fails when something is missing.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

from keras_networks import NETWORKS
from litert import run_litert

HERE = pathlib.Path(__file__).parent
# By scheme, how far outputs of LiteRT and Swiftlet may lie apart: of the largest magnitude, or units of 8 bits. Dynamic range
# rounds the data of each layer anew, which makes much of the last bits in deep networks: there the distance between LiteRT's
# default and its reference kernels is allowed too.
LIMIT = 1e-4
APART = {"none": LIMIT, "float16": LIMIT, "dynamic": 2e-2, "int8": 2, "int16x8": 1e-2}
SCHEMES = list(APART)


class Failure(Exception):
    pass


class Refused(Failure):
    """LiteRT itself does not take the file."""


def swiftlet(binary, *arguments, timeout=600):
    run = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=timeout)
    if run.returncode:
        raise Failure(run.stderr.strip().split(": ", 2)[-1] or f"exit {run.returncode}")
    return run.stdout


def stored(array, detail):
    """A float input as a model of integers takes it."""
    type_ = detail["dtype"]
    scale, zero = detail["quantization"]
    if numpy.issubdtype(array.dtype, numpy.floating) and type_ in (numpy.int8, numpy.uint8, numpy.int16):
        limits = numpy.iinfo(type_)
        return numpy.clip(numpy.round(array / scale) + zero, limits.min, limits.max).astype(type_)
    return array.astype(type_)


def assigned(details, arrays):
    """The arrays in the order of a file's inputs: by name, or else by shape and type."""
    left = dict(arrays)
    chosen = []
    for detail in details:
        name = next((key for key in left if key == detail["name"]), None) or next((
            key for key, value in left.items() if list(value.shape[1:]) == list(detail["shape"][1:])
            and (value.dtype.kind == "i") == (detail["dtype"] in (numpy.int32, numpy.int64))), None)
        if name is None:
            raise Failure(f"no array fits input {detail['name']}")
        chosen.append(stored(left.pop(name), detail))
    return chosen


def run_swiftlet(binary, path, inputs, folder):
    files = []
    for index, array in enumerate(inputs):
        numpy.save(folder / f"in{index}.npy", array)
        files += ["--input", folder / f"in{index}.npy"]
    target = folder / "out"
    for old in target.glob("*.npy"):
        old.unlink()
    swiftlet(binary, "run", path, *files, "--output-dir", target)
    return [numpy.load(target / f"{index}.npy") for index in range(len(list(target.glob("*.npy"))))]


def apart(expected, found):
    """The largest difference: of the largest magnitude for floats, else in units."""
    worst = 0.0
    if len(expected) != len(found):
        raise Failure(f"{len(found)} outputs, expected {len(expected)}")
    for wanted, given in zip(expected, found):
        if wanted.shape != given.shape:
            raise Failure(f"shape {given.shape}, expected {wanted.shape}")
        if not wanted.size:
            continue
        distance = numpy.abs(wanted.astype(numpy.float64) - given.astype(numpy.float64)).max()
        if not numpy.isfinite(distance):
            raise Failure("not finite")
        if wanted.dtype.kind == "f":
            distance /= max(numpy.abs(wanted).max(), 1e-3)
        worst = max(worst, float(distance))
    return worst


def beside_litert(binary, path, arrays, folder, scheme):
    details, problem = run_litert(path, None)
    if problem:
        raise Refused(f"LiteRT does not load it: {problem}")
    inputs = assigned(details, arrays)
    expected, problem = run_litert(path, inputs)
    if problem:
        raise Refused(f"LiteRT: {problem}")
    found = run_swiftlet(binary, path, inputs, folder)
    distance = apart(expected, found)
    if scheme == "dynamic" and distance > APART[scheme]:
        reference, _ = run_litert(path, inputs, reference=True)
        if reference and apart(expected, reference) >= distance:
            distance = APART[scheme]
    return distance, found


def limit_of(scheme, outputs):
    if scheme == "int8" and any(output.dtype.kind == "f" for output in outputs):
        return 2e-2
    return APART[scheme]


def judge_ours(binary, source, made, scheme, folder):
    """What one conversion gives: a dictionary for the table."""
    target = folder / "model.tflite"
    flags = ["--keep-layout"]
    if scheme in ("int8", "int16x8"):
        flags += ["--calibrate", made / "samples.npz"]
    if scheme == "int8":
        flags += ["--input-type", "int8", "--output-type", "int8"]
    answer = json.loads(swiftlet(binary, "convert", source, "-o", target, "--quantize", scheme, "--json", *flags))
    row = {"seconds": answer["seconds"], "peak": answer["peak_resident_bytes"], "bytes": answer["bytes"],
           "source_bytes": source.stat().st_size, "operators": answer["operators"], "counts": answer["operator_counts"],
           "kept": answer["kept_in_float"]}
    arrays = dict(numpy.load(made / "input.npz"))
    expected = [value for _, value in sorted(numpy.load(made / "expected.npz").items(), key=lambda item: int(item[0]))]
    row["apart"], found = beside_litert(binary, target, arrays, folder, scheme)
    if scheme in ("none", "float16"):
        row["error"] = apart([value.astype(numpy.float32) for value in expected], found)
    limit = limit_of(scheme, found)
    if row["apart"] > limit:
        raise Failure(f"LiteRT and Swiftlet are {row['apart']:.2g} apart")
    # Networks of Keras in float16 compute with fewer digits than the float32 that is compared.
    if scheme == "none" and row["error"] > (5e-2 if "mixed" in made.name else LIMIT):
        raise Failure(f"differs from Keras by {row['error']:.2g}")
    return row


def judge_theirs(binary, made, scheme, folder):
    path = made / f"tf-{scheme}.tflite"
    arrays = dict(numpy.load(made / "input.npz"))
    row = {"bytes": path.stat().st_size}
    try:
        row["apart"], found = beside_litert(binary, path, arrays, folder, scheme)
    except Refused as refusal:
        return row | {"refused": str(refusal)}
    inspected = json.loads(swiftlet(binary, "inspect", path, "--json"))
    row["operators"] = len(inspected.get("operators", [])) or None
    if row["apart"] > limit_of(scheme, found):
        raise Failure(f"LiteRT and Swiftlet are {row['apart']:.2g} apart")
    return row


def judge(binary, made, schemes):
    """Every file of one network: (label, row or None, problem)."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for ending in ("keras", "h5"):
            source = made / f"model.{ending}"
            if not source.exists():
                continue
            for scheme in schemes if ending == "h5" or not (made / "model.h5").exists() else ["none"]:
                yield f".{ending} {scheme}", judge_ours, (binary, source, made, scheme, folder)
        for scheme in schemes:
            if (made / f"tf-{scheme}.tflite").exists():
                yield f"TF {scheme}", judge_theirs, (binary, made, scheme, folder)


def attempt(label, function, arguments):
    try:
        return label, function(*arguments), None
    except Failure as failure:
        return label, None, str(failure)
    except subprocess.TimeoutExpired:
        return label, None, "takes more than ten minutes"


def build(name, generation, target, schemes):
    run = subprocess.run(
        [sys.executable, HERE / "keras_build.py", name, str(generation), target, ",".join(schemes)],
        capture_output=True, text=True)
    if not (target / "done").exists():
        raise Failure(f"Keras {generation} does not make it: {run.stderr.strip().splitlines()[-1]}")


def line(label, row):
    if "refused" in row:
        return f"  {label:16}theirs: {row['refused']}"
    error = f"{row['error']:.1e}" if "error" in row else ""
    seconds = f"{row['seconds']:.2f} s {row['peak'] / 1e6:.0f} MB" if "seconds" in row else ""
    return f"  {label:16}{row['apart']:10.2g}{error:>10}{row['operators'] or '':>6}{row['bytes']:12,}  {seconds}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only networks whose names contain this text")
    parser.add_argument("--generations", default="3,2", help="which Keras: 3, 2 or both")
    parser.add_argument("--schemes", default=",".join(SCHEMES))
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for what Keras makes; what is there is not made again")
    parser.add_argument("--built", action="store_true", help="only networks that --keep has")
    parser.add_argument("--json", type=pathlib.Path, help="where to write all figures")
    options = parser.parse_args()
    schemes = options.schemes.split(",")
    failures, figures, total, refused = [], {}, 0, 0
    with tempfile.TemporaryDirectory() as temporary:
        keep = options.keep or pathlib.Path(temporary)
        for name in (name for name in NETWORKS if options.only in name):
            for generation in map(int, options.generations.split(",")):
                made = keep.resolve() / f"{name}-{generation}"
                print(made.name, flush=True)
                if not (made / "done").exists():
                    if options.built:
                        continue
                    try:
                        build(name, generation, made, schemes)
                    except Failure as failure:
                        failures.append(f"{made.name}: {failure}")
                        continue
                for label, row, problem in (
                        attempt(*entry) for entry in judge(options.swiftlet.resolve(), made, schemes)):
                    if row and "refused" in row:
                        refused += 1
                    else:
                        total += 1
                    figures[f"{made.name} {label}"] = row or problem
                    print(line(label, row) if row else f"  {label:16}{problem}", flush=True)
                    if problem:
                        failures.append(f"{made.name} {label}: {problem}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    print(f"{total - len(failures)} of {total} files of whole Keras networks are right")
    if refused:
        print(f"{refused} files of TensorFlow's converter are refused by LiteRT itself")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
