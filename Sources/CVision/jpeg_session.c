#include "jpeg_session.h"

#include <jerror.h>

static swl_codec_status status_of(const swl_jpeg_session *session) {
  switch (session->manager.msg_code) {
  case JERR_OUT_OF_MEMORY:
  case JERR_NO_BACKING_STORE:
    return SWL_CODEC_OUT_OF_MEMORY;
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_CCIR601_NOTIMPL:
  case JERR_COMPONENT_COUNT:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_IMAGE_TOO_BIG:
  case JERR_NOTIMPL:
  case JERR_SOF_UNSUPPORTED:
    return SWL_CODEC_UNSUPPORTED;
  default:
    return session->ended ? SWL_CODEC_TRUNCATED : SWL_CODEC_CORRUPT;
  }
}

static void exit_with_error(j_common_ptr cinfo) {
  swl_jpeg_session *session = (swl_jpeg_session *)cinfo->err;
  char text[JMSG_LENGTH_MAX];
  session->manager.format_message(cinfo, text);
  swl_codec_fail(&session->result, status_of(session), text);
  longjmp(session->escape, 1);
}

/// libjpeg warns where it replaces missing data by gray; only warnings that lose no picture data are let pass.
static void judge_message(j_common_ptr cinfo, int level) {
  if (level >= 0) {
    return;
  }
  switch (cinfo->err->msg_code) {
  case JWRN_ADOBE_XFORM:
  case JWRN_EXTRANEOUS_DATA:
    return;
  default:
    exit_with_error(cinfo);
  }
}

struct jpeg_error_mgr *swl_jpeg_session_begin(swl_jpeg_session *session) {
  struct jpeg_error_mgr *manager = jpeg_std_error(&session->manager);
  manager->error_exit = exit_with_error;
  manager->emit_message = judge_message;
  session->result = (swl_codec_result){.status = SWL_CODEC_OK};
  session->ended = false;
  return manager;
}
