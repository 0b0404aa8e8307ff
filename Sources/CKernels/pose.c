#include "swl_pose.h"
#include "swl_unary.h"

enum { REFINEMENTS = 5, MASK_REFINEMENTS = 2 };

/// Parent and child of each edge: a tree from the nose over the eyes to the ears, over the shoulders to wrists and
/// ankles.
static const uint8_t edges[SWL_POSE_EDGES][2] = {{0, 1},  {1, 3},  {0, 2},   {2, 4},   {0, 5}, {5, 7},
                                                 {7, 9},  {5, 11}, {11, 13}, {13, 15}, {0, 6}, {6, 8},
                                                 {8, 10}, {6, 12}, {12, 14}, {14, 16}};

/// The value between 0 and `count` - 1 that is next to `x`; 0 for NaN.
static float limited(float x, size_t count) {
  const float last = (float)count - 1;
  return x > 0 ? (x < last ? x : last) : 0;
}

/// Where a tensor of (height, width, channels) is read between its cells.
typedef struct lens {
  const float *corners[4];
  float down, right;
} lens;

static lens at(const float *tensor, size_t height, size_t width, size_t channels, swl_point point) {
  const float y = limited(point.y, height), x = limited(point.x, width);
  const size_t top = (size_t)y, left = (size_t)x;
  const size_t bottom = top + (y > (float)top), beside = left + (x > (float)left);
  const lens result = {{tensor + (top * width + left) * channels, tensor + (top * width + beside) * channels,
                        tensor + (bottom * width + left) * channels, tensor + (bottom * width + beside) * channels},
                       y - (float)top,
                       x - (float)left};
  return result;
}

static float read(const lens *l, size_t channel) {
  const float upper = (1 - l->right) * l->corners[0][channel] + l->right * l->corners[1][channel];
  const float lower = (1 - l->right) * l->corners[2][channel] + l->right * l->corners[3][channel];
  return (1 - l->down) * upper + l->down * lower;
}

/// `point` moved by the offsets in channels `row` and `column`, inside the tensor.
static swl_point moved(const float *offsets, const swl_pose_field *f, size_t channels, swl_point point, size_t row,
                       size_t column) {
  const lens l = at(offsets, f->height, f->width, channels, point);
  const swl_point result = {limited(point.y + read(&l, row), f->height), limited(point.x + read(&l, column), f->width)};
  return result;
}

/// The keypoint at the other end of an edge.
static swl_point followed(const swl_pose_field *f, swl_point from, size_t edge, bool is_backward, size_t target) {
  const size_t row = edge + (is_backward ? 2 * SWL_POSE_EDGES : 0);
  swl_point point = moved(f->mid_offsets, f, 4 * SWL_POSE_EDGES, from, row, row + SWL_POSE_EDGES);
  for (int step = 0; step < REFINEMENTS; step++)
    point = moved(f->short_offsets, f, 2 * SWL_POSE_KEYPOINTS, point, target, SWL_POSE_KEYPOINTS + target);
  return point;
}

static float score_at(const swl_pose_field *f, swl_point point, size_t keypoint) {
  const lens l = at(f->scores, f->height, f->width, SWL_POSE_KEYPOINTS, point);
  return read(&l, keypoint);
}

/// Decodes all keypoints from one of them: the best that can be reached comes next.
static void decode(const swl_pose_field *f, swl_point root, size_t root_keypoint, swl_pose *pose) {
  bool decoded[SWL_POSE_KEYPOINTS] = {false}, reached[SWL_POSE_KEYPOINTS] = {false};
  pose->points[root_keypoint] = root;
  pose->scores[root_keypoint] = score_at(f, root, root_keypoint);
  reached[root_keypoint] = true;
  for (size_t count = 0; count < SWL_POSE_KEYPOINTS; count++) {
    size_t best = SWL_POSE_KEYPOINTS;
    for (size_t k = 0; k < SWL_POSE_KEYPOINTS; k++) {
      const bool is_open = reached[k] && !decoded[k];
      if (is_open && (best == SWL_POSE_KEYPOINTS || pose->scores[k] > pose->scores[best]))
        best = k;
    }
    decoded[best] = true;
    for (size_t edge = 0; edge < SWL_POSE_EDGES; edge++) {
      for (int back = 0; back < 2; back++) {
        const size_t target = edges[edge][1 - back];
        if (edges[edge][back] != best || decoded[target])
          continue;
        pose->points[target] = followed(f, pose->points[best], edge, back == 1, target);
        pose->scores[target] = score_at(f, pose->points[target], target);
        reached[target] = true;
      }
    }
  }
}

