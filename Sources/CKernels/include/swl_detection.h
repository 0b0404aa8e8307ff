// Decoding and suppressing the boxes of a single-shot detector, as TensorFlow Lite's TFLite_Detection_PostProcess does.
#ifndef SWL_DETECTION_H
#define SWL_DETECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Corners in the coordinates of the anchors.
typedef struct swl_box {
  float top, left, bottom, right;
} swl_box;

/// A box or class and its score, which sort by falling score.
typedef struct swl_candidate {
  float score;
  int32_t index;
} swl_candidate;

/// How to read a tensor of floats, or of bytes that mean scale * (q - zero_point).
typedef struct swl_detection_source {
  bool is_u8;
  float scale, zero_point;
} swl_detection_source;

typedef struct swl_detection_params {
  size_t boxes, box_length;                // numbers per box, of which the first four are y, x, h, w
  size_t classes, first_class, row_length; // scores of a box: row_length, the classes beginning at first_class
  size_t max_detections, max_classes, max_per_class;
  float y_scale, x_scale, h_scale, w_scale;
  float score_threshold, iou_threshold;
  swl_detection_source encodings, scores, anchors;
} swl_detection_params;

/// Memory of one run. Sizes in elements.
typedef struct swl_detection_scratch {
  swl_box *boxes;            // boxes
  float *best;               // boxes
  swl_candidate *candidates; // boxes
  swl_candidate *ranking;    // max(max_detections, classes)
  swl_candidate *merged;     // max_detections
} swl_detection_scratch;

/// The outputs, `rows` detections long; those behind the last detection become 0.
typedef struct swl_detection_output {
  size_t rows;
  swl_box *boxes;
  float *classes, *scores, *count;
} swl_detection_output;

/// Boxes from offsets to their anchors (y, x, h, w): centre = offset / scale * size + centre of the anchor, size =
/// exp(offset / scale) * size of the anchor, in double precision, rounded to float.
void swl_detection_decode(const swl_detection_params *params, const void *encodings, const void *anchors,
                          swl_box *boxes);

/// Puts candidates into a heap, for `swl_detection_next`.
void swl_detection_heap(swl_candidate *candidates, size_t count);

/// Takes the best of `count` candidates out of their heap: that with the highest score, of equal scores that with the
/// lowest index.
swl_candidate swl_detection_next(swl_candidate *heap, size_t *count);

/// Keeps the boxes whose score reaches the threshold and that overlap no better kept one by more than `iou_threshold`,
/// at most `limit`: the first so many `candidates`, by falling score. The score of box `i` is number `i * stride` of
/// `scores`.
size_t swl_detection_suppress(const swl_detection_params *params, const swl_box *boxes,
                              const swl_detection_source *source, const void *scores, size_t stride, size_t limit,
                              swl_candidate *candidates);

/// Suppression by the best score of each box, whatever its class, then up to `max_classes` classes for each box kept.
void swl_detection_fast(const swl_detection_params *params, const void *scores, const swl_detection_scratch *scratch,
                        const swl_detection_output *output);

/// Suppression within each class, then the best `max_detections` of all classes.
void swl_detection_regular(const swl_detection_params *params, const void *scores, const swl_detection_scratch *scratch,
                           const swl_detection_output *output);

#endif
