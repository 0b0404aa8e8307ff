// Poses from the outputs of PoseNet and PersonLab: displacements from keypoint to keypoint (arXiv:1803.08225,
// sections 3.1 and 4).
#ifndef SWL_POSE_H
#define SWL_POSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SWL_POSE_KEYPOINTS = 17, SWL_POSE_EDGES = 16 };

typedef struct swl_point {
  float y, x;
} swl_point;

typedef struct swl_pose {
  swl_point points[SWL_POSE_KEYPOINTS];
  float scores[SWL_POSE_KEYPOINTS];
  float score;
} swl_pose;

typedef struct swl_pose_candidate {
  float score;
  /// The position in the scores.
  int32_t index;
} swl_pose_candidate;

/// All three tensors are (height, width, channels). Offsets are in cells: the rows of all keypoints or edges, then the
/// columns; those of the edges first from parent to child, then back.
typedef struct swl_pose_field {
  const float *scores, *short_offsets, *mid_offsets;
  size_t height, width;
} swl_pose_field;

typedef struct swl_pose_params {
  /// Poses to find at most.
  size_t limit;
  /// Scores that root keypoints need, as a logit, and that poses need, 0 to 1.
  float root_score, pose_score;
  /// In cells: how far keypoints of one kind have to be apart in different poses.
  float radius;
  /// Pixels of a cell.
  float stride;
} swl_pose_params;

/// Finds poses, best first, and returns how many. `candidates` has height * width * SWL_POSE_KEYPOINTS elements,
/// `poses` `limit`. Outputs: (row, column) in pixels and score of each keypoint, score of each pose; zero behind the
/// last.
size_t swl_decode_poses(const swl_pose_params *params, const swl_pose_field *field, swl_pose_candidate *candidates,
                        swl_pose *poses, float *keypoints, float *keypoint_scores, float *pose_scores);

/// For each of `count` poses the cells that are nearer to it than to the others, as 1 among zeros: `masks` is (limit,
/// height, width). `long_offsets` is (height, width, 34), from any cell to the keypoints of its person, in cells.
void swl_pose_masks(const float *long_offsets, size_t height, size_t width, const float *keypoints, size_t count,
                    size_t limit, float stride, float *masks);

/// output[i] = (input[i] - zero_point) * scale, of bytes or of float32.
void swl_pose_scale(const void *input, bool is_byte, float scale, int32_t zero_point, size_t count, float *output);

#endif
