"""Breaks one field of a model: what a careless or hostile writer would put there.

`damage(tree, rng)` changes a model (build.tree) in place and says what it did. Most results are refused; some are
other valid models.
"""

import numpy
from flatbuffers import flexbuffers

from ai_edge_litert import schema_py_generated as schema

COUNTS = (0, -1, 1, 2, 3, 5, 7, 8, 255, 65536, 2 ** 30, 2 ** 31 - 1, -2, -128, -(2 ** 31))
REALS = (0.0, -1.0, 1.0, float("nan"), float("inf"), float("-inf"), 1e-45, 1e-30, 1e30, 3.4e38, -0.5)
ZERO_POINTS = (-1, 1, 127, 128, -128, -129, 255, 256, 32768, 2 ** 31, 2 ** 62, -(2 ** 63))
OPTION_TABLES = len([name for name in vars(schema.BuiltinOptions) if not name.startswith("_")])


def damage(tree, rng):
    """Tries fields until one can be broken."""
    while True:
        text = FIELDS[int(rng.integers(len(FIELDS)))](tree, rng)
        if text:
            return text


def _pick(rng, values):
    return values[int(rng.integers(len(values)))]


def _tensor(tree, rng):
    index = int(rng.integers(len(tree.subgraphs[0].tensors)))
    return index, tree.subgraphs[0].tensors[index]


def _operator(tree, rng):
    return _pick(rng, tree.subgraphs[0].operators)


def _count(rng, old):
    return _pick(rng, (*COUNTS, old + 1, old - 1, old * 2, -old)) if rng.random() < 0.9 else int(rng.integers(-20, 20))


def _int32(value):
    return max(-(2 ** 31), min(2 ** 31 - 1, int(value)))


def tensor_type(tree, rng):
    index, tensor = _tensor(tree, rng)
    tensor.type = int(rng.integers(0, 24)) if rng.random() < 0.9 else _pick(rng, (-1, 77, 127, -128))
    return f"tensor {index} has type {tensor.type}"


def dimension(tree, rng):
    index, tensor = _tensor(tree, rng)
    if not len(tensor.shape):
        return None
    shape = [int(n) for n in tensor.shape]
    axis = int(rng.integers(len(shape)))
    shape[axis] = _int32(_count(rng, shape[axis]))
    tensor.shape = shape
    return f"tensor {index} has shape {shape}"


def rank(tree, rng):
    index, tensor = _tensor(tree, rng)
    shape = [int(n) for n in tensor.shape]
    way = int(rng.integers(4))
    if way == 0 and shape:
        shape.pop(int(rng.integers(len(shape))))
    elif way == 1:
        shape.insert(int(rng.integers(len(shape) + 1)), _pick(rng, (0, 1, 1, 1, 2)))
    elif way == 2:
        shape += [1] * int(rng.integers(1, 12))
    else:
        shape = shape[::-1]
    tensor.shape = shape
    return f"tensor {index} has shape {shape}"


def operand(tree, rng):
    operator = _operator(tree, rng)
    name = "inputs" if rng.random() < 0.7 else "outputs"
    operands = [int(n) for n in getattr(operator, name)]
    way, tensors = int(rng.integers(4)), len(tree.subgraphs[0].tensors)
    if way == 0 and operands:
        operands.pop(int(rng.integers(len(operands))))
    elif way == 1:
        operands.insert(int(rng.integers(len(operands) + 1)), int(rng.integers(tensors)))
    elif operands:
        other = _pick(rng, (-1, -1, -2, tensors, 2 ** 31 - 1)) if way == 2 else int(rng.integers(tensors))
        operands[int(rng.integers(len(operands)))] = other
    setattr(operator, name, operands)
    return f"{name} are {operands}"


def boundary(tree, rng):
    graph = tree.subgraphs[0]
    name = _pick(rng, ("inputs", "outputs"))
    indices = [int(n) for n in getattr(graph, name)]
    if indices and rng.random() < 0.5:
        indices.pop(int(rng.integers(len(indices))))
    else:
        indices.append(_pick(rng, (-1, len(graph.tensors), *range(len(graph.tensors)))))
    setattr(graph, name, indices)
    return f"{name} of the graph are {indices}"


