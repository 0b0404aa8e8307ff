"""Models with loops, branches, composites and chains of shapes known only while running, here and in LiteRT."""

import pathlib
import struct
import subprocess
import sys
import tempfile

import flatbuffers
import numpy
from ai_edge_litert import schema_py_generated as schema

from peers import Difference, LiteRT, Refused, arguments, summary, swiftlet

NO_ATTRIBUTES = [0, 0, 36, 1]  # an empty FlexBuffer map: no keys, no values
TYPES = {"float32": 0, "int32": 2, "int64": 4, "string": 5, "bool": 6}


class Graph:
    """A subgraph in the making; tensors are their indices."""

    def __init__(self, model):
        self.model = model
        self.table = schema.SubGraphT()
        self.table.tensors, self.table.operators = [], []
        model.table.subgraphs.append(self.table)

    def tensor(self, kind, shape=(), data=None, dynamic=()):
        tensor = schema.TensorT()
        tensor.name = f"t{len(self.table.tensors)}".encode()
        tensor.type, tensor.shape, tensor.hasRank = TYPES[kind], list(shape), True
        if dynamic:
            tensor.shapeSignature = [-1 if i in dynamic else n for i, n in enumerate(shape)]
        buffer = schema.BufferT()
        if data is not None:
            array = numpy.asarray(data, kind, order="C")
            tensor.shape = list(array.shape)
            buffer.data = numpy.frombuffer(array.tobytes(), numpy.uint8)
        self.model.table.buffers.append(buffer)
        tensor.buffer = len(self.model.table.buffers) - 1
        self.table.tensors.append(tensor)
        return len(self.table.tensors) - 1

    def add(self, operator_name, inputs, outputs, table="", second=False, version=1, **fields):
        operator = schema.OperatorT()
        operator.opcodeIndex = self.model.code(operator_name, version)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        if table:
            options = getattr(schema, table + "T")()
            for field, value in fields.items():
                setattr(options, field, value)
            if second:
                operator.builtinOptions2Type = getattr(schema.BuiltinOptions2, table)
                operator.builtinOptions2 = options
            else:
                operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
                operator.builtinOptions = options
        self.table.operators.append(operator)

    def bounds(self, inputs, outputs):
        self.table.inputs, self.table.outputs = list(inputs), list(outputs)


class Model:
    def __init__(self):
        self.table = schema.ModelT()
        self.table.version = 3
        self.table.operatorCodes, self.table.subgraphs, self.table.buffers = [], [], [schema.BufferT()]
        self._codes = {}

    def code(self, name, version):
        if (name, version) not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, name)
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.version = version
            self._codes[name, version] = len(self.table.operatorCodes)
            self.table.operatorCodes.append(code)
        return self._codes[name, version]

    def bytes(self):
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.table.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def add(graph, a, b, result):
    graph.add("ADD", [a, b], [result], "AddOptions", fusedActivationFunction=0, potScaleInt16=True)


def loop(body_of, kinds):
    """WHILE counter < limit over (counter, limit, further variables of (kind, shape))."""
    model = Model()
    main, condition, body = Graph(model), Graph(model), Graph(model)
    variables = [main.tensor("int32", data=0), main.tensor("int32")] + [main.tensor(*kind) for kind in kinds]
    results = [main.tensor("int32"), main.tensor("int32")] + [main.tensor(*kind) for kind in kinds]
    main.add("WHILE", variables, results, "WhileOptions", condSubgraphIndex=1, bodySubgraphIndex=2)
    main.bounds(variables[1:], [results[0], *results[2:]])
    inner = [condition.tensor("int32"), condition.tensor("int32")] + [condition.tensor(*kind) for kind in kinds]
    flag = condition.tensor("bool")
    condition.add("LESS", inner[:2], [flag], "LessOptions")
    condition.bounds(inner, [flag])
    inner = [body.tensor("int32"), body.tensor("int32")] + [body.tensor(*kind) for kind in kinds]
    after = body.tensor("int32")
    add(body, inner[0], body.tensor("int32", data=1), after)
    body.bounds(inner, [after, inner[1], *body_of(body, inner)])
    return model