// The candidates are a heap, the best at its root: by score, equal ones by index.

static bool is_before(swl_pose_candidate a, swl_pose_candidate b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

static void sift(swl_pose_candidate *heap, size_t count, size_t at) {
  const swl_pose_candidate moving = heap[at];
  for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && is_before(heap[child + 1], heap[child]))
      child++;
    if (!is_before(heap[child], moving))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}

/// Whether no neighbour has a higher score for the same keypoint.
static bool is_summit(const swl_pose_field *f, size_t y, size_t x, size_t keypoint, float score) {
  const size_t bottom = y + 1 < f->height ? y + 1 : y, right = x + 1 < f->width ? x + 1 : x;
  for (size_t row = y > 0 ? y - 1 : 0; row <= bottom; row++) {
    for (size_t column = x > 0 ? x - 1 : 0; column <= right; column++) {
      if (f->scores[(row * f->width + column) * SWL_POSE_KEYPOINTS + keypoint] > score)
        return false;
    }
  }
  return true;
}

static size_t collect(const swl_pose_params *params, const swl_pose_field *f, swl_pose_candidate *candidates) {
  size_t count = 0;
  for (size_t index = 0; index < f->height * f->width * SWL_POSE_KEYPOINTS; index++) {
    const size_t cell = index / SWL_POSE_KEYPOINTS, keypoint = index % SWL_POSE_KEYPOINTS;
    const float score = f->scores[index];
    if (score >= params->root_score && is_summit(f, cell / f->width, cell % f->width, keypoint, score))
      candidates[count++] = (swl_pose_candidate){score, (int32_t)index};
  }
  for (size_t at = count / 2; at > 0; at--)
    sift(candidates, count, at - 1);
  return count;
}

static bool are_near(swl_point a, swl_point b, float radius) {
  const float dy = a.y - b.y, dx = a.x - b.x;
  return dy * dy + dx * dx <= radius * radius;
}

/// Puts poses with higher scores first; equal ones keep their order.
static void sort(swl_pose *poses, size_t count) {
  for (size_t i = 1; i < count; i++) {
    const swl_pose pose = poses[i];
    size_t at = i;
    for (; at > 0 && poses[at - 1].score < pose.score; at--)
      poses[at] = poses[at - 1];
    poses[at] = pose;
  }
}

static bool is_taken(const swl_pose *poses, size_t count, swl_point point, size_t keypoint, float radius) {
  for (size_t i = 0; i < count; i++) {
    if (are_near(poses[i].points[keypoint], point, radius))
      return true;
  }
  return false;
}

static size_t find(const swl_pose_params *params, const swl_pose_field *f, swl_pose_candidate *candidates,
                   swl_pose *poses) {
  size_t left = collect(params, f, candidates), count = 0;
  while (left > 0 && count < params->limit) {
    const size_t index = (size_t)candidates[0].index, keypoint = index % SWL_POSE_KEYPOINTS;
    candidates[0] = candidates[--left];
    if (left > 0)
      sift(candidates, left, 0);
    const size_t cell = index / SWL_POSE_KEYPOINTS;
    const float *offset = f->short_offsets + cell * 2 * SWL_POSE_KEYPOINTS + keypoint;
    const swl_point root = {limited((float)(cell / f->width) + offset[0], f->height),
                            limited((float)(cell % f->width) + offset[SWL_POSE_KEYPOINTS], f->width)};
    if (is_taken(poses, count, root, keypoint, params->radius))
      continue;
    swl_pose *pose = &poses[count];
    decode(f, root, keypoint, pose);
    float total = 0;
    for (size_t k = 0; k < SWL_POSE_KEYPOINTS; k++) {
      pose->scores[k] = (float)swl_logistic_f64((double)pose->scores[k]);
      total += pose->scores[k];
    }
    pose->score = total / (float)SWL_POSE_KEYPOINTS;
    count += pose->score >= params->pose_score;
  }
  return count;
}

