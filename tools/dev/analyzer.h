/*
 * analyzer.h - what clang-tidy is told about functions that it can't see into
 *
 * It looks at one file at a time, so it would take a failure for a possible
 * SHEAF_OK and follow paths that can't be.  tools/dev/tidy includes this in
 * front of every file of the library; no compiler ever sees it.
 */
#ifndef SHEAF_DEV_ANALYZER_H
#define SHEAF_DEV_ANALYZER_H

#include "base/fail.h"

#define fail(err, status, ...) (fail(err, status, __VA_ARGS__), (status))
#define fail_at(err, status, offset, ...) \
	(fail_at(err, status, offset, __VA_ARGS__), (status))
#define fail_io(err, sys_errno, ...) \
	(fail_io(err, sys_errno, __VA_ARGS__), SHEAF_IO)
#define fail_nomem(err) (fail_nomem(err), SHEAF_NOMEM)

#endif
