// What tiles of the 8-bit GEMM seldom meet: scales of 1 and more, and fewer channels than they have. LANES is the
// number of output channels of a panel.

/// Rare scales of 1 and more: the products may leave the range of int32, so each element is limited by itself.
static __attribute__((noinline)) void finish_slowly(const swl_q8_tile *t, const uint8_t *panel, size_t first,
                                                    const int32_t *sums, size_t rows, size_t panels) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < panels * LANES && first + c < t->channels; c++) {
      float scale;
      memcpy(&scale, panel + c / LANES * t->panel_bytes + 4 * (LANES + c % LANES), sizeof scale);
      const uint32_t sum = (uint32_t)sums[r * panels * LANES + c];
      t->output[r * t->output_stride + first + c] =
          (uint8_t)swl_q8_requantize(sum, scale, &t->requantization) ^ t->requantization.flip;
    }
  }
}

/// Copies the first channels of `rows` rows of `width` bytes, where fewer are left than a tile has.
static __attribute__((noinline)) void copy_part(const swl_q8_tile *t, const uint8_t *buffer, size_t first, size_t rows,
                                                size_t width) {
  const size_t left = t->channels - first, stride = t->output_stride;
  uint8_t *output = t->output + first;
  // Bytes behind a pixel's last channel may be written as long as the next pixels' stores follow.
  size_t r = 0;
  if (first == 0 && left == stride) {
    for (; (rows - r) * stride >= width; r++)
      memcpy(output + r * stride, buffer + r * width, width);
  }
  for (; r < rows; r++)
    memcpy(output + r * stride, buffer + r * width, left);
}
