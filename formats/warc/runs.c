/*
 * runs.c - more lines than memory should hold, in order
 *
 * 64 MiB of them are sorted at a time and written to a nameless file beside the
 * output; at the end the files are merged.  An index of 10 million pages, some
 * 3 GB, takes 50 files.
 */
#include "formats/warc/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

enum { RUN_BYTES = 64 << 20, OUT_BYTES = 1 << 16, TRIES = 100 };

struct run {
	FILE *file;
	char *line;
	size_t room;
	ssize_t len; /* -1: it is at its end */
};

struct warc_runs {
	const char *path;
	struct buf text; /* lines, a NUL behind each */
	size_t count;
	struct run *runs;
	size_t run_count;
	struct buf out; /* on its way to a file */
};

struct warc_runs *warc_runs_new(const char *path)
{
	struct warc_runs *r = calloc(1, sizeof(*r));

	if (r)
		r->path = path;
	return r;
}

void warc_runs_free(struct warc_runs *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->run_count; i++) {
		if (r->runs[i].file)
			fclose(r->runs[i].file);
		free(r->runs[i].line);
	}
	free(r->runs);
	buf_done(&r->text);
	buf_done(&r->out);
	free(r);
}

static enum sheaf_status io_failed(const struct warc_runs *r, const char *what,
				   struct sheaf_error *err)
{
	int e = errno;
	char shown[FAIL_PATH_SIZE];

	if (e == ENOMEM)
		return fail_nomem(err);
	return fail_io(
		err, e ? e : EIO, "%s: %s",
		text_escape(shown, sizeof(shown), r->path, strlen(r->path)),
		what);
}

/* a new file beside the output, *name (to be freed) with it; -1 with errno */
static int file_make(const struct warc_runs *r, char **name)
{
	int fd = -1, e;

	*name = NULL;
	for (int i = 0; i < TRIES && fd < 0; i++) {
		free(*name);
		if (asprintf(name, "%s.%ld-%d.tmp", r->path, (long)getpid(),
			     i) < 0) {
			*name = NULL;
			errno = ENOMEM;
			return -1;
		}
		fd = open(*name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		e = errno;
		free(*name);
		*name = NULL;
		errno = e;
	}
	return fd;
}

static enum sheaf_status out_flush(struct warc_runs *r, int fd,
				   struct sheaf_error *err)
{
	if (r->out.bad)
		return fail_nomem(err);
	errno = fd_write(fd, r->out.p, r->out.len);
	buf_clear(&r->out);
	return errno != 0 ? io_failed(r, "cannot be written", err) : SHEAF_OK;
}

/* a line of @len bytes and its end */
static enum sheaf_status out_line(struct warc_runs *r, int fd, const char *line,
				  size_t len, struct sheaf_error *err)
{
	buf_bytes(&r->out, line, len);
	buf_u8(&r->out, '\n');
	return r->out.bad || r->out.len >= OUT_BYTES ? out_flush(r, fd, err) :
						       SHEAF_OK;
}

static int line_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* those in memory, in order, to @fd; SHEAF_OK, SHEAF_NOMEM or SHEAF_IO */
static enum sheaf_status text_write(struct warc_runs *r, int fd,
				    struct sheaf_error *err)
{
	const char **lines = calloc(r->count + 1, sizeof(*lines));
	const char *at = (const char *)r->text.p;
	enum sheaf_status st = SHEAF_OK;

	if (!lines)
		return fail_nomem(err);
	for (size_t i = 0; i < r->count; i++) {
		lines[i] = at;
		at += strlen(at) + 1;
	}
	qsort(lines, r->count, sizeof(*lines), line_compare);
	for (size_t i = 0; i < r->count && st == SHEAF_OK; i++)
		st = out_line(r, fd, lines[i], strlen(lines[i]), err);
	free(lines);
	return st == SHEAF_OK ? out_flush(r, fd, err) : st;
}

static enum sheaf_status run_make(struct warc_runs *r, struct sheaf_error *err)
{
	struct run *grown =
		realloc(r->runs, (r->run_count + 1) * sizeof(*grown));
	enum sheaf_status st;
	char *name;
	FILE *file;
	int fd;

	if (!grown)
		return fail_nomem(err);
	r->runs = grown;
	fd = file_make(r, &name);
	if (fd < 0)
		return io_failed(r, "cannot be made", err);
	unlink(name);
	free(name);
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return fail_nomem(err);
	}
	grown[r->run_count++] = (struct run){ .file = file };
	st = text_write(r, fd, err);
	if (st == SHEAF_OK && lseek(fd, 0, SEEK_SET) != 0)
		st = io_failed(r, "cannot be read", err);
	r->count = 0;
	buf_clear(&r->text);
	return st;
}

enum sheaf_status warc_runs_put(struct warc_runs *r, const void *line,
				size_t len, struct sheaf_error *err)
{
	if (r->text.len + len + 1 > RUN_BYTES && r->count > 0) {
		enum sheaf_status st = run_make(r, err);

		if (st != SHEAF_OK)
			return st;
	}
	buf_bytes(&r->text, line, len);
	buf_u8(&r->text, 0);
	r->count++;
	return r->text.bad ? fail_nomem(err) : SHEAF_OK;
}

static enum sheaf_status run_next(struct warc_runs *r, struct run *run,
				  struct sheaf_error *err)
{
	errno = 0;
	run->len = getline(&run->line, &run->room, run->file);
	if (run->len < 0 && !feof(run->file))
		return io_failed(r, "its index can't be sorted", err);
	if (run->len > 0) /* without its end */
		run->line[--run->len] = '\0';
	return SHEAF_OK;
}

static enum sheaf_status runs_merge(struct warc_runs *r, int fd,
				    struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < r->run_count && st == SHEAF_OK; i++)
		st = run_next(r, &r->runs[i], err);
	while (st == SHEAF_OK) {
		struct run *least = NULL;

		for (size_t i = 0; i < r->run_count; i++) {
			struct run *run = &r->runs[i];

			if (run->len >= 0 &&
			    (!least || strcmp(run->line, least->line) < 0))
				least = run;
		}
		if (!least)
			break;
		st = out_line(r, fd, least->line, (size_t)least->len, err);
		if (st == SHEAF_OK)
			st = run_next(r, least, err);
	}
	return st == SHEAF_OK ? out_flush(r, fd, err) : st;
}

enum sheaf_status warc_runs_write(struct warc_runs *r, const char *path,
				  struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	char *name;
	int fd;

	if (r->run_count > 0 && r->count > 0)
		st = run_make(r, err);
	if (st != SHEAF_OK)
		return st;
	fd = file_make(r, &name);
	if (fd < 0)
		return io_failed(r, "cannot be made", err);
	st = r->run_count > 0 ? runs_merge(r, fd, err) : text_write(r, fd, err);
	if (st == SHEAF_OK && fsync(fd) != 0)
		st = io_failed(r, "cannot be written", err);
	if (close(fd) != 0 && st == SHEAF_OK)
		st = io_failed(r, "cannot be written", err);
	if (st == SHEAF_OK && rename(name, path) != 0)
		st = io_failed(r, "cannot be written", err);
	if (st != SHEAF_OK)
		unlink(name);
	free(name);
	return st;
}
