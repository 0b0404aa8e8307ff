#include "detection_source.h"

#pragma STDC FP_CONTRACT OFF

static bool precedes(swl_candidate a, swl_candidate b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

// Restores the heap whose root, at `root`, goes before all others.
static void sift(swl_candidate *heap, size_t root, size_t count) {
  const swl_candidate moved = heap[root];
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && precedes(heap[child + 1], heap[child]))
      child++;
    if (!precedes(heap[child], moved))
      break;
    heap[root] = heap[child];
  }
  heap[root] = moved;
}

void swl_detection_heap(swl_candidate *candidates, size_t count) {
  for (size_t root = count / 2; root-- > 0;)
    sift(candidates, root, count);
}

swl_candidate swl_detection_next(swl_candidate *heap, size_t *count) {
  const swl_candidate best = heap[0];
  heap[0] = heap[--*count];
  sift(heap, 0, *count);
  return best;
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
  swl_detection_heap(candidates, count);
  // Each survivor is compared with those kept before it: the same as striking out what a kept box overlaps. They lie
  // behind the heap, the first of them last; of many candidates few have to be put in order.
  swl_candidate *const end = candidates + count;
  size_t kept = 0;
  while (count > 0 && kept < limit) {
    const swl_candidate next = swl_detection_next(candidates, &count);
    bool survives = true;
    for (size_t k = 1; k <= kept && survives; k++)
      survives = !(overlap(&boxes[end[-(ptrdiff_t)k].index], &boxes[next.index]) > params->iou_threshold);
    if (survives)
      end[-(ptrdiff_t)++kept] = next;
  }
  for (size_t k = 0; k < kept / 2; k++) {
    const swl_candidate other = end[-1 - (ptrdiff_t)k];
    end[-1 - (ptrdiff_t)k] = end[(ptrdiff_t)k - (ptrdiff_t)kept];
    end[(ptrdiff_t)k - (ptrdiff_t)kept] = other;
  }
  memmove(candidates, end - kept, kept * sizeof *candidates);
  return kept;
}
