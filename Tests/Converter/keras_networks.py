"""Whole networks of Keras with random weights, made alike by Keras 3 and by Keras 2 (tf_keras).

NETWORKS gives for each name how it is made, `make(keras)`, and the reach of its inputs: floats lie in 0...reach, integers
below it.
"""

import functools


def application(name, size, **options):
    def make(keras):
        options.setdefault("classes", 100)
        return getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), **options)

    return make


def convolution(layers, x, count, activation="relu"):
    x = layers.Conv2D(count, 3, padding="same", use_bias=False)(x)
    return layers.Activation(activation)(layers.BatchNormalization()(x))


def unet(keras, transposed):
    layers = keras.layers
    source = x = keras.Input((64, 64, 3))
    skips = []
    for count in (8, 16, 32):
        x = convolution(layers, convolution(layers, x, count), count)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(convolution(layers, x, 64))
    for count, skip in zip((32, 16, 8), reversed(skips)):
        if transposed:
            x = layers.Conv2DTranspose(count, 2 if count > 8 else 3, strides=2, padding="same", activation="relu")(x)
        else:
            x = layers.UpSampling2D(2, interpolation="bilinear" if count > 8 else "nearest")(x)
        x = convolution(layers, layers.Concatenate()([x, skip]), count)
    return keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid")(x))


def sequential(shape, *parts, dtype=None):
    """Parts are functions of the module of layers."""
    def make(keras):
        return keras.Sequential([keras.Input(shape, dtype=dtype), *(part(keras.layers) for part in parts)])

    return make


def audio(keras):
    layers = keras.layers
    source = x = keras.Input((4000, 1))
    x = layers.Conv1D(16, 80, strides=4, activation="relu")(x)
    x = layers.MaxPooling1D(4)(layers.BatchNormalization()(x))
    for rate in (1, 2, 4):
        gate = layers.Conv1D(16, 3, padding="causal", dilation_rate=rate, activation="sigmoid")(x)
        wave = layers.Conv1D(16, 3, padding="causal", dilation_rate=rate, activation="tanh")(x)
        x = layers.Add()([x, layers.Conv1D(16, 1)(layers.Multiply()([gate, wave]))])
    x = layers.SeparableConv1D(24, 5, padding="same", activation="relu")(layers.AveragePooling1D(2)(x))
    return keras.Model(source, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling1D()(x)))


def transformer(keras):
    layers = keras.layers
    tokens = keras.Input((32,), dtype="int32", name="tokens")
    x = layers.Embedding(500, 32)(tokens)
    for _ in range(2):
        attended = layers.MultiHeadAttention(4, 8, dropout=0.1)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, layers.Dropout(0.1)(attended)]))
        inner = layers.Dense(32)(layers.Dense(64, activation="gelu")(x))
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, inner]))
    return keras.Model(tokens, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(x)))


def encoder_decoder(keras):
    """Attention with keys of their own, and a query of another length."""
    layers = keras.layers
    memory, query = keras.Input((20, 24), name="memory"), keras.Input((6, 16), name="query")
    x = layers.MultiHeadAttention(2, 8, value_dim=12, output_shape=16)(query, memory, memory)
    x = layers.Add()([query, x])
    x = layers.MultiHeadAttention(2, 8, use_bias=False)(x, x, use_causal_mask=True)
    scores = layers.Attention()([x, x])
    return keras.Model([memory, query], layers.Dense(5)(layers.Concatenate()([x, scores])))


def vision_transformer(keras):
    layers = keras.layers
    source = keras.Input((64, 64, 3))
    x = layers.Reshape((64, 48))(layers.Conv2D(48, 8, strides=8)(layers.Rescaling(1 / 127.5, offset=-1)(source)))
    for _ in range(2):
        normal = layers.LayerNormalization()(x)
        x = layers.Add()([layers.MultiHeadAttention(3, 16)(normal, normal), x])
        x = layers.Add()([layers.Dense(48)(layers.Dense(96, activation="gelu")(layers.LayerNormalization()(x))), x])
    return keras.Model(source, layers.Dense(10)(layers.Flatten()(layers.LayerNormalization()(x))))


