/*
 * load.h - finds the plugin that knows libzim
 */
#ifndef FORMATS_ZIM_LOAD_H
#define FORMATS_ZIM_LOAD_H

#include "base/fail.h"
#include "formats/zim/zim.h"

/* SHEAF_OK; SHEAF_UNSUPPORTED where there is none, with what to install */
enum sheaf_status zim_load(const struct zim_api **out, struct sheaf_error *err);

#endif
