"""Recurrent layers, one invocation from a state of zeros: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import Case, activation, case, dims, draw, ints, pick


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