def several(keras):
    layers = keras.layers
    picture = keras.Input((32, 32, 3), name="picture")
    table = keras.Input((7,), name="table")
    words = keras.Input((12,), dtype="int32", name="words")
    x = layers.Flatten()(layers.MaxPooling2D()(layers.Conv2D(8, 3, activation="relu")(picture)))
    y = layers.Dense(8, activation="relu")(layers.BatchNormalization()(table))
    z = layers.Flatten()(layers.Embedding(50, 4)(words))
    joined = layers.concatenate([layers.Dense(16)(x), y, z])
    return keras.Model([picture, table, words], [
        layers.Dense(4, activation="softmax", name="kind")(joined), layers.Dense(1, name="price")(joined), y])


def nested(keras):
    layers = keras.layers
    backbone = keras.applications.MobileNetV2(
        weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.35, pooling="avg")
    augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)], name="augmentation")
    source = keras.Input((64, 64, 3))
    x = backbone(layers.Rescaling(1 / 127.5, offset=-1)(augmentation(source)), training=False)
    head = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dropout(0.2), layers.Dense(3)], name="head")
    return keras.Model(source, layers.Softmax()(head(x)))


def siamese(keras):
    layers = keras.layers
    inner = x = keras.Input((28, 28, 1))
    x = layers.MaxPooling2D()(layers.Conv2D(8, 3, activation="relu")(x))
    tower = keras.Model(inner, layers.Dense(16)(layers.Flatten()(x)), name="tower")
    left, right = keras.Input((28, 28, 1), name="left"), keras.Input((28, 28, 1), name="right")
    shared = layers.Dense(8, activation="tanh")
    a, b = shared(tower(left)), shared(tower(right))
    likeness = layers.Dot(axes=1, normalize=True)([a, b])
    return keras.Model([left, right], [likeness, layers.Dense(1, activation="sigmoid")(layers.Subtract()([a, b]))])


def preprocessing(keras):
    layers = keras.layers
    source = keras.Input((70, 90, 3))
    x = layers.CenterCrop(60, 80)(source)
    x = layers.Resizing(32, 48)(x)
    x = layers.Normalization(mean=[120.0, 110.0, 100.0], variance=[3000.0, 3500.0, 4000.0])(x)
    x = layers.Rescaling(0.5)(x)
    return keras.Model(source, layers.GlobalMaxPooling2D()(layers.Conv2D(6, 3, activation="relu")(x)))


def operators(keras):
    """Arithmetic between layers, as written in Python."""
    layers = keras.layers
    source = keras.Input((24, 24, 4))
    x = layers.Conv2D(8, 3, padding="same")(source * 2.0 - 1.0)
    gate = layers.Dense(8, activation="sigmoid")(layers.Dense(4, activation="relu")(
        layers.GlobalAveragePooling2D()(x)))
    x = x * layers.Reshape((1, 1, 8))(gate)
    x = x[:, 2:-2, 2:-2, :] + 0.5
    return keras.Model(source, layers.Dense(3)(layers.Flatten()(x / 3.0)))


def axes(keras):
    """Layers along other axes than the last, and two outputs by name."""
    layers = keras.layers
    source = x = keras.Input((12, 10, 4))
    x = layers.BatchNormalization(axis=1)(layers.UnitNormalization(axis=1)(x))
    x = layers.ReLU(threshold=0.2, negative_slope=0.1)(
        layers.Conv2DTranspose(6, 3, strides=2, padding="same", output_padding=1)(x))
    x = layers.EinsumDense("abcd,de->abce", output_shape=(24, 20, 5), bias_axes="e")(x)
    mean = layers.GlobalAveragePooling2D()(x)
    x = layers.Softmax(axis=1)(layers.Reshape((48, 50))(x))
    attended = layers.AdditiveAttention()([layers.Cropping1D((0, 40))(x), x])
    return keras.Model(source, {"attended": attended, "mean": mean})


