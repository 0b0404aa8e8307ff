// Instruction sets and how a kernel is chosen among its variants.
//
// Every kernel family has one entry point that takes the instruction set first and looks its variant up in a constant
// table: swl_<type>_<family>(swl_isa isa, ...). There is no global state, so a test can run any variant the machine
// can execute, and two programs in one process can use different ones.
#ifndef SWL_ISA_H
#define SWL_ISA_H

#include <stdbool.h>

/// From the most general to the fastest within each architecture. A variant for one value may be used for every later
/// value of the same architecture.
typedef enum swl_isa {
  SWL_ISA_SCALAR = 0,
  SWL_ISA_SSE41 = 1,
  SWL_ISA_AVX2 = 2, // with FMA and F16C
  SWL_ISA_AVXVNNI = 3,
  SWL_ISA_AVX512VNNI = 4, // with F, BW, DQ and VL
  SWL_ISA_AMX = 5,        // with AVX512-VNNI; tiles of bytes
  SWL_ISA_NEON = 6,
  SWL_ISA_DOTPROD = 7,
  SWL_ISA_I8MM = 8,
} swl_isa;

enum { SWL_ISA_COUNT = 9 };

/// The fastest instruction set that both this CPU and its operating system support.
swl_isa swl_isa_detect(void);

/// Whether this machine can execute `isa` and the library was built with its kernels.
bool swl_isa_runnable(swl_isa isa);

/// `isa` itself when it can be executed here; otherwise the fastest runnable one below it on this architecture.
swl_isa swl_isa_cap(swl_isa isa);

/// "scalar", "sse41", "avx2", "avxvnni", "avx512vnni", "amx", "neon", "dotprod" or "i8mm".
const char *swl_isa_name(swl_isa isa);

#endif
