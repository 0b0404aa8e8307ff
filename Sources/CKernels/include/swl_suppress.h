// Non-maximum suppression: of boxes that overlap, the one with the highest score.
#ifndef SWL_SUPPRESS_H
#define SWL_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t boxes;
  /// How many to select at most.
  size_t limit;
  /// Overlap, as intersection over union, from which on a box is dropped.
  float iou_threshold;
  /// Boxes need a higher score; NaN scores have none.
  float score_threshold;
  /// Above 0, overlaps below the threshold lower the score by exp(-0.5 / sigma * iou^2) (soft suppression).
  float sigma;
} swl_suppress_params;

typedef struct {
  float score;
  int32_t index;
  /// How many of the selected boxes it has been compared with.
  int32_t seen;
} swl_suppress_candidate;

/// Selects boxes of (top, left, bottom, right) by falling score. `indices` and, unless NULL, `selected_scores` have
/// `limit` elements, of which those behind the selected ones become 0. `heap` holds `boxes` candidates.
/// Returns how many were selected.
size_t swl_suppress_overlaps(const swl_suppress_params *params, const float *boxes, const float *scores,
                             int32_t *indices, float *selected_scores, swl_suppress_candidate *heap);

#endif
