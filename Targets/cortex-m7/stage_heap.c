// The memory of an image while its model is prepared, on the machine that the image is built with.
//
// Two stages prepare the same model, so that both ask for the same blocks in the same order. The first finds out which
// of them the prepared program reaches; the second gives those their places in the image, and all others the heap.
#include "stage.h"

#include <errno.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_BYTES = 64, CLASSES = 20, MOST_BLOCKS = 1 << 16 };

/// Where they go, by kind.
extern char objects_begin[], constants_begin[], arena_begin[], objects_end[], constants_end[], arena_end[];

size_t swl_kept_bytes[SWL_BLOCK_KINDS];
bool swl_is_preparing;

static char heap[12 << 20] __attribute__((section(".bss.heap"), aligned(64)));
static swl_block blocks[MOST_BLOCKS] __attribute__((section(".bss.heap")));
swl_block *const swl_blocks = blocks;
size_t swl_block_count;

static size_t heap_bytes;
/// By 64 bytes of the heap: the number of the block that has them, from 1.
static uint32_t owners[sizeof heap / LEAST_BYTES] __attribute__((section(".bss.heap")));
/// By class: blocks of the heap that have been given back, numbered likewise, and the next one of the same class by
/// block.
static uint32_t first_free[CLASSES];
static uint32_t next_free[MOST_BLOCKS] __attribute__((section(".bss.heap")));

uint32_t swl_numbers;
static const uint32_t *next_kept = kept_begin;
static swl_kind_of_block kind_now;

/// Sizes of blocks are powers of two.
static unsigned class_of(size_t bytes) {
  unsigned class = 0;
  while (((size_t)LEAST_BYTES << class) < bytes)
    class ++;
  return class;
}

static swl_block *made_block(char *begin) {
  swl_block *made = &blocks[swl_block_count++];
  made->begin = begin;
  return made;
}

/// A block of the heap, used again where one has been given back.
static swl_block *heap_block(size_t bytes) {
  const unsigned class = class_of(bytes);
  const uint32_t known = first_free[class];
  if (known != 0) {
    first_free[class] = next_free[known - 1];
    return &blocks[known - 1];
  }
  const size_t room = (size_t)LEAST_BYTES << class;
  if (room > sizeof heap - heap_bytes || swl_block_count == MOST_BLOCKS)
    return NULL;
  swl_block *made = made_block(heap + heap_bytes);
  for (size_t i = 0; i < room / LEAST_BYTES; i++)
    owners[heap_bytes / LEAST_BYTES + i] = (uint32_t)swl_block_count;
  heap_bytes += room;
  return made;
}

/// A block in the image.
static swl_block *kept_block(size_t bytes, size_t alignment) {
  char *const begins[] = {objects_begin, constants_begin, arena_begin};
  char *const ends[] = {objects_end, constants_end, arena_end};
  const size_t offset = (swl_kept_bytes[kind_now] + alignment - 1) & ~(alignment - 1);
  if (offset + bytes > (size_t)(ends[kind_now] - begins[kind_now]) || swl_block_count == MOST_BLOCKS)
    return NULL;
  swl_kept_bytes[kind_now] = offset + bytes;
  swl_block *made = made_block(begins[kind_now] + offset);
  made->is_placed = true;
  return made;
}

static void *take(size_t bytes, size_t alignment) {
  if (bytes == 0)
    bytes = 1;
  if (bytes > sizeof heap) {
    errno = ENOMEM;
    return NULL;
  }
  const uint32_t number = swl_is_preparing ? swl_numbers++ : SWL_NO_NUMBER;
  const bool is_kept = swl_is_preparing && next_kept < kept_end && *next_kept == number;
  next_kept += is_kept;
  swl_block *block = is_kept ? kept_block(bytes, alignment) : heap_block(bytes);
  if (block == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  block->bytes = bytes;
  block->number = number;
  block->kind = kind_now;
  block->is_used = true;
  return memset(block->begin, 0, bytes);
}

static bool is_in_heap(uintptr_t address) { return address - (uintptr_t)heap < sizeof heap; }

swl_block *swl_block_at(uintptr_t address) {
  const swl_block *begin = blocks, *end = blocks + swl_block_count;
  if (is_in_heap(address)) {
    const uint32_t owner = owners[(address - (uintptr_t)heap) / LEAST_BYTES];
    begin = owner == 0 ? end : blocks + owner - 1;
    end = owner == 0 ? end : begin + 1;
  }
  for (; begin < end; begin++) {
    if (begin->is_used && address - (uintptr_t)begin->begin < begin->bytes)
      return &blocks[begin - blocks];
  }
  return NULL;
}

void *malloc(size_t bytes) { return take(bytes, 8); }

void free(void *memory) {
  swl_block *block = memory == NULL ? NULL : swl_block_at((uintptr_t)memory);
  if (block == NULL)
    return;
  block->is_used = false;
  if (!is_in_heap((uintptr_t)memory))
    return;
  const unsigned class = class_of(block->bytes);
  next_free[block - blocks] = first_free[class];
  first_free[class] = (uint32_t)(block - blocks) + 1;
}

void *calloc(size_t count, size_t bytes) {
  return bytes > 0 && count > SIZE_MAX / bytes ? NULL : malloc(count * bytes);
}

void *realloc(void *memory, size_t bytes) {
  if (memory == NULL)
    return malloc(bytes);
  const size_t old = swl_block_at((uintptr_t)memory)->bytes;
  void *moved = malloc(bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, memory, old < bytes ? old : bytes);
  free(memory);
  return moved;
}

void *memalign(size_t alignment, size_t bytes) { return take(bytes, alignment < 8 ? 8 : alignment); }
void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  *memory = memalign(alignment, bytes);
  return *memory == NULL ? ENOMEM : 0;
}

void *_malloc_r(struct _reent *state, size_t bytes) { return (void)state, malloc(bytes); }
void _free_r(struct _reent *state, void *memory) { (void)state, free(memory); }
void *_calloc_r(struct _reent *state, size_t count, size_t bytes) { return (void)state, calloc(count, bytes); }
void *_realloc_r(struct _reent *state, void *memory, size_t bytes) { return (void)state, realloc(memory, bytes); }

static void *take_as(swl_kind_of_block kind, size_t bytes) {
  kind_now = kind;
  void *memory = bytes > sizeof heap ? NULL : take((bytes + 63) & ~(size_t)63, 64);
  kind_now = SWL_OBJECT;
  return memory;
}

// What the linker puts in place of the functions of CPlatform.
void *__wrap_swl_allocate(size_t bytes) { return take_as(SWL_CONSTANT, bytes); }
void *__wrap_swl_allocate_zeroed(size_t bytes) { return take_as(SWL_ARENA, bytes); }
