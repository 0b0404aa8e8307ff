"""ResNet-8 on what it is for: single objects, cut out of val pictures around the boxes of their annotations.

It learned CIFAR-10, whose pictures show one object each; whole scenes made 32 pixels wide (quantized.py) are far from
that. Counted are right answers, and first classes that are those of the float model, beside TensorFlow's int8 file.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy
from PIL import Image

from conversion import convert
from quantized import CLASSIFIERS, calibrated, classify, noise, resized

# The classes of CIFAR-10 by the names that COCO has for them; it has no deer and no frogs.
CLASSES = {"airplane": 0, "car": 1, "bird": 2, "cat": 3, "dog": 5, "horse": 7, "boat": 8, "truck": 9}
# Pixels that the longer side of an object has at least, and by how much the square around it is larger.
LEAST = 24
MARGIN = 1.25
FILTERS = [Image.Resampling[name] for name in ("BILINEAR", "BICUBIC", "LANCZOS", "BOX", "HAMMING")]
SIDES = [None, Image.Transpose.FLIP_LEFT_RIGHT]
VIEWS = len(FILTERS) * len(SIDES)
LEAST_AGREEMENT = 0.98


def objects(coco, size):
    """Each object made small in five ways, as it is and mirrored, one after the other; and the class of each."""
    instances = json.loads((coco / "annotations" / "instances_val2017.json").read_text())
    names = {category["id"]: category["name"] for category in instances["categories"]}
    files = {image["id"]: image["file_name"] for image in instances["images"]}
    inputs, answers = [], []
    for found in sorted(instances["annotations"], key=lambda annotation: annotation["id"]):
        left, top, width, height = found["bbox"]
        name = names[found["category_id"]]
        if found["iscrowd"] or name not in CLASSES or max(width, height) < LEAST:
            continue
        half = max(width, height) * MARGIN / 2
        x, y = left + width / 2, top + height / 2
        square = tuple(round(edge) for edge in (x - half, y - half, x + half, y + half))
        picture = Image.open(coco / "val2017" / files[found["image_id"]]).convert("RGB").crop(square)
        sides = [picture if side is None else picture.transpose(side) for side in SIDES]
        inputs += [resized(side, size, filter) for side in sides for filter in FILTERS]
        answers.append(CLASSES[name])
    return inputs, numpy.array(answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    options = parser.parse_args()
    shared = options.shared.resolve()
    if not (shared / "models").is_dir():
        print(f"skipped: no models in {shared}")
        return
    models, coco = shared / "models" / "mlperf_tiny", shared / "images" / "tiny_coco"
    source, plain, pair, size, factor, _ = CLASSIFIERS[0]
    failures = []
    with tempfile.TemporaryDirectory() as root:
        paths = {"float": models / plain, "TensorFlow": models / pair}
        for option in ("", "--refine-weights"):
            target = paths[f"Swiftlet {option}".strip()] = pathlib.Path(root, f"int8{option}.tflite")
            convert(options.swiftlet.resolve(), models / source, target, *calibrated(coco, factor), *option.split())
        inputs, answers = objects(coco, size)
        logits = {name: classify(path, [view / factor for view in inputs]) for name, path in paths.items()}
    expected = logits["float"]
    ordered = numpy.sort(expected, axis=1)
    right = {name: found.argmax(1) == numpy.repeat(answers, VIEWS) for name, found in logits.items()}
    decibels = {name: noise(expected, found) for name, found in logits.items()}
    for name, found in logits.items():
        equal = found.argmax(1) == expected.argmax(1)
        margins = (ordered[:, -1] - ordered[:, -2])[~equal]
        print(f"{name:25} right on {right[name][::VIEWS].sum()} of {len(answers)} objects and {right[name].sum()} of "
              f"{len(inputs)} views of them, as float {equal[::VIEWS].mean():.3f} and {equal.mean():.3f}, "
              f"{decibels[name]:.1f} dB" + (f"; others are at most {margins.max():.2f} from a tie" if len(margins) else ""))
        if name != "Swiftlet":
            continue
        if min(equal[::VIEWS].mean(), equal.mean()) < LEAST_AGREEMENT:
            failures.append(f"agrees with float on fewer than {LEAST_AGREEMENT:.0%}")
        if right[name][::VIEWS].sum() < right["TensorFlow"][::VIEWS].sum():
            failures.append("right on fewer objects than TensorFlow's file")
        # Who differs more from float is right more often by chance; no conversion has to be better than its source.
        if right[name].sum() < min(right["TensorFlow"].sum(), right["float"].sum()):
            failures.append("right on fewer views than TensorFlow's file and the float one")
        if decibels[name] < decibels["TensorFlow"]:
            failures.append("noisier than TensorFlow's file")
    for failure in failures:
        print(f"FAILS {source}: {failure}")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
