// What the caller holds instead of Swift objects. A deleted handle keeps its memory until 256 others have been deleted,
// so that using it soon afterwards is noticed instead of undefined.
#include "swl_capi.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define LIVE UINT32_C(0x6c697665)
#define DELETED UINT32_C(0x64656164)
#define GRAVES 256

typedef struct handle {
  void *object;
  _Atomic uint32_t state;
  swl_kind kind;
} handle;

static _Atomic(handle *) graves[GRAVES];
static atomic_uint next_grave;

static const char *name(swl_kind kind) {
  switch (kind) {
  case SWL_MODEL:
    return "model";
  case SWL_OPTIONS:
    return "interpreter options";
  case SWL_INTERPRETER:
    return "interpreter";
  case SWL_SIGNATURE_RUNNER:
    return "signature runner";
  }
  return "object";
}

void *swl_handle_create(swl_kind kind, void *object) {
  handle *created = malloc(sizeof *created);
  if (created == NULL) {
    return NULL;
  }
  created->object = object;
  created->kind = kind;
  atomic_init(&created->state, LIVE);
  return created;
}

static void report(const handle *wrong, swl_kind kind) {
  char message[96];
  const char *problem = "is not one";
  if (wrong == NULL) {
    problem = "is NULL";
  } else if (atomic_load_explicit(&wrong->state, memory_order_relaxed) == DELETED) {
    problem = "was deleted";
  }
  snprintf(message, sizeof message, "the %s %s", name(kind), problem);
  swl_fail(NULL, message);
}

void *swl_handle_object(const void *any, swl_kind kind) {
  const handle *used = any;
  if (used == NULL || atomic_load_explicit(&used->state, memory_order_relaxed) != LIVE || used->kind != kind) {
    report(used, kind);
    return NULL;
  }
  return used->object;
}

void *swl_handle_retire(void *any, swl_kind kind) {
  if (swl_handle_object(any, kind) == NULL) {
    return NULL;
  }
  handle *dead = any;
  uint32_t live = LIVE;
  if (!atomic_compare_exchange_strong(&dead->state, &live, DELETED)) {
    report(dead, kind);
    return NULL;
  }
  void *object = dead->object;
  dead->object = NULL;
  unsigned grave = atomic_fetch_add(&next_grave, 1) % GRAVES;
  free(atomic_exchange(&graves[grave], dead));
  return object;
}
