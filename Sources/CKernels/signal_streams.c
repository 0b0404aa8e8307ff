#include "swl_signal.h"
#include <string.h>

void swl_signal_frame(const swl_signal_framing *framing, const int16_t *input, size_t frames, swl_signal_queue *queue,
                      int16_t *samples, int16_t *output, bool *is_complete) {
  const size_t size = framing->size, step = framing->step;
  const size_t early = framing->prefills ? size - step : 0;
  for (size_t frame = 0; frame < frames; frame++) {
    int16_t *target = output + frame * size;
    size_t count = (size_t)queue->count + early;
    memcpy(samples + count, input + frame * step, step * sizeof(int16_t));
    count += step;
    if (count >= size) {
      memcpy(target, samples, size * sizeof(int16_t));
      count -= step;
      memmove(samples, samples + step, count * sizeof(int16_t));
    } else {
      memset(target, 0, size * sizeof(int16_t));
      *is_complete = false;
    }
    queue->count = (int32_t)(count - early);
  }
}

bool swl_signal_stack(const swl_signal_stacking *stacking, const int16_t *input, swl_signal_queue *queue,
                      int16_t *frames, int16_t *output) {
  const size_t channels = stacking->channels, whole = stacking->left + 1 + stacking->right;
  const size_t copies = queue->has_begun ? 1 : 1 + stacking->left;
  for (size_t i = 0; i < copies; i++)
    memcpy(frames + ((size_t)queue->count + i) * channels, input, channels * sizeof(int16_t));
  queue->count += (int32_t)copies;
  queue->has_begun = 1;
  if ((size_t)queue->count < whole) {
    memset(output, 0, whole * channels * sizeof(int16_t));
    return false;
  }
  memcpy(output, frames, whole * channels * sizeof(int16_t));
  queue->count -= (int32_t)stacking->step;
  memmove(frames, frames + stacking->step * channels, (size_t)queue->count * channels * sizeof(int16_t));
  return true;
}

void swl_signal_delay(const int16_t *input, size_t count, size_t delay, int16_t *history, int16_t *output) {
  const size_t kept = delay < count ? delay : count;
  memcpy(output, history, kept * sizeof(int16_t));
  memcpy(output + kept, input, (count - kept) * sizeof(int16_t));
  memmove(history, history + kept, (delay - kept) * sizeof(int16_t));
  memcpy(history + delay - kept, input + count - kept, kept * sizeof(int16_t));
}

void swl_signal_overlap_i16(const int16_t *input, size_t size, size_t step, int16_t *sums, int16_t *output) {
  for (size_t i = 0; i < size; i++) {
    const int32_t sum = input[i] + sums[i];
    sums[i] = (int16_t)(sum < INT16_MIN ? INT16_MIN : sum > INT16_MAX ? INT16_MAX : sum);
  }
  memcpy(output, sums, step * sizeof(int16_t));
  memmove(sums, sums + step, (size - step) * sizeof(int16_t));
  memset(sums + (size - step), 0, step * sizeof(int16_t));
}

void swl_signal_overlap_f32(const float *input, size_t size, size_t step, float *sums, float *output) {
  for (size_t i = 0; i < size; i++)
    sums[i] += input[i];
  memcpy(output, sums, step * sizeof(float));
  memmove(sums, sums + step, (size - step) * sizeof(float));
  memset(sums + (size - step), 0, step * sizeof(float));
}
