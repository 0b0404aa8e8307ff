"""Networks as PyTorch exports them: each converts in every scheme, and gives what ONNX Runtime gives.

Takes the folder that PyTorch/export.py fills. Float files are held to ONNX Runtime in Swiftlet and in LiteRT, quantized
ones to each other, their signal-to-noise beside the float file is reported.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime

from litert import run_litert
from models import distance, swiftlet
from quantized import noise

# Of the largest magnitude.
LIMIT = 1e-4
SCHEMES = ["float16", "dynamic", "int8"]
SLOW = 10


class Failure(Exception):
    """What went wrong, in a line."""


def convert(binary, source, target, *flags):
    """The report of a conversion, its seconds and the most memory that it took in MB."""
    started = time.time()
    run = subprocess.run([binary, "convert", source, "-o", target, "--json", *map(str, flags)],
                         capture_output=True, text=True)
    if run.returncode:
        raise Failure(f"exit {run.returncode}: {run.stderr.strip()[-400:]}")
    report = json.loads(run.stdout)
    return report, time.time() - started, report["peak_resident_bytes"] / 1e6


def outputs(binary, path, given, folder):
    """What Swiftlet and LiteRT compute."""
    try:
        ours = swiftlet(binary, path, given, folder)
    except RuntimeError as error:
        raise Failure(f"Swiftlet: {error}") from None
    theirs, problem = run_litert(path, given, timeout=120)
    if problem:
        raise Failure(f"LiteRT: {problem}")
    return ours, theirs


def prepared(report, arrays):
    return [numpy.ascontiguousarray(numpy.transpose(arrays[value["name"]], value["permutation"])).astype(value["type"])
            for value in report["inputs"]]


def check_float(binary, source, samples, folder):
    report, seconds, memory = convert(binary, source, folder / "float.tflite")
    arrays = {name: array[0] for name, array in samples.items()}
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level, settings.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(source, settings)
    names = {value.name for value in session.get_inputs()}
    expected = session.run([o["name"] for o in report["outputs"]], {n: a for n, a in arrays.items() if n in names})
    given = prepared(report, arrays)
    worst = 0
    problem = None
    for runtime, found in zip(("Swiftlet", "LiteRT"), outputs(binary, folder / "float.tflite", given, folder)):
        for value, output, reference in zip(report["outputs"], found, expected):
            error = distance(reference.astype(numpy.float64),
                             numpy.transpose(output, numpy.argsort(value["permutation"])).astype(numpy.float64))
            worst = max(worst, error)
            if not error <= LIMIT:
                problem = f"{runtime}: output '{value['name']}' differs by {error:.1e}"
    return report, seconds, memory, worst, problem, expected, given


def check_scheme(binary, scheme, source, samples, folder, given, plain):
    """The report, seconds, memory, and signal-to-noise beside the float file."""
    flags = ["--quantize", scheme]
    if scheme == "int8":
        numpy.savez(folder / "samples.npz", **samples)
        flags += ["--calibrate", folder / "samples.npz"]
    target = folder / f"{scheme}.tflite"
    report, seconds, memory = convert(binary, source, target, *flags)
    ours, theirs = outputs(binary, target, given, folder)
    power = min(noise(a, b) for a, b in zip(plain, ours))
    agreement = min(noise(a, b) for a, b in zip(theirs, ours))
    return report, seconds, memory, power, agreement


def check(binary, path):
    """A line of the table and what is wrong, for one ONNX file."""
    samples = dict(numpy.load(path.parent / "samples.npz"))
    row = {"name": path.parent.name, "family": path.parent.parent.name, "form": path.stem,
           "source_bytes": path.stat().st_size, "problems": []}
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        try:
            report, seconds, memory, worst, problem, _, given = check_float(binary, path, samples, folder)
            plain = swiftlet(binary, folder / "float.tflite", given, folder)
            row |= {"seconds": seconds, "memory": memory, "bytes": report["bytes"], "error": worst,
                    "operators": report["operators"], "counts": report["operator_counts"]}
            if problem:
                row["problems"].append(problem)
        except Failure as failure:
            row["problems"].append(str(failure))
            return row
        except Exception as error:
            row["problems"].append(f"{type(error).__name__}: {error}")
            return row
        row["schemes"] = {}
        for scheme in SCHEMES if "batch" not in path.stem else ["int8"]:
            try:
                found, seconds, memory, power, agreement = check_scheme(
                    binary, scheme, path, samples, folder, given, plain)
                row["schemes"][scheme] = {
                    "seconds": seconds, "memory": memory, "bytes": found["bytes"], "noise": power,
                    "agreement": agreement, "counts": found["operator_counts"],
                    "kept": collections.Counter(k["reason"] for k in found.get("kept_in_float", []))}
                # One unit more or less in each of many layers is as much as quantization itself adds.
                if scheme != "dynamic" and agreement < min(35, power - 3):
                    row["problems"].append(f"{scheme}: LiteRT and Swiftlet differ, {agreement:.1f} dB")
            except Failure as failure:
                row["problems"].append(f"{scheme}: {failure}")
            except Exception as error:
                row["problems"].append(f"{scheme}: {type(error).__name__}: {error}")
    return row


def line(row):
    text = f"{row['name']:22} {row['form']:15}"
    if "operators" in row:
        counts = row["counts"]
        text += (f"{row['operators']:4} ops {counts.get('TRANSPOSE', 0):3} T {counts.get('RESHAPE', 0):3} R "
                 f"{row['seconds']:5.1f} s {row['memory']:5.0f} MB, {row['source_bytes'] / 1e6:6.2f} -> "
                 f"{row['bytes'] / 1e6:6.2f} MB, {row['error']:.0e}")
    for scheme, found in row.get("schemes", {}).items():
        text += f" | {scheme} {found['seconds']:.1f} s {found['memory']:.0f} MB {found['noise']:.0f} dB"
        if found["kept"]:
            text += f" ({sum(found['kept'].values())} float)"
    return text + "".join(f"\n    <-- {problem}" for problem in row["problems"])


def listed(rows):
    """What is left, as a page."""
    failures = [row for row in rows if row["problems"]]
    lines = ["# Networks exported from PyTorch", "",
             "Made by `Tests/Converter/pytorch.py FOLDER --write` from what `PyTorch/export.py` exports: architectures of",
             "torchvision, timm, transformers, ultralytics and segmentation-models-pytorch with random weights, and networks",
             "in plain PyTorch. A file passes when it converts as float, float16, dynamic and int8, the float form gives what",
             "ONNX Runtime gives to 1e-4 of the largest magnitude in Swiftlet and in LiteRT 2.3.0, and both give the same for",
             "the others.", "",
             f"{len(rows) - len(failures)} of {len(rows)} files of {len({row['name'] for row in rows})} networks pass."]
    if failures:
        lines += ["The rest:", "", "| network | form | why not |", "|---|---|---|"]
        lines += [f"| {row['name']} | {row['form']} | {'; '.join(row['problems'])} |" for row in failures]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--only", default="*/*/*", help="family/name/form, with wild cards")
    parser.add_argument("--json", type=pathlib.Path, help="append the rows to this file, leave out those that it has")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="make Tests/Converter/PyTorch.md of all rows")
    options = parser.parse_args()
    binary = options.swiftlet.resolve()
    done = set()
    if options.json and options.json.exists():
        done = {(r["family"], r["name"], r["form"]) for r in map(json.loads, options.json.read_text().splitlines())}
    paths = [p for p in sorted(options.folder.glob("*/*/*.onnx"))
             if fnmatch.fnmatch(f"{p.parent.parent.name}/{p.parent.name}/{p.stem}", options.only)
             and (p.parent.parent.name, p.parent.name, p.stem) not in done]
    failed = 0
    rows = [json.loads(row) for row in options.json.read_text().splitlines()] if done else []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for row in pool.map(lambda path: check(binary, path), paths):
            print(line(row), flush=True)
            failed += bool(row["problems"])
            rows.append(row)
            if options.json:
                with options.json.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    if options.write:
        pathlib.Path(__file__).with_name("PyTorch.md").write_text(listed(rows))
    print(f"{len(paths) - failed} of {len(paths)} files pass")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
