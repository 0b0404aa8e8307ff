"""Runs the wake word programs of PyPI with TensorFlow Lite's library and with ours in its place, and compares.

    wakewords.py OURS WAV...

Detections must be the same. The probabilities of pymicro-wakeword must be, frame by frame, those of LiteRT's default
path; the library inside the wheel is built without that path and rounds some frames differently.
"""

import shutil
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
import pymicro_wakeword
import pyopen_wakeword
from ai_edge_litert.interpreter import Interpreter
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures
from pyopen_wakeword import OpenWakeWord, OpenWakeWordFeatures

CHUNK_BYTES = 2560


def read(path):
    with wave.open(path) as file:
        assert file.getframerate() == 16000 and file.getnchannels() == 1, path
        return file.readframes(file.getnframes())


def micro(model, library, pcm):
    """Quantized inputs, quantized outputs, smoothed probabilities and detections of one word."""
    word = MicroWakeWord.from_builtin(model, libtensorflowlite_c_path=library)
    inputs, outputs, probabilities, detections = [], [], [], 0
    for features in MicroWakeWordFeatures().process_streaming(pcm):
        window = word._features + [features]
        probability = word.process_streaming_prob(features)
        if not word._features:
            values = np.concatenate(window, axis=1) / word.input_scale + word.input_zero_point
            inputs.append(np.round(values).astype(word.input_dtype))
            outputs.append(round(word._probabilities[-1] / word.output_scale))
        probabilities.append(probability)
        detections += probability > word.probability_cutoff
    return inputs, outputs, probabilities, detections


def litert(model, inputs):
    path = Path(pymicro_wakeword.__file__).parent / "models" / f"{model.value}.tflite"
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    outputs = []
    for values in inputs:
        interpreter.set_tensor(source["index"], values.reshape(source["shape"]))
        interpreter.invoke()
        outputs.append(int(interpreter.get_tensor(result["index"])[0, 0]))
    return outputs


def open_words(library, pcm):
    """Probabilities of each word that the library can load."""
    features = OpenWakeWordFeatures.from_builtin(libtensorflowlite_c_path=library)
    words = {m.value: OpenWakeWord.from_builtin(m, libtensorflowlite_c_path=library) for m in pyopen_wakeword.Model}
    words = {name: w for name, w in words.items() if w.lib.TfLiteInterpreterAllocateTensors(w.interpreter) == 0}
    probabilities = {name: [] for name in words}
    for start in range(0, len(pcm) - CHUNK_BYTES + 1, CHUNK_BYTES):
        for embedding in features.process_streaming(pcm[start : start + CHUNK_BYTES]):
            for name, word in words.items():
                probabilities[name] += word.process_streaming(embedding)
    return probabilities


def main(ours, files):
    theirs = next((Path(pymicro_wakeword.__file__).parent / "lib").glob("*tensorflowlite_c.*"))
    failures = frames = exact = changed = 0
    largest = 0.0
    for file in files:
        pcm = read(file)
        for model in pymicro_wakeword.Model:
            _, _, expected, expected_hits = micro(model, theirs, pcm)
            inputs, outputs, found, hits = micro(model, ours, pcm)
            frames += len(outputs)
            exact += sum(a == b for a, b in zip(outputs, litert(model, inputs)))
            changed += sum(a != b for a, b in zip(expected, found))
            largest = max(largest, max(abs(a - b) for a, b in zip(expected, found)))
            if hits != expected_hits:
                failures += 1
                print(f"{Path(file).name}, {model.value}: {hits} frames detected, expected {expected_hits}")
    print(f"pymicro-wakeword: {exact} of {frames} inferences equal LiteRT's; of the wheel's own smoothed")
    print(f"  probabilities {changed} differ, by at most {largest:.4f}")
    failures += exact != frames

    steps = 0
    largest = 0.0
    missing = set()
    for file in files:
        expected, found = open_words(theirs, read(file)), open_words(ours, read(file))
        missing |= set(expected) - set(found)
        for name in found:
            steps += len(found[name])
            largest = max([largest] + [abs(a - b) for a, b in zip(expected[name], found[name])])
            failures += [p > 0.5 for p in found[name]] != [p > 0.5 for p in expected[name]]
    print(f"pyopen-wakeword: {steps} probabilities, at most {largest:.2g} apart; not loaded: {sorted(missing) or 'none'}")
    failures += len(missing)
    return 1 if failures else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "libtensorflowlite_c.so"
        shutil.copy(sys.argv[1], copy)
        sys.exit(main(copy, sys.argv[2:]))
