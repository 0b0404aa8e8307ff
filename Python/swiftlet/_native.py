"""One interpreter of the C library, its tensors as numpy arrays, and how long their memory lives."""

import ctypes
import os
import weakref

import numpy as np

from ._library import CONSTANT, OK, AffineQuantization, Tensor, floats, integers, last_error, library, quiet

STRING = 5
DTYPES = {
    1: np.float32,
    2: np.int32,
    3: np.uint8,
    4: np.int64,
    STRING: np.bytes_,
    6: np.bool_,
    7: np.int16,
    8: np.complex64,
    9: np.int8,
    10: np.float16,
    11: np.float64,
    12: np.complex128,
    13: np.uint64,
    14: np.object_,  # resources and variants have no elements to show
    15: np.object_,
    16: np.uint32,
    17: np.uint16,
    18: np.int8,  # int4
}


class Memory:
    """Memory of a tensor, for numpy: an array over it keeps the interpreter alive."""

    def __init__(self, native, tensor, shape, dtype):
        self.native = native
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": np.dtype(dtype).str,
            "data": (tensor.data, tensor.allocation_type == CONSTANT),
        }


def _delete(interpreter, model):
    library.TfLiteInterpreterDelete(interpreter)
    library.TfLiteModelDelete(model)


class Native:
    """Owns a TfLiteInterpreter. It ends when neither an Interpreter nor an array over one of its tensors is left."""

    def __init__(self, path, content, threads):
        if path is not None:
            model = library.TfLiteModelCreateFromFileWithErrorReporter(os.fsencode(path), quiet, None)
        else:
            self.content = content  # the C library reads it for as long as the interpreter lives
            model = library.TfLiteModelCreateWithErrorReporter(content, len(content), quiet, None)
        if not model:
            raise ValueError(last_error())
        options = library.TfLiteInterpreterOptionsCreate()
        library.TfLiteInterpreterOptionsSetErrorReporter(options, quiet, None)
        library.TfLiteInterpreterOptionsSetNumThreads(options, threads)
        self.handle = library.TfLiteInterpreterCreate(model, options)
        library.TfLiteInterpreterOptionsDelete(options)
        if not self.handle:
            library.TfLiteModelDelete(model)
            raise ValueError(last_error())
        # When Python ends, arrays may outlive this call: the system takes the memory back then.
        weakref.finalize(self, _delete, self.handle, model).atexit = False
        self.views = weakref.WeakSet()

    def check(self, status):
        if status != OK:
            raise RuntimeError(last_error())

    def ensure_safe(self):
        """Refuses what may move tensors while arrays look at their memory."""
        if self.views:
            raise RuntimeError(
                "There is at least 1 reference to internal data in the interpreter in the form of a numpy array or "
                "slice. Be sure to only hold the function returned from tensor() if you are using raw data access."
            )

    def indices(self, which):
        count = getattr(library, f"TfLiteInterpreterGet{which}TensorCount")(self.handle)
        return getattr(library, f"TfLiteInterpreter{which}TensorIndices")(self.handle)[:count] if count else []

    def tensor_count(self, subgraph):
        return library.SwiftletInterpreterGetTensorCount(self.handle, subgraph)

    def tensor(self, index, subgraph=0):
        count = self.tensor_count(subgraph)
        if not 0 <= index < count:
            raise ValueError(f"Invalid tensor index {index} exceeds max tensor index {count}")
        return Tensor.from_address(self.base(subgraph) + index * ctypes.sizeof(Tensor))

    def base(self, subgraph):
        return library.SwiftletInterpreterGetTensors(self.handle, subgraph)

    def position(self, address, subgraph):
        """The index of the tensor at `address`; None when it belongs to another subgraph."""
        base = self.base(subgraph)
        index = (address - base) // ctypes.sizeof(Tensor) if base else -1
        return index if 0 <= index < self.tensor_count(subgraph) else None

    def view(self, tensor):
        """An array over the memory of `tensor`, which cannot be written to where it is a constant of the model."""
        dtype, shape = _dtype(tensor), integers(tensor.dims)
        if tensor.data is None and tensor.bytes:
            raise ValueError(
                "Tensor data is null. Run allocate_tensors() first; tensors between operators have no memory that is "
                "theirs alone"
            )
        if tensor.type == STRING or dtype is np.object_:
            raise ValueError(f"Tensor {_name(tensor)} has no elements of a fixed size to look at")
        if tensor.bytes == 0:
            return np.empty(shape, dtype)
        if np.dtype(dtype).itemsize * int(np.prod(shape)) != tensor.bytes:  # two int4 to a byte, sparse tensors
            shape, dtype = (tensor.bytes,), np.uint8
        memory = Memory(self, tensor, tuple(shape), dtype)
        self.views.add(memory)
        return np.asarray(memory)

    def read(self, tensor):
        """A copy of the elements."""
        if tensor.type == STRING:
            return _strings(tensor)
        return self.view(tensor).copy()

    def write(self, tensor, value, index):
        dtype, shape = _dtype(tensor), tuple(integers(tensor.dims))
        value = np.asarray(value)
        what = f"input {index}, name: {_name(tensor)}"
        if value.dtype != dtype and not (tensor.type == STRING and value.dtype.kind in "SU"):
            expected = np.dtype(dtype).name.upper()
            raise ValueError(
                f"Cannot set tensor: Got value of type {value.dtype.name.upper()} but expected type {expected} for {what}"
            )
        if value.ndim != len(shape):
            raise ValueError(
                f"Cannot set tensor: Dimension mismatch. Got {value.ndim} but expected {len(shape)} for input {index}."
            )
        for axis, (got, expected) in enumerate(zip(value.shape, shape)):
            if got != expected:
                raise ValueError(
                    f"Cannot set tensor: Dimension mismatch. Got {got} but expected {expected} for dimension {axis} of "
                    f"input {index}."
                )
        if tensor.type == STRING:
            self.ensure_safe()
            self.check(self._write_strings(tensor, value))
            return
        if tensor.allocation_type == CONSTANT:
            raise ValueError(f"Cannot set tensor: it is a constant of the model, {what}")
        if tensor.data is None and tensor.bytes:
            raise ValueError("Cannot set tensor: Tensor is unallocated. Try calling allocate_tensors() first")
        if tensor.bytes:
            np.copyto(self.view(tensor), value, casting="no")

    def _write_strings(self, tensor, value):
        texts = [text.encode() if isinstance(text, str) else text for text in value.ravel().tolist()]
        strings = (ctypes.c_char_p * len(texts))(*texts)
        lengths = (ctypes.c_size_t * len(texts))(*map(len, texts))
        return library.SwiftletTensorSetStrings(
            self.handle, ctypes.addressof(tensor), strings, lengths, len(texts)
        )

    def details(self, index, subgraph=0):
        tensor = self.tensor(index, subgraph)
        dims = integers(tensor.dims)
        scales, zero_points, dimension = (), (), 0
        if tensor.quantization.params:
            affine = AffineQuantization.from_address(tensor.quantization.params)
            scales, zero_points = floats(affine.scale), integers(affine.zero_point)
            dimension = affine.quantized_dimension
        return {
            "name": _name(tensor),
            "index": index,
            "shape": np.array(dims, np.int32),
            "shape_signature": np.array(integers(tensor.dims_signature) or dims, np.int32),
            "dtype": _dtype(tensor),
            "quantization": (tensor.params.scale, tensor.params.zero_point),
            "quantization_parameters": {
                "scales": np.array(scales, np.float32),
                "zero_points": np.array(zero_points, np.int32),
                "quantized_dimension": dimension,
            },
            "sparsity_parameters": {},
        }


def _name(tensor):
    return (tensor.name or b"").decode("utf-8", "replace")


def _dtype(tensor):
    dtype = DTYPES.get(tensor.type)
    if dtype is None:
        raise ValueError("Could not get tensor details")
    return dtype


def _strings(tensor):
    if tensor.data is None:
        raise ValueError("Tensor data is null. Run allocate_tensors() first")
    content = ctypes.string_at(tensor.data, tensor.bytes)
    count = int(np.frombuffer(content, np.int32, 1)[0]) if content else 0
    offsets = np.frombuffer(content, np.int32, count + 1, 4) if content else ()
    texts = [content[offsets[i] : offsets[i + 1]] for i in range(count)]
    return np.array(texts, dtype=np.bytes_ if texts else "S1").reshape(integers(tensor.dims))
