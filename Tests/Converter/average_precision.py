"""`swiftlet eval` measures average precision as pycocotools does: random boxes, crowds and sizes, and a real instances file.

All twelve figures of the challenge's table agree to 1e-9.
"""

import argparse
import contextlib
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

FIGURES = ["map", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium",
           "ar_large"]
LIMIT = 1e-9


def moved(source, box, spread):
    return [box[0] + source.gauss(0, spread * box[2]), box[1] + source.gauss(0, spread * box[3]),
            box[2] * source.uniform(1 - spread, 1 + spread), box[3] * source.uniform(1 - spread, 1 + spread)]


def random_annotations(source):
    images = [{"id": 3 * n + 5, "file_name": f"{n}.png"} for n in range(source.randint(1, 12))]
    categories = [{"id": 2 * n + 1, "name": f"class {n}"} for n in range(source.randint(1, 5))]
    annotations = []
    for number in range(source.randint(1, 80)):
        side = 2 ** source.uniform(2, 9)
        box = [source.uniform(0, 600), source.uniform(0, 600), side, side * source.uniform(.3, 2)]
        annotations.append({
            "id": number + 1, "image_id": source.choice(images)["id"], "category_id": source.choice(categories)["id"],
            "bbox": box, "area": box[2] * box[3] * source.uniform(.4, 1), "iscrowd": int(source.random() < .1)})
    return {"images": images, "categories": categories, "annotations": annotations}


def random_results(source, truth):
    """Boxes near the objects and anywhere, more than the limit of 100 at times, scores often equal."""
    results = []
    for annotation in truth["annotations"]:
        for _ in range(source.randint(0, 3)):
            results.append({
                "image_id": annotation["image_id"],
                "category_id": annotation["category_id"] if source.random() < .9
                else source.choice(truth["categories"])["id"],
                "bbox": moved(source, annotation["bbox"], source.choice([0, .02, .1, .3])),
                "score": round(source.random(), source.choice([1, 6]))})
    for _ in range(source.choice([0, 5, 400])):
        side = 2 ** source.uniform(2, 9)
        results.append({"image_id": source.choice(truth["images"])["id"],
                        "category_id": source.choice(truth["categories"])["id"],
                        "bbox": [source.uniform(0, 600), source.uniform(0, 600), side, side],
                        "score": round(source.random(), 2)})
    return results or [{"image_id": truth["images"][0]["id"], "category_id": truth["categories"][0]["id"],
                        "bbox": [0, 0, 10, 10], "score": .5}]


def oracle(truth, results):
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO(str(truth))
        evaluation = COCOeval(known, known.loadRes(str(results)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [None if value == -1 else float(value) for value in evaluation.stats]


def swiftlet(binary, truth, results):
    run = subprocess.run([binary, "eval", results, truth, "--json"], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    answer = json.loads(run.stdout)
    return [answer[name] for name in FIGURES]


def differences(expected, found):
    return [f"{name}: found {f}, expected {e}" for name, e, f in zip(FIGURES, expected, found)
            if (e is None) != (f is None) or (e is not None and abs(e - f) > LIMIT)]


def check(name, binary, truth, results):
    problems = differences(oracle(truth, results), swiftlet(binary, truth, results))
    for problem in problems:
        print(f"{name}: {problem}")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--count", default=40, type=int)
    options = parser.parse_args()
    binary = options.swiftlet.resolve()
    good = []
    with tempfile.TemporaryDirectory() as root:
        truth, results = pathlib.Path(root, "truth.json"), pathlib.Path(root, "results.json")
        for seed in range(options.count):
            source = random.Random(seed)
            annotations = random_annotations(source)
            truth.write_text(json.dumps(annotations))
            results.write_text(json.dumps(random_results(source, annotations)))
            good.append(check(f"seed {seed}", binary, truth, results))
        real = options.shared / "images/tiny_coco/annotations/instances_val2017.json"
        if real.exists():
            results.write_text(json.dumps(random_results(random.Random(0), json.loads(real.read_text()))))
            good.append(check(real.name, binary, real, results))
        else:
            print(f"skipped: no {real}")
    print(f"average precision: {sum(good)} of {len(good)} sets of boxes agree with pycocotools")
    if not all(good):
        sys.exit(1)


if __name__ == "__main__":
    main()
