"""Exports the zoo to ONNX: export.py FOLDER [--only PATTERN] [--forms FORM...]

For each network FOLDER/NAME gets FORM.onnx, samples.npz (by input, one sample for each index) and, for what PyTorch does
not export, FORM.txt with the reason. What is there stays.
"""

import argparse
import fnmatch
import logging
import multiprocessing
import pathlib
import time
import traceback
import warnings
import zlib

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import numpy
import torch
from torch import nn

from zoo import FAMILIES

# By name: which exporter, operator set, whether the first dimension of inputs is open.
FORMS = {
    "script17": (False, 17, False),
    "dynamo18-batch": (True, 18, True),
    "script11": (False, 11, False),
    "script13": (False, 13, False),
    "script17-batch": (False, 17, True),
    "dynamo18": (True, 18, False),
    "dynamo23": (True, 23, False),
}
SAMPLES = 4
TIMEOUT = 400


def forms_of(family, name):
    """Small networks in every form, single functions in both exporters', the others also in one more."""
    every = list(FORMS)
    if family == "plain":
        return every
    if family == "operators":
        return ["script17", "dynamo18"]
    return every[:2] + [every[2 + zlib.crc32(name.encode()) % (len(every) - 2)]]


def sample(kind, generator):
    """A random input: smooth pictures, normal numbers, or tokens."""
    shape = kind[1]
    if kind[0] == "tokens":
        return torch.randint(0, kind[2], shape, generator=generator)
    if kind[0] == "normal":
        return torch.randn(shape, generator=generator)
    coarse = torch.randn((*shape[:2], 6, 6), generator=generator)
    return (nn.functional.interpolate(coarse, shape[2:], mode="bicubic", antialias=False)
            + 0.1 * torch.randn(shape, generator=generator))


def vary(network, generator):
    """Numbers for parameters that start as all zeros, all ones or next to nothing, as no trained network has them."""
    for parameter in network.parameters():
        values = parameter.data
        if not values.is_floating_point() or values.numel() == 0:
            continue
        if values.ndim >= 2 and float(values.abs().max()) == 0:
            values.copy_(torch.randn(values.shape, generator=generator) * values.shape[1] ** -0.5)
        elif float(values.min()) == float(values.max()):
            level = float(values.flatten()[0])
            noise = torch.randn(values.shape, generator=generator)
            values.copy_(level + 0.05 * noise if level == 0 else (level if abs(level) > 0.01 else 0.2) * (1 + 0.1 * noise))


def settle(network, inputs, generator):
    """Statistics of batch normalization from random inputs."""
    normalizations = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if not normalizations:
        return
    for layer in normalizations:
        layer.momentum = None
        layer.reset_running_stats()
        layer.train()
    for layer in network.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.training = True
    with torch.no_grad():
        for _ in range(2):
            network(*[torch.cat([sample(kind, generator) for _ in range(4)]) for kind in inputs.values()])
    network.eval()


def export(make, inputs, folder, forms):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(2)
    network = make().eval()
    vary(network, generator)
    settle(network, inputs, generator)
    samples = [{name: sample(kind, generator) for name, kind in inputs.items()} for _ in range(SAMPLES)]
    arguments = tuple(samples[0].values())
    with torch.no_grad():
        network(*arguments)
    numpy.savez(folder / "samples.npz", **{
        name: numpy.stack([s[name].numpy().astype("int64" if s[name].dtype == torch.int64 else "float32")
                           for s in samples]) for name in inputs})
    for form in forms:
        uses_dynamo, opset, is_open = FORMS[form]
        target = folder / f"{form}.onnx"
        started = time.time()
        try:
            options = {}
            if is_open and uses_dynamo:
                options["dynamic_shapes"] = tuple({0: torch.export.Dim("batch")} for _ in inputs)
            elif is_open:
                options["dynamic_axes"] = {name: {0: "batch"} for name in inputs}
            if uses_dynamo:
                options |= {"external_data": False, "verbose": False}
            given = arguments
            if is_open and uses_dynamo:
                given = tuple(torch.cat([value, value]) for value in arguments)
            with torch.no_grad():
                torch.onnx.export(network, given, str(target), input_names=list(inputs), opset_version=opset,
                                  dynamo=uses_dynamo, **options)
            print(f"{folder.name} {form}: {time.time() - started:.1f} s", flush=True)
        except Exception as error:
            target.unlink(missing_ok=True)
            reason = " ".join(str(error).split())[:300]
            (folder / f"{form}.txt").write_text(f"{type(error).__name__}: {reason}\n")
            print(f"{folder.name} {form}: PyTorch does not export it: {reason[:150]}", flush=True)


def job(make, inputs, folder, forms):
    try:
        export(make, inputs, folder, forms)
    except Exception as error:
        (folder / "network.txt").write_text(traceback.format_exc())
        print(f"{folder.name}: {type(error).__name__}: {str(error)[:300]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="*")
    parser.add_argument("--family", default="*")
    parser.add_argument("--forms", nargs="*")
    options = parser.parse_args()
    for family, networks in FAMILIES.items():
        if not fnmatch.fnmatch(family, options.family):
            continue
        for name, (make, inputs) in networks.items():
            if not fnmatch.fnmatch(name, options.only):
                continue
            folder = options.folder / family / name
            folder.mkdir(parents=True, exist_ok=True)
            forms = [form for form in options.forms or forms_of(family, name)
                     if not any((folder / f"{form}.{ending}").exists() for ending in ("onnx", "txt"))]
            if not forms or (folder / "network.txt").exists():
                continue
            child = multiprocessing.get_context("fork").Process(target=job, args=(make, inputs, folder, forms))
            child.start()
            child.join(TIMEOUT)
            if child.is_alive():
                child.kill()
                child.join()
                print(f"{folder.name}: takes too long", flush=True)


if __name__ == "__main__":
    main()
