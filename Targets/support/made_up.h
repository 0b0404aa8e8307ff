// Input that is the same on every machine, and the digest of what comes out.
#ifndef SWIFTLET_MADE_UP_H
#define SWIFTLET_MADE_UP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void fill(unsigned char *bytes, size_t count, bool is_float) {
  uint32_t state = 1;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    bytes[i] = (unsigned char)(state >> 24);
  }
  if (!is_float)
    return;
  for (size_t i = 0; i < count / 4; i++) {
    const float value = (float)bytes[i * 4] / 256;
    memcpy(bytes + i * 4, &value, sizeof value);
  }
}

/// FNV-1a.
static inline uint64_t digest(const unsigned char *bytes, size_t count) {
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < count; i++)
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
  return hash;
}

#endif
