/*
 * output.h - where an export goes
 */
#ifndef SHEAF_EXPORT_OUTPUT_H
#define SHEAF_EXPORT_OUTPUT_H

#include <sheaf/exporter.h>

#include "formats/writer.h"
#include "io/draft.h"

struct output {
	const char *path; /* NULL: to @fd */
	int fd;		  /* -1: none */
	bool owns_fd;	  /* a pipe or device that was opened here */
	bool makes_folder;
	struct draft *draft;
	uint8_t *buffer;
	size_t filled;
	uint64_t written; /* those in the buffer too */
	/* whether to stop, asked where a write was interrupted */
	bool (*is_cancelled)(void *arg);
	void *arg;
};

/*
 * output_open() - the draft, or the descriptor
 * @out: is_cancelled and arg stay
 *
 * Returns SHEAF_OK, SHEAF_MISUSE (it exists, or is none), SHEAF_IO,
 * SHEAF_NOMEM; output_close() may follow in any case.
 */
enum sheaf_status output_open(struct output *out,
			      const struct writer_format *format,
			      const struct sheaf_export_options *options,
			      struct sheaf_error *err);
/* a writer_target's write() */
enum sheaf_status output_write(const void *p, size_t len, void *arg,
			       struct sheaf_error *err);
/* all is there: it gets its name */
enum sheaf_status output_publish(struct output *out, struct sheaf_error *err);
/* what was not published is gone */
void output_close(struct output *out);

#endif
