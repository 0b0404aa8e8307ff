#include "swl_suppress.h"

#include "elementwise_math.h"

#pragma STDC FP_CONTRACT OFF

// Whether `a` comes before `b`: the higher score first, of equal ones the lower index.
static bool precedes(const swl_suppress_candidate *a, const swl_suppress_candidate *b) {
  return a->score > b->score || (a->score == b->score && a->index < b->index);
}

// Moves the candidate at `child` up to its place in a heap whose root precedes all.
static void rise(swl_suppress_candidate *heap, size_t child) {
  const swl_suppress_candidate moved = heap[child];
  while (child > 0 && precedes(&moved, &heap[(child - 1) / 2])) {
    heap[child] = heap[(child - 1) / 2];
    child = (child - 1) / 2;
  }
  heap[child] = moved;
}

// Moves the root down to its place among `count` candidates.
static void sink(swl_suppress_candidate *heap, size_t count) {
  const swl_suppress_candidate moved = heap[0];
  size_t root = 0;
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && precedes(&heap[child + 1], &heap[child]))
      child++;
    if (precedes(&moved, &heap[child]))
      break;
    heap[root] = heap[child];
  }
  heap[root] = moved;
}

static float smaller(float a, float b) { return a < b ? a : b; }
static float larger(float a, float b) { return a > b ? a : b; }

// Intersection over union of two boxes, each given by two opposite corners in any order.
static float overlap(const float *a, const float *b) {
  const float top_a = smaller(a[0], a[2]), left_a = smaller(a[1], a[3]);
  const float bottom_a = larger(a[0], a[2]), right_a = larger(a[1], a[3]);
  const float top_b = smaller(b[0], b[2]), left_b = smaller(b[1], b[3]);
  const float bottom_b = larger(b[0], b[2]), right_b = larger(b[1], b[3]);
  const float area_a = (bottom_a - top_a) * (right_a - left_a);
  const float area_b = (bottom_b - top_b) * (right_b - left_b);
  if (area_a <= 0 || area_b <= 0)
    return 0;
  const float height = larger(smaller(bottom_a, bottom_b) - larger(top_a, top_b), 0);
  const float width = larger(smaller(right_a, right_b) - larger(left_a, left_b), 0);
  return height * width / (area_a + area_b - height * width);
}

// Lowers the score by the boxes selected since the candidate was looked at last. False when one of them covers it.
static bool survives(const swl_suppress_params *params, const float *boxes, const int32_t *indices, size_t selected,
                     swl_suppress_candidate *candidate) {
  const float decay = params->sigma > 0 ? -0.5f / params->sigma : 0;
  for (size_t i = selected; i-- > (size_t)candidate->seen;) {
    const float both = overlap(boxes + 4 * (size_t)candidate->index, boxes + 4 * (size_t)indices[i]);
    if (both >= params->iou_threshold)
      return false;
    if (params->sigma > 0)
      candidate->score *= (float)swl_exp_f64(decay * both * both);
    if (candidate->score <= params->score_threshold)
      break;
  }
  return true;
}

size_t swl_suppress_overlaps(const swl_suppress_params *params, const float *boxes, const float *scores,
                             int32_t *indices, float *selected_scores, swl_suppress_candidate *heap) {
  size_t count = 0;
  for (size_t i = 0; i < params->boxes; i++) {
    if (!(scores[i] > params->score_threshold))
      continue;
    heap[count] = (swl_suppress_candidate){.score = scores[i], .index = (int32_t)i, .seen = 0};
    rise(heap, count++);
  }
  size_t selected = 0;
  while (selected < params->limit && count > 0) {
    swl_suppress_candidate next = heap[0];
    heap[0] = heap[--count];
    if (count > 0)
      sink(heap, count);
    const float score = next.score;
    if (!survives(params, boxes, indices, selected, &next))
      continue;
    next.seen = (int32_t)selected;
    if (next.score == score) {
      indices[selected] = next.index;
      if (selected_scores)
        selected_scores[selected] = next.score;
      selected++;
    } else if (next.score > params->score_threshold) {
      heap[count] = next;
      rise(heap, count++);
    }
  }
  for (size_t i = selected; i < params->limit; i++) {
    indices[i] = 0;
    if (selected_scores)
      selected_scores[i] = 0;
  }
  return selected;
}
