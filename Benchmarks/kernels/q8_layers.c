// Times 8-bit layers, one thread, and prints each one's share of what this core can multiply at most.
//
//   clang -O2 -std=gnu11 -I Sources/CKernels/include Benchmarks/kernels/q8_layers.c Sources/CKernels/*.c -lm -o
//   q8_layers
//   ./q8_layers [--isa NAME] [--peak GMACS] [FILE]
//
// FILE (default: layers of MobileNet v2) has one layer on each line:
//   conv|depthwise batch in_h in_w in_c out_h out_w out_c kernel_h kernel_w stride_h stride_w dilation_h dilation_w
//   pad_top pad_left groups int8|uint8|int16|int8x4
// int16 is 16-bit activations with 8-bit weights, int8x4 8-bit ones with 4-bit weights.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const mobilenet_v2[] = {
    "conv 1 224 224 3 112 112 32 3 3 2 2 1 1 0 0 1 int8",
    "depthwise 1 112 112 32 112 112 32 3 3 1 1 1 1 1 1 1 int8",
    "conv 1 112 112 32 112 112 16 1 1 1 1 1 1 0 0 1 int8",
    "conv 1 112 112 16 112 112 96 1 1 1 1 1 1 0 0 1 int8",
    "depthwise 1 112 112 96 56 56 96 3 3 2 2 1 1 0 0 1 int8",
    "conv 1 56 56 96 56 56 24 1 1 1 1 1 1 0 0 1 int8",
    "conv 1 56 56 24 56 56 144 1 1 1 1 1 1 0 0 1 int8",
    "depthwise 1 56 56 144 56 56 144 3 3 1 1 1 1 1 1 1 int8",
    "conv 1 28 28 192 28 28 32 1 1 1 1 1 1 0 0 1 int8",
    "conv 1 14 14 64 14 14 384 1 1 1 1 1 1 0 0 1 int8",
    "depthwise 1 14 14 384 14 14 384 3 3 1 1 1 1 1 1 1 int8",
    "conv 1 14 14 384 14 14 64 1 1 1 1 1 1 0 0 1 int8",
    "conv 1 14 14 96 14 14 576 1 1 1 1 1 1 0 0 1 int8",
    "conv 1 7 7 960 7 7 160 1 1 1 1 1 1 0 0 1 int8",
    "depthwise 1 7 7 960 7 7 960 3 3 1 1 1 1 1 1 1 int8",
    "conv 1 7 7 320 7 7 1280 1 1 1 1 1 1 0 0 1 int8",
    "conv 1 1 1 1280 1 1 1000 1 1 1 1 1 1 0 0 1 int8",
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *aligned(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
  memset(p, 1, bytes);
  return p;
}

static bool read_layer(const char *line, swl_q8_layer *l, bool *depthwise) {
  char kind[16], type[16];
  if (sscanf(line, "%15s %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %15s", kind, &l->batch, &l->in_h, &l->in_w,
             &l->in_c, &l->out_h, &l->out_w, &l->out_c, &l->kernel_h, &l->kernel_w, &l->stride_h, &l->stride_w,
             &l->dilation_h, &l->dilation_w, &l->pad_top, &l->pad_left, &l->groups, type) != 18)
    return false;
  *depthwise = strcmp(kind, "depthwise") == 0;
  l->is_unsigned = strcmp(type, "uint8") == 0;
  l->is_wide = strcmp(type, "int16") == 0;
  l->weight_bits = strcmp(type, "int8x4") == 0 ? 4 : 8;
  l->minimum = l->is_wide ? INT16_MIN : l->is_unsigned ? 0 : -128;
  l->maximum = l->is_wide ? INT16_MAX : l->minimum + 255;
  if (l->is_wide)
    return true;
  l->input_zero_point = l->output_zero_point = l->minimum + 3;
  l->weight_zero_point = l->is_unsigned ? 120 : 0;
  return true;
}

