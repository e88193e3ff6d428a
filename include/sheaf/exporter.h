/*
 * sheaf/exporter.h - records of a corpus in a format of others
 *
 * One pass of sheaf_scan(): blocks are decoded and fields read on all cores,
 * articles are written one after the other as they come.  Memory is that of a
 * scan, whatever the corpus; what a format must keep until its end (the table
 * of a zip, some 200 bytes an article) is told in formats/.
 */
#ifndef SHEAF_EXPORTER_H
#define SHEAF_EXPORTER_H

#include <sheaf/corpus.h>
#include <sheaf/folder.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sheaf_export_format {
	const char *name;  /* "tar", "jsonl.zst" */
	bool needs_output; /* a file or folder of its own: to no pipe */
	bool is_binary;	   /* is not for terminals */
};

/* sheaf_export_format_at() - the @index-th format, from 0; false behind the
 * last */
SHEAF_API bool sheaf_export_format_at(size_t index,
				      struct sheaf_export_format *out);

struct sheaf_export_options {
	const char *format; /* by its name */
	/* the file or folder to make; NULL: write to fd */
	const char *output;
	int fd;		      /* open for writing; stays the caller's */
	bool overwrite;	      /* replace a file that exists */
	bool text_only;	      /* articles without their front matter */
	unsigned int threads; /* 0: as many as processors; at most 256 */
	sheaf_note_fn *on_warning;
	sheaf_file_progress_fn *on_progress; /* totals are 0 */
	void *arg;
};

struct sheaf_export_result {
	uint64_t articles; /* written */
	uint64_t bytes;	   /* of those, as they were added */
	uint64_t written;  /* of the output; 0 for folders */
	uint64_t failed;   /* damaged, or of no use to the format: a warning
			      each */
};

/*
 * sheaf_export() - write the records that @filter takes
 * @filter:  NULL takes the latest version of every name
 * @options: format is needed
 * @result:  what was done, also on failure; may be NULL
 *
 * Order: that of sheaf_scan(); with all versions that of sheaf_list(), so that
 * of several of one name the latest comes last.  The same commit, filter and
 * options give the same bytes, whatever the threads (zim: but for random ones
 * of libraries below).
 *
 * A file or folder gets its name when it is whole: whatever happens before
 * leaves nothing there.  An output that is a pipe or a device is written to as
 * it stands.
 *
 * Returns SHEAF_OK; SHEAF_MISUSE, before anything is written (no such format,
 * the output exists or is needed); SHEAF_UNSUPPORTED (a part that is not
 * installed); SHEAF_BUSY (the output was made by others meanwhile);
 * SHEAF_LIMIT (a bound of the format), SHEAF_CANCELLED, SHEAF_IO, SHEAF_NOMEM,
 * or what sheaf_scan() gives.
 */
SHEAF_API enum sheaf_status
sheaf_export(struct sheaf_corpus *corpus, const struct sheaf_filter *filter,
	     const struct sheaf_export_options *options,
	     struct sheaf_export_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
