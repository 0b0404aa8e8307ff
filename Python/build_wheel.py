#!/usr/bin/env python3
"""Writes the wheel of the Python package, with the C library of a target inside: build_wheel.py LIBS TARGET OUTPUT

The same inputs give the same bytes. The tag names the oldest C library that the shared library runs with.
"""

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MACHINES = {"armv7": "armv7l"}  # where Python's name differs
METADATA = """Metadata-Version: 2.1
Name: swiftlet
Version: {version}
Summary: Runs TensorFlow Lite models, with the surface of tflite_runtime.interpreter
License: Apache-2.0
Requires-Python: >=3.9
Requires-Dist: numpy
Description-Content-Type: text/markdown

{description}"""
WHEEL = """Wheel-Version: 1.0
Generator: swiftlet
Root-Is-Purelib: false
Tag: {tag}
"""


def version():
    source = (ROOT / "Sources/CSwiftlet/Library/Extensions.swift").read_text()
    return re.search(r'SwiftletVersion\(\).*"(.+?)"', source).group(1)


def platform(library, target):
    """manylinux, with the newest version of glibc whose symbols the library asks for."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", library)
    major, minor = max((int(major), int(minor)) for major, minor in versions)
    machine = target.split("-")[0]
    return f"manylinux_{major}_{minor}_{MACHINES.get(machine, machine)}"


def main(libs, target, output):
    library = (Path(libs) / "libswiftlet.so").read_bytes()
    tag = f"py3-none-{platform(library, target)}"
    description = (ROOT / "Python/README.md").read_text()
    info = f"swiftlet-{version()}.dist-info"
    files = {f"swiftlet/{path.name}": path.read_bytes() for path in sorted((ROOT / "Python/swiftlet").glob("*.py"))}
    files["swiftlet/libswiftlet.so"] = library
    files[f"{info}/METADATA"] = METADATA.format(version=version(), description=description).encode()
    files[f"{info}/WHEEL"] = WHEEL.format(tag=tag).encode()
    files[f"{info}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()

    Path(output).mkdir(parents=True, exist_ok=True)
    wheel = Path(output) / f"swiftlet-{version()}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            archive.writestr(entry, content)
    print(wheel)


if __name__ == "__main__":
    main(*sys.argv[1:])
