"""Recurrent layers, one invocation from a state of zeros: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import NUMBERS, Case, activation, case, dims, draw, ints, like, pick


def weights(rng, *shape):
    return Tensor("float32", data=rng.uniform(-0.5, 0.5, shape).astype("f4"))


@case("SVDF", ("float32",))
def svdf(rng, name, kind):
    batch, depth, units, memory, rank = (int(n) for n in (*dims(rng, 2, 1, 12), *dims(rng, 2, 1, 9), rng.integers(1, 4)))
    filters = units * rank
    inputs = [Tensor(kind, (batch, depth)), weights(rng, filters, depth), weights(rng, filters, memory),
              weights(rng, units) if rng.random() < 0.7 else None,
              Tensor(kind, (batch, memory * filters), variable=True)]
    return Case(Node(name, inputs, [Tensor(kind, (batch, units))], 1, "SVDFOptions",
                     {"rank": rank, "fusedActivationFunction": pick(rng, 0, 1)}), tolerance=1e-5, same_everywhere=False)


@case("UNIDIRECTIONAL_SEQUENCE_LSTM", ("float32",))
def sequence_lstm(rng, name, kind):
    batch, steps, depth, cells = (int(n) for n in (rng.integers(1, 4), *dims(rng, 3, 1, 9)))
    time_major = bool(rng.integers(0, 2))
    inputs, outputs = lstm_inputs(rng, (steps, batch, depth) if time_major else (batch, steps, depth), batch, cells)
    node = Node(name, inputs, [Tensor(kind, (steps, batch, outputs) if time_major else (batch, steps, outputs))], 1,
                "UnidirectionalSequenceLSTMOptions",
                {"fusedActivationFunction": 4, "timeMajor": time_major, "cellClip": pick(rng, 0.0, 0.5), "projClip": 0.0})
    return Case(node, tolerance=1e-5, same_everywhere=False)


@case("LSTM", ("float32",))
def lstm(rng, name, kind):
    batch, depth, cells = (int(n) for n in (rng.integers(1, 4), *dims(rng, 2, 1, 12)))
    inputs, outputs = lstm_inputs(rng, (batch, depth), batch, cells)
    node = Node(name, inputs, [Tensor(kind, (batch, outputs))], 1, "LSTMOptions",
                {"fusedActivationFunction": 4, "cellClip": pick(rng, 0.0, 0.5), "projClip": 0.0, "kernelType": 0})
    return Case(node, tolerance=1e-5, same_everywhere=False)


@case("LSTM", ("uint8",))
def basic_lstm(rng, name, kind):
    batch, depth, cells = (int(n) for n in (rng.integers(1, 4), *dims(rng, 2, 1, 12)))
    scale = rng.uniform(0.005, 0.03)
    active, state = {"scale": 1 / 128, "zero": 128}, {"scale": 2.0 ** -11, "zero": 0}
    inputs = [Tensor(kind, (batch, depth), **active), Tensor(kind, (batch, cells), **active, variable=True),
              Tensor(kind, data=draw(rng, kind, (4 * cells, depth + cells)), scale=scale, zero=int(rng.integers(90, 170))),
              Tensor("int32", data=rng.integers(-5000, 5000, 4 * cells).astype("i4"), scale=scale / 128, zero=0),
              Tensor("int16", (batch, cells), **state, variable=True)]
    outputs = [Tensor(kind, (batch, cells), **active), Tensor("int16", (batch, cells), **state),
               Tensor(kind, (batch, depth + cells), **active), Tensor("int16", (batch, 4 * cells), scale=2.0 ** -12, zero=0)]
    # LiteRT leaves the variables as they were: here the last output reads as zero, which is -1.
    return Case(Node(name, inputs, outputs, 1, "LSTMOptions",
                     {"fusedActivationFunction": 4, "cellClip": 0.0, "projClip": 0.0, "kernelType": 1}))


def lstm_inputs(rng, shape, batch, cells):
    """The 20 inputs of the full form, and the number of outputs: maybe with input and forget gates coupled, with
    peepholes, with a projection."""
    depth, coupled, peeps = shape[-1], rng.random() < 0.3, rng.random() < 0.3
    projected, biased = rng.random() < 0.4, rng.random() < 0.5
    outputs = int(rng.integers(1, 9)) if projected else cells
    gates = [None if coupled else 0, 0, 0, 0]

    def each(make):
        return [None if gate is None else make() for gate in gates]
    return [Tensor("float32", shape), *each(lambda: weights(rng, cells, depth)), *each(lambda: weights(rng, cells, outputs)),
            *(weights(rng, cells) if peeps and gates[gate] is not None else None for gate in (0, 1, 3)),
            *each(lambda: weights(rng, cells)), weights(rng, outputs, cells) if projected else None,
            weights(rng, outputs) if projected and biased else None,
            Tensor("float32", (batch, outputs), variable=True),
            Tensor("float32", (batch, cells), variable=True)], outputs


@case("RANGE", ("float32", "int32", "int64"))
def counting(rng, name, kind):
    start, count = int(rng.integers(-9, 10)), int(rng.integers(1, 20))
    delta = int(rng.integers(1, 5)) * pick(rng, 1, -1)
    limits = [start, start + delta * count, delta]
    if kind == "float32":
        values = [Tensor(kind, data=numpy.asarray(v * 0.5, "f4")) for v in limits]
    else:
        values = [ints(v, kind) for v in limits]
    return Case(Node(name, values, [Tensor(kind)], 2 if kind == "int64" else 1, "RangeOptions"), tolerance=1e-6)


@case("NEG", ("int8", "int16"))
def negated(rng, name, kind):
    data = activation(rng, kind, dims(rng, int(rng.integers(1, 5))), zero=0)
    values = draw(rng, kind, data.shape)
    return Case(Node(name, [data], [Tensor(kind, (), data.scale, 0)], 1, "NegOptions"), units=0,
                inputs=[numpy.maximum(values, numpy.iinfo(kind).min + 1)])


def power(exponent):
    return {"scale": 2.0 ** exponent, "zero": 0}


@case("LSTM", ("int8",), sequence=False)
@case("UNIDIRECTIONAL_SEQUENCE_LSTM", ("int8",), sequence=True)
def integer_lstm(rng, name, kind, sequence):
    """All forms of the integer LSTM: input and forget gates coupled or not, with and without peepholes, a projection and
    layer normalization."""
    batch, steps, depth, cells = (int(n) for n in (rng.integers(1, 4), *dims(rng, 3, 1, 9)))
    coupled, peeps, projected, normed = (rng.random() < share for share in (0.25, 0.25, 0.4, 0.3))
    time_major = sequence and bool(rng.integers(0, 2))
    outputs = int(rng.integers(1, 9)) if projected else cells
    shape = ((steps, batch, depth) if time_major else (batch, steps, depth)) if sequence else (batch, depth)
    data = activation(rng, kind, shape, scale=float(rng.uniform(0.01, 0.05)))
    hidden = {"scale": 1 / 128, "zero": int(rng.integers(-9, 10))}
    state = {"scale": cells ** 0.5 / 60, "zero": int(rng.integers(-9, 10))} if projected else hidden
    gates = [1, 2, 3] if coupled else [0, 1, 2, 3]

    def four(make):
        return [make() if gate in gates else None for gate in range(4)]

    def matrix(rows, columns):
        return Tensor(kind, data=rng.integers(-127, 127, (rows, columns), "i1", endpoint=True),
                      scale=float(rng.uniform(0.003, 0.02)))
    inputs, recurrent = four(lambda: matrix(cells, depth)), four(lambda: matrix(cells, outputs))
    norms = four(lambda: Tensor("int16", data=rng.integers(1000, 9000, cells).astype("i2"), **power(-12)) if normed else None)

    def bias(gate):
        scale = 2.0 ** -22 if normed else data.scale * inputs[gate].scale
        return Tensor("int32", data=rng.integers(-3000, 3000, cells).astype("i4"), scale=scale, zero=0)
    biases = [bias(gate) if gate in gates else None for gate in range(4)]
    peepholes = [Tensor("int16", data=rng.integers(-9000, 9000, cells).astype("i2"), **power(-14))
                 if peeps and gate in gates else None for gate in (0, 1, 3)]
    projection = matrix(outputs, cells) if projected else None
    addend = (Tensor("int32", data=rng.integers(-3000, 3000, outputs).astype("i4"), scale=projection.scale / 128, zero=0)
              if projected and rng.random() < 0.5 else None)
    operands = [data, *inputs, *recurrent, *peepholes, *biases, projection, addend,
                Tensor(kind, (batch, outputs), **state, variable=True),
                Tensor("int16", (batch, cells), **power(-11), variable=True)]
    if normed:
        operands += norms
    clips = {"cellClip": pick(rng, 0.0, 0.5), "projClip": pick(rng, 0.0, 0.5)}
    options = {"fusedActivationFunction": 4, **clips, **({"timeMajor": time_major} if sequence else {"kernelType": 0})}
    output = Tensor(kind, (*shape[:-1], outputs), **state)
    middle = [Tensor("int16", **power(-11)) for _ in range(4)] + [Tensor(kind, **hidden)]
    return Case(Node(name, operands, [output], 3 if sequence else 4,
                     "UnidirectionalSequenceLSTMOptions" if sequence else "LSTMOptions", options, intermediates=middle))


@case("LSTM", ("float32 int8",), sequence=False)
@case("UNIDIRECTIONAL_SEQUENCE_LSTM", ("float32 int8",), sequence=True)
def hybrid_lstm(rng, name, kind, sequence):
    batch, steps, depth, cells = (int(n) for n in (rng.integers(1, 4), *dims(rng, 3, 1, 9)))
    shape = (batch, steps, depth) if sequence else (batch, depth)
    operands, outputs = lstm_inputs(rng, shape, batch, cells)
    for position in (*range(1, 12), 16):  # biases stay float32
        if operands[position] is not None:
            shape_of = numpy.shape(operands[position].data)
            operands[position] = Tensor("int8", data=rng.integers(-127, 127, shape_of, "i1", endpoint=True), scale=0.004)
    options = {"fusedActivationFunction": 4, "cellClip": 0.0, "projClip": 0.0,
               "asymmetricQuantizeInputs": bool(rng.integers(0, 2)),
               **({"timeMajor": False} if sequence else {"kernelType": 0})}
    node = Node(name, operands, [Tensor("float32", (*shape[:-1], outputs))], 3 if sequence else 4,
                "UnidirectionalSequenceLSTMOptions" if sequence else "LSTMOptions", options)
    # The last bit of a state can decide a step of its quantization.
    return Case(node, tolerance=1e-2)


@case("SVDF", ("int8",))
def integer_svdf(rng, name, kind):
    batch, depth, units, memory, rank = (int(n) for n in (*dims(rng, 2, 1, 12), *dims(rng, 2, 1, 9), rng.integers(1, 4)))
    filters = units * rank
    data = activation(rng, kind, (batch, depth))
    feature = Tensor("int8", data=draw(rng, "int8", (filters, depth)), scale=float(rng.uniform(0.003, 0.02)))
    # Sums stay within 32 bits, beyond which the other runtime's are undefined.
    time = Tensor("int16", data=rng.integers(-6000, 6000, (filters, memory)).astype("i2"), scale=float(rng.uniform(1e-5, 1e-4)))
    state_scale = data.scale * feature.scale * 74 * 74 * depth ** 0.5 / 9000
    state = Tensor("int16", (batch, memory * filters), scale=state_scale, zero=0, variable=True)
    addend = (Tensor("int32", data=rng.integers(-9000, 9000, units).astype("i4"), scale=time.scale * state_scale, zero=0)
              if rng.random() < 0.7 else None)
    output = activation(rng, kind, (batch, units), scale=state_scale * time.scale * 9000 * 3500 * rank ** 0.5 / 60)
    return Case(Node(name, [data, feature, time, addend, state], [output], 3, "SVDFOptions",
                     {"rank": rank, "fusedActivationFunction": 1}))  # the other runtime refuses anything else


@case("READ_VARIABLE", (*NUMBERS, "bool"))
def variable(rng, name, kind):
    """A value that is assigned to a resource variable and read again, through one handle or two."""
    data = activation(rng, kind, dims(rng, int(rng.integers(0, 4)), 1, 5))
    handles = [Tensor("resource") for _ in range(int(rng.integers(1, 3)))]
    naming = {"container": pick(rng, "", "c"), "sharedName": "v"}
    makers = [Node("VAR_HANDLE", [], [handle], 1, "VarHandleOptions", naming) for handle in handles]
    assigning = Node("ASSIGN_VARIABLE", [handles[0], data], [], 1, "AssignVariableOptions")
    return Case(Node(name, [handles[-1]], [like(data)], 1, "ReadVariableOptions", before=[*makers, assigning]), units=0,
                inputs=[draw(rng, kind, data.shape)])
