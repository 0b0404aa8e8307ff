"""The audio front end, beside TensorFlow Lite Micro, which alone has it: what the comparison draws."""

import numpy

from build import Node, Tensor
from cases import Case, case, pick


def front_end(name, inputs, outputs, options, values):
    """Micro takes the outputs' shapes from the file and their number from the oracle's name."""
    return Case(Node(name, inputs, outputs, 1, options=options, custom=True), units=0, oracle=f"micro {len(outputs)}",
                inputs=values)


def samples(rng, count):
    """16-bit noise of any loudness."""
    loudness = 2 ** int(rng.integers(0, 16))
    return numpy.clip(rng.integers(-loudness, loudness, count, endpoint=True), -32768, 32767).astype("i2")


def energies(rng, count, bits):
    top = 2 ** int(rng.integers(1, bits + 1))
    return (rng.uniform(0, 1, count) * top).astype("u8" if bits > 32 else "u4")


@case("SignalWindow", ("int16",))
def window(rng, name, kind):
    period, repeats = int(rng.integers(1, 80)), int(rng.integers(1, 4))
    weights = Tensor(kind, data=samples(rng, period))
    data = Tensor(kind, (period * repeats,))
    return front_end(name, [data, weights], [Tensor(kind, data.shape)], {"shift": int(rng.integers(0, 16))},
                     [samples(rng, period * repeats)])


@case("SignalFftAutoScale", ("int16",))
def auto_scale(rng, name, kind):
    count = int(rng.integers(1, 100))
    return front_end(name, [Tensor(kind, (count,))], [Tensor(kind, (count,)), Tensor("int32")], {}, [samples(rng, count)])


