// Whether the kernels that dispatch picks are the fastest: every family on layers of every class, on each instruction
// set that this machine runs, in turns. Fails when another one's median is lower by more than 5 %, found again in
// further, longer measurements.
//
//   dispatch [--only TEXT]
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// A case is a family and the text of a layer, as in q8_layers.c; elementwise families take its input.
typedef struct test_case {
  const char *family, *layer;
} test_case;

static const test_case cases[] = {
    {"q8 conv", "1 56 56 24 56 56 144 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 14 14 384 14 14 64 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 14 14 384 14 14 64 1 1 1 1 1 1 0 0 1 uint8"},
    {"q8 conv", "1 7 7 960 7 7 160 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 48 48 8 48 48 16 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 56 56 96 56 56 24 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 48 48 16 48 48 8 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 40 40 13 40 40 5 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 112 112 3 56 56 32 3 3 2 2 1 1 0 0 1 int8"},
    {"q8 conv", "1 112 112 3 56 56 32 3 3 2 2 1 1 0 0 1 uint8"},
    {"q8 conv", "1 32 32 16 32 32 16 3 3 1 1 1 1 1 1 1 int8"},
    {"q8 conv", "1 16 16 32 8 8 64 3 3 2 2 1 1 0 0 1 int8"},
    {"q8 conv", "1 28 28 64 28 28 64 3 3 1 1 2 2 2 2 1 int8"},
    {"q8 conv", "1 28 28 64 28 28 64 3 3 1 1 1 1 1 1 4 int8"},
    {"q8 conv", "1 1 1 1280 1 1 1000 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "1 1 1 128 1 1 128 1 1 1 1 1 1 0 0 1 int8"},
    {"q8 conv", "8 1 1 256 1 1 64 1 1 1 1 1 1 0 0 1 uint8"},
    {"q8 conv", "1 28 28 64 28 28 64 3 3 1 1 1 1 1 1 1 int16"},
    {"q8 conv", "1 14 14 96 14 14 96 1 1 1 1 1 1 0 0 1 int16"},
    {"q8 conv", "1 1 1 512 1 1 256 1 1 1 1 1 1 0 0 1 int8x4"},
    {"q8 depthwise", "1 56 56 144 56 56 144 3 3 1 1 1 1 1 1 1 int8"},
    {"q8 depthwise", "1 56 56 144 56 56 144 3 3 1 1 1 1 1 1 1 uint8"},
    {"q8 depthwise", "1 112 112 96 56 56 96 3 3 2 2 1 1 0 0 1 int8"},
    {"q8 depthwise", "1 48 48 8 48 48 8 3 3 1 1 1 1 1 1 1 int8"},
    {"q8 depthwise", "1 28 28 120 28 28 120 5 5 1 1 1 1 2 2 1 int8"},
    {"q8 depthwise", "1 14 14 384 14 14 384 3 3 1 1 2 2 2 2 1 int8"},
    {"q8 depthwise", "1 28 28 64 28 28 64 3 3 1 1 1 1 1 1 1 int16"},
    {"f32 conv", "1 48 48 16 48 48 32 1 1 1 1 1 1 0 0 1 f32"},
    {"f32 conv", "1 12 12 128 12 12 128 1 1 1 1 1 1 0 0 1 f32"},
    {"f32 conv", "1 32 32 16 32 32 16 3 3 1 1 1 1 1 1 1 f32"},
    {"f32 conv", "1 96 96 3 48 48 8 3 3 2 2 1 1 0 0 1 f32"},
    {"f32 conv", "1 88 88 32 88 88 1 7 3 1 1 1 1 3 1 1 f32"},
    {"f32 conv", "1 1 22176 1 1 10961 1 1 256 1 2 1 1 0 0 1 f32"},
    {"f32 depthwise", "1 48 48 16 48 48 16 3 3 1 1 1 1 1 1 1 f32"},
    {"f32 depthwise", "1 24 24 32 12 12 32 5 5 2 2 1 1 1 1 1 f32"},
    {"f32 rows", "1 1 1 640 1 1 128 1 1 1 1 1 1 0 0 1 f32"},
    {"f32 rows", "32 1 1 256 1 1 64 1 1 1 1 1 1 0 0 1 f32"},
    {"hybrid conv", "1 24 24 64 24 24 64 3 3 1 1 1 1 1 1 1 f32"},
    {"hybrid conv", "1 24 24 64 24 24 64 1 1 1 1 1 1 0 0 1 f32"},
    {"hybrid conv", "1 1 1 640 1 1 128 1 1 1 1 1 1 0 0 1 f32"},
    {"hybrid depthwise", "1 48 48 32 48 48 32 3 3 1 1 1 1 1 1 1 f32"},
    {"add i8", "1 56 56 24 0 0 0 0 0 1 1 1 1 0 0 1 int8"},
    {"add f32", "1 56 56 24 0 0 0 0 0 1 1 1 1 0 0 1 f32"},
    {"divide f32", "1 56 56 24 0 0 0 0 0 1 1 1 1 0 0 1 f32"},
    {"logistic f32", "1 28 28 24 0 0 0 0 0 1 1 1 1 0 0 1 f32"},
    {"softmax f32", "1 1 16 1000 0 0 0 0 0 1 1 1 1 0 0 1 f32"},
    {"average pool i8", "1 28 28 64 14 14 64 2 2 2 2 1 1 0 0 1 int8"},
    {"max pool i8", "1 28 28 64 14 14 64 2 2 2 2 1 1 0 0 1 int8"},
    {"average pool f32", "1 12 12 32 6 6 32 2 2 2 2 1 1 0 0 1 f32"},
    {"look-up u8", "1 56 56 24 0 0 0 0 0 1 1 1 1 0 0 1 int8"},
    {"quantize f32", "1 56 56 24 0 0 0 0 0 1 1 1 1 0 0 1 f32"},
    {"dequantize i8", "1 56 56 24 0 0 0 0 0 1 1 1 1 0 0 1 int8"},
};

enum { ROUNDS = 15, ATTEMPTS = 4 };
/// What is slower by more than `HOPELESS` at the first look is measured no further.
static const double SLACK = 1.05, HOPELESS = 4, SLICE_NANOSECONDS = 3e5;

typedef struct setting {
  const char *family;
  swl_q8_layer layer;
  swl_f32_conv_params params;
  size_t count; // elements of the input
  void *input, *output, *weights, *scales;
  /// By instruction set.
  void *packed[SWL_ISA_COUNT], *scratch[SWL_ISA_COUNT];
} setting;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static bool is(const setting *s, const char *family) { return strcmp(s->family, family) == 0; }

static void *aligned(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (p == NULL)
    exit(71);
  return memset(p, 1, bytes + 64);
}

static swl_f32_conv_params float_params(const swl_q8_layer *l) {
  return (swl_f32_conv_params){
      .batches = (size_t)l->batch,
      .in_height = (size_t)l->in_h,
      .in_width = (size_t)l->in_w,
      .in_channels = (size_t)l->in_c,
      .out_height = (size_t)l->out_h,
      .out_width = (size_t)l->out_w,
      .out_channels = (size_t)l->out_c,
      .kernel_height = (size_t)l->kernel_h,
      .kernel_width = (size_t)l->kernel_w,
      .stride_height = (size_t)l->stride_h,
      .stride_width = (size_t)l->stride_w,
      .dilation_height = (size_t)l->dilation_h,
      .dilation_width = (size_t)l->dilation_w,
      .pad_top = (size_t)l->pad_top,
      .pad_left = (size_t)l->pad_left,
      .groups = (size_t)l->groups,
      .minimum = -1e30f,
      .maximum = 1e30f,
      .weight_bits = 8,
  };
}

static void read_layer(const char *text, setting *s) {
  swl_q8_layer *l = &s->layer;
  char type[16];
  if (sscanf(text, "%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %15s", &l->batch, &l->in_h, &l->in_w, &l->in_c,
             &l->out_h, &l->out_w, &l->out_c, &l->kernel_h, &l->kernel_w, &l->stride_h, &l->stride_w, &l->dilation_h,
             &l->dilation_w, &l->pad_top, &l->pad_left, &l->groups, type) != 17)
    exit(70);
  l->is_unsigned = strcmp(type, "uint8") == 0;
  l->is_wide = strcmp(type, "int16") == 0;
  l->weight_bits = strcmp(type, "int8x4") == 0 ? 4 : 8;
  l->minimum = l->is_wide ? INT16_MIN : l->is_unsigned ? 0 : -128;
  l->maximum = l->is_wide ? INT16_MAX : l->minimum + 255;
  if (!l->is_wide) {
    l->input_zero_point = l->output_zero_point = l->minimum + 3;
    l->weight_zero_point = l->is_unsigned ? 120 : 0;
  }
  s->params = float_params(l);
}

static void make_data(setting *s) {
  const swl_q8_layer *l = &s->layer;
  const size_t outputs = (size_t)l->batch * (size_t)l->out_h * (size_t)l->out_w * (size_t)l->out_c;
  const size_t weights = (size_t)l->kernel_h * (size_t)l->kernel_w * (size_t)l->out_c * (size_t)l->in_c;
  s->count = (size_t)l->batch * (size_t)l->in_h * (size_t)l->in_w * (size_t)l->in_c;
  const size_t largest = outputs > s->count ? outputs : s->count;
  s->input = aligned(4 * s->count);
  s->output = aligned(4 * largest);
  s->weights = aligned(4 * (weights > s->count ? weights : s->count));
  s->scales = aligned(8 * (size_t)(l->out_c + 1));
  const bool is_float = strstr(s->family, "f32") != NULL || strstr(s->family, "hybrid") != NULL;
  for (size_t i = 0; i < s->count; i++) {
    const uint32_t random = (uint32_t)(i * 2654435761u) >> 8;
    if (is_float)
      ((float *)s->input)[i] = (float)(random & 0xFFFF) / 32768 - 1;
    else
      memcpy((uint8_t *)s->input + 4 * i, &random, 4);
  }
  for (size_t i = 0; i < (weights > s->count ? weights : s->count); i++) {
    if (strncmp(s->family, "f32", 3) == 0 || strstr(s->family, " f32") != NULL)
      ((float *)s->weights)[i] = (float)(i * 40503u % 1024) / 512 - 1.001f;
    else
      ((int8_t *)s->weights)[i] = (int8_t)(i * 2246822519u >> 11) / 2;
  }
  for (int32_t c = 0; c < l->out_c; c++) {
    if (l->is_wide)
      ((double *)s->scales)[c] = 0x6ABCp-26;
    else
      ((float *)s->scales)[c] = 0.002f;
  }
}

static swl_f32_gemm_params rows_params(const setting *s) {
  return (swl_f32_gemm_params){
      .depth = (size_t)s->layer.in_c, .columns = (size_t)s->layer.out_c, .minimum = -1e30f, .maximum = 1e30f};
}

/// Packed weights and scratch memory of the families that have them.
static void pack(setting *s, swl_isa isa) {
  const swl_q8_layer *l = &s->layer;
  void **packed = &s->packed[isa], **scratch = &s->scratch[isa];
  if (is(s, "q8 conv")) {
    *packed = aligned(swl_q8_conv_packed_bytes(isa, l));
    *scratch = aligned(swl_q8_conv_scratch_bytes(isa, l));
    swl_q8_conv_pack(isa, l, s->weights, NULL, s->scales, *packed);
  } else if (is(s, "q8 depthwise")) {
    *packed = aligned(swl_q8_depthwise_packed_bytes(isa, l));
    *scratch = aligned(swl_q8_depthwise_scratch_bytes(isa, l));
    swl_q8_depthwise_pack(isa, l, s->weights, NULL, s->scales, *packed);
  } else if (is(s, "f32 conv")) {
    *packed = aligned(swl_f32_conv_packed_bytes(isa, &s->params));
    *scratch = aligned(swl_f32_conv_scratch_bytes(isa, &s->params));
    swl_f32_conv_pack(isa, &s->params, s->weights, NULL, *packed);
  } else if (is(s, "f32 depthwise")) {
    *packed = aligned(swl_f32_depthwise_packed_bytes(isa, &s->params));
    *scratch = aligned(swl_f32_depthwise_scratch_bytes(isa, &s->params));
    swl_f32_depthwise_pack(isa, &s->params, s->weights, NULL, *packed);
  } else if (is(s, "f32 rows")) {
    const swl_f32_gemm_params params = rows_params(s);
    *packed = aligned(swl_f32_gemm_packed_bytes(isa, &params));
    swl_f32_gemm_pack(isa, &params, s->weights, NULL, *packed);
  } else if (is(s, "hybrid conv")) {
    *packed = aligned(swl_hybrid_packed_bytes(isa, &s->params));
    *scratch = aligned(swl_hybrid_quantized_bytes(isa, &s->params) + swl_hybrid_scratch_bytes(isa, &s->params) + 64);
    swl_hybrid_pack(isa, &s->params, s->weights, s->scales, NULL, *packed);
  } else if (is(s, "hybrid depthwise")) {
    *packed = aligned(swl_hybrid_depthwise_packed_bytes(isa, l));
    *scratch = aligned(swl_hybrid_depthwise_quantized_bytes(l) + swl_hybrid_depthwise_scratch_bytes(isa, l) + 64);
    swl_hybrid_depthwise_pack(isa, l, s->weights, s->scales, NULL, *packed);
  }
}

static void *behind(void *start, size_t bytes) { return (uint8_t *)start + (bytes + 63) / 64 * 64; }

static void run_layer(setting *s, swl_isa isa) {
  const swl_q8_layer *l = &s->layer;
  void *packed = s->packed[isa], *scratch = s->scratch[isa];
  const size_t rows = (size_t)l->batch * (size_t)l->out_h;
  if (is(s, "q8 conv")) {
    swl_q8_conv_run(isa, l, packed, s->input, s->output, scratch, 0, swl_q8_conv_units(isa, l));
  } else if (is(s, "q8 depthwise")) {
    swl_q8_depthwise_run(isa, l, packed, s->input, s->output, scratch, 0, swl_q8_depthwise_units(isa, l));
  } else if (is(s, "f32 conv")) {
    swl_f32_conv(isa, &s->params, packed, s->input, s->output, scratch, 0, swl_f32_conv_units(&s->params));
  } else if (is(s, "f32 depthwise")) {
    swl_f32_depthwise(isa, &s->params, packed, s->input, s->output, scratch, 0, rows);
  } else if (is(s, "f32 rows")) {
    const swl_f32_gemm_params params = rows_params(s);
    swl_f32_gemm(isa, &params, packed, s->input, s->output, 0, rows, 0, params.columns);
  } else if (is(s, "hybrid conv")) {
    swl_hybrid_quantize(isa, &s->params, s->input, scratch, 0, swl_hybrid_quantization_groups(&s->params));
    swl_hybrid_conv(isa, &s->params, packed, scratch, s->output,
                    behind(scratch, swl_hybrid_quantized_bytes(isa, &s->params)), 0, rows, 0, s->params.out_channels);
  } else {
    const swl_hybrid_limits limits = {-1e30f, 1e30f};
    swl_hybrid_depthwise_quantize(isa, l, s->input, scratch, 0, (size_t)l->batch);
    swl_hybrid_depthwise_run(isa, l, limits, packed, scratch, s->output,
                             behind(scratch, swl_hybrid_depthwise_quantized_bytes(l)), 0, rows);
  }
}

static void run_elements(setting *s, swl_isa isa) {
  const swl_q8_layer *l = &s->layer;
  const swl_broadcast flat = {.rank = 1, .counts = {s->count}, .strides = {{1}, {1}}};
  const swl_f32_limits limits = {-1e30f, 1e30f};
  const swl_pool_params pool = {(size_t)l->in_h,     (size_t)l->in_w,     (size_t)l->in_c,     (size_t)l->out_h,
                                (size_t)l->out_w,    (size_t)l->kernel_h, (size_t)l->kernel_w, (size_t)l->stride_h,
                                (size_t)l->stride_w, (size_t)l->pad_top,  (size_t)l->pad_left};
  const size_t rows = (size_t)l->batch * (size_t)l->out_h;
  if (is(s, "add i8")) {
    const swl_q8_sum_params sum = {
        .a = 3000, .b = 2000, .bias = 4096, .shift = 13, .output_offset = 1, .minimum = -128, .maximum = 127};
    swl_q8_sum(isa, SWL_I8, &flat, &sum, s->input, s->weights, s->output, 0, s->count);
  } else if (is(s, "add f32")) {
    swl_f32_binary(isa, SWL_BINARY_ADD, &flat, limits, s->input, s->weights, s->output, 0, s->count);
  } else if (is(s, "divide f32")) {
    swl_f32_binary(isa, SWL_BINARY_DIV, &flat, limits, s->input, s->weights, s->output, 0, s->count);
  } else if (is(s, "logistic f32")) {
    swl_f32_unary(isa, (swl_unary){.op = SWL_UNARY_LOGISTIC}, s->input, s->output, s->count);
  } else if (is(s, "softmax f32")) {
    swl_f32_softmax(isa, s->input, s->output, (size_t)l->in_w, (size_t)l->in_c, 1);
  } else if (is(s, "average pool i8")) {
    swl_i8_average_pool(isa, &pool, s->input, s->output, 0, rows, -128, 127);
  } else if (is(s, "max pool i8")) {
    swl_i8_max_pool(isa, &pool, s->input, s->output, 0, rows, -128, 127);
  } else if (is(s, "average pool f32")) {
    swl_f32_average_pool(isa, &pool, s->input, s->output, 0, rows, -1e30f, 1e30f);
  } else if (is(s, "look-up u8")) {
    swl_lookup_u8(isa, s->weights, s->input, s->output, s->count);
  } else if (is(s, "quantize f32")) {
    const swl_quantize_params params = {.scale = 0.01f, .zero_point = 3, .minimum = -128, .maximum = 127};
    swl_quantize_f32(isa, 1, params, s->input, s->output, s->count);
  } else {
    swl_dequantize_i8(isa, 0.01f, 3, s->input, s->output, s->count);
  }
}

static void run(setting *s, swl_isa isa) {
  if (s->packed[isa] != NULL)
    run_layer(s, isa);
  else
    run_elements(s, isa);
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/// Nanoseconds of the quicker of two runs.
static double glance(setting *s, swl_isa isa) {
  double least = 0;
  for (int i = 0; i < 3; i++) {
    const double start = now();
    run(s, isa);
    const double time = now() - start;
    least = i == 1 || time < least ? time : least;
  }
  return least;
}

/// Median nanoseconds of one run by instruction set, each round measuring all of them.
static void measure(setting *s, const swl_isa *sets, size_t count, int rounds, double *medians) {
  static double times[SWL_ISA_COUNT][ROUNDS << ATTEMPTS];
  int repetitions[SWL_ISA_COUNT];
  for (size_t i = count; i-- > 0;) {
    medians[i] = glance(s, sets[i]);
    repetitions[i] = medians[i] < SLICE_NANOSECONDS ? (int)(SLICE_NANOSECONDS / (medians[i] + 10)) + 1 : 1;
    if (medians[i] > HOPELESS * medians[count - 1])
      repetitions[i] = 0;
  }
  for (int round = 0; round < rounds; round++) {
    for (size_t i = 0; i < count; i++) {
      if (repetitions[i] == 0)
        continue;
      const double start = now();
      for (int r = 0; r < repetitions[i]; r++)
        run(s, sets[i]);
      times[i][round] = (now() - start) / repetitions[i];
    }
  }
  for (size_t i = 0; i < count; i++) {
    if (repetitions[i] == 0)
      continue;
    qsort(times[i], (size_t)rounds, sizeof(double), by_size);
    medians[i] = times[i][rounds / 2];
  }
}

/// The index of the fastest but the last, which is the one picked.
static size_t fastest_other(const double *medians, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i + 1 < count; i++)
    best = medians[i] < medians[best] ? i : best;
  return best;
}

static void release(setting *s) {
  for (int i = 0; i < SWL_ISA_COUNT; i++)
    free(s->packed[i]), free(s->scratch[i]);
  free(s->input), free(s->output), free(s->weights), free(s->scales);
}

/// Whether the last of `sets` is the fastest. Each attempt has memory elsewhere, since its place alone can make a few
/// per cent.
static bool examine(const test_case *test, const swl_isa *sets, size_t count) {
  double medians[SWL_ISA_COUNT];
  bool good = false;
  size_t other = 0;
  for (int attempt = 0; attempt < ATTEMPTS && !good; attempt++) {
    void *const gap = aligned(((size_t)attempt * 17 + 1) * 4160);
    setting s = {.family = test->family};
    read_layer(test->layer, &s);
    make_data(&s);
    for (size_t i = 0; i < count; i++)
      pack(&s, sets[i]);
    measure(&s, sets, count, ROUNDS << attempt, medians);
    release(&s);
    free(gap);
    other = fastest_other(medians, count);
    good = medians[count - 1] <= medians[other] * SLACK;
  }
  printf("%s%-17s %-46s", good ? "  " : "! ", test->family, test->layer);
  for (size_t i = 0; i < count; i++)
    printf(" %9.2f", medians[i] / 1000);
  if (good)
    printf("\n");
  else
    printf("  %s is %.2f times as fast\n", swl_isa_name(sets[other]), medians[count - 1] / medians[other]);
  fflush(stdout);
  return good;
}

int main(int argument_count, char **arguments) {
  const char *only = argument_count > 2 && strcmp(arguments[1], "--only") == 0 ? arguments[2] : "";
  swl_isa sets[SWL_ISA_COUNT];
  size_t count = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (swl_isa_runnable((swl_isa)isa))
      sets[count++] = (swl_isa)isa;
  }
  printf("%-66s", "  microseconds; the last is what dispatch picks");
  for (size_t i = 0; i < count; i++)
    printf(" %9.9s", swl_isa_name(sets[i]));
  printf("\n");
  int passed = 0, failed = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases && count > 1; i++) {
    if (strstr(cases[i].family, only) == NULL && strstr(cases[i].layer, only) == NULL)
      continue;
    *(examine(&cases[i], sets, count) ? &passed : &failed) += 1;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
