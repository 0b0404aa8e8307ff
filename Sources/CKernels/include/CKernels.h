// The kernels of Swiftlet: one header per family.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "swl_batch_matmul.h"
#include "swl_conv3d.h"
#include "swl_copy.h"
#include "swl_detection.h"
#include "swl_element.h"
#include "swl_elementwise.h"
#include "swl_f32.h"
#include "swl_family.h"
#include "swl_fixed_point.h"
#include "swl_gather.h"
#include "swl_hybrid.h"
#include "swl_isa.h"
#include "swl_locate.h"
#include "swl_lstm.h"
#include "swl_normalize.h"
#include "swl_packing.h"
#include "swl_pool.h"
#include "swl_pose.h"
#include "swl_q8.h"
#include "swl_reduce.h"
#include "swl_resize.h"
#include "swl_search.h"
#include "swl_signal.h"
#include "swl_softmax.h"
#include "swl_suppress.h"
#include "swl_svdf.h"
#include "swl_transpose_conv.h"
#include "swl_unary.h"

#endif
