/*
 * progress.h - the line that tells how far a long command is
 */
#ifndef SHEAF_TOOL_PROGRESS_H
#define SHEAF_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* show progress from now on, if stderr is a terminal and @wanted */
void progress_start(const char *what, bool wanted);
/*
 * progress_files() - "what: 1,204 of 29,789 files, 84.2 MB, 31.0 MB/s, 00:12
 * left"
 * @total_files: 0 while unknown
 */
void progress_files(uint64_t files, uint64_t bytes, uint64_t total_files);
/* the same for @done of @total bytes */
void progress_bytes(uint64_t done, uint64_t total);
/* both as an on_progress of the library's, whose call then ends where a signal
 * asked for it (stop.h) */
int progress_on_files(uint64_t files, uint64_t bytes, uint64_t total_files,
		      void *arg);
int progress_on_bytes(uint64_t done, uint64_t total, void *arg);
/* a step whose length is not known */
void progress_step(const char *what);
/* takes the line away, until the next call shows it again */
void progress_clear(void);

#endif