def functions(keras):
    """Functions between layers: operations of Keras 3, TensorFlow's in Keras 2."""
    layers = keras.layers
    source = keras.Input((8, 6))
    x = layers.Dense(12)(source)
    if hasattr(keras, "ops"):
        ops = keras.ops
        first, second = ops.split(x, 2, axis=-1)
        scores = ops.softmax(ops.matmul(first, ops.swapaxes(second, 1, 2)), axis=1)
        x = ops.concatenate([ops.einsum("bij,bjd->bid", scores, second), ops.flip(first, axis=1)], axis=-1)
        spread = ops.std(x, axis=1)
        x = ops.where(x > 0.1, x, ops.gelu(x))
        x = ops.pad(ops.take(x, [0, -1, 3], axis=1), [[0, 0], [1, 1], [0, 0]])
        return keras.Model(source, [layers.Dense(3)(x), spread, ops.logsumexp(x, axis=-1), ops.cumsum(x, axis=1)])
    import tensorflow as tf
    first, second = tf.split(x, 2, axis=-1)
    scores = tf.nn.softmax(tf.matmul(first, second, transpose_b=True), axis=1)
    x = tf.concat([tf.matmul(scores, second), tf.reverse(first, axis=[1])], axis=-1)
    spread = tf.math.reduce_std(x, axis=1)
    x = tf.where(x > 0.1, x, tf.nn.gelu(x))
    x = tf.pad(tf.gather(x, [0, 7, 3], axis=1), [[0, 0], [1, 1], [0, 0]])
    return keras.Model(source, [layers.Dense(3)(x), spread, tf.reduce_logsumexp(x, axis=-1), tf.cumsum(x, axis=1)])


def activations(keras):
    layers = keras.layers
    source = x = keras.Input((16, 16, 6))
    for name in ("swish", "gelu", "elu", "selu", "softplus", "softsign", "hard_sigmoid", "tanh", "exponential"):
        x = layers.Conv2D(6, 1, activation=name)(x)
    for layer in (layers.LeakyReLU(), layers.PReLU(shared_axes=[1, 2]), layers.ELU(alpha=0.7), layers.ReLU(max_value=4.0),
                  layers.ReLU(max_value=6.0, negative_slope=0.1), layers.ReLU()):
        x = layer(layers.DepthwiseConv2D(3, padding="same")(x))
    return keras.Model(source, layers.GlobalAveragePooling2D()(x))


def normalizations(keras):
    layers = keras.layers
    source = x = keras.Input((16, 16, 8))
    x = layers.GroupNormalization(4)(layers.Conv2D(16, 3, padding="same")(x))
    x = layers.LayerNormalization(axis=[1, 2, 3])(layers.Conv2D(16, 3, padding="same", activation="relu")(x))
    x = layers.GroupNormalization(-1)(layers.Conv2D(16, 3, strides=2, groups=4, padding="same")(x))
    x = layers.Dense(12)(layers.Flatten()(x))
    return keras.Model(source, layers.UnitNormalization()(x))


def mixed(keras):
    set_policy = keras.mixed_precision.set_global_policy
    set_policy("mixed_float16")
    try:
        layers = keras.layers
        source = x = keras.Input((32, 32, 3))
        for count in (8, 16):
            x = layers.MaxPooling2D()(convolution(layers, x, count))
        x = layers.Dense(10)(layers.GlobalAveragePooling2D()(x))
        return keras.Model(source, layers.Activation("softmax", dtype="float32")(x))
    finally:
        set_policy("float32")


def crnn(keras):
    layers = keras.layers
    source = x = keras.Input((32, 64, 1))
    for count in (8, 16):
        x = layers.MaxPooling2D()(layers.Conv2D(count, 3, padding="same", activation="relu")(x))
    x = layers.Reshape((16, 128))(layers.Permute((2, 1, 3))(x))
    x = layers.Bidirectional(layers.LSTM(16, return_sequences=True, dropout=0.2))(layers.Dense(24, activation="relu")(x))
    return keras.Model(source, layers.Dense(20, activation="softmax")(x))


def translation(keras):
    """An encoder's states start a decoder; padding does not count."""
    layers = keras.layers
    words, target = keras.Input((10,), dtype="int32", name="words"), keras.Input((8,), dtype="int32", name="target")
    x = layers.Embedding(6, 12, mask_zero=True)(words)
    x, *states = layers.LSTM(16, return_sequences=True, return_state=True)(layers.Dropout(0.1)(x))
    y = layers.LSTM(16, return_sequences=True)(layers.Embedding(6, 12)(target), initial_state=states)
    kind = layers.Dense(3)(layers.GlobalAveragePooling1D()(x))
    return keras.Model([words, target], [layers.TimeDistributed(layers.Dense(6, activation="softmax"))(y), kind])


