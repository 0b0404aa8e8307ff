"""edgefirst-profiler with the C library of a wheel and with ours: profiler.py OURS PROGRAM PICTURE...

A program that opens libtensorflowlite_c.so, runs a detector over pictures on two interpreters at once, decodes boxes and
writes them as Parquet. The detector here is made up: a convolution for each of three strides, whose outputs have the layout
of a YOLO model. What the program finds through either library must be the same objects in the same places.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pymicro_wakeword

sys.path.append(str(Path(__file__).resolve().parent.parent / "Peers"))
from build import Node, Tensor, model  # noqa: E402

SIDE, STRIDES, CLASSES = 320, (8, 16, 32), 80
METADATA = {"author": "Ultralytics", "task": "detect", "batch": 1, "imgsz": [SIDE, SIDE], "stride": 32,
            "names": {str(index): f"class {index}" for index in range(CLASSES)}}
# An int8 convolution of the other library rounds some halves otherwise: one unit of 1/256, in a score or in a coordinate.
TOLERANCE = {"float32": 1e-5, "int8": 1.5 / 256}


def detector(type):
    """The bytes of a model from pictures of 1x320x320x3, 0 to 1, to 1x84x2100: a box and 80 scores at each place."""
    random = np.random.default_rng(1)
    quantized = type == "int8"
    scaled = (lambda scale, zero: {"scale": scale, "zero": zero}) if quantized else (lambda scale, zero: {})
    unit = scaled(1 / 256, -128)
    channels = 4 + CLASSES
    picture = Tensor(type, (1, SIDE, SIDE, 3), **scaled(1 / 255, -128))
    before, parts = [], []
    for stride in STRIDES:
        side = SIDE // stride
        weights = random.normal(size=(channels, stride, stride, 3)) * 3 / stride
        weights -= weights.mean(axis=(1, 2, 3), keepdims=True)  # or the class with the largest sum wins everywhere
        bias = np.concatenate([[0, 0, -1.5, -1.5], np.full(CLASSES, -4)])
        if quantized:
            scale = np.abs(weights).max() / 127
            weights, bias = np.rint(weights / scale), np.rint(bias / (scale / 255))
        filter = Tensor(type, weights.shape, **scaled(scale if quantized else 0, 0), data=weights.astype(type))
        wide = "int32" if quantized else "float32"
        offset = Tensor(wide, (channels,), **scaled(scale / 255 if quantized else 0, 0), data=bias.astype(wide))
        grid, squashed = (Tensor(type, (1, side, side, channels), **s) for s in (scaled(1 / 8, 0), unit))
        flat = Tensor(type, (1, side * side, channels), **unit)
        shape = Tensor("int32", (3,), data=np.array(flat.shape, np.int32))
        before += [
            Node("CONV_2D", [picture, filter, offset], [grid], version=3 if quantized else 1, table="Conv2DOptions",
                 options={"padding": 1, "strideW": stride, "strideH": stride}),
            Node("LOGISTIC", [grid], [squashed], version=2 if quantized else 1),
            Node("RESHAPE", [squashed, shape], [flat]),
        ]
        parts.append(flat)
    places = sum(part.shape[1] for part in parts)
    rows, columns = Tensor(type, (1, places, channels), **unit), Tensor(type, (1, channels, places), **unit)
    before.append(Node("CONCATENATION", parts, [rows], version=2 if quantized else 1, table="ConcatenationOptions",
                       options={"axis": 1}))
    order = Tensor("int32", (3,), data=np.array([0, 2, 1], np.int32))
    return model(Node("TRANSPOSE", [rows, order], [columns], version=2 if quantized else 1, table="TransposeOptions",
                      before=before))


def found(program, library, path, pictures, output):
    """What the program says about the pictures: (picture, label) to an array of rows of a box and its score."""
    command = [program, "validate", "--model", path, "--images", pictures, "--no-publish", "--conf-threshold", "0.2",
               "--output", output]
    environment = {**os.environ, "TFLITE_LIBRARY_PATH": str(library)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    table = output / "predictions.parquet"
    if done.returncode or not table.exists():
        sys.exit(f"edgefirst-profiler with {library}: status {done.returncode}\n{(done.stdout + done.stderr)[-4000:]}")
    objects = {}
    for row in parquet.read_table(table).to_pylist():
        objects.setdefault((row["name"], row["label"]), []).append([*row["box2d"], row["box2d_score"]])
    return {key: np.array(rows) for key, rows in objects.items()}


def distance(ours, theirs):
    """How far the farthest object is from its like, in a coordinate or in the score; infinite if one has no like."""
    if {k: len(v) for k, v in ours.items()} != {k: len(v) for k, v in theirs.items()}:
        return np.inf
    pairs = [np.abs(ours[key][:, None] - theirs[key][None]).max(axis=2) for key in ours]
    return max(max(pair.min(axis=0).max(), pair.min(axis=1).max()) for pair in pairs)


def main(ours, program, pictures):
    theirs = next(Path(pymicro_wakeword.__file__).parent.rglob("libtensorflowlite_c*.so"))
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pictures").mkdir()
        for picture in pictures:
            (folder / "pictures" / Path(picture).name).symlink_to(Path(picture).resolve())
        for type, tolerance in TOLERANCE.items():
            path = folder / f"{type}.tflite"
            path.write_bytes(detector(type))
            with zipfile.ZipFile(path, "a") as archive:  # where such models keep their labels
                archive.writestr("metadata.json", json.dumps(METADATA))
            both = [found(program, library, path, folder / "pictures", folder / f"{type}-{index}")
                    for index, library in enumerate((ours, theirs))]
            away = distance(*both)
            failures += not away <= tolerance
            print(f"edgefirst-profiler, {type}: {sum(map(len, both[0].values()))} objects in {len(pictures)} pictures, "
                  f"{len({label for _, label in both[0]})} classes, at most {away:.3g} from the other library's")
            if not away <= tolerance:
                print(f"  expected at most {tolerance:.3g}; the other library: {sum(map(len, both[1].values()))} objects")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