@case("SignalRfft", ("int16",))
def spectrum(rng, name, kind):
    length = 2 ** int(rng.integers(2, 11))
    count = length - int(rng.integers(0, length // 2))
    return front_end(name, [Tensor(kind, (count,))], [Tensor(kind, (length + 2,))],
                     {"T": 7, "fft_length": length}, [samples(rng, count)])


@case("SignalEnergy", ("int16",))
def energy(rng, name, kind):
    count = int(rng.integers(1, 100))
    # Micro leaves the numbers outside the range as they were.
    return front_end(name, [Tensor(kind, (2 * count,))], [Tensor("uint32", (count,))],
                     {"end_index": count, "start_index": 0}, [samples(rng, 2 * count)])


@case("SignalFilterBank", ("uint32",))
def filter_bank(rng, name, kind):
    channels, frequencies = int(rng.integers(1, 12)), int(rng.integers(20, 100))
    widths = rng.integers(0, 8, channels + 1).astype("i2")
    frequency_starts = rng.integers(0, frequencies - 8, channels + 1).astype("i2")
    weight_starts = numpy.concatenate([[0], numpy.cumsum(widths)[:-1]]).astype("i2")
    weights = rng.integers(0, 4097, int(widths.sum()) + 1).astype("i2")
    vectors = [weights, (4096 - weights).astype("i2"), frequency_starts, weight_starts, widths]
    return front_end(name, [Tensor(kind, (frequencies,)), *(Tensor("int16", data=v) for v in vectors)],
                     [Tensor("uint64", (channels,))], {"num_channels": channels}, [energies(rng, frequencies, 32)])


@case("SignalFilterBankSquareRoot", ("uint64",))
def square_root(rng, name, kind):
    count = int(rng.integers(1, 40))
    return front_end(name, [Tensor(kind, (count,)), Tensor("int32")], [Tensor("uint32", (count,))], {},
                     [energies(rng, count, 63), numpy.asarray(rng.integers(0, 16), "i4")])


@case("SignalFilterBankSpectralSubtraction", ("uint32",))
def spectral_subtraction(rng, name, kind):
    count = int(rng.integers(1, 40))
    smoothing = [int(rng.integers(0, 16384)) for _ in range(2)]
    options = {"alternate_one_minus_smoothing": 16384 - smoothing[1], "alternate_smoothing": smoothing[1],
               "clamping": bool(rng.integers(0, 2)), "min_signal_remaining": int(rng.integers(0, 16384)),
               "num_channels": count, "one_minus_smoothing": 16384 - smoothing[0], "smoothing": smoothing[0],
               "smoothing_bits": int(rng.integers(0, 13)), "spectral_subtraction_bits": 14}
    return front_end(name, [Tensor(kind, (count,))], [Tensor(kind, (count,)), Tensor(kind, (count,))], options,
                     [energies(rng, count, 32)])


@case("SignalPCAN", ("uint32",))
def gain(rng, name, kind):
    count = int(rng.integers(1, 40))
    gains = Tensor("int16", data=rng.integers(-2000 if rng.random() < 0.3 else 0, 4000, 125).astype("i2"))
    return front_end(name, [Tensor(kind, (count,)), Tensor(kind, (count,)), gains], [Tensor(kind, (count,))],
                     {"snr_shift": int(rng.integers(0, 20))}, [energies(rng, count, 32), energies(rng, count, 31)])


@case("SignalFilterBankLog", ("uint32",))
def logarithm(rng, name, kind):
    count = int(rng.integers(1, 40))
    return front_end(name, [Tensor(kind, (count,))], [Tensor("int16", (count,))],
                     {"input_correction_bits": int(rng.integers(0, 8)), "output_scale": pick(rng, 1600, 64, 32768)},
                     [energies(rng, count, 32)])


def rows(rng, last):
    """One signal, or several beside each other."""
    return (*(int(n) for n in rng.integers(1, 4, int(rng.integers(0, 3)))), last)


@case("SignalFramer", ("int16",))
def framer(rng, name, kind):
    step = int(rng.integers(1, 40))
    size, shape = step + int(rng.integers(0, 60)), rows(rng, step * int(rng.integers(1, 6)))
    outputs = [Tensor(kind, (*shape[:-1], shape[-1] // step, size)), Tensor("bool")]
    result = front_end(name, [Tensor(kind, shape)], outputs, {"frame_size": size, "frame_step": step, "prefill": True},
                       [samples(rng, shape)])
    if rng.random() < 0.4:
        result.node.options["prefill"] = False
        result.formula = lambda data: framed(data, size, step)  # Micro leaves incomplete frames as they were
    return result


def framed(data, size, step):
    """What a circular buffer gives: as soon as it has `size` samples, the oldest `size`, of which `step` go."""
    count = data.shape[-1] // step
    frames = numpy.zeros((*data.shape[:-1], count, size), "i2")
    complete = True
    for place in numpy.ndindex(data.shape[:-1]):
        begin = 0
        for i in range(count):
            if (i + 1) * step - begin < size:
                complete = False
                continue
            frames[(*place, i)] = data[place][begin:begin + size]
            begin += step
    return [frames, numpy.asarray(complete)]


@case("SignalStacker", ("int16",))
def stacker(rng, name, kind):
    channels, left, right = int(rng.integers(1, 30)), int(rng.integers(0, 5)), int(rng.integers(0, 3))
    options = {"num_channels": channels, "stacker_left_context": left, "stacker_right_context": right,
               "stacker_step": int(rng.integers(1, left + right + 2))}
    size = channels * (left + right + 1)
    result = front_end(name, [Tensor(kind, (channels,))], [Tensor(kind, (size,)), Tensor("bool")], options,
                       [samples(rng, channels)])
    if right:
        result.formula = lambda data: [numpy.zeros(size, "i2"), numpy.asarray(False)]  # left as it was in Micro
    return result


@case("SignalDelay", ("int16",))
def delay(rng, name, kind):
    shape = rows(rng, int(rng.integers(1, 60)))
    return front_end(name, [Tensor(kind, shape)], [Tensor(kind, shape)], {"delay_length": int(rng.integers(0, 90))},
                     [samples(rng, shape)])


@case("SignalOverlapAdd", ("int16", "float32"))
def overlap(rng, name, kind):
    size, frames = int(rng.integers(1, 60)), int(rng.integers(1, 6))
    step = int(rng.integers(1, size + 1))
    shape = (*rows(rng, frames), size)
    values = samples(rng, shape) if kind == "int16" else rng.uniform(-1, 1, shape).astype("f4")
    return front_end(name, [Tensor(kind, shape)], [Tensor(kind, (*shape[:-2], frames * step))],
                     {"T": 7 if kind == "int16" else 0, "frame_step": step}, [values])


@case("SignalIrfft", ("int16",))
def inverse(rng, name, kind):
    length = 2 ** int(rng.integers(2, 11))
    return front_end(name, [Tensor(kind, (length + 2,))], [Tensor(kind, (length,))], {"T": 7, "fft_length": length},
                     [samples(rng, length + 2)])
