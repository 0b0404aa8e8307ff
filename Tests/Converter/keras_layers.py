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


def nested():
    """Models as layers, of which one is called twice."""
    inner = keras.Input((9, 8, 4))
    tower = keras.Model(inner, layers.BatchNormalization()(layers.Dense(5, activation="relu")(inner)), name="tower")
    head = keras.Sequential([layers.Dense(4), layers.Dense(3)], name="head")
    return lambda x: head(layers.Add()([tower(layers.Conv2D(4, 1)(x)), tower(x)]))


def masked(x):
    """Padding that layers behind do not count."""
    x = layers.Embedding(4, 6, mask_zero=True)(x)
    return [
        layers.GRU(5)(x), layers.GlobalAveragePooling1D()(layers.Dropout(0.1)(x)),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x), layers.MultiHeadAttention(2, 4)(x, x)]


def started(x):
    """A layer that starts from another's states."""
    x, *states = layers.LSTM(4, return_sequences=True, return_state=True)(x)
    return layers.LSTM(4)(x, initial_state=states)


def spread(cell):
    return lambda: layers.RNN([cell(4), layers.LSTMCell(3)], return_sequences=True)


VIDEO = (3, 6, 7, 2)
WORDS = (7,)
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
    "operators": (PICTURE, lambda: lambda x: (1.0 - x * 2.0)[:, 1:-1, ::2, 1] / 3.0 + x[:, 1:-1, ::2, 0]),
    "functions": (PICTURE, lambda: lambda x: keras.ops.concatenate([
        keras.ops.mean(x, axis=-1, keepdims=True), keras.ops.sigmoid(x), keras.ops.clip(x, -0.5, 0.5) ** 2], axis=-1)),
    "arrangements": (PICTURE, lambda: lambda x: keras.ops.squeeze(keras.ops.expand_dims(keras.ops.transpose(
        keras.ops.reshape(x, (-1, 9, 4, 8)), (0, 2, 3, 1)), 1), 1)),
    "nested": (PICTURE, nested),
    "masked": (WORDS, lambda: masked),
    "started": (SEQUENCE, lambda: started),
    "cells": (SEQUENCE, spread(layers.GRUCell)),
    "time_distributed": (VIDEO, lambda: chain(
        layers.TimeDistributed(layers.Conv2D(4, 3)), layers.TimeDistributed(layers.Flatten()), layers.LSTM(3))),
    "conv_lstm": (VIDEO, lambda: layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True)),
    "conv3d": (VIDEO, lambda: chain(
        layers.Conv3D(4, (2, 3, 2), padding="same"), layers.MaxPooling3D((2, 2, 1)), layers.AveragePooling3D(
            2, padding="same"), layers.GlobalMaxPooling3D())),
    "attention": (SEQUENCE, lambda: lambda x: layers.MultiHeadAttention(2, 4, output_shape=5)(
        layers.Dense(4)(x), x, use_causal_mask=True)),
    "dot_attention": (SEQUENCE, lambda: lambda x: layers.Attention(use_scale=True)([layers.Dense(3)(x), x])),
    "dot": (SEQUENCE, lambda: lambda x: layers.Dot(axes=(2, 1), normalize=True)([x, layers.Permute((2, 1))(x)])),
    "group_normalization": (PICTURE, lambda: layers.GroupNormalization(2)),
    "layer_normalization_of_areas": (PICTURE, lambda: layers.LayerNormalization(axis=[1, 2, 3])),
    "rms_normalization": (PICTURE, lambda: layers.RMSNormalization()),
    "unit_normalization": (PICTURE, lambda: layers.UnitNormalization()),
    "normalization": (PICTURE, lambda: chain(
        layers.Normalization(mean=[1.0, 2, 3, 4], variance=[4.0, 3, 2, 1]), layers.Rescaling([1.0, 2, 3, 4], offset=1),
        layers.Resizing(6, 5), layers.CenterCrop(3, 4), layers.RandomFlip())),
    "grouped": (PICTURE, lambda: layers.Conv2D(6, 3, groups=2)),
    "conv1d_transpose": (SEQUENCE, lambda: layers.Conv1DTranspose(5, 3, strides=2, padding="same")),
    "elu": (PICTURE, lambda: layers.ELU(alpha=0.5)),
    "leaky_relu": (PICTURE, lambda: layers.LeakyReLU(negative_slope=0.1)),
}


def difference(expected, found):
    if expected.shape != found.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    distance = float(numpy.abs(expected - found).max())
    limit = LIMIT * max(float(numpy.abs(expected).max()), 1e-3)
    return f"differs by {distance:.1e}" if distance > limit else None


def judge(binary, shape, make, folder, generator):
    words = shape is WORDS
    source = keras.Input(shape, dtype="int32" if words else "float32")
    model = keras.Model(source, make()(source))
    # Variances have to be positive.
    model.set_weights([
        generator.uniform(0.5, 1.5, w.shape) if "variance" in v.path else generator.normal(0, 0.5, w.shape)
        for w, v in zip(model.get_weights(), model.weights)])
    if words:
        data = numpy.array([[1, 3, 2, 1, 0, 0, 0]], numpy.int32)
    else:
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
