"""The surface of `tflite_runtime.interpreter` over Swiftlet.

A program changes one line:

    from swiftlet.interpreter import Interpreter  # was tflite_runtime.interpreter
"""

import ctypes
import enum

import numpy as np

from ._library import last_error, library
from ._native import Native, integers

__all__ = ["Delegate", "Interpreter", "OpResolverType", "SignatureRunner", "load_delegate"]

_NO_DELEGATES = "delegates cannot be applied: this library runs every operator itself"


class OpResolverType(enum.Enum):
    """Accepted for the sake of existing programs: there is one set of kernels."""

    AUTO = 0
    BUILTIN = 1
    BUILTIN_REF = 2
    BUILTIN_WITHOUT_DEFAULT_DELEGATES = 3


class Delegate:
    """Cannot be made: see `load_delegate`."""

    def __init__(self, library, options=None):
        raise ValueError(_NO_DELEGATES)


def load_delegate(library, options=None):
    """Raises ValueError, so that programs fall back to the processor."""
    raise ValueError(f"Failed to load delegate from {library}\n{_NO_DELEGATES}")


class Interpreter:
    """Runs one model. It belongs to one thread at a time; `invoke` lets other threads of Python run.

    Errors of arguments are ValueError, those of the library RuntimeError with its text; a model that cannot be loaded
    is a ValueError.

    Arrays from `tensor` look at the interpreter's own memory. As long as one exists, `invoke`, `allocate_tensors` and
    `resize_tensor_input` raise RuntimeError; an array that outlives its Interpreter keeps the memory alive.
    """

    def __init__(
        self,
        model_path=None,
        model_content=None,
        experimental_delegates=None,
        num_threads=None,
        experimental_op_resolver_type=OpResolverType.AUTO,
        experimental_preserve_all_tensors=False,
        experimental_disable_delegate_clustering=False,
        experimental_default_delegate_latest_features=False,
        **ignored,
    ):
        unknown = [name for name in ignored if not name.startswith("experimental_")]
        if unknown:
            raise TypeError(f"Interpreter() got an unexpected keyword argument {unknown[0]!r}")
        if not isinstance(experimental_op_resolver_type, enum.Enum) or (
            experimental_op_resolver_type.name not in OpResolverType.__members__
        ):
            raise ValueError(f"Unrecognized passed in op resolver type: {experimental_op_resolver_type}")
        if experimental_preserve_all_tensors:
            raise ValueError("tensors between operators share memory: they cannot be preserved")
        if num_threads is not None:
            if not isinstance(num_threads, int):
                raise ValueError("type of num_threads should be int")
            if num_threads < 1:
                raise ValueError("num_threads should >= 1")
        if not model_path and not model_content:
            raise ValueError("`model_path` or `model_content` must be specified.")
        if model_path and model_content:
            raise ValueError("Can't both provide `model_path` and `model_content`")
        if experimental_delegates:
            raise ValueError(_NO_DELEGATES)
        content = None if model_path else bytes(model_content)
        self._interpreter = Native(model_path or None, content, num_threads or 1)
        self._signatures = self._read_signatures()

    def _read_signatures(self):
        native, signatures = self._interpreter, {}
        for number in range(library.TfLiteInterpreterGetSignatureCount(native.handle)):
            key = library.TfLiteInterpreterGetSignatureKey(native.handle, number)
            runner = library.TfLiteInterpreterGetSignatureRunner(native.handle, key)
            if not runner:
                raise ValueError(last_error())
            signatures[key.decode("utf-8", "replace")] = _describe(native, runner)
            library.TfLiteSignatureRunnerDelete(runner)
        return signatures

    def allocate_tensors(self):
        """Prepares the model for the shapes of its inputs. RuntimeError when it cannot run."""
        self._interpreter.ensure_safe()
        self._interpreter.check(library.TfLiteInterpreterAllocateTensors(self._interpreter.handle))

    def num_subgraphs(self):
        return library.SwiftletInterpreterGetSubgraphCount(self._interpreter.handle)

    def get_tensor_details(self, subgraph_index=0):
        """A list of dictionaries, one for each tensor, as from `get_input_details`."""
        count = self.num_subgraphs()
        if not 0 <= subgraph_index < count:
            raise ValueError(
                f"subgraph_index is out of range: {subgraph_index} for the model, which has {count} subgraphs."
            )
        details = []
        for index in range(self._interpreter.tensor_count(subgraph_index)):
            try:
                details.append(self._interpreter.details(index, subgraph_index))
            except ValueError:  # a type that numpy has no name for
                pass
        return details

    def get_input_details(self):
        """Dictionaries with name, index, shape, shape_signature (-1 where a dimension may be chosen), dtype,
        quantization, quantization_parameters (scales, zero_points, quantized_dimension) and sparsity_parameters."""
        return [self._interpreter.details(index) for index in self._interpreter.indices("Input")]

    def get_output_details(self):
        return [self._interpreter.details(index) for index in self._interpreter.indices("Output")]

    def set_tensor(self, tensor_index, value):
        """Copies `value`, which has the tensor's type and shape, into the tensor."""
        self._interpreter.write(self._interpreter.tensor(tensor_index), value, tensor_index)

    def get_tensor(self, tensor_index, subgraph_index=0):
        """A copy of the tensor."""
        return self._interpreter.read(self._interpreter.tensor(tensor_index, subgraph_index))

    def tensor(self, tensor_index):
        """A function that returns an array over the tensor's memory. Keep the function, not the array."""
        native = self._interpreter
        return lambda: native.view(native.tensor(tensor_index))

    def resize_tensor_input(self, input_index, tensor_size, strict=False):
        """Gives the input with tensor index `input_index` another shape, which `allocate_tensors` makes effective."""
        native = self._interpreter
        native.ensure_safe()
        if input_index not in native.indices("Input"):
            raise ValueError(f"tensor {input_index} is no input")
        shape = [int(dimension) for dimension in tensor_size]
        if strict:
            tensor = native.tensor(input_index)
            dims = integers(tensor.dims)
            signature = integers(tensor.dims_signature) or dims
            if len(shape) != len(dims) or any(s >= 0 and s != n for s, n in zip(signature, shape)):
                raise ValueError(f"only dimensions that are -1 in {list(signature)} can be changed, got {shape}")
        native.check(_resize(native, native.indices("Input").index(input_index), shape))

    def invoke(self):
        """Computes the outputs. RuntimeError before `allocate_tensors`, after a resize, and when the model fails."""
        self._interpreter.ensure_safe()
        self._interpreter.check(library.TfLiteInterpreterInvoke(self._interpreter.handle))

    def reset_all_variables(self):
        self._interpreter.check(library.TfLiteInterpreterResetVariableTensors(self._interpreter.handle))

    def get_signature_list(self):
        """{'serving_default': {'inputs': ['x'], 'outputs': ['y']}}"""
        return {
            key: {"inputs": list(signature["inputs"]), "outputs": list(signature["outputs"])}
            for key, signature in self._signatures.items()
        }

    def get_signature_runner(self, signature_key=None):
        """A function of the signature's inputs, by name, that returns its outputs by name. A model with one signature
        needs no key."""
        if signature_key is None:
            if len(self._signatures) != 1:
                raise ValueError(
                    f"SignatureDef signature_key is None and model has {len(self._signatures)} Signatures. "
                    "None is only allowed when the model has 1 SignatureDef"
                )
            signature_key = next(iter(self._signatures))
        return SignatureRunner(self, signature_key)


