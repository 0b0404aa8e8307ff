"""The Python package beside LiteRT's on every real model: the same details, the same outputs."""

import os
import unittest
import zlib
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter as Reference
from swiftlet.interpreter import Interpreter

SHARED = Path(os.environ.get("SHARED", "../shared"))
MODELS = sorted(SHARED.glob("models/**/*.tflite")) + sorted(SHARED.glob("conformance/*.tflite"))
SIGNATURES = [SHARED / f"conformance/litert/{name}.bin" for name in ("multi_signatures", "call_once_mul")]
REFUSED_BY_LITERT = {"person_detect_vww96_int8.tflite"}
FLOAT_TOLERANCE = 2e-3  # of float models, relative to the largest value: sums are taken in another order
HYBRID = {"emotion_model_quantized.tflite": 0.02}  # int8 weights: activations are rounded while running


def made_up(details):
    """The same input for both, within what the type holds."""
    random = np.random.default_rng(zlib.crc32(details["name"].encode()))
    dtype = np.dtype(details["dtype"])
    if dtype.kind == "f":
        return random.uniform(-1, 1, details["shape"]).astype(dtype)
    if dtype == np.int32:  # words of a vocabulary
        return random.integers(0, 100, details["shape"], dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, details["shape"], dtype, endpoint=True)


@unittest.skipUnless(MODELS, f"no models in {SHARED}")
class ComparisonTests(unittest.TestCase):
    def check_details(self, ours, theirs):
        self.assertEqual(len(ours), len(theirs))
        for found, expected in zip(ours, theirs):
            for key in ("name", "index", "dtype", "quantization", "sparsity_parameters"):
                self.assertEqual(found[key], expected[key], f"{key} of {expected['name']}")
            for key in ("shape", "shape_signature"):
                np.testing.assert_array_equal(found[key], expected[key], f"{key} of {expected['name']}")
                self.assertEqual(found[key].dtype, expected[key].dtype)
            for key, value in found["quantization_parameters"].items():
                np.testing.assert_array_equal(value, expected["quantization_parameters"][key], key)

    def check_output(self, found, expected, name, tolerance=FLOAT_TOLERANCE):
        self.assertEqual((found.shape, found.dtype), (expected.shape, expected.dtype), name)
        if found.dtype.kind == "f":
            scale = max(np.abs(expected).max(initial=0), 1)
            np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale, err_msg=name)
        else:  # LiteRT's default SOFTMAX rounds some of its outputs otherwise than its reference
            np.testing.assert_allclose(found.astype(np.int64), expected.astype(np.int64), rtol=0, atol=1, err_msg=name)

    def test_models(self):
        for path in MODELS:
            if path.name in REFUSED_BY_LITERT:
                continue
            with self.subTest(model=path.name):
                ours, theirs = Interpreter(str(path)), Reference(str(path))
                self.assertEqual(ours.num_subgraphs(), theirs.num_subgraphs())
                self.assertEqual(ours.get_signature_list(), theirs.get_signature_list())
                for subgraph in range(theirs.num_subgraphs()):
                    self.check_details(ours.get_tensor_details(subgraph), theirs.get_tensor_details(subgraph))
                for interpreter in (ours, theirs):
                    interpreter.allocate_tensors()
                self.check_details(ours.get_input_details(), theirs.get_input_details())
                for details in theirs.get_input_details():
                    for interpreter in (ours, theirs):
                        interpreter.set_tensor(details["index"], made_up(details))
                ours.invoke()
                theirs.invoke()
                self.check_details(ours.get_output_details(), theirs.get_output_details())
                tolerance = HYBRID.get(path.name, FLOAT_TOLERANCE)
                for details in theirs.get_output_details():
                    index = details["index"]
                    self.check_output(ours.get_tensor(index), theirs.get_tensor(index), details["name"], tolerance)

    def test_signatures(self):
        compared = 0
        for path in MODELS + SIGNATURES:
            if path.name in REFUSED_BY_LITERT or not path.exists():
                continue
            with self.subTest(model=path.name):
                ours, theirs = Interpreter(str(path)), Reference(str(path))
                for key in theirs.get_signature_list():
                    found, expected = ours.get_signature_runner(key), theirs.get_signature_runner(key)
                    for which in ("get_input_details", "get_output_details"):
                        details, others = getattr(found, which)(), getattr(expected, which)()
                        self.assertEqual(list(details), list(others))
                        self.check_details(list(details.values()), list(others.values()))
                    inputs = {name: made_up(details) for name, details in expected.get_input_details().items()}
                    results, others = found(**inputs), expected(**inputs)
                    self.assertEqual(list(results), list(others))
                    for name, value in others.items():
                        self.check_output(results[name], value, name)
                    compared += 1
        self.assertGreater(compared, 5)

    def test_strings(self):
        path = SHARED / "conformance/litert/string_input_model.bin"
        if not path.exists():
            self.skipTest(f"{path} is not there")
        outputs = []
        for kind in (Interpreter, Reference):
            interpreter = kind(str(path))
            interpreter.allocate_tensors()
            details = interpreter.get_input_details()[0]
            values = np.array(["eins", "", "drei"] * 9)[: int(np.prod(details["shape"]))].reshape(details["shape"])
            interpreter.set_tensor(details["index"], values.astype(np.bytes_))
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
        self.assertEqual(outputs[0].tolist(), outputs[1].tolist())


if __name__ == "__main__":
    unittest.main()
