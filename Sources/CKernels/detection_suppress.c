#include "detection_source.h"

#pragma STDC FP_CONTRACT OFF

static bool precedes(swl_candidate a, swl_candidate b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

// Restores the heap whose root, at `root`, comes last in the order.
static void sift(swl_candidate *heap, size_t root, size_t count) {
  const swl_candidate moved = heap[root];
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && precedes(heap[child], heap[child + 1]))
      child++;
    if (!precedes(moved, heap[child]))
      break;
    heap[root] = heap[child];
  }
  heap[root] = moved;
}

void swl_detection_sort(swl_candidate *candidates, size_t count) {
  for (size_t root = count / 2; root-- > 0;)
    sift(candidates, root, count);
  for (size_t last = count; last-- > 1;) {
    const swl_candidate worst = candidates[0];
    candidates[0] = candidates[last];
    candidates[last] = worst;
    sift(candidates, 0, last);
  }
}

static float smaller(float a, float b) { return a < b ? a : b; }
static float larger(float a, float b) { return a > b ? a : b; }

static float overlap(const swl_box *a, const swl_box *b) {
  const float area_a = (a->bottom - a->top) * (a->right - a->left);
  const float area_b = (b->bottom - b->top) * (b->right - b->left);
  if (area_a <= 0 || area_b <= 0)
    return 0;
  const float height = smaller(a->bottom, b->bottom) - larger(a->top, b->top);
  const float width = smaller(a->right, b->right) - larger(a->left, b->left);
  const float both = larger(height, 0) * larger(width, 0);
  return both / (area_a + area_b - both);
}

size_t swl_detection_suppress(const swl_detection_params *params, const swl_box *boxes,
                              const swl_detection_source *source, const void *scores, size_t stride, size_t limit,
                              swl_candidate *candidates) {
  size_t count = 0;
  for (size_t i = 0; i < params->boxes; i++) {
    const float score = read_number(source, scores, i * stride);
    if (score >= params->score_threshold)
      candidates[count++] = (swl_candidate){.score = score, .index = (int32_t)i};
  }
  swl_detection_sort(candidates, count);
  size_t kept = 0;
  // Each survivor is compared with those kept before it: the same as striking out what a kept box overlaps.
  for (size_t i = 0; i < count && kept < limit; i++) {
    bool survives = true;
    for (size_t k = 0; k < kept && survives; k++)
      survives = !(overlap(&boxes[candidates[k].index], &boxes[candidates[i].index]) > params->iou_threshold);
    if (survives)
      candidates[kept++] = candidates[i];
  }
  return kept;
}
