// How the columns of a matrix are cut into panels of packed weights.
#ifndef F32_PANELS_H
#define F32_PANELS_H

#include <stddef.h>

/// Which of three falling panel widths takes the next columns when `remaining` are left: the widest, unless the two
/// below it suffice together. With 32, 16 and 8, the last 24 columns become 16 + 8 and the last 12 become 16. The last
/// width may repeat the one before.
static inline int swl_panel(const size_t widths[3], size_t remaining) {
  int panel = 0;
  while (panel < 2 && widths[panel + 1] < widths[panel]) {
    size_t below = widths[panel + 1];
    if (panel == 0 && widths[2] < below)
      below += widths[2];
    if (remaining > below)
      break;
    panel++;
  }
  return panel;
}

/// Columns with the padding of the last panel.
static inline size_t swl_padded_columns(const size_t widths[3], size_t columns) {
  size_t padded = columns / widths[0] * widths[0];
  while (padded < columns)
    padded += widths[swl_panel(widths, columns - padded)];
  return padded;
}

#endif
