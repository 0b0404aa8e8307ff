"""What the interpreter of the Python package promises, on a model of the fuzzer's corpus."""

import gc
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import numpy as np
from swiftlet.interpreter import Interpreter, OpResolverType, load_delegate

SHARED = Path(os.environ.get("SHARED", "../shared"))
MODEL = SHARED / "conformance/hello_world_int8.tflite"


@unittest.skipUnless(MODEL.exists(), f"{MODEL} is not there")
class InterpreterTests(unittest.TestCase):
    def setUp(self):
        self.interpreter = Interpreter(str(MODEL))
        self.source = self.interpreter.get_input_details()[0]["index"]
        self.result = self.interpreter.get_output_details()[0]["index"]

    def allocated(self):
        self.interpreter.allocate_tensors()
        return self.interpreter

    def test_contents_and_path_give_the_same(self):
        outputs = []
        for arguments in ({"model_path": MODEL}, {"model_content": MODEL.read_bytes()}):
            interpreter = Interpreter(num_threads=2, **arguments)
            interpreter.allocate_tensors()
            interpreter.set_tensor(self.source, np.array([[17]], np.int8))
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(self.result))
        np.testing.assert_array_equal(*outputs)

    def test_refuses_wrong_arguments(self):
        for arguments in (
            {},
            {"model_path": "a", "model_content": b"b"},
            {"model_path": str(MODEL), "num_threads": 0},
            {"model_path": str(MODEL), "num_threads": "2"},
            {"model_path": str(MODEL), "experimental_delegates": [object()]},
            {"model_path": str(MODEL), "experimental_op_resolver_type": 1},
            {"model_path": "/nowhere.tflite"},
            {"model_content": b"no model"},
        ):
            with self.assertRaises(ValueError):
                Interpreter(**arguments)
        with self.assertRaises(TypeError):
            Interpreter(str(MODEL), threads=1)

    def test_says_what_is_wrong_with_a_file(self):
        with self.assertRaisesRegex(ValueError, "/nowhere.tflite"):
            Interpreter("/nowhere.tflite")

    def test_accepts_what_has_no_meaning_here(self):
        Interpreter(
            str(MODEL),
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
            experimental_disable_delegate_clustering=True,
        )

    def test_delegates_cannot_be_loaded(self):
        with self.assertRaisesRegex(ValueError, "libedgetpu.so.1"):
            load_delegate("libedgetpu.so.1")

    def test_use_before_allocation_is_an_error(self):
        with self.assertRaisesRegex(RuntimeError, "AllocateTensors"):
            self.interpreter.invoke()
        with self.assertRaisesRegex(ValueError, "allocate_tensors"):
            self.interpreter.get_tensor(self.source)
        with self.assertRaisesRegex(ValueError, "allocate_tensors"):
            self.interpreter.set_tensor(self.source, np.array([[1]], np.int8))

    def test_set_tensor_checks_type_and_shape(self):
        interpreter = self.allocated()
        for value in (np.zeros((1, 1)), np.zeros(1, np.int8), np.zeros((1, 2), np.int8), [[1]]):
            with self.assertRaisesRegex(ValueError, "Cannot set tensor"):
                interpreter.set_tensor(self.source, value)
        with self.assertRaisesRegex(ValueError, "exceeds max tensor index"):
            interpreter.set_tensor(1000, np.zeros((1, 1), np.int8))

    def test_constants_can_be_read_but_not_written(self):
        interpreter = self.allocated()
        values = interpreter.get_tensor(1)
        with self.assertRaisesRegex(ValueError, "constant"):
            interpreter.set_tensor(1, values)
        with self.assertRaises(ValueError):
            interpreter.tensor(1)()[0] = 1

    def test_views_share_memory_and_hold_back_invocations(self):
        interpreter = self.allocated()
        view = interpreter.tensor(self.source)
        view()[0, 0] = 42
        self.assertEqual(interpreter.get_tensor(self.source)[0, 0], 42)
        array = view()
        part = array[0]
        del array
        for call in (
            interpreter.invoke,
            interpreter.allocate_tensors,
            lambda: interpreter.resize_tensor_input(self.source, [2, 1]),
            lambda: interpreter.get_signature_runner()(dense_input=np.zeros((1, 1), np.int8)),
        ):
            with self.assertRaisesRegex(RuntimeError, "reference to internal data"):
                call()
        del part
        interpreter.invoke()

    def test_arrays_may_outlive_the_interpreter(self):
        interpreter = self.allocated()
        view = interpreter.tensor(self.source)
        view()[0, 0] = 99
        array = view()
        self.interpreter = None
        del interpreter, view
        gc.collect()
        self.assertEqual(array[0, 0], 99)

    def test_arrays_may_outlive_python(self):
        program = (
            "import sys; from swiftlet.interpreter import Interpreter; i = Interpreter(sys.argv[1]); "
            "i.allocate_tensors(); kept = i.tensor(0)(); sys.modules['kept'] = kept"
        )
        done = subprocess.run([sys.executable, "-c", program, str(MODEL)], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_resizes(self):
        interpreter = self.allocated()
        interpreter.resize_tensor_input(self.source, [3, 1], strict=True)
        with self.assertRaises(RuntimeError):
            interpreter.invoke()
        interpreter.allocate_tensors()
        interpreter.set_tensor(self.source, np.array([[1], [2], [3]], np.int8))
        interpreter.invoke()
        self.assertEqual(interpreter.get_tensor(self.result).shape, (3, 1))
        with self.assertRaises(ValueError):
            interpreter.resize_tensor_input(self.source, [3, 2], strict=True)
        with self.assertRaises(ValueError):
            interpreter.resize_tensor_input(self.result, [3, 1])
        with self.assertRaises(RuntimeError):
            interpreter.resize_tensor_input(self.source, [-1, 1])

    def test_signature_runner_checks_names(self):
        runner = self.interpreter.get_signature_runner("serving_default")
        for inputs in ({}, {"other": np.zeros((1, 1), np.int8)}):
            with self.assertRaises(ValueError):
                runner(**inputs)
        with self.assertRaises(ValueError):
            self.interpreter.get_signature_runner("other")

    def test_other_threads_run_during_an_invocation(self):
        interpreter = Interpreter(str(SHARED / "models/classification/mobilenet_v2_1.0_224_quant.tflite"))
        interpreter.allocate_tensors()
        counted, stop = [0], threading.Event()

        def count():
            while not stop.is_set():
                counted[0] += 1

        thread = threading.Thread(target=count)
        thread.start()
        before = counted[0]
        for _ in range(20):
            interpreter.invoke()
        stop.set()
        thread.join()
        self.assertGreater(counted[0] - before, 1000)

    def test_many_interpreters_leave_memory_flat(self):
        def resident():
            return int(Path("/proc/self/statm").read_text().split()[1])

        def cycle():
            interpreter = Interpreter(model_content=MODEL.read_bytes())
            interpreter.allocate_tensors()
            interpreter.invoke()

        for _ in range(50):
            cycle()
        before = resident()
        for _ in range(300):
            cycle()
        self.assertLess(resident() - before, 200)  # pages


if __name__ == "__main__":
    unittest.main()