/// The smallest time of one run, in seconds; `pack` receives the time of packing.
static double measure(swl_isa isa, const swl_q8_layer *l, bool depthwise, double *pack) {
  const size_t inputs = (size_t)l->batch * (size_t)l->in_h * (size_t)l->in_w * (size_t)l->in_c;
  const size_t outputs = (size_t)l->batch * (size_t)l->out_h * (size_t)l->out_w * (size_t)l->out_c;
  const size_t depth = depthwise ? 1 : (size_t)(l->in_c / l->groups);
  const size_t weight_count = (size_t)l->kernel_h * (size_t)l->kernel_w * (size_t)l->out_c * depth;
  uint8_t *input = aligned(2 * inputs), *output = aligned(2 * outputs), *weights = aligned(weight_count);
  float *scales = aligned(4 * (size_t)l->out_c);
  double *wide_scales = aligned(8 * (size_t)l->out_c);
  for (size_t i = 0; i < 2 * inputs; i++)
    input[i] = (uint8_t)(i * 2654435761u >> 13);
  for (size_t i = 0; i < weight_count; i++)
    weights[i] = (uint8_t)((int8_t)(i * 2246822519u >> 11) / 2);
  for (int32_t c = 0; c < l->out_c; c++)
    wide_scales[c] = 0x6ABCp-26, scales[c] = 0.002f;
  const void *given = l->is_wide ? (const void *)wide_scales : scales;
  void *packed = aligned(depthwise ? swl_q8_depthwise_packed_bytes(isa, l) : swl_q8_conv_packed_bytes(isa, l));
  void *scratch = aligned(depthwise ? swl_q8_depthwise_scratch_bytes(isa, l) : swl_q8_conv_scratch_bytes(isa, l));
  const size_t units = depthwise ? swl_q8_depthwise_units(isa, l) : swl_q8_conv_units(isa, l);
  *pack = 1;
  for (int i = 0; i < 5; i++) {
    const double start = now();
    if (depthwise)
      swl_q8_depthwise_pack(isa, l, weights, NULL, given, packed);
    else
      swl_q8_conv_pack(isa, l, weights, NULL, given, packed);
    const double time = now() - start;
    *pack = time < *pack ? time : *pack;
  }
  double best = 1;
  const double stop = now() + 0.1;
  for (int i = 0; i < 5 || now() < stop; i++) {
    const double start = now();
    if (depthwise)
      swl_q8_depthwise_run(isa, l, packed, input, output, scratch, 0, units);
    else
      swl_q8_conv_run(isa, l, packed, input, output, scratch, 0, units);
    const double time = now() - start;
    best = time < best ? time : best;
  }
  free(input), free(output), free(weights), free(scales), free(wide_scales), free(packed), free(scratch);
  return best;
}

static void report(swl_isa isa, const char *line, double peak, double total[3]) {
  swl_q8_layer l = {0};
  bool depthwise = false;
  if (!read_layer(line, &l, &depthwise))
    return;
  double pack;
  const double time = measure(isa, &l, depthwise, &pack);
  const double macs =
      (double)l.batch * l.out_h * l.out_w * l.out_c * l.kernel_h * l.kernel_w * (depthwise ? 1 : l.in_c / l.groups);
  printf("%-9s %3dx%-3dx%-4d -> %3dx%-3dx%-4d %dx%d/%d %-3s  %8.2f us  %6.1f GMAC/s  %3.0f %%  pack %7.1f us\n",
         depthwise ? "depthwise" : "conv", l.in_h, l.in_w, l.in_c, l.out_h, l.out_w, l.out_c, l.kernel_h, l.kernel_w,
         l.stride_h,
         l.is_wide       ? "i16"
         : l.is_unsigned ? "u8"
                         : "i8",
         time * 1e6, macs / time * 1e-9, macs / time * 1e-7 / peak, pack * 1e6);
  total[depthwise ? 1 : 0] += time * 1e6;
  total[2] += pack * 1e6;
}

int main(int count, char **arguments) {
  swl_isa isa = swl_isa_detect();
  double peak = 230, total[3] = {0, 0, 0};
  const char *file = NULL;
  for (int i = 1; i < count; i++) {
    if (strcmp(arguments[i], "--isa") == 0 && i + 1 < count) {
      i++;
      for (int candidate = 0; candidate < SWL_ISA_COUNT; candidate++)
        isa = strcmp(arguments[i], swl_isa_name((swl_isa)candidate)) == 0 ? (swl_isa)candidate : isa;
    } else if (strcmp(arguments[i], "--peak") == 0 && i + 1 < count) {
      peak = atof(arguments[++i]);
    } else {
      file = arguments[i];
    }
  }
  if (!swl_isa_runnable(isa)) {
    fprintf(stderr, "q8_layers: this machine cannot run %s\n", swl_isa_name(isa));
    return 69;
  }
  char line[256];
  FILE *stream = file != NULL ? fopen(file, "r") : NULL;
  if (file != NULL && stream == NULL) {
    perror(file);
    return 66;
  }
  while (stream != NULL && fgets(line, sizeof line, stream) != NULL)
    report(isa, line, peak, total);
  for (size_t i = 0; stream == NULL && i < sizeof mobilenet_v2 / sizeof *mobilenet_v2; i++)
    report(isa, mobilenet_v2[i], peak, total);
  printf("%s: convolution %.1f us, depthwise %.1f us, together %.1f us, packing %.1f us\n", swl_isa_name(isa), total[0],
         total[1], total[0] + total[1], total[2]);
  return 0;
}
