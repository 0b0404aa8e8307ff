// A fast hash against accidents: what somebody changes on purpose it does not find.
#include "CPlatform.h"

#include <string.h>

enum { LANES = 8 };

#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

/// One to one in both arguments: a changed word cannot be undone by later ones that are the same.
static uint64_t mix(uint64_t lane, uint64_t word) {
  lane = (lane ^ word) * FACTOR;
  return lane << 29 | lane >> 35;
}

uint64_t swl_hash(uint64_t seed, const void *data, size_t count) {
  const unsigned char *bytes = data;
  uint64_t lanes[LANES], words[LANES];
  for (int i = 0; i < LANES; i++)
    lanes[i] = mix(seed, (uint64_t)i);
  size_t left = count;
  for (; left >= sizeof words; left -= sizeof words, bytes += sizeof words) {
    memcpy(words, bytes, sizeof words);
    for (int i = 0; i < LANES; i++)
      lanes[i] = mix(lanes[i], words[i]);
  }
  memset(words, 0, sizeof words);
  if (left > 0)
    memcpy(words, bytes, left);
  uint64_t hash = mix(seed, (uint64_t)count);
  for (int i = 0; i < LANES; i++)
    hash = mix(hash, mix(lanes[i], words[i]));
  return hash ^ hash >> 32;
}
