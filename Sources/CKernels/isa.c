#include "isa_selection.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdatomic.h>
#include <stddef.h>
#endif

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1UL << 20)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1UL << 13)
#endif
#endif

static bool is_built(swl_isa isa) {
#ifdef SWL_ONLY_ISA
  // What AMX has no kernels for, AVX512-VNNI does.
  const bool is_beside = isa == SWL_ISA_AVX512VNNI && SWL_ONLY_ISA == SWL_ISA_AMX;
  return isa == SWL_ISA_SCALAR || (int)isa == SWL_ONLY_ISA || is_beside;
#else
  (void)isa;
  return true;
#endif
}

#if defined(__x86_64__)

enum {
  ASKED = 1,
  HAS_SSE41 = 2,
  HAS_AVX2 = 4,
  HAS_AVXVNNI = 8,
  HAS_AVX512VNNI = 16,
  HAS_AVX512VBMI = 32,
  HAS_AMX = 64,
  HAS_BF16_TILES = 128
};

/// Bits of the register that says which registers the operating system saves.
enum { SAVES_YMM = 0x06, SAVES_ZMM = 0xE6, SAVES_TILES = 0x600E6 };

static unsigned saved_registers(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static bool has_all(unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; }

static unsigned ask_machine(void) {
  enum { AVX_VNNI = 1 << 4, AVX512_BF16 = 1 << 5, VBMI = 1 << 1, VNNI = 1 << 11 };
  enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24, AMX_INT8 = 1 << 25 };
  unsigned found = ASKED, a, b, c, d;
  const unsigned most = __get_cpuid_max(0, NULL);
  if (most < 7)
    return found;
  __cpuid(1, a, b, c, d);
  if (has_all(c, bit_SSE4_1 | bit_SSSE3))
    found |= HAS_SSE41;
  if (!has_all(c, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C) || !has_all(saved_registers(), SAVES_YMM))
    return found;
  unsigned last;
  __cpuid_count(7, 0, last, b, c, d);
  if (!has_all(b, bit_AVX2))
    return found;
  found |= HAS_AVX2;
  const unsigned wide = (unsigned)bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
  if (has_all(b, wide) && has_all(c, VNNI) && has_all(saved_registers(), SAVES_ZMM))
    found |= HAS_AVX512VNNI | (has_all(c, VBMI) ? HAS_AVX512VBMI : 0);
  if ((found & HAS_AVX512VNNI) != 0 && has_all(d, AMX_TILE | AMX_INT8) && has_all(saved_registers(), SAVES_TILES))
    found |= HAS_AMX;
  if (last >= 1) {
    const bool multiplies_bf16 = (found & HAS_AMX) != 0 && has_all(d, AMX_BF16);
    __cpuid_count(7, 1, a, b, c, d);
    found |= has_all(a, AVX_VNNI) ? HAS_AVXVNNI : 0;
    found |= multiplies_bf16 && has_all(a, AVX512_BF16) ? HAS_BF16_TILES : 0;
  }
  return found;
}

/// What the CPU and the operating system support. Asked once, and of few pages only: in a virtual machine every
/// question takes microseconds, more than the rest of creating a small interpreter.
static bool x86_has(unsigned what) {
  static _Atomic unsigned known;
  unsigned found = atomic_load_explicit(&known, memory_order_relaxed);
  if (found == 0) {
    found = ask_machine();
    atomic_store_explicit(&known, found, memory_order_relaxed);
  }
  return has_all(found, what);
}

/// Linux keeps tiles for a process that asked for them, once and for all its threads. From then on its stacks for
/// signals have to hold tiles too; one that is too small leads to a refusal. So nothing is asked before AMX would be
/// used.
static bool may_use_tiles(void) {
#if defined(__linux__)
  enum { ARCH_PRCTL = 158, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  long result = ARCH_PRCTL;
  __asm__ volatile("syscall" : "+a"(result) : "D"(REQUEST_PERMISSION), "S"(TILE_DATA) : "rcx", "r11", "memory");
  return result == 0;
#else
  return false;
#endif
}

bool swl_machine_has_avx512vbmi(void) { return x86_has(HAS_AVX512VNNI | HAS_AVX512VBMI); }

bool swl_machine_has_bf16_tiles(void) { return x86_has(HAS_BF16_TILES); }

#endif

static bool machine_has(swl_isa isa) {
  switch (isa) {
  case SWL_ISA_SCALAR:
    return true;
#if defined(__x86_64__)
  case SWL_ISA_SSE41:
    return x86_has(HAS_SSE41);
  case SWL_ISA_AVX2:
    return x86_has(HAS_AVX2);
  case SWL_ISA_AVXVNNI:
    return x86_has(HAS_AVXVNNI);
  case SWL_ISA_AVX512VNNI:
    return x86_has(HAS_AVX512VNNI);
  case SWL_ISA_AMX:
    return x86_has(HAS_AMX) && may_use_tiles();
#elif defined(__aarch64__)
  case SWL_ISA_NEON:
    return true;
#if defined(__linux__)
  case SWL_ISA_DOTPROD:
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  case SWL_ISA_I8MM:
    return machine_has(SWL_ISA_DOTPROD) && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
#endif
#elif defined(__ARM_NEON)
  case SWL_ISA_NEON:
    return true;
#endif
  default:
    return false;
  }
}

bool swl_isa_runnable(swl_isa isa) { return is_built(isa) && machine_has(isa); }

swl_isa swl_isa_cap(swl_isa isa) {
  for (int candidate = (int)isa; candidate > (int)SWL_ISA_SCALAR; candidate--) {
    if (swl_isa_runnable((swl_isa)candidate))
      return (swl_isa)candidate;
  }
  return SWL_ISA_SCALAR;
}

swl_isa swl_isa_detect(void) { return swl_isa_cap((swl_isa)(SWL_ISA_COUNT - 1)); }

const char *swl_isa_name(swl_isa isa) {
  static const char *const names[SWL_ISA_COUNT] = {"scalar", "sse41", "avx2",    "avxvnni", "avx512vnni",
                                                   "amx",    "neon",  "dotprod", "i8mm"};
  return (unsigned)isa < SWL_ISA_COUNT ? names[isa] : "unknown";
}
