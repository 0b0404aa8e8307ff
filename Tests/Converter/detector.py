"""FastestDet as int8, calibrated on the training pictures of tiny_coco alone: what it loses on the others, and its report.

Fails when int8 loses more than one point of mean average precision, or when the report is no page that a browser shows.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

LIMIT = 1.0
RULE = "colors=bgr,filter=bilinear"


def swiftlet(binary, *arguments):
    run = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    return json.loads(run.stdout)


def precision(binary, model, images):
    return swiftlet(binary, "eval", model, images / "annotations/instances_val2017.json", "--json")


def page_problems(path, layers, folder):
    """What is wrong with the page as a browser shows it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        return ["chromium is not installed"]
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,2400"]
    document = subprocess.run(
        [*command, "--dump-dom", f"file://{path}"], capture_output=True, text=True, timeout=120).stdout
    problems = []
    if 'data-ready="true"' not in document or "data-error" in document:
        problems.append("the script did not run to its end")
    if document.count('<tr id="layer') != layers:
        problems.append(f"found {document.count('<tr id=')} rows, expected {layers}")
    for word in ("http://", "https://", "<link", "src="):
        if word in document:
            problems.append(f"it refers to something outside: {word}")
    subprocess.run([*command, f"--screenshot={folder / 'page.png'}", f"file://{path}"], capture_output=True, timeout=120)
    if not (folder / "page.png").exists() or (folder / "page.png").stat().st_size < 20_000:
        problems.append("its picture is blank")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    options = parser.parse_args()
    images = options.shared.resolve() / "images/tiny_coco"
    source = options.shared.resolve() / "models/detection/FastestDet.onnx"
    if not source.exists() or not images.is_dir():
        print(f"skipped: no {source} or {images}")
        return
    binary = options.swiftlet.resolve()
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        labels = options.shared.resolve() / "images/coco80.names"
        common = ["--preprocess", RULE, "--metadata", f"labels={labels}", "--json"]
        swiftlet(binary, "convert", source, "-o", folder / "float.tflite", *common)
        made = swiftlet(
            binary, "convert", source, "-o", folder / "int8.tflite", "--quantize", "int8", "--calibrate",
            images / "train2017", "--report", folder / "report.html", *common)
        report = json.loads((folder / "report.json").read_text())
        before, after = (precision(binary, folder / f"{name}.tflite", images) for name in ("float", "int8"))
        lost = (before["map"] - after["map"]) * 100
        print(f"FastestDet float {before['map']:.4f} mAP, {before['inference_ms']:.1f} ms; int8 {after['map']:.4f} mAP, "
              f"{after['inference_ms']:.1f} ms, {made['bytes']} bytes: {lost:.2f} points lost")
        ratios = [layer["own_snr_db"] for layer in report["layers"] if layer["own_snr_db"] is not None]
        problems = page_problems(folder / "report.html", len(report["layers"]), folder)
        if ratios != sorted(ratios):
            problems.append("layers are not in order")
        if lost > LIMIT:
            problems.append(f"{lost:.2f} points of mAP lost, expected at most {LIMIT}")
        for problem in problems:
            print(f"FastestDet: {problem}")
        if problems:
            sys.exit(1)


if __name__ == "__main__":
    main()
