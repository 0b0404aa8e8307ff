"""Makes one network of keras_networks.py: keras_build.py NAME 2|3 FOLDER [SCHEME,...].

Leaves there the model as Keras saves it (.h5 and .keras), inputs and expected outputs (input.npz, expected.npz),
samples for calibration (samples.npz) and what TensorFlow's converter makes of it (tf-SCHEME.tflite, or tf-SCHEME.txt: why not).
"""

import os
import pathlib
import sys

NAME, GENERATION, FOLDER = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
SCHEMES = sys.argv[4].split(",") if len(sys.argv) > 4 else ["none", "float16", "dynamic", "int8", "int16x8"]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_USE_LEGACY_KERAS"] = "1" if GENERATION == 2 else "0"

import numpy
import tensorflow
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

if GENERATION == 2:
    import tf_keras as keras
else:
    import keras
from keras_networks import NETWORKS

SAMPLES = 4
tensorflow.config.threading.set_intra_op_parallelism_threads(1)
tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def draw(generator, shape, integers, reach):
    if integers:
        return generator.integers(0, int(reach), shape).astype(numpy.int32)
    if len(shape) < 4:
        return generator.uniform(0, reach, shape).astype(numpy.float32)
    # Pictures have areas: noise alone averages to gray.
    coarse = generator.uniform(0, reach, (*shape[:-3], -(-shape[-3] // 8), -(-shape[-2] // 8), shape[-1]))
    fine = coarse.repeat(8, -3).repeat(8, -2)[..., :shape[-3], :shape[-2], :]
    return (0.8 * fine + 0.2 * generator.uniform(0, reach, shape)).astype(numpy.float32)


def nodes(value):
    return list(value) if isinstance(value, (list, tuple)) else list(value.values()) if isinstance(value, dict) else [value]


def every_layer(model):
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from every_layer(layer)


def settle(model, batch, generator):
    """Random offsets, and the statistics that batch normalization would have seen."""
    for variable in model.weights:
        path = getattr(variable, "path", variable.name)
        if "beta" in path or "bias" in path:
            variable.assign(variable + generator.normal(0, 0.1, variable.shape).astype(numpy.float32))
        elif "gamma" in path and "layer_scale" not in path and len(variable.shape) == 1:
            variable.assign(generator.uniform(0.7, 1.3, variable.shape).astype(numpy.float32))
        elif "layer_scale" in path or path.endswith("gamma") and "convnext" in path.lower():
            variable.assign(generator.uniform(0.2, 0.6, variable.shape).astype(numpy.float32))
    normal = [layer for layer in every_layer(model) if type(layer).__name__ == "BatchNormalization"]
    if not normal:
        return
    momenta = [layer.momentum for layer in normal]
    for layer in normal:
        layer.momentum = 0.0
        layer.trainable = True
    model(batch, training=True)
    for layer, momentum in zip(normal, momenta):
        layer.momentum = momentum
        variance = numpy.asarray(layer.moving_variance)
        layer.moving_variance.assign(variance + 0.1 * variance.mean() + 1e-3)


def batches(model, generator, count, reach):
    arrays = []
    for tensor in nodes(model.inputs):
        integers = "int" in str(getattr(tensor.dtype, "name", tensor.dtype))
        arrays.append(draw(generator, (count, *tensor.shape[1:]), integers, reach))
    return arrays


def packed(arrays):
    return arrays[0] if len(arrays) == 1 else arrays


def tflite(model, samples):
    lite = tensorflow.lite
    def frozen():
        """Its variables as constants: the calibrating interpreter would find them empty."""
        signature = [tensorflow.TensorSpec((1, *tensor.shape[1:]), tensor.dtype) for tensor in nodes(model.inputs)]
        function = tensorflow.function(
            lambda *inputs: model(packed(list(inputs)), training=False), input_signature=signature)
        return convert_variables_to_constants_v2(function.get_concrete_function())

    def converter():
        if GENERATION == 3:
            return lite.TFLiteConverter.from_concrete_functions([frozen()])
        return lite.TFLiteConverter.from_keras_model(model)

    def representative():
        for index in range(SAMPLES):
            yield [array[index:index + 1] for array in samples]

    def float16(c):
        c.optimizations = [lite.Optimize.DEFAULT]
        c.target_spec.supported_types = [tensorflow.float16]

    def dynamic(c):
        c.optimizations = [lite.Optimize.DEFAULT]

    def int8(c):
        c.optimizations = [lite.Optimize.DEFAULT]
        c.representative_dataset = representative
        c.target_spec.supported_ops = [lite.OpsSet.TFLITE_BUILTINS_INT8, lite.OpsSet.TFLITE_BUILTINS]
        c.inference_input_type = c.inference_output_type = tensorflow.int8

    def int16x8(c):
        c.optimizations = [lite.Optimize.DEFAULT]
        c.representative_dataset = representative
        c.target_spec.supported_ops = [
            lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8, lite.OpsSet.TFLITE_BUILTINS]

    for scheme, prepare in {
            "none": lambda c: None, "float16": float16, "dynamic": dynamic, "int8": int8, "int16x8": int16x8}.items():
        if scheme not in SCHEMES:
            continue
        try:
            made = converter()
            prepare(made)
            (FOLDER / f"tf-{scheme}.tflite").write_bytes(made.convert())
        except Exception as error:  # whatever it is, it is the answer
            (FOLDER / f"tf-{scheme}.txt").write_text(" ".join(str(error).split())[:300])


def main():
    make, reach = NETWORKS[NAME]
    keras.utils.set_random_seed(7)
    model = make(keras)
    generator = numpy.random.default_rng(7)
    batch = batches(model, generator, SAMPLES, reach)
    settle(model, packed([tensorflow.constant(array) for array in batch]), generator)
    FOLDER.mkdir(parents=True, exist_ok=True)
    histories = [tensor._keras_history for tensor in nodes(model.inputs)]
    names = [(history.operation if GENERATION == 3 else history.layer).name for history in histories]
    one = [array[:1] for array in batches(model, generator, 1, reach)]
    numpy.savez(FOLDER / "input.npz", **dict(zip(names, one)))
    numpy.savez(FOLDER / "samples.npz", **dict(zip(names, batch)))
    outputs = nodes(model(packed([tensorflow.constant(array) for array in one]), training=False))
    numpy.savez(FOLDER / "expected.npz", **{str(i): numpy.asarray(value) for i, value in enumerate(outputs)})
    for ending in ("h5", "keras"):
        try:
            model.save(FOLDER / f"model.{ending}")
        except Exception as error:
            (FOLDER / f"model.{ending}.txt").write_text(" ".join(str(error).split())[:300])
    (FOLDER / "done").touch()
    tflite(model, batch)  # last, since it can crash


main()
