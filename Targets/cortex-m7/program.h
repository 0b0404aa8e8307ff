// What PreparedProgram.swift offers.
#ifndef SWIFTLET_PROGRAM_H
#define SWIFTLET_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct swl_program swl_program;

/// The one program of the image.
extern swl_program *swl_prepared_program;

/// NULL when the model cannot be prepared, which is reported.
swl_program *swl_program_prepare(const void *model, size_t bytes);
void swl_program_invoke(swl_program *program);
/// NULL behind the last operand.
void *swl_program_operand(swl_program *program, int32_t index, bool is_output, size_t *bytes, uint32_t *type);

#endif