def fibonacci(rng):
    def body(graph, v):
        total = graph.tensor("float32", (3,))
        add(graph, v[2], v[3], total)
        return [v[3], total]
    kinds = [("float32", (3,))] * 2
    return loop(body, kinds), [numpy.asarray(int(rng.integers(0, 12)), "i4")] + [rng.uniform(-1, 1, 3).astype("f4") for _ in kinds]


def exchange(rng):
    """LiteRT overwrites variables that trade places, so the answer is computed here."""
    kinds = [("float32", (2, 2))] * 3
    values = [rng.uniform(-1, 1, (2, 2)).astype("f4") for _ in kinds]
    count = int(rng.integers(0, 9))
    rotated = [values[(i + count) % 3] for i in range(3)]
    return (loop(lambda graph, v: [v[3], v[4], v[2]], kinds), [numpy.asarray(count, "i4"), *values],
            [numpy.asarray(count, "i4"), *rotated])


def growth(rng):
    def body(graph, v):
        longer = graph.tensor("float32", (2,))
        graph.add("CONCATENATION", [v[2], graph.tensor("float32", data=[0.5])], [longer], "ConcatenationOptions", axis=0)
        return [longer]
    return loop(body, [("float32", (1,))]), [numpy.asarray(int(rng.integers(1, 9)), "i4"), rng.uniform(-1, 1, 1).astype("f4")]


def growth_with_sum(rng):
    """The growing tensor is used in the body: every iteration has another shape."""
    def body(graph, v):
        longer, mean, total = graph.tensor("float32", (2,)), graph.tensor("float32", (1,)), graph.tensor("float32", (1,))
        graph.add("CONCATENATION", [v[2], v[3]], [longer], "ConcatenationOptions", axis=0)
        graph.add("SUM", [longer, graph.tensor("int32", data=[0])], [mean], "ReducerOptions", keepDims=True)
        add(graph, mean, v[3], total)
        return [longer, total]
    return loop(body, [("float32", (1,)), ("float32", (1,))]), [
        numpy.asarray(int(rng.integers(1, 7)), "i4"), *[rng.uniform(-1, 1, 1).astype("f4") for _ in range(2)]]


def nested(rng):
    """A loop in a loop: x doubles counter times in each outer iteration."""
    model = Model()
    main, outer_condition, outer_body, condition, body = (Graph(model) for _ in range(5))
    for graph in (outer_condition, condition):
        v = [graph.tensor("int32"), graph.tensor("int32"), graph.tensor("float32", (2,))]
        flag = graph.tensor("bool")
        graph.add("LESS", v[:2], [flag], "LessOptions")
        graph.bounds(v, [flag])
    v = [body.tensor("int32"), body.tensor("int32"), body.tensor("float32", (2,))]
    after, double = body.tensor("int32"), body.tensor("float32", (2,))
    add(body, v[0], body.tensor("int32", data=1), after)
    add(body, v[2], v[2], double)
    body.bounds(v, [after, v[1], double])
    v = [outer_body.tensor("int32"), outer_body.tensor("int32"), outer_body.tensor("float32", (2,))]
    results = [outer_body.tensor("int32"), outer_body.tensor("int32"), outer_body.tensor("float32", (2,))]
    after = outer_body.tensor("int32")
    outer_body.add("WHILE", [outer_body.tensor("int32", data=0), v[0], v[2]], results, "WhileOptions", condSubgraphIndex=3,
                   bodySubgraphIndex=4)
    add(outer_body, v[0], outer_body.tensor("int32", data=1), after)
    outer_body.bounds(v, [after, v[1], results[2]])
    v = [main.tensor("int32", data=0), main.tensor("int32"), main.tensor("float32", (2,))]
    results = [main.tensor("int32"), main.tensor("int32"), main.tensor("float32", (2,))]
    main.add("WHILE", v, results, "WhileOptions", condSubgraphIndex=1, bodySubgraphIndex=2)
    main.bounds(v[1:], [results[0], results[2]])
    return model, [numpy.asarray(int(rng.integers(0, 6)), "i4"), rng.uniform(-1, 1, 2).astype("f4")]


