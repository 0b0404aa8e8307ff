"""Writes single-operator models with FlatBuffers' own Python runtime: a writer that shares no code with Swiftlet."""

import dataclasses

import flatbuffers
import numpy
from flatbuffers import flexbuffers
from ai_edge_litert import schema_py_generated as schema

TYPES = {"float32": schema.TensorType.FLOAT32, "float16": schema.TensorType.FLOAT16, "int32": schema.TensorType.INT32,
         "uint8": schema.TensorType.UINT8, "int64": schema.TensorType.INT64, "bool": schema.TensorType.BOOL,
         "int16": schema.TensorType.INT16, "int8": schema.TensorType.INT8, "uint16": schema.TensorType.UINT16,
         "uint32": schema.TensorType.UINT32, "uint64": schema.TensorType.UINT64, "int4": schema.TensorType.INT4,
         "int2": schema.TensorType.INT2, "resource": schema.TensorType.RESOURCE,
         "complex64": schema.TensorType.COMPLEX64}


@dataclasses.dataclass
class Tensor:
    """`data` makes it a constant; `scale` and `zero` quantize it, lists for parameters per channel of `axis`.

    A `sparse` constant is stored as the elements of each row that are not 0.
    """

    type: str
    shape: tuple = ()
    scale: object = None
    zero: object = 0
    axis: int = 0
    data: object = None
    variable: bool = False
    sparse: bool = False


@dataclasses.dataclass
class Node:
    """`options` are the fields of the schema's option table `table`, e.g. {"axis": 1} of "ConcatenationOptions".

    With `custom` they are the custom options of an operator that is known by its name, as a map or as bytes. `intermediates` are described by
    their quantization alone. `before` are nodes that run first; they share tensors with this one.
    """

    name: str
    inputs: list
    outputs: list
    version: int = 1
    table: str = ""
    options: dict = dataclasses.field(default_factory=dict)
    custom: bool = False
    intermediates: list = dataclasses.field(default_factory=list)
    before: list = dataclasses.field(default_factory=list)


def model(node):
    """The bytes of a model whose inputs are the node's inputs that are not constant."""
    return packed(tree(node))


def packed(whole):
    """The bytes of a tree of the schema's objects."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(whole.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tree(node):
    """The same model as the schema's objects."""
    nodes = [*node.before, node]
    whole, graph = schema.ModelT(), schema.SubGraphT()
    whole.version, whole.operatorCodes, whole.buffers, whole.subgraphs = 3, [], [schema.BufferT()], [graph]
    graph.name, graph.tensors, graph.operators = b"main", [], []
    places = {}

    def place(tensor):
        if tensor is None:
            return -1
        if id(tensor) not in places:
            places[id(tensor)] = len(graph.tensors)
            graph.tensors.append(_tensor(tensor, whole.buffers))
        return places[id(tensor)]
    for part in nodes:
        _operator(part, place, whole)
    made = {id(t) for part in nodes for t in part.outputs}
    given = {id(t): t for part in nodes for t in part.inputs
             if t is not None and t.data is None and not t.variable and id(t) not in made}
    graph.inputs = [place(t) for t in given.values()]
    graph.outputs = [place(t) for t in node.outputs]
    return whole


def _operator(node, place, whole):
    operator, code = schema.OperatorT(), schema.OperatorCodeT()
    operator.opcodeIndex = len(whole.operatorCodes)
    operator.inputs = [place(t) for t in node.inputs]
    operator.outputs = [place(t) for t in node.outputs]
    if node.intermediates:
        operator.intermediates = [place(t) for t in node.intermediates]
    if node.table:
        table = getattr(schema, node.table + "T")()
        for field, value in node.options.items():
            setattr(table, field, value)
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, node.table)
        operator.builtinOptions = table
    code.builtinCode = schema.BuiltinOperator.CUSTOM if node.custom else getattr(schema.BuiltinOperator, node.name)
    if node.custom:
        code.customCode = node.name
        options = node.options if isinstance(node.options, bytes) else flexbuffers.Dumps(node.options)
        operator.customOptions = numpy.frombuffer(options, numpy.uint8)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = node.version
    whole.operatorCodes.append(code)
    whole.subgraphs[0].operators.append(operator)


def pack(data, bits):
    """Several small integers to a byte, the first in the low bits."""
    together = 8 // bits
    flat = numpy.zeros(-(-data.size // together) * together, numpy.uint8)
    flat[:data.size] = data.reshape(-1).view(numpy.uint8) & ((1 << bits) - 1)
    return numpy.bitwise_or.reduce(flat.reshape(-1, together) << numpy.arange(0, 8, bits, dtype=numpy.uint8), axis=1)


def _compressed_rows(data):
    """The tables of a sparse tensor whose last dimension is compressed, and the elements that are stored."""
    parameters, index, segments = schema.SparsityParametersT(), schema.Uint8VectorT(), schema.Uint16VectorT()
    rows = data.reshape(-1, data.shape[-1])
    index.values = numpy.concatenate([numpy.flatnonzero(row) for row in rows]).astype(numpy.uint8)
    segments.values = numpy.cumsum([0, *(numpy.count_nonzero(row) for row in rows)]).astype(numpy.uint16)
    levels = []
    for size in data.shape[:-1]:
        level = schema.DimensionMetadataT()
        level.format, level.denseSize = schema.DimensionType.DENSE, size
        levels.append(level)
    last = schema.DimensionMetadataT()
    last.format = schema.DimensionType.SPARSE_CSR
    last.arraySegmentsType, last.arraySegments = schema.SparseIndexVector.Uint16Vector, segments
    last.arrayIndicesType, last.arrayIndices = schema.SparseIndexVector.Uint8Vector, index
    parameters.traversalOrder, parameters.dimMetadata = list(range(data.ndim)), [*levels, last]
    return parameters, data[data != 0]


def _tensor(tensor, buffers):
    result = schema.TensorT()
    result.name = f"tensor{len(buffers)}".encode()
    result.shape = list(tensor.shape)
    result.type = TYPES[tensor.type]
    result.hasRank = True
    result.isVariable = tensor.variable
    buffer = schema.BufferT()
    if tensor.data is not None:
        small = tensor.type in ("int4", "int2")
        data = numpy.asarray(tensor.data, dtype="int8" if small else tensor.type, order="C")
        result.shape = list(data.shape)
        if tensor.sparse:
            result.sparsity, data = _compressed_rows(data)
        buffer.data = pack(data, int(tensor.type[3:])) if small else numpy.frombuffer(data.tobytes(), numpy.uint8)
    buffers.append(buffer)
    result.buffer = len(buffers) - 1
    if tensor.scale is not None:
        quantization = schema.QuantizationParametersT()
        scales = numpy.atleast_1d(numpy.asarray(tensor.scale, "f4"))
        quantization.scale = scales
        quantization.zeroPoint = numpy.broadcast_to(numpy.asarray(tensor.zero, "i8"), scales.shape).copy()
        quantization.quantizedDimension = tensor.axis
        result.quantization = quantization
    return result
