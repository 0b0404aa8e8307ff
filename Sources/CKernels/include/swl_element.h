// Element types that a kernel can tell apart when it compares or adds.
#ifndef SWL_ELEMENT_H
#define SWL_ELEMENT_H

/// bool counts as SWL_ELEMENT_U8.
typedef enum swl_element {
  SWL_ELEMENT_F32,
  SWL_ELEMENT_I8,
  SWL_ELEMENT_U8,
  SWL_ELEMENT_I16,
  SWL_ELEMENT_I32,
  SWL_ELEMENT_I64,
} swl_element;

#endif