def branch(rng, shapes=((3,), (3,))):
    model = Model()
    main, then, otherwise = Graph(model), Graph(model), Graph(model)
    v = [main.tensor("bool", (1,)), main.tensor("float32", (3,))]
    result, double = main.tensor("float32", shapes[0]), main.tensor("float32", shapes[0])
    main.add("IF", v, [result], "IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)
    add(main, result, result, double)
    main.bounds(v, [result, double])
    x = then.tensor("float32", (3,))
    y = then.tensor("float32", (3,))
    add(then, x, then.tensor("float32", data=1), y)
    then.bounds([x], [y])
    x = otherwise.tensor("float32", (3,))
    y = otherwise.tensor("float32", shapes[1])
    if shapes[0] == shapes[1]:
        otherwise.add("MUL", [x, x], [y], "MulOptions")
    else:
        otherwise.add("CONCATENATION", [x, x], [y], "ConcatenationOptions", axis=0)
    otherwise.bounds([x], [y])
    return model, [rng.integers(0, 2, 1).astype(bool), rng.uniform(-1, 1, 3).astype("f4")]


def uneven_branch(rng):
    return branch(rng, ((3,), (6,)))


def composite(rng):
    model = Model()
    main, inner = Graph(model), Graph(model)
    v = [main.tensor("float32", (2, 3)), main.tensor("float32", data=rng.uniform(-1, 1, 3))]
    result = main.tensor("float32", (2, 3))
    main.add("STABLEHLO_COMPOSITE", v, [result], "StableHLOCompositeOptions", second=True, name=b"test.scaled_sum",
             decompositionSubgraphIndex=1,
             compositeAttributes=NO_ATTRIBUTES)
    main.bounds(v[:1], [result])
    x, w = inner.tensor("float32", (2, 3)), inner.tensor("float32", (3,))
    total, product = inner.tensor("float32", (2, 3)), inner.tensor("float32", (2, 3))
    add(inner, x, w, total)
    inner.add("MUL", [total, w], [product], "MulOptions")
    inner.bounds([x, w], [product])
    return model, [rng.uniform(-1, 1, (2, 3)).astype("f4")]


def selection(rng):
    """Rows whose mask is set, by way of WHERE, and how many there are."""
    model = Model()
    main = Graph(model)
    mask, data = main.tensor("bool", (7,)), main.tensor("float32", (7, 3))
    found, rows = main.tensor("int64", (1, 1), dynamic=(0,)), main.tensor("float32", (1, 3), dynamic=(0,))
    shape, count = main.tensor("int32", (2,)), main.tensor("int32", (1,))
    total, flat, pairs = main.tensor("float32", (3,)), main.tensor("float32", (1,), dynamic=(0,)), main.tensor(
        "float32", (1, 3), dynamic=(0,))
    main.add("WHERE", [mask], [found], "WhereOptions")
    main.add("GATHER_ND", [data, found], [rows], "GatherNdOptions")
    main.add("SHAPE", [rows], [shape], "ShapeOptions", outType=2)
    main.add("STRIDED_SLICE", [shape, main.tensor("int32", data=[0]), main.tensor("int32", data=[1]),
                               main.tensor("int32", data=[1])], [count], "StridedSliceOptions")
    main.add("SUM", [rows, main.tensor("int32", data=[0])], [total], "ReducerOptions", keepDims=False)
    main.add("RESHAPE", [rows, main.tensor("int32", data=[-1])], [flat], "ReshapeOptions", newShape=[-1])
    add(main, rows, main.tensor("float32", data=[1, 2, 3]), pairs)
    main.bounds([mask, data], [found, rows, count, total, flat, pairs])
    values = rng.integers(0, 2, 7).astype(bool)
    values[int(rng.integers(0, 7))] = True
    return model, [values, rng.uniform(-1, 1, (7, 3)).astype("f4")]


def positions(rng):
    """RANGE of a computed length, padded, tiled and cut."""
    model = Model()
    main = Graph(model)
    n = main.tensor("int32", ())
    numbers, floats = main.tensor("int32", (1,), dynamic=(0,)), main.tensor("float32", (1,), dynamic=(0,))
    tiled, padded = main.tensor("float32", (1,), dynamic=(0,)), main.tensor("float32", (1,), dynamic=(0,))
    best, where = main.tensor("float32", (1,), dynamic=(0,)), main.tensor("int32", (1,), dynamic=(0,))
    soft = main.tensor("float32", (1,), dynamic=(0,))
    main.add("RANGE", [main.tensor("int32", data=0), n, main.tensor("int32", data=1)], [numbers], "RangeOptions")
    main.add("CAST", [numbers], [floats], "CastOptions", inDataType=2, outDataType=0)
    main.add("TILE", [floats, main.tensor("int32", data=[3])], [tiled], "TileOptions")
    main.add("PAD", [tiled, main.tensor("int32", data=[[1, 2]])], [padded], "PadOptions")
    main.add("TOPK_V2", [padded, n], [best, where], "TopKV2Options")
    main.add("SOFTMAX", [best], [soft], "SoftmaxOptions", beta=1.0)
    main.bounds([n], [padded, best, where, soft])
    return model, [numpy.asarray(int(rng.integers(1, 9)), "i4")]


def strings(rng):
    """RESHAPE of gathered strings."""
    model = Model()
    main = Graph(model)
    words, where = main.tensor("string", (6,)), main.tensor("int32", (4,))
    picked, square = main.tensor("string", (4,)), main.tensor("string", (2, 2))
    main.add("GATHER", [words, where], [picked], "GatherOptions", axis=0, batchDims=0)
    main.add("RESHAPE", [picked, main.tensor("int32", data=[2, 2])], [square], "ReshapeOptions", newShape=[2, 2])
    main.bounds([words, where], [picked, square])
    texts = [bytes(rng.integers(97, 123, int(n)).astype("u1")) for n in rng.integers(0, 9, 6)]
    return model, [numpy.asarray(texts, dtype=object), rng.integers(0, 6, 4).astype("i4")]


def table(texts):
    """A string tensor as the file format stores it."""
    ends = numpy.cumsum([8 + 4 * len(texts), *map(len, texts)])
    return struct.pack(f"<{len(texts) + 2}i", len(texts), *map(int, ends)) + b"".join(texts)


def check_strings(seed, path, binary):
    """As `check`: strings travel as .bin files."""
    model, (texts, where) = strings(numpy.random.default_rng(seed))
    path.write_bytes(model.bytes())
    expected = litert(path, [texts, where])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "texts.bin").write_bytes(table(list(texts)))
        numpy.save(folder / "where.npy", where)
        command = [binary, "run", path, "--input", folder / "texts.bin", "--input", folder / "where.npy", "--output-dir", folder]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            return False, done.stderr.strip()
        wanted = [table(list(value.ravel())) for value in expected]
        found = [(folder / f"{index}.bin").read_bytes() for index in range(2)]
    return found == wanted, "other strings"