def video(keras):
    layers = keras.layers
    source = keras.Input((5, 24, 24, 3))
    x = layers.TimeDistributed(layers.Conv2D(6, 3, activation="relu"))(source)
    x = layers.TimeDistributed(layers.MaxPooling2D())(x)
    x = layers.TimeDistributed(layers.Flatten())(x)
    return keras.Model(source, layers.Dense(4)(layers.LSTM(8)(x)))


def separable(keras):
    layers = keras.layers
    source = x = keras.Input((48, 48, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    for count in (16, 24, 32):
        y = layers.SeparableConv2D(count, 3, padding="same", depth_multiplier=2)(x)
        y = layers.MaxPooling2D(3, strides=2, padding="same")(layers.LeakyReLU()(layers.BatchNormalization()(y)))
        x = layers.add([y, layers.Conv2D(count, 1, strides=2, padding="same")(x)])
    x = layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x)
    return keras.Model(source, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))


def channels_first(keras):
    """Channels before rows and columns; Keras 2 convolves so on no processor."""
    layers = keras.layers
    first = {"data_format": "channels_first"}
    source = x = keras.Input((3, 24, 32))
    if hasattr(keras, "ops"):
        for count in (8, 12):
            x = layers.Conv2D(count, 3, padding="same", use_bias=False, **first)(x)
            x = layers.ReLU()(layers.BatchNormalization(axis=1)(x))
            x = layers.MaxPooling2D(**first)(x)
        x = layers.DepthwiseConv2D(3, padding="same", activation="relu", **first)(x)
        x = layers.Conv2DTranspose(6, 3, strides=2, padding="same", **first)(x)
        x = layers.GroupNormalization(2, axis=1)(x)
        x = layers.SeparableConv2D(8, 3, strides=2, **first)(x)
    x = layers.ZeroPadding2D(((1, 0), (0, 2)), **first)(layers.UpSampling2D(interpolation="bilinear", **first)(x))
    mean = layers.GlobalAveragePooling2D(**first)(x)
    return keras.Model(source, [layers.Dense(5)(layers.Flatten(**first)(x)), mean])


def rare(keras):
    """Layers that few networks have."""
    layers = keras.layers
    picture, line = keras.Input((16, 16, 3), name="picture"), keras.Input((4, 12, 2), name="line")
    x = layers.SpectralNormalization(layers.Conv2D(6, 3, padding="same", activation="relu"))(picture)
    x = layers.UpSampling2D(2, interpolation="bicubic")(x)
    x = layers.Conv2DTranspose(4, 3, dilation_rate=2, padding="same")(x)
    y = layers.ConvLSTM1D(4, 3, padding="same", return_sequences=True)(line)
    y = layers.ConvLSTM1D(3, 3, strides=2)(y)
    volume = layers.Conv3DTranspose(2, 3, strides=2, padding="same")(layers.Reshape((4, 4, 4, 16))(layers.Resizing(
        16, 16, interpolation="bicubic")(x)))
    if hasattr(keras, "ops"):
        y = layers.GroupQueryAttention(4, 4, 2)(y, y, use_causal_mask=True)
    return keras.Model([picture, line], [volume, layers.SpectralNormalization(layers.Dense(3))(layers.Flatten()(y))])


def part(name, *values, **options):
    return lambda layers: getattr(layers, name)(*values, **options)


