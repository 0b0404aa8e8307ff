"""Runs one model in LiteRT and in Swiftlet on the same inputs.

LiteRT runs in a child process: some valid files abort it, some never end.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import subprocess
import tempfile

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType  # here, so that child processes start with it

TIMEOUT = 60


class Refused(Exception):
    """The runtime did not run the model: the text says why."""


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--shared", default="../shared", type=pathlib.Path)
    parser.add_argument("--write", action="store_true", help="write the committed table instead of checking it")
    parser.add_argument("--only", default="", help="only models whose name contains this text")
    return parser


def _litert(connection, path, kind, threads):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resolver = {"default": OpResolverType.AUTO, "reference": OpResolverType.BUILTIN_REF,
                "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES}[kind]
    try:
        interpreter = Interpreter(str(path), experimental_op_resolver_type=resolver, num_threads=threads)
        interpreter.allocate_tensors()
        connection.send(("ready", [_detail(d) for d in interpreter.get_input_details()]))
    except Exception as error:  # whatever it is, it is the answer
        connection.send(("refused", str(error)))
        return
    while True:
        inputs = connection.recv()
        try:
            for detail, value in zip(interpreter.get_input_details(), inputs):
                interpreter.set_tensor(detail["index"], value)
            interpreter.invoke()
            connection.send(("ran", [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]))
        except Exception as error:
            connection.send(("refused", str(error)))


def _detail(detail):
    return {"name": detail["name"], "shape": [int(n) for n in detail["shape"]], "dtype": numpy.dtype(detail["dtype"]).str,
            "quantization": detail["quantization"]}


class LiteRT:
    """One interpreter with its state. `kind` is "default" (XNNPACK), "reference" or "builtin"."""

    def __init__(self, path, kind="default", threads=1, timeout=TIMEOUT):
        self.timeout = timeout
        context = multiprocessing.get_context("fork")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_litert, args=(other, path, kind, threads), daemon=True)
        self.process.start()
        other.close()
        self.inputs = self._answer()

    def _answer(self):
        try:
            if not self.connection.poll(self.timeout):
                raise Refused(f"no answer within {self.timeout} s")
            word, value = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            self.close()
            raise Refused(f"the process died ({self.process.exitcode})") from None
        except Refused:
            self.close()
            raise
        if word == "refused":
            self.close()
            raise Refused(value.strip().splitlines()[0] if value.strip() else "no reason given")
        return value

    def run(self, inputs):
        self.connection.send(inputs)
        return self._answer()

    def close(self):
        self.process.kill()


def swiftlet(binary, path, inputs, sequence=False, extra=(), isa=None, timeout=TIMEOUT):
    """The outputs of `swiftlet run`; with `sequence`, inputs and outputs have one leading dimension of invocations."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(binary), "run", str(path), "--output-dir", folder, *extra]
        for index, value in enumerate(inputs):
            file = pathlib.Path(folder) / f"input{index}.npy"
            numpy.save(file, value)
            command += ["--input", str(file)]
        if sequence:
            command.append("--sequence")
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        if isa:
            environment["SWIFTLET_ISA"] = isa
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment)
        except subprocess.TimeoutExpired:
            raise Refused(f"no answer within {timeout} s") from None
        if done.returncode < 0 or done.returncode > 128:
            raise AssertionError(f"{path}: swiftlet died with {done.returncode}: {done.stderr.strip()[-300:]}")
        if done.returncode != 0:
            raise Refused(f"{(done.stderr.strip().splitlines() or ['no message'])[-1]} (exit {done.returncode})")
        outputs = []
        while (file := pathlib.Path(folder) / f"{len(outputs)}.npy").exists():
            outputs.append(numpy.load(file))
        return outputs


def zeros(details):
    return [numpy.zeros(d["shape"], numpy.dtype(d["dtype"])) for d in details]


def random(details, seed):
    """Integers over their whole range, floats in [-1, 1)."""
    generator = numpy.random.default_rng(seed)
    values = []
    for detail in details:
        dtype = numpy.dtype(detail["dtype"])
        if dtype.kind == "f":
            value = generator.uniform(-1, 1, detail["shape"]).astype(dtype)
        elif dtype.kind == "b":
            value = generator.integers(0, 2, detail["shape"]).astype(bool)
        elif dtype.itemsize <= 2:
            limits = numpy.iinfo(dtype)
            value = generator.integers(limits.min, limits.max, detail["shape"], dtype=dtype, endpoint=True)
        else:
            value = generator.integers(0, 10, detail["shape"], dtype=dtype)
        values.append(value)
    return values


class Difference:
    """How far two lists of arrays are apart: elements, largest step of integers, largest relative step of floats."""

    def __init__(self, found, expected):
        self.problem = None
        self.count = self.different = 0
        self.units = 0
        self.relative = 0.0
        if len(found) != len(expected):
            self.problem = f"{len(found)} outputs, expected {len(expected)}"
            return
        for index, (a, b) in enumerate(zip(found, expected)):
            if a.dtype != b.dtype or a.shape != b.shape:
                self.problem = f"output {index} is {a.dtype}{list(a.shape)}, expected {b.dtype}{list(b.shape)}"
                return
            self._add(a, b)

    def _add(self, a, b):
        if a.dtype.kind == "c":
            a, b = (numpy.ascontiguousarray(values).view("f4") for values in (a, b))
        self.count += a.size
        if a.size == 0:
            return
        if a.dtype.kind == "f":
            same = (a == b) | (numpy.isnan(a) & numpy.isnan(b))
            self.different += int((~same).sum())
            with numpy.errstate(invalid="ignore", over="ignore"):
                step = numpy.where(same, 0, numpy.abs(a.astype("f8") - b.astype("f8")))
            finite = b[numpy.isfinite(b)]
            scale = max(1.0, float(numpy.abs(finite).max())) if finite.size else 1.0
            self.relative = max(self.relative, float(numpy.nan_to_num(step, nan=numpy.inf).max()) / scale)
        elif a.dtype.kind in "OSU":
            self.different += int((a != b).sum())
            self.units = max(self.units, self.different)
        else:
            step = numpy.abs(a.astype("i8") - b.astype("i8")) if a.dtype.kind != "b" else (a != b).astype("i8")
            self.different += int((step != 0).sum())
            self.units = max(self.units, int(step.max()))

    @property
    def equal(self):
        return self.problem is None and self.different == 0

    def within(self, units=0, relative=0.0):
        return self.problem is None and self.units <= units and self.relative <= relative

    def __str__(self):
        if self.problem:
            return self.problem
        if self.different == 0:
            return "equal"
        parts = [f"{self.different} of {self.count} differ"]
        if self.units:
            parts.append(f"by at most {self.units}")
        if self.relative:
            parts.append(f"by at most {self.relative:.1e} relative")
        return ", ".join(parts)


def summary(passed, failed):
    """The closing line that continuous integration reads."""
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
