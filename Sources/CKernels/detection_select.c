#include "detection_source.h"
#include "gather_row_limit.h"

static void put(const swl_detection_output *output, size_t row, swl_box box, size_t class, float score) {
  if (row >= output->rows)
    return;
  output->boxes[row] = box;
  output->classes[row] = (float)class;
  output->scores[row] = score;
}

static void clear(const swl_detection_output *output) {
  memset(output->boxes, 0, output->rows * sizeof *output->boxes);
  memset(output->classes, 0, output->rows * sizeof *output->classes);
  memset(output->scores, 0, output->rows * sizeof *output->scores);
}

// The best of the `count` scores from number `first` on. Bytes keep their order when they become floats.
static float best_score(const swl_detection_source *source, const void *scores, size_t first, size_t count) {
  if (source->is_u8) {
    const uint8_t best = row_max_u8((const unsigned char *)scores + first, count);
    return read_number(source, &best, 0);
  }
  float best = read_number(source, scores, first);
  for (size_t i = 1; i < count; i++) {
    const float score = read_number(source, scores, first + i);
    best = score > best ? score : best;
  }
  return best;
}

void swl_detection_fast(const swl_detection_params *params, const void *scores, const swl_detection_scratch *scratch,
                        const swl_detection_output *output) {
  static const swl_detection_source floats = {.is_u8 = false, .scale = 1, .zero_point = 0};
  clear(output);
  for (size_t i = 0; i < params->boxes; i++)
    scratch->best[i] =
        best_score(&params->scores, scores, i * params->row_length + params->first_class, params->classes);
  const size_t kept = swl_detection_suppress(params, scratch->boxes, &floats, scratch->best, 1, params->max_detections,
                                             scratch->candidates);
  const size_t classes = params->max_classes < params->classes ? params->max_classes : params->classes;
  for (size_t i = 0; i < kept; i++) {
    const size_t box = (size_t)scratch->candidates[i].index;
    const size_t first = box * params->row_length + params->first_class;
    for (size_t class = 0; class < params->classes; class ++)
      scratch->ranking[class] =
          (swl_candidate){.score = read_number(&params->scores, scores, first + class), .index = (int32_t) class};
    size_t left = params->classes;
    swl_detection_heap(scratch->ranking, left);
    for (size_t k = 0; k < classes; k++) {
      const swl_candidate best = swl_detection_next(scratch->ranking, &left);
      put(output, i * params->max_classes + k, scratch->boxes[box], (size_t)best.index, best.score);
    }
  }
  *output->count = (float)kept;
}

// Merges `added` into the `count` best so far. An old one goes before a new one of the same score.
static size_t merge(const swl_detection_scratch *scratch, size_t count, size_t added, size_t limit) {
  size_t old = 0, new = 0, total = 0;
  while (total < limit && (old < count || new < added)) {
    const bool takes_new =
        new < added && (old == count || scratch->candidates[new].score > scratch->ranking[old].score);
    scratch->merged[total++] = takes_new ? scratch->candidates[new ++] : scratch->ranking[old++];
  }
  memcpy(scratch->ranking, scratch->merged, total * sizeof *scratch->merged);
  return total;
}

void swl_detection_regular(const swl_detection_params *params, const void *scores, const swl_detection_scratch *scratch,
                           const swl_detection_output *output) {
  clear(output);
  size_t count = 0;
  for (size_t class = 0; class < params->classes; class ++) {
    const size_t size = params->scores.is_u8 ? 1 : sizeof(float);
    const void *column = (const unsigned char *)scores + (params->first_class + class) * size;
    const size_t kept = swl_detection_suppress(params, scratch->boxes, &params->scores, column, params->row_length,
                                               params->max_per_class, scratch->candidates);
    // From here on an index names box and class.
    for (size_t i = 0; i < kept; i++)
      scratch->candidates[i].index = (int32_t)((size_t)scratch->candidates[i].index * params->classes + class);
    count = merge(scratch, count, kept, params->max_detections);
  }
  for (size_t i = 0; i < count; i++) {
    const size_t index = (size_t)scratch->ranking[i].index;
    put(output, i, scratch->boxes[index / params->classes], index % params->classes, scratch->ranking[i].score);
  }
  *output->count = (float)count;
}
