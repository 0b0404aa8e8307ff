// The kernels of Swiftlet: one header per family.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "swl_isa.h"

#endif