/// Keypoints that a better pose has at the same place no longer count towards a pose's score.
static void rescore(swl_pose *poses, size_t count, float radius) {
  for (size_t i = count; i > 0; i--) {
    swl_pose *pose = &poses[i - 1];
    float total = 0;
    for (size_t k = 0; k < SWL_POSE_KEYPOINTS; k++) {
      if (!is_taken(poses, i - 1, pose->points[k], k, radius))
        total += pose->scores[k];
    }
    pose->score = total / (float)SWL_POSE_KEYPOINTS;
  }
}

size_t swl_decode_poses(const swl_pose_params *params, const swl_pose_field *field, swl_pose_candidate *candidates,
                        swl_pose *poses, float *keypoints, float *keypoint_scores, float *pose_scores) {
  size_t count = find(params, field, candidates, poses);
  sort(poses, count);
  rescore(poses, count, params->radius);
  sort(poses, count);
  while (count > 0 && !(poses[count - 1].score >= params->pose_score))
    count--;
  for (size_t i = 0; i < params->limit; i++) {
    const bool is_found = i < count;
    pose_scores[i] = is_found ? poses[i].score : 0;
    for (size_t k = 0; k < SWL_POSE_KEYPOINTS; k++) {
      const size_t at = i * SWL_POSE_KEYPOINTS + k;
      keypoint_scores[at] = is_found ? poses[i].scores[k] : 0;
      keypoints[2 * at] = is_found ? poses[i].points[k].y * params->stride : 0;
      keypoints[2 * at + 1] = is_found ? poses[i].points[k].x * params->stride : 0;
    }
  }
  return count;
}

void swl_pose_masks(const float *long_offsets, size_t height, size_t width, const float *keypoints, size_t count,
                    size_t limit, float stride, float *masks) {
  const swl_pose_field f = {NULL, NULL, NULL, height, width};
  for (size_t i = 0; i < limit * height * width; i++)
    masks[i] = 0;
  for (size_t cell = 0; cell < height * width && count > 0; cell++) {
    swl_point ends[SWL_POSE_KEYPOINTS];
    for (size_t k = 0; k < SWL_POSE_KEYPOINTS; k++) {
      swl_point point = {(float)(cell / width), (float)(cell % width)};
      for (int step = 0; step <= MASK_REFINEMENTS; step++)
        point = moved(long_offsets, &f, 2 * SWL_POSE_KEYPOINTS, point, k, SWL_POSE_KEYPOINTS + k);
      ends[k] = (swl_point){point.y * stride, point.x * stride};
    }
    size_t nearest = 0;
    float least = 0;
    for (size_t i = 0; i < count; i++) {
      float distance = 0;
      for (size_t k = 0; k < SWL_POSE_KEYPOINTS; k++) {
        const float *point = keypoints + 2 * (i * SWL_POSE_KEYPOINTS + k);
        const float dy = point[0] - ends[k].y, dx = point[1] - ends[k].x;
        distance += dy * dy + dx * dx;
      }
      if (i == 0 || distance < least) {
        nearest = i;
        least = distance;
      }
    }
    masks[nearest * height * width + cell] = 1;
  }
}

void swl_pose_scale(const void *input, bool is_byte, float scale, int32_t zero_point, size_t count, float *output) {
  for (size_t i = 0; i < count; i++) {
    const float x = is_byte ? (float)((int32_t)((const uint8_t *)input)[i] - zero_point) : ((const float *)input)[i];
    output[i] = x * scale;
  }
}