def option(tree, rng):
    options = _operator(tree, rng).builtinOptions
    fields = sorted(vars(options)) if options is not None else []
    if not fields:
        return None
    name = _pick(rng, fields)
    old = getattr(options, name)
    if isinstance(old, (bool, numpy.bool_)):
        value = not old
    elif isinstance(old, float):
        value = _pick(rng, REALS)
    elif isinstance(old, (int, numpy.integer)):
        value = _count(rng, int(old))
        if name in ("padding", "fusedActivationFunction", "mode", "outputType", "outType", "inDataType", "outDataType",
                    "kernelType", "weightsFormat", "quantizedBiasType"):
            value = max(-128, min(127, value))
        value = _int32(value)
    elif old is None or isinstance(old, (list, numpy.ndarray)):
        value = [_int32(_count(rng, 1)) for _ in range(int(rng.integers(0, 5)))]
    else:
        return None
    setattr(options, name, value)
    return f"option {name} is {value}"


def custom_option(tree, rng):
    """A value of a custom operator's options, one of them left out, or bytes that are no options."""
    operator = _operator(tree, rng)
    data = bytes(operator.customOptions) if operator.customOptions is not None else b""
    if not data:
        return None
    if rng.random() < 0.2:
        place = int(rng.integers(len(data)))
        data = (data[:place], data[:place] + rng.bytes(1) + data[place + 1:])[int(rng.integers(2))]
        operator.customOptions = numpy.frombuffer(data, numpy.uint8)
        return f"custom options are {data.hex()}"
    options = flexbuffers.Loads(data)
    if not isinstance(options, dict) or not options:
        return None
    name = _pick(rng, sorted(options))
    old = options.pop(name)
    if rng.random() < 0.8:
        options[name] = _pick(rng, REALS) if isinstance(old, float) else _count(rng, int(old))
    operator.customOptions = numpy.frombuffer(flexbuffers.Dumps(options), numpy.uint8)
    return f"custom option {name} is {options.get(name)}"


def intermediate(tree, rng):
    """Intermediate tensors of an integer LSTM."""
    operator = _operator(tree, rng)
    if operator.intermediates is None or not len(operator.intermediates):
        return None
    indices = [int(n) for n in operator.intermediates]
    place = int(rng.integers(len(indices)))
    if rng.random() < 0.3:
        indices.pop(place)
    else:
        indices[place] = _pick(rng, (-1, -2, 0, len(tree.subgraphs[0].tensors), 2 ** 31 - 1))
    operator.intermediates = indices
    return f"intermediates are {indices}"


def option_table(tree, rng):
    operator = _operator(tree, rng)
    if rng.random() < 0.3:
        operator.builtinOptions, operator.builtinOptionsType = None, 0
        return "there are no options"
    if operator.builtinOptions is None:
        return None
    operator.builtinOptionsType = int(rng.integers(OPTION_TABLES))
    return f"the options are of table {operator.builtinOptionsType}"


def quantization(tree, rng):
    index, tensor = _tensor(tree, rng)
    if rng.random() < 0.2:
        tensor.quantization = None
        return f"tensor {index} has no quantization"
    if tensor.quantization is None:
        if rng.random() < 0.7:
            return None
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [0.5], [1]
        return f"tensor {index} has a quantization"
    record = tensor.quantization
    scales, zeros = [float(s) for s in record.scale], [int(z) for z in record.zeroPoint]
    way = int(rng.integers(6))
    if way == 0 and scales:
        scales[int(rng.integers(len(scales)))] = _pick(rng, REALS)
    elif way == 1:
        scales += [0.25] * int(rng.integers(1, 5))
    elif way == 2:
        scales = scales[:-1]
    elif way == 3 and zeros:
        zeros[int(rng.integers(len(zeros)))] = _pick(rng, ZERO_POINTS)
    elif way == 4:
        zeros = zeros[:-1]
    else:
        record.quantizedDimension = _int32(_count(rng, int(record.quantizedDimension)))
    record.scale, record.zeroPoint = scales, zeros
    return f"tensor {index} has scales {scales[:4]}, zero points {zeros[:4]}, dimension {record.quantizedDimension}"


