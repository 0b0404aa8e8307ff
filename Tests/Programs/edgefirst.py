"""edgefirst-tflite with the C library of a wheel and with ours: edgefirst.py OURS MODEL...

It is written in Rust over libtensorflowlite_c.so. Details of tensors must be the same, outputs of 8-bit models within one
unit of LiteRT's default path, and float outputs near the other library's; that library is built without that path.
"""

import sys
from pathlib import Path

import numpy as np
import pymicro_wakeword
from ai_edge_litert.interpreter import Interpreter as LiteRT
from edgefirst_tflite import Interpreter

REFUSED_BY_THEIRS = {"person_detect_vww96_int8.tflite"}
ROUNDED_WHILE_RUNNING = {  # outputs of float32 behind 8-bit layers that the other library rounds otherwise
    "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite",
    "movenet_single_pose_lightning_ptq.tflite",
}
FLOAT_TOLERANCE = 5e-3  # hybrid models included


def made_up(details):
    random = np.random.default_rng(1)
    dtype = np.dtype(details["dtype"])
    if dtype.kind == "f":
        return random.uniform(-1, 1, details["shape"]).astype(dtype)
    low = 0 if dtype.itemsize > 1 else np.iinfo(dtype).min
    return random.integers(low, 100, details["shape"]).astype(dtype)


def run(path, library):
    interpreter = Interpreter(model_path=str(path), library_path=str(library), num_threads=1)
    inputs = interpreter.get_input_details()
    for position, details in enumerate(inputs):
        interpreter.set_tensor(position, made_up(details))
    interpreter.invoke()
    outputs = interpreter.get_output_details()
    return str((inputs, outputs)), [interpreter.get_output_tensor(i) for i in range(len(outputs))], inputs


def reference(path, inputs):
    interpreter = LiteRT(str(path), num_threads=1)
    interpreter.allocate_tensors()
    for known, details in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(known["index"], made_up(details))
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]


def main(ours, models):
    theirs = next(Path(pymicro_wakeword.__file__).parent.rglob("libtensorflowlite_c*.so"))
    failures, compared = 0, 0
    for model in models:
        path = Path(model)
        if path.name in REFUSED_BY_THEIRS:
            continue
        description, found, inputs = run(path, ours)
        expected_description, other, _ = run(path, theirs)
        wrong = "" if description == expected_description else "details differ"
        for value, near, exact in zip(found, other, reference(path, inputs)):
            is_float = value.dtype.kind == "f"
            near = exact if path.name in ROUNDED_WHILE_RUNNING or not is_float else near
            distance = np.abs(value.astype(np.float64) - near.astype(np.float64)).max(initial=0)
            limit = FLOAT_TOLERANCE * max(1, np.abs(near).max(initial=0)) if is_float else 1
            if not distance <= limit:
                wrong = f"an output is {distance:.3g} away, at most {limit:.3g} expected"
        compared += 1
        failures += bool(wrong)
        if wrong:
            print(f"{path.name}: {wrong}")
    print(f"edgefirst-tflite: {compared - failures} of {compared} models as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
