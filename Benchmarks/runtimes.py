"""One runtime, one model, one process: `runtimes.py RUNTIME MODEL THREADS` prints its times as JSON.

Five warm-up invocations, then at least 100 or 0.4 s. Inputs are random over the whole range of their type.
"""

import ctypes
import json
import pathlib
import statistics
import subprocess
import sys
import time

import numpy

WARMUP, SECONDS, RUNS = 5, 0.4, 100


def random(shape, dtype):
    generator, dtype = numpy.random.default_rng(1), numpy.dtype(dtype)
    if dtype.kind == "f":
        return generator.uniform(-1, 1, shape).astype(dtype)
    if dtype.itemsize > 2:  # indices: small
        return generator.integers(0, 10, shape, dtype=dtype)
    limits = numpy.iinfo(dtype)
    return generator.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def litert(path, threads):
    from ai_edge_litert.interpreter import Interpreter

    def load():
        interpreter = Interpreter(path, num_threads=threads)
        interpreter.allocate_tensors()
        for detail in interpreter.get_input_details():
            interpreter.set_tensor(detail["index"], random(detail["shape"], detail["dtype"]))
        return interpreter.invoke
    return load


def litert_avx2(path, threads):
    """LiteRT on what an AVX2 processor has. XNNPACK notes the processor's instruction sets once, one bit for each of
    SSE, SSE2, SSSE3, SSE4.1, AVX, F16C, FMA3 and AVX2 from bit 0 on, then those of AVX512 and VNNI, which are cleared here.
    """
    def load():
        flags = ctypes.c_uint64.from_address(xnnpack_hardware() + 8)
        if flags.value & 0xFF != 0xFF:
            raise SystemExit(f"XNNPACK's flags are {flags.value:#x}, expected the eight up to AVX2 among them")
        flags.value = 0xFF
        return litert(path, threads)()
    return load


def xnnpack_hardware():
    """The address of XNNPACK's record of the processor in LiteRT's library, filled in."""
    import ai_edge_litert.interpreter  # loads the library
    library = pathlib.Path(ai_edge_litert.interpreter.__file__).parent / "libpywrap_litert_common.so"
    symbols = subprocess.run(["nm", library], capture_output=True, text=True, check=True).stdout.splitlines()
    offset = next(int(line.split()[0], 16) for line in symbols if line.endswith(" xnn_init_hardware_config"))
    maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
    base = next(int(line.split("-")[0], 16) for line in maps if line.endswith(library.name))
    return ctypes.CFUNCTYPE(ctypes.c_void_p)(base + offset)()


def openvino(path, threads, precision=None):
    """OpenVINO computes float32 models in bfloat16 where the processor can; `precision` asks for another type."""
    import openvino

    def load():
        core = openvino.Core()
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1}
        if precision:
            settings["INFERENCE_PRECISION_HINT"] = precision
        model = core.read_model(path)
        if any(port.get_partial_shape().is_dynamic for port in model.inputs):
            # A batch that the file leaves open is 1, as in the others.
            model.reshape({port: [1 if d.is_dynamic else d.get_length() for d in port.get_partial_shape()]
                           for port in model.inputs})
        request = core.compile_model(model, "CPU", settings).create_infer_request()
        for port in request.model_inputs:
            value = random(tuple(port.get_shape()), port.get_element_type().to_dtype())
            request.set_tensor(port, openvino.Tensor(value))
        return request.infer
    return load


def openvino_f32(path, threads):
    return openvino(path, threads, "f32")


def onnxruntime(path, threads):
    import onnxruntime

    def load():
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        types = {"tensor(float)": "f4", "tensor(int32)": "i4", "tensor(int64)": "i8"}
        values = {i.name: random([n if isinstance(n, int) else 1 for n in i.shape], types[i.type])
                  for i in session.get_inputs()}
        return lambda: session.run(None, values)
    return load


def main():
    runtime, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    load = RUNTIMES[runtime](path, threads)
    start = time.perf_counter()
    invoke = load()
    loaded = time.perf_counter()
    invoke()
    end = time.perf_counter()
    for _ in range(WARMUP):
        invoke()
    times, began = [], time.perf_counter()
    while len(times) < RUNS or time.perf_counter() - began < SECONDS:
        mark = time.perf_counter()
        invoke()
        times.append(time.perf_counter() - mark)
    print(json.dumps({"load_ms": (loaded - start) * 1e3, "first_ms": (end - loaded) * 1e3, "min_ms": min(times) * 1e3,
                      "median_ms": statistics.median(times) * 1e3}))


RUNTIMES = {"litert": litert, "litert_avx2": litert_avx2, "openvino": openvino, "openvino_f32": openvino_f32,
            "onnxruntime": onnxruntime}


if __name__ == "__main__":
    main()
