/*
 * sheaf/sheaf.h - all of libsheaf
 */
#ifndef SHEAF_SHEAF_H
#define SHEAF_SHEAF_H

#include <sheaf/compact.h>
#include <sheaf/corpus.h>
#include <sheaf/erase.h>
#include <sheaf/error.h>
#include <sheaf/exporter.h>
#include <sheaf/filter.h>
#include <sheaf/folder.h>
#include <sheaf/format.h>
#include <sheaf/record.h>
#include <sheaf/remove.h>
#include <sheaf/salvage.h>
#include <sheaf/scan.h>
#include <sheaf/similar.h>
#include <sheaf/slice.h>
#include <sheaf/verify.h>
#include <sheaf/wait.h>
#include <sheaf/writer.h>

#define SHEAF_VERSION "0.1.0"

#endif
