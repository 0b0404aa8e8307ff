// What the stages of building an image with a prepared model share, see Targets/build-firmware.
#ifndef SWIFTLET_STAGE_H
#define SWIFTLET_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a block of memory is for, which decides where the image has it.
typedef enum swl_kind_of_block {
  /// Objects of Swift and whatever malloc gave.
  SWL_OBJECT,
  /// Written while preparing and never after: in flash.
  SWL_CONSTANT,
  /// Arena and variables.
  SWL_ARENA,
  SWL_BLOCK_KINDS
} swl_kind_of_block;

typedef struct swl_block {
  char *begin;
  size_t bytes;
  /// Blocks are numbered in the order in which they are asked for while the model is prepared, which is always the
  /// same.
  uint32_t number;
  swl_kind_of_block kind;
  bool is_used, is_reached;
  /// Whether the block has its place in the image.
  bool is_placed;
} swl_block;

/// The number of blocks that are asked for by others than the library.
#define SWL_NO_NUMBER UINT32_MAX

extern bool swl_is_preparing;

/// Numbers of the blocks that are kept, rising; none in the first stage, which finds them.
extern const uint32_t kept_begin[], kept_end[];

/// How many numbers have been given.
extern uint32_t swl_numbers;

/// All blocks of memory, used or not.
extern swl_block *const swl_blocks;
extern size_t swl_block_count;

/// How much of each kind of memory has been given out beside the heap of the stage.
extern size_t swl_kept_bytes[SWL_BLOCK_KINDS];

/// The block that `address` is in; NULL for none.
swl_block *swl_block_at(uintptr_t address);

#endif
