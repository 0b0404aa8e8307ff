"""The C library: its functions, structures and error texts."""

import ctypes
import os
from ctypes import POINTER, c_bool, c_char_p, c_float, c_int, c_int32, c_size_t, c_void_p
from pathlib import Path

OK = 0
CONSTANT = 1  # kTfLiteMmapRo


class IntArray(ctypes.Structure):
    _fields_ = [("size", c_int)]


class QuantizationParams(ctypes.Structure):
    _fields_ = [("scale", c_float), ("zero_point", c_int32)]


class Quantization(ctypes.Structure):
    _fields_ = [("type", c_int), ("params", c_void_p)]


class AffineQuantization(ctypes.Structure):
    _fields_ = [("scale", c_void_p), ("zero_point", c_void_p), ("quantized_dimension", c_int32)]


class Tensor(ctypes.Structure):
    """TfLiteTensor."""

    _fields_ = [
        ("type", c_int),
        ("data", c_void_p),
        ("dims", c_void_p),
        ("params", QuantizationParams),
        ("allocation_type", c_int),
        ("bytes", c_size_t),
        ("allocation", c_void_p),
        ("name", c_char_p),
        ("delegate", c_void_p),
        ("buffer_handle", c_int),
        ("data_is_stale", c_bool),
        ("is_variable", c_bool),
        ("quantization", Quantization),
        ("sparsity", c_void_p),
        ("dims_signature", c_void_p),
    ]


_REPORTER = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_void_p)

_PROTOTYPES = {
    "SwiftletInterpreterGetSubgraphCount": (c_int32, [c_void_p]),
    "SwiftletInterpreterGetTensorCount": (c_int32, [c_void_p, c_int32]),
    "SwiftletInterpreterGetTensors": (c_void_p, [c_void_p, c_int32]),
    "SwiftletLastError": (c_char_p, []),
    "SwiftletTensorSetStrings": (c_int, [c_void_p, c_void_p, POINTER(c_char_p), POINTER(c_size_t), c_size_t]),
    "SwiftletVersion": (c_char_p, []),
    "TfLiteInterpreterAllocateTensors": (c_int, [c_void_p]),
    "TfLiteInterpreterCreate": (c_void_p, [c_void_p, c_void_p]),
    "TfLiteInterpreterDelete": (None, [c_void_p]),
    "TfLiteInterpreterGetInputTensorCount": (c_int32, [c_void_p]),
    "TfLiteInterpreterGetOutputTensorCount": (c_int32, [c_void_p]),
    "TfLiteInterpreterGetSignatureCount": (c_int32, [c_void_p]),
    "TfLiteInterpreterGetSignatureKey": (c_char_p, [c_void_p, c_int32]),
    "TfLiteInterpreterGetSignatureRunner": (c_void_p, [c_void_p, c_char_p]),
    "TfLiteInterpreterInputTensorIndices": (POINTER(c_int), [c_void_p]),
    "TfLiteInterpreterInvoke": (c_int, [c_void_p]),
    "TfLiteInterpreterModifyGraphWithDelegate": (c_int, [c_void_p, c_void_p]),
    "TfLiteInterpreterOptionsCreate": (c_void_p, []),
    "TfLiteInterpreterOptionsDelete": (None, [c_void_p]),
    "TfLiteInterpreterOptionsSetErrorReporter": (None, [c_void_p, _REPORTER, c_void_p]),
    "TfLiteInterpreterOptionsSetNumThreads": (None, [c_void_p, c_int32]),
    "TfLiteInterpreterOutputTensorIndices": (POINTER(c_int), [c_void_p]),
    "TfLiteInterpreterResetVariableTensors": (c_int, [c_void_p]),
    "TfLiteInterpreterResizeInputTensor": (c_int, [c_void_p, c_int32, POINTER(c_int), c_int32]),
    "TfLiteModelCreateFromFileWithErrorReporter": (c_void_p, [c_char_p, _REPORTER, c_void_p]),
    "TfLiteModelCreateWithErrorReporter": (c_void_p, [c_char_p, c_size_t, _REPORTER, c_void_p]),
    "TfLiteModelDelete": (None, [c_void_p]),
    "TfLiteSignatureRunnerAllocateTensors": (c_int, [c_void_p]),
    "TfLiteSignatureRunnerDelete": (None, [c_void_p]),
    "TfLiteSignatureRunnerGetInputCount": (c_size_t, [c_void_p]),
    "TfLiteSignatureRunnerGetInputName": (c_char_p, [c_void_p, c_int32]),
    "TfLiteSignatureRunnerGetInputTensor": (c_void_p, [c_void_p, c_char_p]),
    "TfLiteSignatureRunnerGetOutputCount": (c_size_t, [c_void_p]),
    "TfLiteSignatureRunnerGetOutputName": (c_char_p, [c_void_p, c_int32]),
    "TfLiteSignatureRunnerGetOutputTensor": (c_void_p, [c_void_p, c_char_p]),
    "TfLiteSignatureRunnerInvoke": (c_int, [c_void_p]),
    "TfLiteSignatureRunnerResizeInputTensor": (c_int, [c_void_p, c_char_p, POINTER(c_int), c_int32]),
}


def _load():
    # ctypes lets other threads of Python run while a function of a CDLL is running.
    path = os.environ.get("SWIFTLET_LIBRARY") or Path(__file__).parent / "libswiftlet.so"
    library = ctypes.CDLL(os.fspath(path))
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


library = _load()

# The texts become exceptions, so nothing is to be printed. Kept for as long as any interpreter may call it.
quiet = _REPORTER(lambda user_data, message_format, arguments: None)


def last_error():
    """What the last function that failed on this thread had to say."""
    return library.SwiftletLastError().decode("utf-8", "replace")


def integers(address):
    """The elements of a TfLiteIntArray; none for NULL."""
    if not address:
        return ()
    size = IntArray.from_address(address).size
    return (c_int * size).from_address(address + ctypes.sizeof(IntArray))[:]


def floats(address):
    """The elements of a TfLiteFloatArray; none for NULL."""
    if not address:
        return ()
    size = IntArray.from_address(address).size
    return (c_float * size).from_address(address + ctypes.sizeof(IntArray))[:]
