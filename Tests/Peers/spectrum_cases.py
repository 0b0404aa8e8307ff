"""Spectra and complex numbers, and constants that are stored sparsely."""

import numpy

from build import Node, Tensor
from cases import Case, case, dims


def spectrum(rng):
    """RFFT2D of some pictures. Of rows of one number LiteRT's spectrum is not what the definition gives."""
    height, width = 1 << int(rng.integers(0, 5)), 1 << int(rng.integers(1, 5))
    shape = (*dims(rng, int(rng.integers(0, 2)), 1, 3), *(max(1, n + int(rng.integers(-2, 3))) for n in (height, width)))
    lengths = Tensor("int32", data=numpy.array([height, width], "i4"))
    return Node("RFFT2D", [Tensor("float32", shape), lengths], [Tensor("complex64", (*shape[:-2], height, width // 2 + 1))],
                1, "Rfft2dOptions")


@case("RFFT2D", ("float32",))
def transform(rng, name, kind):
    return Case(spectrum(rng), tolerance=1e-6)


@case("REAL", ("complex64",))
@case("IMAG", ("complex64",))
@case("COMPLEX_ABS", ("complex64",))
@case("CAST", ("complex64",))
def parts(rng, name, kind):
    before = spectrum(rng)
    output = Tensor("float32", before.outputs[0].shape)
    table = "CastOptions" if name == "CAST" else ""
    pictures = numpy.asarray(rng.uniform(-1, 1, before.inputs[0].shape), "f4")
    return Case(Node(name, before.outputs, [output], 1, table, before=[before]), inputs=[pictures], tolerance=1e-6)


@case("DENSIFY", ("float32", "float16"))
def sparse(rng, name, kind):
    shape = dims(rng, int(rng.integers(1, 5)), 1, 6)
    data = numpy.asarray(numpy.where(rng.uniform(0, 1, shape) < 0.4, rng.uniform(-2, 2, shape), 0), kind)
    data.reshape(-1)[0] = 1  # a buffer without bytes is none
    dense = Tensor(kind, shape)
    before = [Node(name, [Tensor(kind, data=data, sparse=True)], [dense], 1, "DensifyOptions")]
    if kind == "float16":
        wide = Tensor("float32", shape)
        before.append(Node("DEQUANTIZE", [dense], [wide], 3, "DequantizeOptions"))
        dense = wide
    node = Node("ADD", [Tensor("float32", shape), dense], [Tensor("float32", shape)], 1, "AddOptions", before=before)
    return Case(node, inputs=[numpy.asarray(rng.uniform(-1, 1, shape), "f4")], tolerance=0)
