// Prepares the model of an image on the machine that the image is built with, and writes what the image will hold.
//
// What the program reaches is found by looking at memory word by word: each that could be an address is taken for one.
#include "stage.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char model_begin[], model_end[], stack_top[], statics_begin[], statics_end[], away_begin[], away_end[];
extern char memory_begin[], memory_end[], objects_begin[], constants_begin[];
void initialise_monitor_handles(void);

/// What statics were before anything ran; the rest of memory was zero.
static uint32_t initial_statics[1 << 14] __attribute__((section(".bss.heap")));

static bool is_initial(const uint32_t *word) {
  const size_t index = (size_t)(word - (const uint32_t *)memory_begin);
  return *word == (index < (size_t)(objects_begin - memory_begin) / sizeof *word ? initial_statics[index] : 0);
}

static void reach(uintptr_t address) {
  swl_block *block = swl_block_at(address);
  if (block != NULL)
    block->is_reached = true;
}

static void reach_all(const char *begin, const char *end) {
  for (; begin + sizeof(uintptr_t) <= end; begin += sizeof(uintptr_t)) {
    uintptr_t word;
    memcpy(&word, begin, sizeof word);
    reach(word);
  }
}

/// Blocks that others reach, until there are no more.
static void reach_everything(void) {
  static bool seen[1 << 16] __attribute__((section(".bss.heap")));
  bool has_more = true;
  while (has_more) {
    has_more = false;
    for (size_t i = 0; i < swl_block_count; i++) {
      const swl_block *block = &swl_blocks[i];
      if (!block->is_reached || seen[i])
        continue;
      seen[i] = true;
      has_more = true;
      reach_all(block->begin, block->begin + block->bytes);
    }
  }
}

static bool is_first_stage(void) { return (uintptr_t)kept_begin == (uintptr_t)kept_end; }

static bool is_kept(const swl_block *block) {
  return is_first_stage() ? block->is_reached && block->number != SWL_NO_NUMBER : block->is_placed;
}

/// Words of these bytes that could be addresses of what is not kept: what they are part of, `number`, where they are,
/// and the word. The first stage's range is wider than what is there, so that numbers that look like addresses in the
/// second are among those of both.
static void write_references(FILE *file, char what, unsigned long number, const char *begin, const char *end) {
  const uintptr_t last = is_first_stage() ? (uintptr_t)stack_top : (uintptr_t)statics_end;
  for (const char *next = begin; next + sizeof(uintptr_t) <= end; next += sizeof(uintptr_t)) {
    uintptr_t word;
    memcpy(&word, next, sizeof word);
    if (what == 's' && is_initial((const uint32_t *)next))
      continue;
    if ((word >= (uintptr_t)away_begin && word < (uintptr_t)away_end) ||
        (word >= (uintptr_t)statics_begin && word < last))
      fprintf(file, "%c %lu %lu %08lx\n", what, number, (unsigned long)(next - begin), (unsigned long)word);
  }
}

static int by_number(const void *a, const void *b) {
  const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return left < right ? -1 : left > right;
}

/// The numbers of the blocks that are kept, what they are, and how many bytes those of each kind take.
static void write_kept(void) {
  static uint32_t numbers[1 << 16] __attribute__((section(".bss.heap")));
  size_t count = 0, bytes[SWL_BLOCK_KINDS] = {0};
  for (size_t i = 0; i < swl_block_count; i++) {
    const swl_block *block = &swl_blocks[i];
    if (!is_kept(block))
      continue;
    numbers[count++] = block->number;
    // Whatever the order, gaps before blocks are smaller than what they are aligned to.
    const size_t alignment = block->kind == SWL_OBJECT ? 16 : 64;
    bytes[block->kind] += (block->bytes + alignment - 1) & ~(alignment - 1);
  }
  qsort(numbers, count, sizeof *numbers, by_number);
  FILE *file = fopen("kept.bin", "wb");
  fwrite(numbers, sizeof *numbers, count, file);
  fclose(file);
  file = fopen("blocks", "w");
  fprintf(file, "of %lu\n", (unsigned long)swl_numbers);
  for (size_t i = 0; i < swl_block_count; i++) {
    if (is_kept(&swl_blocks[i]))
      fprintf(file, "%lu %d %lu\n", (unsigned long)swl_blocks[i].number, swl_blocks[i].kind,
              (unsigned long)swl_blocks[i].bytes);
  }
  fclose(file);
  file = fopen("sizes", "w");
  fprintf(file, "--defsym=objects_bytes=%lu --defsym=constants_bytes=%lu --defsym=arena_bytes=%lu\n",
          (unsigned long)bytes[SWL_OBJECT], (unsigned long)bytes[SWL_CONSTANT], (unsigned long)bytes[SWL_ARENA]);
  fclose(file);
}

static bool are_initial(const uint32_t *words, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!is_initial(words + i))
      return false;
  return true;
}

/// What memory holds beside its initial contents, as reset_handler reads it.
static void write_contents(FILE *file, const uint32_t *words, const uint32_t *end) {
  enum { GAP = 3 }; // fewer initial words between two parts cost less than a part of their own
  while (words < end) {
    const uint32_t *part = words;
    while (words < end && !are_initial(words, end - words < GAP ? (size_t)(end - words) : GAP))
      words++;
    if (words == part) {
      words++;
      continue;
    }
    const uint32_t head[2] = {(uint32_t)(uintptr_t)part, (uint32_t)(words - part)};
    fwrite(head, sizeof head, 1, file);
    fwrite(part, sizeof *part, (size_t)(words - part), file);
  }
}

static bool write_stage(void) {
  reach_all(statics_begin, statics_end);
  reach_all(memory_begin, memory_end);
  reach_everything();
  FILE *file = fopen("references", "w");
  write_references(file, 's', 0, memory_begin, objects_begin);
  for (size_t i = 0; i < swl_block_count; i++) {
    const swl_block *block = &swl_blocks[i];
    if (is_kept(block))
      write_references(file, block->kind == SWL_OBJECT ? 'o' : 'd', block->number, block->begin,
                       block->begin + block->bytes);
  }
  fclose(file);
  write_kept();
  file = fopen("constants.bin", "wb");
  fwrite(constants_begin, 1, swl_kept_bytes[SWL_CONSTANT], file);
  fclose(file);
  file = fopen("contents.bin", "wb");
  write_contents(file, (const uint32_t *)memory_begin, (const uint32_t *)memory_end);
  fwrite((uint32_t[]){0}, sizeof(uint32_t), 1, file);
  return fclose(file) == 0;
}

static _Noreturn void stage_handler(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
  __asm volatile("dsb\n isb");
  initialise_monitor_handles();
  if ((size_t)(objects_begin - memory_begin) > sizeof initial_statics)
    exit(1);
  memcpy(initial_statics, memory_begin, (size_t)(objects_begin - memory_begin));
  swl_is_preparing = true;
  swl_prepared_program = swl_program_prepare(model_begin, (size_t)(model_end - model_begin));
  swl_is_preparing = false;
  exit(swl_prepared_program != NULL && write_stage() ? 0 : 1);
}

static void stage_fault_handler(void) { _Exit(70); }

__attribute__((section(".vectors.stage"), used)) static const void *const vectors[16] = {
    stack_top,
    (const void *)stage_handler,
    (const void *)stage_fault_handler,
    (const void *)stage_fault_handler,
    (const void *)stage_fault_handler,
    (const void *)stage_fault_handler,
    (const void *)stage_fault_handler,
};
