"""Keras layers: small models with random weights, saved as .keras and .h5, converted, and compared with Keras itself.

The oracle is Keras on its JAX backend, in float32.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy

LIMIT = 1e-4  # of the largest magnitude
layers = keras.layers


def chain(*parts):
    def apply(x):
        for part in parts:
            x = part(x)
        return x

    return apply


SEQUENCE = (6, 3)
PICTURE = (9, 8, 4)
CASES = {
    "lstm": (SEQUENCE, lambda: layers.LSTM(4)),
    "lstm_sequence": (SEQUENCE, lambda: layers.LSTM(4, return_sequences=True)),
    "lstm_states": (SEQUENCE, lambda: layers.LSTM(4, return_sequences=True, return_state=True)),
    "lstm_other_activations": (
        SEQUENCE, lambda: layers.LSTM(4, use_bias=False, recurrent_activation="hard_sigmoid", activation="relu")),
    "gru": (SEQUENCE, lambda: layers.GRU(4)),
    "gru_reset_before": (SEQUENCE, lambda: layers.GRU(4, reset_after=False, return_sequences=True)),
    "simple_rnn_backwards": (SEQUENCE, lambda: layers.SimpleRNN(4, return_sequences=True, go_backwards=True)),
    "bidirectional": (SEQUENCE, lambda: layers.Bidirectional(layers.LSTM(4, return_sequences=True))),
    "bidirectional_sum": (SEQUENCE, lambda: layers.Bidirectional(layers.GRU(4), merge_mode="sum")),
    "stacked": (SEQUENCE, lambda: chain(
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.GRU(5), layers.Dense(3, activation="softmax"))),
    "conv1d": (SEQUENCE, lambda: layers.Conv1D(5, 3, padding="same", activation="relu")),
    "conv2d": (PICTURE, lambda: layers.Conv2D(5, 3, strides=2, padding="same", activation="hard_sigmoid")),
    "conv2d_dilated": (PICTURE, lambda: layers.Conv2D(5, 3, dilation_rate=2)),
    "conv2d_transpose": (PICTURE, lambda: layers.Conv2DTranspose(3, 3, strides=2, padding="same")),
    "depthwise": (PICTURE, lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")),
    "separable": (PICTURE, lambda: layers.SeparableConv2D(6, 3, padding="same", activation="silu")),
    "batch_normalization": (PICTURE, lambda: chain(
        layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(6.0))),
    "layer_normalization": (PICTURE, lambda: layers.LayerNormalization()),
    "pooling": (PICTURE, lambda: chain(layers.MaxPooling2D(2), layers.AveragePooling2D(2, padding="same"))),
    "global_pooling": (PICTURE, lambda: chain(layers.GlobalAveragePooling2D(), layers.Dense(3))),
    "shaping": (PICTURE, lambda: chain(
        layers.ZeroPadding2D(((1, 0), (2, 1))), layers.Cropping2D(1), layers.Permute((2, 1, 3)), layers.Flatten())),
    "up_sampling": (PICTURE, lambda: layers.UpSampling2D(2, interpolation="bilinear")),
    "prelu": (PICTURE, lambda: layers.PReLU(shared_axes=[1, 2])),
    "leaky_relu": (PICTURE, lambda: layers.LeakyReLU(negative_slope=0.1)),
}


def difference(expected, found):
    if expected.shape != found.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    distance = float(numpy.abs(expected - found).max())
    limit = LIMIT * max(float(numpy.abs(expected).max()), 1e-3)
    return f"differs by {distance:.1e}" if distance > limit else None


def judge(binary, shape, make, folder, generator):
    source = keras.Input(shape)
    model = keras.Model(source, make()(source))
    # Variances have to be positive.
    model.set_weights([
        generator.uniform(0.5, 1.5, w.shape) if "variance" in v.path else generator.normal(0, 0.5, w.shape)
        for w, v in zip(model.get_weights(), model.weights)])
    data = generator.normal(size=(1, *shape)).astype(numpy.float32)
    numpy.save(folder / "input.npy", data)
    expected = model.predict(data, verbose=0)
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    for extension in ("keras", "h5"):
        model.save(folder / f"model.{extension}")
        for command in (
                ["convert", folder / f"model.{extension}", "-o", folder / "model.tflite", "--keep-layout"],
                ["run", folder / "model.tflite", "--input", folder / "input.npy", "--output-dir", folder / "out"]):
            run = subprocess.run([binary, *command], capture_output=True, text=True)
            if run.returncode:
                return f".{extension}: {run.stderr.strip()}"
        for index, wanted in enumerate(expected):
            problem = difference(numpy.asarray(wanted), numpy.load(folder / "out" / f"{index}.npy"))
            if problem:
                return f".{extension}, output {index}: {problem}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", default=".build/release/swiftlet", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only cases whose name contains this text")
    options = parser.parse_args()
    chosen = {name: case for name, case in CASES.items() if options.only in name}
    failures = []
    for name, (shape, make) in chosen.items():
        with tempfile.TemporaryDirectory() as folder:
            generator = numpy.random.default_rng(len(name))
            problem = judge(options.swiftlet.resolve(), shape, make, pathlib.Path(folder), generator)
        if problem:
            failures.append(f"{name}: {problem}")
    print(f"{len(chosen) - len(failures)} of {len(chosen)} Keras layers agree with Keras")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