NETWORKS = {
    "MobileNet": (application("MobileNet", 128), 1),
    "MobileNetV2": (application("MobileNetV2", 160), 1),
    "MobileNetV3Small": (application("MobileNetV3Small", 160), 255),
    "MobileNetV3Large": (application("MobileNetV3Large", 160), 255),
    "MobileNetV3Minimal": (application("MobileNetV3Small", 96, minimalistic=True), 255),
    "EfficientNetB0": (application("EfficientNetB0", 128), 255),
    "EfficientNetV2B0": (application("EfficientNetV2B0", 128), 255),
    "NASNetMobile": (application("NASNetMobile", 96), 1),
    "DenseNet121": (application("DenseNet121", 96), 1),
    "ResNet50": (application("ResNet50", 96), 1),
    "ResNet50V2": (application("ResNet50V2", 96), 1),
    "InceptionV3": (application("InceptionV3", 128), 1),
    "Xception": (application("Xception", 96), 1),
    "ConvNeXtTiny": (application("ConvNeXtTiny", 64), 255),
    "VGG16": (application("VGG16", 64), 1),
    "unet-transposed": (functools.partial(unet, transposed=True), 1),
    "unet-up": (functools.partial(unet, transposed=False), 1),
    "autoencoder": (sequential((640,), *(
        function for count in (64, 64, 8, 64) for function in (
            part("Dense", count), part("BatchNormalization"), part("Activation", "relu"))), part("Dense", 640)), 1),
    "audio": (audio, 1),
    "text": (sequential(
        (64,), part("Embedding", 1000, 16), part("GlobalAveragePooling1D"), part("Dense", 24, activation="relu"),
        part("Dense", 1, activation="sigmoid"), dtype="int32"), 1000),
    "text-lstm": (sequential(
        (24,), part("Embedding", 200, 16), part("SpatialDropout1D", 0.2), part("LSTM", 16, dropout=0.2),
        part("Dense", 3, activation="softmax"), dtype="int32"), 200),
    "text-masked": (sequential(
        (12,), part("Embedding", 200, 16, mask_zero=True), part("LSTM", 16), part("Dense", 3), dtype="int32"), 3),
    "lstm": (sequential(
        (28, 28), part("LSTM", 20, return_sequences=True), part("LSTM", 12), part("Dense", 10, activation="softmax")), 1),
    "gru": (sequential(
        (20, 9), part("GRU", 16, return_sequences=True), part("GRU", 8), part("Dense", 1)), 1),
    "bidirectional": (sequential(
        (20, 9), lambda layers: layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
        lambda layers: layers.Bidirectional(layers.GRU(8)), part("Dense", 4)), 1),
    "cells": (sequential(
        (10, 6), lambda layers: layers.RNN([layers.LSTMCell(8), layers.GRUCell(6)], return_sequences=True),
        lambda layers: layers.TimeDistributed(layers.Dense(3))), 1),
    "convlstm": (sequential(
        (4, 16, 16, 2), part("ConvLSTM2D", 6, 3, padding="same", return_sequences=True),
        part("BatchNormalization"), part("ConvLSTM2D", 4, 3, padding="same"),
        part("Conv2D", 1, 3, padding="same", activation="sigmoid")), 1),
    "conv3d": (sequential(
        (8, 16, 16, 2), part("Conv3D", 6, 3, activation="relu"), part("MaxPooling3D", 2), part("BatchNormalization"),
        part("Conv3D", 8, 3, padding="same"), part("GlobalAveragePooling3D"), part("Dense", 3)), 1),
    "conv1d-transposed": (sequential(
        (32, 4), part("Conv1D", 8, 4, strides=2, padding="same", activation="relu"), part("DepthwiseConv1D", 3),
        part("Conv1DTranspose", 8, 4, strides=2, padding="same", activation="relu"), part("UpSampling1D", 2),
        part("ZeroPadding1D", 1), part("Cropping1D", 1), part("Conv1DTranspose", 1, 3)), 1),
    "transformer": (transformer, 500),
    "translation": (translation, 6),
    "encoder-decoder": (encoder_decoder, 1),
    "vision-transformer": (vision_transformer, 255),
    "several": (several, 50),
    "nested": (nested, 255),
    "siamese": (siamese, 1),
    "preprocessing": (preprocessing, 255),
    "operators": (operators, 1),
    "axes": (axes, 1),
    "functions": (functions, 1),
    "activations": (activations, 1),
    "normalizations": (normalizations, 1),
    "mixed": (mixed, 1),
    "crnn": (crnn, 1),
    "video": (video, 1),
    "separable": (separable, 1),
    "channels-first": (channels_first, 1),
    "rare": (rare, 1),
}
