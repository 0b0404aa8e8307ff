"""`swiftlet convert`, as the tests call it."""

import json
import subprocess


def convert(binary, source, target, *flags):
    """What the command reports. Raises RuntimeError with its message."""
    run = subprocess.run([binary, "convert", source, "-o", target, "--json", *map(str, flags)],
                         capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    return json.loads(run.stdout)
