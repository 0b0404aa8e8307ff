#include "detection_source.h"
#include "elementwise_math.h"

#pragma STDC FP_CONTRACT OFF

static float centre(float offset, float scale, float size, float anchor) {
  return (float)((double)offset / (double)scale * (double)size + (double)anchor);
}

static float half_size(float offset, float scale, float size) {
  return (float)(0.5 * swl_exp_f64((double)offset / (double)scale) * (double)size);
}

void swl_detection_decode(const swl_detection_params *params, const void *encodings, const void *anchors,
                          swl_box *boxes) {
  for (size_t i = 0; i < params->boxes; i++) {
    float code[4], anchor[4]; // y, x, h, w
    for (size_t k = 0; k < 4; k++) {
      code[k] = read_number(&params->encodings, encodings, i * params->box_length + k);
      anchor[k] = read_number(&params->anchors, anchors, i * 4 + k);
    }
    const float y = centre(code[0], params->y_scale, anchor[2], anchor[0]);
    const float x = centre(code[1], params->x_scale, anchor[3], anchor[1]);
    const float height = half_size(code[2], params->h_scale, anchor[2]);
    const float width = half_size(code[3], params->w_scale, anchor[3]);
    boxes[i] = (swl_box){.top = y - height, .left = x - width, .bottom = y + height, .right = x + width};
  }
}
