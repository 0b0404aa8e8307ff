#include "check.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t next_random(random_source *source) {
  source->state += 0x9E3779B97F4A7C15u;
  uint64_t value = source->state;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

int32_t between(random_source *source, int32_t low, int32_t high) {
  return low + (int32_t)(next_random(source) % (uint64_t)(high - low + 1));
}

void fill_bytes(random_source *source, void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    ((uint8_t *)bytes)[i] = (uint8_t)next_random(source);
}

void fill_floats(random_source *source, float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    values[i] = (float)(int32_t)(next_random(source) >> 40) * 0x1p-23f - 1.0f;
}

void *memory(size_t count) {
  void *found = aligned_alloc(64, (count + 64) & ~(size_t)63);
  if (found == NULL) {
    fputs("out of memory\n", stderr);
    exit(70);
  }
  return found;
}

void digest_bytes(uint64_t *digest, const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    *digest = (*digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3u;
}

static int run(const char *name, int (*check)(random_source *, int, uint64_t *), int layers) {
  random_source source = {42};
  uint64_t digest = 0xCBF29CE484222325u;
  int failures = check(&source, layers, &digest);
  printf("%s %d layers %016llx\n", name, layers, (unsigned long long)digest);
  return failures;
}

int main(int count, char **arguments) {
  int layers = count > 1 ? atoi(arguments[1]) : 300;
  fprintf(stderr, "instruction sets:");
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++)
    if (swl_isa_runnable((swl_isa)isa))
      fprintf(stderr, " %s", swl_isa_name((swl_isa)isa));
  fputc('\n', stderr);
  int failures = run("q8", check_q8, layers) + run("f32", check_f32, layers) + run("hybrid", check_hybrid, layers) +
                 run("hybrid depthwise", check_hybrid_depthwise, layers) +
                 run("hybrid rows", check_hybrid_rows, layers) + run("sums", check_sums, layers) +
                 run("matrices", check_matrices, layers) + run("lstm", check_lstm, layers) +
                 run("rounding", check_rounding, 1000 * layers) + run("transposed", check_transpose, layers);
  return failures == 0 ? 0 : 1;
}