CASES = [fibonacci, exchange, growth, growth_with_sum, nested, branch, uneven_branch, composite, selection, positions, strings]


def litert(path, inputs):
    session = LiteRT(path)
    try:
        return session.run(inputs)
    finally:
        session.close()


def check(make, seed, path, binary):
    model, inputs, *answer = make(numpy.random.default_rng(seed))
    path.write_bytes(model.bytes())
    try:
        expected = answer[0] if answer else litert(path, inputs)
    except Refused as refusal:
        return None, f"LiteRT: {refusal}"
    try:
        difference = Difference(swiftlet(binary, path, inputs), expected)
    except Refused as refusal:
        return False, str(refusal)
    return difference.within(0, 2e-6), str(difference)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=8, help="inputs for each model")
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for make in CASES:
            if options.only not in make.__name__:
                continue
            path = pathlib.Path(folder) / f"{make.__name__}.tflite"
            judge = check_strings if make is strings else lambda *more: check(make, *more)
            found = [judge(seed, path, options.swiftlet) for seed in range(options.count)]
            good, bad = sum(v is True for v, _ in found), sum(v is False for v, _ in found)
            failed += bad > 0 or good == 0
            passed += bad == 0 and good > 0
            if bad or not good:
                print(f"**{make.__name__}: {next(text for v, text in found if v is not True)}")
            else:
                print(f"{make.__name__}: {good} of {options.count} agree")
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
