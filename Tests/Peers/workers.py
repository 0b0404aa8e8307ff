"""Both runtimes in processes of their own that take one batch of models after the other.

A file may end the process that reads it. The batch is then run again one by one, so that the file is found, and a new
process takes its place.
"""

import ctypes
import multiprocessing
import os

import numpy

DTYPES = {1: "f4", 2: "i4", 3: "u1", 4: "i8", 6: "?", 7: "i2", 8: "c8", 9: "i1", 10: "f2", 11: "f8", 13: "u8", 16: "u4",
          17: "u2"}  # TfLiteType to numpy


class Died:
    """The answer for a model that ended its process, or took too long."""

    def __init__(self, reason):
        self.reason = reason

    def __str__(self):
        return self.reason


class Worker:
    """A process around `serve(connection)`, which answers each list of jobs with a list as long."""

    def __init__(self, serve, *arguments, seconds=10):
        self._serve, self._arguments, self._seconds = serve, arguments, seconds
        self._process = None
        self._jobs = None

    def _start(self):
        context = multiprocessing.get_context("fork")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_silently, args=(self._serve, other, *self._arguments), daemon=True)
        self._process.start()
        other.close()

    def submit(self, jobs):
        self._jobs = jobs
        if self._process is None:
            self._start()
        try:
            self._connection.send(jobs)
        except (BrokenPipeError, ConnectionResetError):  # it died after its last answer
            self.close()
            self._start()
            self._connection.send(jobs)

    def collect(self):
        """The answers to the batch that was submitted last."""
        answers = self._answer(self._seconds + 0.2 * len(self._jobs))
        if not isinstance(answers, Died):
            return answers
        return [self._alone(job) for job in self._jobs]

    def _alone(self, job):
        self.submit([job])
        answer = self._answer(self._seconds)
        return answer if isinstance(answer, Died) else answer[0]

    def run(self, jobs):
        self.submit(jobs)
        return self.collect()

    def _answer(self, seconds):
        try:
            if self._connection.poll(seconds):
                return self._connection.recv()
            reason = f"no answer within {seconds:.0f} s"
        except (EOFError, ConnectionResetError):
            self._process.join()
            reason = f"the process died ({self._process.exitcode})"
        self.close()
        return Died(reason)

    def close(self):
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = None


def _silently(serve, connection, *arguments):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    serve(connection, *arguments)


# LiteRT: a job is (model, inputs, kind of interpreter); an answer is outputs, or a text that says why not. The audio front
# end exists in TensorFlow Lite Micro alone, which is the kind "micro".


def litert(connection):
    from ai_edge_litert.interpreter import OpResolverType
    kinds = {"default": OpResolverType.AUTO, "reference": OpResolverType.BUILTIN_REF,
             "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES}
    while True:
        connection.send([_litert_outputs(*job, kinds) for job in connection.recv()])


def _litert_outputs(model, inputs, kind, kinds):
    from ai_edge_litert.interpreter import Interpreter
    try:
        kind, _, count = kind.partition(" ")
        if kind == "micro":
            return _micro_outputs(model, inputs, int(count))
        interpreter = Interpreter(model_content=model, experimental_op_resolver_type=kinds[kind], num_threads=1)
        interpreter.allocate_tensors()
        for detail, value in zip(interpreter.get_input_details(), inputs):
            interpreter.set_tensor(detail["index"], value)
        interpreter.invoke()
        return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]
    except Exception as error:  # whatever it is, it is the answer
        return (str(error).strip().splitlines() or ["no reason given"])[0]


def _micro_outputs(model, inputs, outputs):
    from tflite_micro.python.tflite_micro import runtime
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    for index, value in enumerate(inputs):
        interpreter.set_input(value, index)
    interpreter.invoke()
    return [interpreter.get_output(i) for i in range(outputs)]


# Swiftlet: a job is (model, inputs, instruction sets); an answer has outputs, or a text, for each instruction set.


class Plan(ctypes.Structure):
    _fields_ = [("sizes", ctypes.c_size_t * 4), ("counts", ctypes.c_int32 * 3), ("isa", ctypes.c_char_p)]


