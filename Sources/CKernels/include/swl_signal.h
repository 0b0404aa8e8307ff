// The audio front end of TensorFlow Lite Micro: from a window of 16-bit samples to logarithms of mel energies.
//
// Everything is integer arithmetic and the same on every machine. Complex numbers are pairs, real part first.
#ifndef SWL_SIGNAL_H
#define SWL_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// output[i] = input[i] * weights[i % period] >> shift, saturated; shift is 0 to 31.
void swl_signal_window(const int16_t *input, const int16_t *weights, size_t count, size_t period, int32_t shift,
                       int16_t *output);

/// Shifts left as far as the largest magnitude allows, and returns how far: 15 for silence.
int32_t swl_signal_auto_scale(const int16_t *input, size_t count, int16_t *output);

/// Numbers of 16 bits in the tables for an FFT of `length` samples, a power of two from 4 to 32768.
size_t swl_signal_fft_table_count(size_t length);
void swl_signal_fft_tables(size_t length, int16_t *tables);

/// The spectrum, length / 2 + 1 complex numbers divided by `length`, of real samples. `scratch` holds `length` numbers.
/// The roundings are those of KISS FFT in 16-bit fixed point.
void swl_signal_real_fft(const int16_t *input, size_t length, const int16_t *tables, int16_t *scratch, int16_t *output);

/// Tables for the way back.
void swl_signal_inverse_fft_tables(size_t length, int16_t *tables);

/// The real samples of a spectrum of length / 2 + 1 complex numbers, divided by `length` as the spectrum was: a signal
/// comes back `length` times smaller. `scratch` holds `length` numbers. Roundings as above.
void swl_signal_inverse_real_fft(const int16_t *input, size_t length, const int16_t *tables, int16_t *scratch,
                                 int16_t *output);

/// output[i] = |input[i]|^2 for `begin` to below `end`.
void swl_signal_energy(const int16_t *input, size_t begin, size_t end, uint32_t *output);

/// What waits in an operator from one invocation to the next; begins as zero.
typedef struct swl_signal_queue {
  int32_t count, has_begun;
} swl_signal_queue;

typedef struct swl_signal_framing {
  /// Samples of a frame, and from the begin of one to that of the next: 1 to `size`.
  size_t size, step;
  /// Whether zeros stand before the first sample, so that it completes a frame at once.
  bool prefills;
} swl_signal_framing;

/// Turns `frames` steps of samples into as many frames that overlap; a frame for which samples are missing is zero, and
/// `*is_complete` becomes false. `samples` keeps as many as a frame, rounded up to whole steps.
void swl_signal_frame(const swl_signal_framing *framing, const int16_t *input, size_t frames, swl_signal_queue *queue,
                      int16_t *samples, int16_t *output, bool *is_complete);

typedef struct swl_signal_stacking {
  /// Frames before and behind that go with one; `step` frames are left out afterwards: 1 to left + 1 + right.
  size_t channels, left, right, step;
} swl_signal_stacking;

/// Takes a frame, the first as if it had come `left` times before. True when there were left + 1 + right of them, which
/// are then written to `output`, otherwise zeros. `frames` keeps as many.
bool swl_signal_stack(const swl_signal_stacking *stacking, const int16_t *input, swl_signal_queue *queue,
                      int16_t *frames, int16_t *output);

/// Writes the samples that came `delay` before; `history` keeps as many.
void swl_signal_delay(const int16_t *input, size_t count, size_t delay, int16_t *history, int16_t *output);

/// Adds a frame to the sums of those before it and writes the first `step` of `size`, which are then complete.
void swl_signal_overlap_i16(const int16_t *input, size_t size, size_t step, int16_t *sums, int16_t *output);
void swl_signal_overlap_f32(const float *input, size_t size, size_t step, float *sums, float *output);

/// Where the channels of a filter bank lie: numbers for each channel and, at index 0, for the part before the first.
typedef struct swl_filter_bank {
  const int16_t *weights, *unweights;
  const int16_t *frequency_starts, *weight_starts, *widths;
  size_t channels, weight_count, frequencies;
} swl_filter_bank;

/// output[c]: the weighted sum of the frequencies of channel c and the unweighted one of the channel before. Positions
/// outside the inputs count as zero.
void swl_signal_filter_bank(const swl_filter_bank *bank, const uint32_t *input, uint64_t *output);

/// output[i] = round(sqrt(input[i])) >> shift.
void swl_signal_square_root(const uint64_t *input, size_t count, int32_t shift, uint32_t *output);

/// Weights with `bits` fraction bits; the estimate has `smoothing_bits` more than the signal.
typedef struct swl_spectral_subtraction {
  uint32_t smoothing[2], one_minus_smoothing[2]; // for even and odd channels
  uint32_t minimum_remaining;
  int32_t smoothing_bits, bits; // 0 to 31
  bool clamps;
} swl_spectral_subtraction;

/// Follows the noise of each channel in `estimate`, and subtracts it.
void swl_signal_subtract_noise(const swl_spectral_subtraction *params, const uint32_t *input, size_t count,
                               uint32_t *estimate, uint32_t *output);

enum { SWL_SIGNAL_GAIN_COUNT = 125 };

/// Per-channel gain: input * gain(noise) >> shift, then x^2 / 4 below 2 and x - 1 above, with 12 fraction bits before
/// and 6 after. `gains` has SWL_SIGNAL_GAIN_COUNT numbers: quadratic pieces between powers of two. Shift: 0 to 63.
void swl_signal_gain(const uint32_t *input, const uint32_t *noise, const int16_t *gains, size_t count, int32_t shift,
                     uint32_t *output);

enum { SWL_SIGNAL_LOG_COUNT = 129 };

/// log2(1 + i / 128) - i / 128 in 16 fraction bits.
void swl_signal_log_table(uint16_t *table);

/// output[i] = ln(input[i] << shift) * scale, limited to int16; 0 for 0 and 1. Shift: 0 to 31.
void swl_signal_log(const uint32_t *input, size_t count, int32_t shift, uint32_t scale, const uint16_t *table,
                    int16_t *output);

#endif