class SignatureRunner:
    """Calls one signature of an interpreter's model; made by `Interpreter.get_signature_runner`."""

    def __init__(self, interpreter=None, signature_key=None):
        if not interpreter:
            raise ValueError("None interpreter provided.")
        if not signature_key:
            raise ValueError("None signature_key provided.")
        if signature_key not in interpreter._signatures:
            raise ValueError(f'Invalid signature_key provided: "{signature_key}".')
        self._native = interpreter._interpreter
        self._signature = interpreter._signatures[signature_key]
        self._key = signature_key.encode()

    def __call__(self, **inputs):
        native, names = self._native, self._signature["inputs"]
        if len(inputs) != len(names):
            raise ValueError(
                "Invalid number of inputs provided for running a SignatureDef, expected "
                f"{len(names)} vs provided {len(inputs)}"
            )
        for name in inputs:
            if name not in names:
                raise ValueError(f"Invalid Input name ({name}) for SignatureDef")
        native.ensure_safe()
        runner = library.TfLiteInterpreterGetSignatureRunner(native.handle, self._key)
        if not runner:
            raise RuntimeError(last_error())
        try:
            return self._run(runner, {name: np.asarray(value) for name, value in inputs.items()})
        finally:
            library.TfLiteSignatureRunnerDelete(runner)

    def _run(self, runner, inputs):
        native, subgraph = self._native, self._signature["subgraph"]
        indices = self._signature["inputs"]
        for name, value in inputs.items():
            if list(value.shape) == list(integers(native.tensor(indices[name], subgraph).dims)):
                continue
            if subgraph == 0:
                status = _resize(native, native.indices("Input").index(indices[name]), value.shape)
            else:
                dims = (ctypes.c_int * value.ndim)(*value.shape)
                status = library.TfLiteSignatureRunnerResizeInputTensor(runner, name.encode(), dims, value.ndim)
            native.check(status)
        native.check(library.TfLiteSignatureRunnerAllocateTensors(runner))
        for name, value in inputs.items():
            native.write(native.tensor(indices[name], subgraph), value, indices[name])
        native.check(library.TfLiteSignatureRunnerInvoke(runner))
        outputs = self._signature["outputs"].items()
        return {name: native.read(native.tensor(index, subgraph)) for name, index in outputs}

    def get_input_details(self):
        """Details of each input by its name in the signature."""
        return self._details("inputs")

    def get_output_details(self):
        """Details of each output by its name in the signature."""
        return self._details("outputs")

    def _details(self, which):
        subgraph = self._signature["subgraph"]
        return {name: self._native.details(index, subgraph) for name, index in self._signature[which].items()}


def _resize(native, position, shape):
    dims = (ctypes.c_int * len(shape))(*shape)
    return library.TfLiteInterpreterResizeInputTensor(native.handle, position, dims, len(shape))


def _describe(native, runner):
    """The subgraph of a signature and the tensor indices of its inputs and outputs by name."""
    description = {"subgraph": 0, "inputs": {}, "outputs": {}}
    for which, field in (("Input", "inputs"), ("Output", "outputs")):
        for number in range(getattr(library, f"TfLiteSignatureRunnerGet{which}Count")(runner)):
            name = getattr(library, f"TfLiteSignatureRunnerGet{which}Name")(runner, number)
            address = getattr(library, f"TfLiteSignatureRunnerGet{which}Tensor")(runner, name)
            for subgraph in range(library.SwiftletInterpreterGetSubgraphCount(native.handle)):
                index = native.position(address, subgraph)
                if index is not None:
                    description["subgraph"] = subgraph
                    description[field][name.decode("utf-8", "replace")] = index
                    break
    return description