class Library:
    """The C library through its public functions."""

    BUDGET = 64 << 20

    def __init__(self, path):
        self.c = ctypes.CDLL(str(path))
        pointers = ["ModelCreate", "ModelCreateWithErrorReporter", "InterpreterOptionsCreate", "InterpreterCreate",
                    "InterpreterGetInputTensor", "InterpreterGetOutputTensor"]
        for name in pointers:
            getattr(self.c, "TfLite" + name).restype = ctypes.c_void_p
        self.c.TfLiteTensorByteSize.restype = ctypes.c_size_t
        self.c.SwiftletLastError.restype = ctypes.c_char_p
        quiet = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        self._reporter = quiet(lambda data, text, arguments: None)

    def outputs(self, model, inputs, names):
        """What the model gives on each instruction set of `names`: arrays, or a text that says why there are none."""
        handle = self._pointer(self.c.TfLiteModelCreateWithErrorReporter(model, ctypes.c_size_t(len(model)),
                                                                         self._reporter, None))
        if not handle:
            return [self._error()] * len(names)
        try:
            return [self._interpret(handle, inputs, name) for name in names]
        finally:
            self.c.TfLiteModelDelete(handle)

    def _interpret(self, model, inputs, name):
        options = self._pointer(self.c.TfLiteInterpreterOptionsCreate())
        self.c.TfLiteInterpreterOptionsSetErrorReporter(options, self._reporter, None)
        self.c.SwiftletInterpreterOptionsSetMemoryBudget(options, ctypes.c_size_t(self.BUDGET))
        if name:
            self.c.SwiftletInterpreterOptionsSetISA(options, name.encode())
        interpreter = self._pointer(self.c.TfLiteInterpreterCreate(model, options))
        self.c.TfLiteInterpreterOptionsDelete(options)
        if not interpreter:
            return self._error()
        try:
            return self._invoke(interpreter, inputs)
        finally:
            self.c.TfLiteInterpreterDelete(interpreter)

    def _invoke(self, interpreter, inputs):
        if self.c.TfLiteInterpreterAllocateTensors(interpreter) != 0:
            return self._error()
        for index in range(self.c.TfLiteInterpreterGetInputTensorCount(interpreter)):
            tensor = self._pointer(self.c.TfLiteInterpreterGetInputTensor(interpreter, index))
            data = inputs[index % len(inputs)].tobytes() if inputs else b""
            size = self.c.TfLiteTensorByteSize(tensor)
            if len(data) != size:  # the field that was broken decides how many there are
                data = ((data or b"\0") * (size // max(1, len(data)) + 1))[:size]
            if self.c.TfLiteTensorCopyFromBuffer(tensor, data, ctypes.c_size_t(size)) != 0:
                return self._error()
        if self.c.TfLiteInterpreterInvoke(interpreter) != 0:
            return self._error()
        count = self.c.TfLiteInterpreterGetOutputTensorCount(interpreter)
        return [self._array(self._pointer(self.c.TfLiteInterpreterGetOutputTensor(interpreter, i)))
                for i in range(count)]

    def _array(self, tensor):
        size = self.c.TfLiteTensorByteSize(tensor)
        buffer = ctypes.create_string_buffer(max(size, 1))
        if size and self.c.TfLiteTensorCopyToBuffer(tensor, buffer, ctypes.c_size_t(size)) != 0:
            return numpy.zeros(0, "V1")
        shape = [self.c.TfLiteTensorDim(tensor, i) for i in range(self.c.TfLiteTensorNumDims(tensor))]
        dtype = numpy.dtype(DTYPES.get(self.c.TfLiteTensorType(tensor), "V1"))
        values = numpy.frombuffer(buffer.raw[:size], dtype)
        return values.reshape(shape) if values.size == numpy.prod(shape, dtype="i8") else values

    def isa(self, model, name):
        """The instruction set that kernels of `model` run on when asked for `name`."""
        handle = self._pointer(self.c.TfLiteModelCreate(model, ctypes.c_size_t(len(model))))
        options = self._pointer(self.c.TfLiteInterpreterOptionsCreate())
        self.c.SwiftletInterpreterOptionsSetISA(options, name.encode())
        interpreter = self._pointer(self.c.TfLiteInterpreterCreate(handle, options))
        self.c.TfLiteInterpreterAllocateTensors(interpreter)
        plan = Plan()
        self.c.SwiftletInterpreterGetPlan(interpreter, ctypes.byref(plan))
        return plan.isa.decode() if plan.isa else ""

    def _error(self):
        return (self.c.SwiftletLastError() or b"no message").decode(errors="replace")

    @staticmethod
    def _pointer(value):
        return ctypes.c_void_p(value)


def swiftlet(connection, path):
    library = Library(path)
    while True:
        connection.send([library.outputs(*job) for job in connection.recv()])


def instruction_sets(path, model):
    """The distinct instruction sets of this machine, slowest first."""
    names = ("scalar", "sse41", "avx2", "avxvnni", "avx512vnni", "amx", "neon", "dotprod", "i8mm")
    context = multiprocessing.get_context("fork").Pool(1)
    with context as pool:
        found = pool.apply(_instruction_sets, (path, model, names))
    return list(dict.fromkeys(name for name in found if name))


def _instruction_sets(path, model, names):
    library = Library(path)
    return [library.isa(model, name) for name in names]
