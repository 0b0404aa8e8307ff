// The layouts of packed weights that may be kept in files.
#ifndef SWL_PACKING_H
#define SWL_PACKING_H

/// To be raised whenever swl_q8_conv_pack, swl_f32_conv_pack or swl_f32_gemm_pack writes other bytes than before for
/// the same layer, or the kernels read them differently: what files hold in the older layout is ignored then.
enum { SWL_PACKING_VERSION = 2 };

#endif
