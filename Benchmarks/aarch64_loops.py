"""Counts the inner loops of the AArch64 kernels: instructions for each multiply-add, and the share of the rate at which a
core issues multiplies that llvm-mca's model of it reaches.

  aarch64_loops.py [--version 22] [--assembly] OBJECT_OR_ARCHIVE...

A loop is the innermost one with the most multiplies of a function. Its share is the time that llvm-mca gives for its
multiplies alone, each with an accumulator of its own, divided by the time that it gives for the loop.
"""

import argparse
import re
import subprocess

NEON_CORES = ["cortex-a53", "cortex-a55", "cortex-a57", "neoverse-n1"]
DOT_CORES = ["cortex-a55", "neoverse-n1", "neoverse-v1"]
MATRIX_CORES = ["cortex-a510", "neoverse-n2", "neoverse-v1", "neoverse-v2", "ampere1b"]
# What is counted: file, function, a name for the table, whether the loop flips the activations' signs, cores.
LOOPS = [
    ("q8_gemm_neon", "tile_4x4", "8-bit GEMM, 4 rows x 16 channels, int8", None, NEON_CORES),
    ("q8_gemm_neon", "tile_8x2", "8-bit GEMM, 8 rows x 8 channels, int8", None, NEON_CORES),
    ("q8_gemm_dotprod", "tile_4x4", "8-bit GEMM, 4 rows x 16 channels, int8", False, DOT_CORES),
    ("q8_gemm_dotprod", "tile_4x4", "8-bit GEMM, 4 rows x 16 channels, uint8", True, DOT_CORES),
    ("q8_gemm_dotprod", "tile_8x2", "8-bit GEMM, 8 rows x 8 channels, int8", False, DOT_CORES),
    ("q8_gemm_dotprod", "tile_8x2", "8-bit GEMM, 8 rows x 8 channels, uint8", True, DOT_CORES),
    ("hybrid_kernels_neon", "hybrid_neon_6x8_tile", "hybrid, 6 rows x 8 channels", None, NEON_CORES),
    ("hybrid_kernels_dotprod", "hybrid_dotprod_8x8_tile", "hybrid, 8 rows x 8 channels", None, DOT_CORES),
    ("q8_gemm_i8mm", "tile_3x2", "8-bit GEMM, 6 rows x 16 channels, int8", None, MATRIX_CORES),
    ("q8_gemm_i8mm", "tile_3x1", "8-bit GEMM, 6 rows x 8 channels, int8", None, MATRIX_CORES),
    ("q8_gemm_u8_i8mm", "tile_3x2", "8-bit GEMM, 6 rows x 16 channels, uint8", None, MATRIX_CORES),
]
# Multiply-adds of an instruction with 128-bit registers.
MULTIPLIES = {"smmla": 32, "usmmla": 32, "sdot": 16, "udot": 16, "usdot": 16}


def products(line):
    """Multiply-adds of one instruction, 0 for all others."""
    name, _, operands = line.partition(" ")
    if name in MULTIPLIES:
        return MULTIPLIES[name] // (2 if re.match(r"v\d+\.2s", operands.strip()) else 1)
    if re.fullmatch(r"(s|u)?(ml[as]l?2?|mull?2?)|fml[as]|fmul", name):
        shape = re.match(r"v\d+\.(\d+)[bhsd]", operands.strip())
        return int(shape.group(1)) if shape else 0
    return 0


def functions(path, version):
    """The instructions of every function as (address, text), by (file, function)."""
    command = [f"llvm-objdump-{version}", "--disassemble", "--no-show-raw-insn", path]
    file, function, found = "", None, {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        if ":\tfile format" in line:
            file = re.sub(r".*[(/]", "", line.split(":")[0]).removesuffix(")").removesuffix(".o").removeprefix("CKernels-")
        elif match := re.fullmatch(r"[0-9a-f]+ <(.*)>:", line):
            function = found.setdefault((file, match.group(1)), [])
        elif (match := re.match(r"\s*([0-9a-f]+):\s+(.*)", line)) and function is not None:
            text = re.sub(r"\s*(//.*)?$", "", match.group(2)).replace("\t", " ")
            function.append((int(match.group(1), 16), re.sub(r"\s+", " ", text)))
    return found


def hot_loop(instructions, flips):
    """The innermost loop with the most multiplies, branches without their targets."""
    best, last_start = [], -1
    for index, (address, text) in enumerate(instructions):
        branch = re.match(r"(b|b\.\w+|cbn?z|tbn?z)\b.*?(0x[0-9a-f]+) <", text)
        if not branch or int(branch.group(2), 16) > address:
            continue
        start = int(branch.group(2), 16)
        body = [t for a, t in instructions[: index + 1] if a >= start]
        if start <= last_start:
            continue
        last_start = start
        is_flipping = any(re.match(r"(eor|movi) v", line) for line in body)
        if flips is not None and is_flipping != flips:
            continue
        if sum(map(products, body)) > sum(map(products, best)):
            best = body
    return [re.sub(r"0x[0-9a-f]+ <.*>", "away", text) for text in best]


def cycles(lines, core, version):
    """Cycles of one iteration."""
    iterations = 200
    command = [f"llvm-mca-{version}", "-mtriple=aarch64", f"-mcpu={core}", "-mattr=+i8mm,+dotprod",
               f"-iterations={iterations}", "-resource-pressure=false", "-instruction-info=false"]
    text = "away:\n" + "\n".join(lines) + "\n"
    result = subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout
    return int(re.search(r"Total Cycles:\s+(\d+)", result).group(1)) / iterations


def multiplies_alone(body):
    """The multiplies of a loop, none waiting for another."""
    result = []
    for line in filter(products, body):
        name, first, others = re.match(r"(\S+) (v\d+[^,]*), (.*)", line).groups()
        first = re.sub(r"^v\d+", f"v{8 + len(result) % 24}", first)
        others = re.sub(r"v\d+", "v1", others)
        result.append(f"{name} {first}, {others}")
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", default="22")
    parser.add_argument("--assembly", action="store_true", help="print the loops")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    found = {}
    for path in arguments.files:
        found |= functions(path, arguments.version)
    print("| loop | core | multiplies | cycles | share of the multiply issue rate | instructions for each multiply-add |")
    print("|---|---|---|---|---|---|")
    for file, function, name, flips, cores in LOOPS:
        body = hot_loop(found.get((file, function), []), flips)
        if not body:
            continue
        if arguments.assembly:
            print("\n".join(body))
        alone = multiplies_alone(body)
        for core in cores:
            time, least = cycles(body, core, arguments.version), cycles(alone, core, arguments.version)
            print(f"| {file} {function}: {name} | {core} | {len(alone)} | {time:.1f} | {100 * least / time:.0f} % "
                  f"| {len(body) / sum(map(products, body)):.3f} |")


main()
