/*
 * output.c - where an export goes: a descriptor, a draft of a file, of a folder
 *
 * Stands between the writers of formats/ and the system.  Small pieces are
 * gathered, large ones go out as they are.
 */
#include "export/output.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

enum { BUFFER_SIZE = 1 << 18, FOLDERS_OPEN = 16 };

static const char *shown(const struct output *out, char text[FAIL_PATH_SIZE])
{
	if (!out->path)
		return "standard output";
	return text_escape(text, FAIL_PATH_SIZE, out->path, strlen(out->path));
}

/* a pipe or a device, which is written to as it stands */
static bool is_special(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && !S_ISREG(sb.st_mode) &&
	       !S_ISDIR(sb.st_mode);
}

static enum sheaf_status draft_open(struct output *out,
				    const struct writer_format *format,
				    bool overwrite, struct sheaf_error *err)
{
	unsigned int how = overwrite ? DRAFT_REPLACE : 0;
	enum sheaf_status st;

	if (format->makes_folder)
		how = DRAFT_FOLDER;
	else if (format->needs_file)
		how |= DRAFT_NAMED;
	st = draft_create_as(&out->draft, out->path, how, err);
	if (st == SHEAF_OK)
		out->fd = draft_fd(out->draft);
	return st;
}

enum sheaf_status output_open(struct output *out,
			      const struct writer_format *format,
			      const struct sheaf_export_options *options,
			      struct sheaf_error *err)
{
	char text[FAIL_PATH_SIZE];

	out->path = options->output;
	out->fd = options->fd;
	out->makes_folder = format->makes_folder;
	out->buffer = malloc(BUFFER_SIZE);
	if (!out->buffer)
		return fail_nomem(err);
	if (!out->path && (format->makes_folder || format->needs_file))
		return fail(err, SHEAF_MISUSE, "%s needs a %s to write",
			    format->name,
			    format->makes_folder ? "folder" : "file");
	if (!out->path)
		return SHEAF_OK;
	if (format->makes_folder || format->needs_file ||
	    !is_special(out->path))
		return draft_open(out, format, options->overwrite, err);
	/* a FIFO that nobody reads yet waits here */
	do {
		out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
		if (out->fd < 0 && errno == EINTR &&
		    out->is_cancelled(out->arg))
			return fail(err, SHEAF_CANCELLED, "stopped");
	} while (out->fd < 0 && errno == EINTR);
	if (out->fd < 0)
		return fail_io(err, errno, "%s: cannot be written",
			       shown(out, text));
	out->owns_fd = true;
	return SHEAF_OK;
}

static enum sheaf_status all_write(struct output *out, const uint8_t *p,
				   size_t len, struct sheaf_error *err)
{
	char text[FAIL_PATH_SIZE];

	while (len > 0) {
		ssize_t n = write(out->fd, p, len);

		if (n < 0 && errno == EINTR) {
			if (out->is_cancelled(out->arg))
				return fail(err, SHEAF_CANCELLED, "stopped");
			continue;
		}
		if (n < 0)
			return fail_io(err, errno, "%s: cannot be written",
				       shown(out, text));
		p += n;
		len -= (size_t)n;
	}
	return SHEAF_OK;
}

static enum sheaf_status flush(struct output *out, struct sheaf_error *err)
{
	enum sheaf_status st = all_write(out, out->buffer, out->filled, err);

	out->filled = 0;
	return st;
}

enum sheaf_status output_write(const void *p, size_t len, void *arg,
			       struct sheaf_error *err)
{
	struct output *out = arg;
	enum sheaf_status st = SHEAF_OK;

	out->written += len;
	if (len > BUFFER_SIZE - out->filled)
		st = flush(out, err);
	if (st != SHEAF_OK || len == 0)
		return st;
	if (len >= BUFFER_SIZE)
		return all_write(out, p, len, err);
	memcpy(out->buffer + out->filled, p, len);
	out->filled += len;
	return SHEAF_OK;
}

/* a named one by its path: a format's own library may have put another file
 * there */
static enum sheaf_status draft_sync(struct output *out, struct sheaf_error *err)
{
	const char *path = draft_path(out->draft);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : out->fd;
	char text[FAIL_PATH_SIZE];
	struct stat sb;
	int rc = -1, e;

	if (fd >= 0)
		rc = fstat(fd, &sb);
	if (rc == 0 && S_ISREG(sb.st_mode))
		out->written = (uint64_t)sb.st_size;
	while (rc == 0 && (rc = fsync(fd)) != 0 && errno == EINTR)
		rc = 0;
	e = errno;
	if (path && fd >= 0)
		close(fd);
	if (rc != 0 && e != EINVAL)
		return fail_io(err, e, "%s: cannot be written",
			       shown(out, text));
	return SHEAF_OK;
}

enum sheaf_status output_publish(struct output *out, struct sheaf_error *err)
{
	enum sheaf_status st = flush(out, err);

	if (st != SHEAF_OK || !out->draft)
		return st;
	st = draft_sync(out, err);
	if (st != SHEAF_OK)
		return st;
	st = draft_publish(out->draft, err);
	out->makes_folder = false; /* nothing to be emptied any more */
	return st;
}

static int entry_remove(const char *path, const struct stat *sb, int type,
			struct FTW *at)
{
	(void)sb;
	(void)type;
	if (at->level > 0)
		remove(path);
	return 0;
}

void output_close(struct output *out)
{
	if (out->draft && out->makes_folder)
		nftw(draft_path(out->draft), entry_remove, FOLDERS_OPEN,
		     FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	draft_free(out->draft);
	if (out->owns_fd)
		close(out->fd);
	free(out->buffer);
}