def buffer_length(tree, rng):
    index, tensor = _tensor(tree, rng)
    buffer = tree.buffers[tensor.buffer]
    data = bytes(buffer.data) if buffer.data is not None else b""
    if rng.random() < 0.3:
        tensor.buffer = _pick(rng, (0, len(tree.buffers) - 1, len(tree.buffers), 2 ** 32 - 1))
        return f"tensor {index} has buffer {tensor.buffer}"
    way = int(rng.integers(4))
    data = (b"", data[:-1], data + b"\1", data[:len(data) // 2])[way] if data else bytes(int(rng.integers(1, 40)))
    buffer.data = numpy.frombuffer(data, numpy.uint8)
    return f"buffer of tensor {index} has {len(data)} bytes"


def constant(tree, rng):
    """One number of a constant: an axis, an index, a size, a weight."""
    index, tensor = _tensor(tree, rng)
    buffer = tree.buffers[tensor.buffer]
    dtype = {schema.TensorType.INT32: "i4", schema.TensorType.INT64: "i8", schema.TensorType.FLOAT32: "f4"}.get(tensor.type)
    if buffer.data is None or dtype is None or len(buffer.data) < numpy.dtype(dtype).itemsize:
        return None
    values = numpy.frombuffer(bytes(buffer.data), dtype).copy()
    position = int(rng.integers(values.size))
    wide = (2 ** 63 - 1, -(2 ** 63), 2 ** 32) if dtype == "i8" else ()
    number = _pick(rng, REALS) if dtype == "f4" else _pick(rng, (_int32(_count(rng, int(values[position]))), *wide))
    values[position] = number
    buffer.data = numpy.frombuffer(values.tobytes(), numpy.uint8)
    return f"element {position} of tensor {index} is {number}"


def version(tree, rng):
    code = _pick(rng, tree.operatorCodes)
    code.version = _pick(rng, (0, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 127, 2 ** 31 - 1))
    return f"version is {code.version}"


def operator_code(tree, rng):
    """Another operator on these operands."""
    code = int(rng.integers(0, 212)) if rng.random() < 0.95 else _pick(rng, (-1, 1000, 2 ** 31 - 1))
    record = _pick(rng, tree.operatorCodes)
    record.builtinCode = code
    record.deprecatedBuiltinCode = max(-128, min(code, 127))
    return f"the operator is {code}"


def variable(tree, rng):
    index, tensor = _tensor(tree, rng)
    tensor.isVariable = not tensor.isVariable
    return f"tensor {index} {'is' if tensor.isVariable else 'is not'} a variable"


def constancy(tree, rng):
    """A computed input where a constant is expected, or the other way round."""
    graph = tree.subgraphs[0]
    index, tensor = _tensor(tree, rng)
    if index in list(graph.inputs):
        size = int(numpy.clip(numpy.prod([max(0, int(n)) for n in tensor.shape], dtype="f8"), 0, 4096)) * 8
        graph.inputs = [int(n) for n in graph.inputs if n != index]
        tree.buffers[tensor.buffer].data = numpy.frombuffer(rng.bytes(size), numpy.uint8)
        return f"input {index} is a constant of {size} bytes"
    tree.buffers[tensor.buffer].data = None
    graph.inputs = [*(int(n) for n in graph.inputs), index]
    return f"tensor {index} is an input"


FIELDS = (tensor_type, dimension, dimension, rank, operand, operand, boundary, option, option, custom_option, custom_option,
          intermediate, option_table, quantization, quantization, buffer_length, constant, constant, constant, version, operator_code, operator_code, variable,
          constancy)
