"""Counts the inner loops of the AArch64 kernels: instructions for each multiply-add, and the share of the rate at which a
core can issue multiplies that llvm-mca's model of that core reaches.

  aarch64_loops.py [--llvm 22] [--assembly] OBJECT_OR_ARCHIVE...

The loop of a function is the shortest of the innermost ones with the most multiplies. Its share is what llvm-mca takes for its
multiplies alone, none waiting for another, divided by what it takes for the loop. Fails where an out-of-order core stays
below the least share that a loop should reach.
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass

# The model of Cortex-A76 that llvm-mca has is that of Neoverse N1, the same core.
IN_ORDER = ["cortex-a53", "cortex-a55", "cortex-a510"]
PLAIN = ["cortex-a53", "cortex-a55", "cortex-a72", "neoverse-n1"]
DOTPROD = ["cortex-a55", "neoverse-n1"]
MATRIX = ["cortex-a510", "neoverse-n2", "neoverse-v1", "neoverse-v2", "ampere1b"]
# Multiply-adds of an instruction whose result is 128 bits wide.
PRODUCTS = {"smmla": 32, "usmmla": 32, "sdot": 16, "smlal": 4, "smlal2": 4, "fmla": 4}


@dataclass
class Loop:
    file: str
    function: str
    name: str
    multiplies: list[str]
    cores: list[str]
    # Whether bytes are flipped between signed and unsigned; None where no loop of the function does.
    flips: bool | None = None
    # Its multiplies, where not the loop with the most is meant.
    count: int | None = None
    # How much of its products is of use.
    used: float = 1
    least: int = 0


LOOPS = [
    Loop("q8_gemm_neon", "tile_4x4", "8-bit GEMM, 4 rows by 16 channels", ["smlal", "smlal2"], PLAIN),
    Loop("q8_gemm_neon", "tile_8x2", "8-bit GEMM, 8 rows by 8 channels", ["smlal", "smlal2"], PLAIN),
    Loop("q8_gemm_dotprod", "tile_4x4", "int8 GEMM, 4 rows by 16 channels", ["sdot"], DOTPROD, False, least=85),
    Loop("q8_gemm_dotprod", "tile_8x2", "int8 GEMM, 8 rows by 8 channels", ["sdot"], DOTPROD, False, least=85),
    Loop("q8_gemm_dotprod", "tile_4x4", "uint8 GEMM, 4 rows by 16 channels", ["sdot"], DOTPROD, True),
    Loop("q8_gemm_dotprod", "tile_8x2", "uint8 GEMM, 8 rows by 8 channels", ["sdot"], DOTPROD, True),
    Loop("q8_gemm_i8mm", "tile_3x2", "int8 GEMM, 6 rows by 16 channels", ["smmla"], MATRIX, least=85),
    Loop("q8_gemm_u8_i8mm", "tile_3x2", "uint8 GEMM, 6 rows by 16 channels", ["usmmla"], MATRIX, least=85),
    Loop("q8_gemm_neon", "tile_8x2", "first layer 3x3x3, 8 rows by 8 channels", ["smlal", "smlal2"], PLAIN, count=32, used=0.9),
    Loop("q8_gemm_dotprod", "tile_8x2", "first layer 3x3x3, 8 rows by 8 channels", ["sdot"], DOTPROD, False, 16, 0.75),
    Loop("hybrid_kernels_neon", "hybrid_neon_6x8_tile", "hybrid, 6 rows by 8 channels", ["smlal", "smlal2"], PLAIN),
    Loop("hybrid_kernels_dotprod", "hybrid_dotprod_8x8_tile", "hybrid, 8 rows by 8 channels", ["sdot"], DOTPROD),
    Loop("f32_kernels_neon", "neon_8x8_tile", "float32 GEMM, 8 rows by 8 channels", ["fmla"], PLAIN),
    Loop("q8_depthwise_neon", "run_chunk", "8-bit depthwise 3x3", ["smlal", "smlal2"], PLAIN, count=36),
    Loop("q8_depthwise_dotprod", "run_chunk_128", "8-bit depthwise 3x3", ["sdot"], DOTPROD, count=12, used=0.75),
]


def functions(path, llvm):
    """The instructions of every function as (address, text), by (file, function)."""
    command = [f"llvm-objdump-{llvm}", "--disassemble", "--no-show-raw-insn", path]
    file, function, found = "", None, {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        if ":\tfile format" in line:
            name = re.split(r"[(/]", line.split(":\t")[0])[-1]
            file = name.removesuffix(")").removesuffix(".o").removeprefix("CKernels-")
        elif match := re.fullmatch(r"[0-9a-f]+ <(.*)>:", line):
            function = found.setdefault((file, match.group(1)), [])
        elif (match := re.match(r"\s*([0-9a-f]+):\s+(.*)", line)) and function is not None:
            text = re.sub(r"\s*(//.*)?$", "", match.group(2))
            function.append((int(match.group(1), 16), re.sub(r"\s+", " ", text)))
    return found


def innermost_loops(instructions):
    """Bodies, up to the branch back, without what branches lead to."""
    last_start = -1
    for index, (address, text) in enumerate(instructions):
        branch = re.match(r"(b|b\.\w+|cbn?z|tbn?z)\b.*?(0x[0-9a-f]+) <", text)
        start = int(branch.group(2), 16) if branch else address + 1
        if start > address or start <= last_start:
            continue
        last_start = start
        body = [text for at, text in instructions[: index + 1] if at >= start]
        yield [re.sub(r"0x[0-9a-f]+ <.*>", "away", text) for text in body]


def multiplies(body, loop):
    return [line for line in body if line.split()[0] in loop.multiplies]


def find(loop, instructions):
    """The body of the loop that `loop` describes, or None."""
    best, most = None, (0, 0)
    for body in innermost_loops(instructions):
        flips = any(re.match(r"eor v", line) for line in body)
        size = (len(multiplies(body, loop)), -len(body))
        fits = loop.flips in (None, flips) and loop.count in (None, size[0])
        if fits and size > most:
            best, most = body, size
    return best


def cycles(lines, core, llvm):
    """Cycles of one iteration."""
    iterations = 200
    command = [f"llvm-mca-{llvm}", "-mtriple=aarch64", f"-mcpu={core}", "-mattr=+i8mm,+dotprod"]
    command += [f"-iterations={iterations}", "-resource-pressure=false", "-instruction-info=false"]
    text = "away:\n" + "\n".join(lines) + "\n"
    result = subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout
    return int(re.search(r"Total Cycles:\s+(\d+)", result).group(1)) / iterations


def independent(lines):
    """The same multiplies, none waiting for another."""
    result = []
    for index, line in enumerate(lines):
        name, first, others = re.match(r"(\S+) (v\d+[^,]*), (.*)", line).groups()
        first = re.sub(r"^v\d+", f"v{8 + index % 24}", first)
        result.append(f"{name} {first}, " + re.sub(r"v\d+", "v1", others))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llvm", default="22", help="version of llvm-objdump and llvm-mca")
    parser.add_argument("--assembly", action="store_true", help="print the loops too")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    found = {}
    for path in arguments.files:
        found |= functions(path, arguments.llvm)
    print("| loop | core | multiplies | cycles | share of the multiply issue rate | instructions for each multiply-add |")
    print("|---|---|---|---|---|---|")
    failures = []
    for loop in LOOPS:
        body = find(loop, found.get((loop.file, loop.function), []))
        name = f"{loop.file}: {loop.name}"
        if body is None:
            failures.append(f"{name}: no loop in {loop.function}")
            continue
        if arguments.assembly:
            print("\n".join(body))
        lines = multiplies(body, loop)
        macs = sum(PRODUCTS[line.split()[0]] for line in lines) * loop.used
        for core in loop.cores:
            time = cycles(body, core, arguments.llvm)
            share = 100 * cycles(independent(lines), core, arguments.llvm) / time
            print(f"| {name} | {core} | {len(lines)} | {time:.1f} | {share:.0f} % | {len(body) / macs:.3f} |")
            if share < loop.least and core not in IN_ORDER:
                failures.append(f"{name} on {core}: {share:.0f} %, expected {loop.least} %")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


sys.exit(main())
