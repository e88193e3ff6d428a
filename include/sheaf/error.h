/*
 * sheaf/error.h - how every call of the library reports failure
 *
 * A status sorted by what the caller can do about it, beside a struct that
 * the caller owns for the story.  The library never prints.
 */
#ifndef SHEAF_ERROR_H
#define SHEAF_ERROR_H

#include <stdint.h>

#include <sheaf/export.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sheaf_status {
	SHEAF_OK = 0,
	SHEAF_NOT_FOUND,   /* an answer, not a failure */
	SHEAF_MISUSE,	   /* the caller broke the contract: fix the code */
	SHEAF_CORRUPT,	   /* bytes contradict the format or a checksum */
	SHEAF_UNSUPPORTED, /* a newer format, or a part not built in */
	SHEAF_LIMIT,	   /* a stated bound was reached */
	SHEAF_BUSY,	   /* another writer holds the corpus */
	SHEAF_IO,	   /* the system refused: see sys_errno */
	SHEAF_NOMEM,
	SHEAF_CANCELLED,
};

struct sheaf_error {
	enum sheaf_status status;
	int sys_errno;	 /* 0 unless SHEAF_IO */
	uint64_t offset; /* where in the file, bytes; UINT64_MAX if nowhere */
	char text[160];	 /* one line; untrusted bytes escaped */
};

/*
 * sheaf_status_name() - the status as a short lower-case word, never NULL
 */
SHEAF_API const char *sheaf_status_name(enum sheaf_status status);

#ifdef __cplusplus
}
#endif

#endif
