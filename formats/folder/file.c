/*
 * file.c - one file of the walk: read it, parse it, give it to the writer
 *
 * A file is read whole, into a buffer that the next one uses again, and looked
 * at before and after: one that changes in between might be half of each, so it
 * is told and not stored.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheaf/format.h>

#include "base/fail.h"

struct sheaf_str folder_add_name(const struct folder_add *add)
{
	return (struct sheaf_str){ (const char *)add->name.p, add->name.len };
}

void folder_add_failed(struct folder_add *add, int sys_errno, const char *why)
{
	add->result->failed++;
	folder_note(&add->notes, folder_add_name(add), sys_errno, why);
}

void folder_add_skipped(struct folder_add *add, const char *why)
{
	add->result->skipped++;
	folder_note(&add->notes, folder_add_name(add), 0, why);
}

struct sheaf_time folder_mtime(const struct stat *sb)
{
	return (struct sheaf_time){ sb->st_mtim.tv_sec,
				    (uint32_t)sb->st_mtim.tv_nsec };
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool folder_unchanged(int fd, const struct stat *before)
{
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_size == before->st_size &&
	       now.st_ino == before->st_ino &&
	       same_time(now.st_mtim, before->st_mtim) &&
	       same_time(now.st_ctim, before->st_ctim);
}

/* reads @fd, of which @sb tells, into add->bytes.  SHEAF_OK; SHEAF_IO: told and
 * counted; SHEAF_NOMEM */
static enum sheaf_status file_read(struct folder_add *add, int fd,
				   const struct stat *sb)
{
	size_t size = (size_t)sb->st_size, n = 0;
	uint8_t *p;

	buf_clear(&add->bytes);
	p = buf_room(&add->bytes, size + 1); /* one more, to see it grow */
	if (!p)
		return SHEAF_NOMEM;
	while (n <= size) {
		ssize_t got = read(fd, p + n, size + 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			folder_add_failed(add, errno, "cannot be read");
			return SHEAF_IO;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n != size || !folder_unchanged(fd, sb)) {
		folder_add_failed(add, 0, "changed while it was read");
		return SHEAF_IO;
	}
	buf_grew(&add->bytes, n);
	return SHEAF_OK;
}

static enum sheaf_status article_parse(struct folder_add *add,
				       struct sheaf_article *a,
				       struct sheaf_error *err)
{
	enum sheaf_status st;
	const char *warning;

	if (!a->format)
		a->format = sheaf_format_guess(a->name, a->bytes, a->len);
	if (a->fields)
		return SHEAF_OK;
	st = sheaf_format_parse(
		(struct sheaf_str){ a->format, strlen(a->format) }, a->bytes,
		a->len, add->parsed, err);
	if (st != SHEAF_OK)
		return st;
	a->fields = sheaf_parsed_fields(add->parsed);
	warning = sheaf_parsed_warning(add->parsed);
	if (warning) {
		add->result->warnings++;
		folder_note(&add->notes, a->name, 0, warning);
	}
	return SHEAF_OK;
}

enum sheaf_status folder_added(struct folder_add *add,
			       const struct sheaf_article *a,
			       enum sheaf_status st,
			       const struct sheaf_error *why,
			       struct sheaf_error *err)
{
	const struct sheaf_folder_options *o = add->options;
	struct sheaf_folder_result *result = add->result;

	if (st == SHEAF_MISUSE || st == SHEAF_LIMIT) {
		result->failed++;
		folder_note(&add->notes, a->name, 0, why->text);
		return SHEAF_OK;
	}
	if (st != SHEAF_OK) {
		if (err)
			*err = *why;
		return st;
	}
	if (!a->format || !sheaf_format_hides((struct sheaf_str){
				  a->format, strlen(a->format) })) {
		result->files++;
		result->bytes += a->len;
	}
	if (o->on_progress &&
	    o->on_progress(result->files, result->bytes, 0, o->arg))
		return fail(err, SHEAF_CANCELLED, "cancelled");
	return SHEAF_OK;
}

enum sheaf_status folder_add_article(struct folder_add *add,
				     struct sheaf_article *a,
				     struct sheaf_error *err)
{
	struct sheaf_error why = { 0 };
	enum sheaf_status st = article_parse(add, a, err);

	if (st != SHEAF_OK)
		return st;
	st = sheaf_writer_add(add->writer, a, NULL, &why);
	return folder_added(add, a, st, &why, err);
}

static enum sheaf_status file_store(struct folder_add *add,
				    const struct stat *sb,
				    struct sheaf_error *err)
{
	struct sheaf_article a = {
		.name = folder_add_name(add),
		.bytes = add->bytes.p,
		.len = add->bytes.len,
		.mtime = folder_mtime(sb),
		.format = add->format,
	};

	return folder_add_article(add, &a, err);
}

static enum sheaf_status file_add(struct folder_add *add, int fd,
				  struct sheaf_error *err)
{
	const struct sheaf_folder_options *o = add->options;
	struct stat sb;
	enum sheaf_status st;
	bool taken;

	if (fstat(fd, &sb) != 0) {
		folder_add_failed(add, errno, "cannot be read");
		return SHEAF_OK;
	}
	if (!S_ISREG(sb.st_mode)) {
		folder_add_skipped(add, "no regular file");
		return SHEAF_OK;
	}
	if ((o->skip_dev || o->skip_ino) &&
	    (uint64_t)sb.st_dev == o->skip_dev &&
	    (uint64_t)sb.st_ino == o->skip_ino)
		return SHEAF_OK;
	if (add->container || (uint64_t)sb.st_size > SHEAF_ARTICLE_MAX) {
		st = folder_contain_fd(add, fd, &sb, &taken, err);
		if (st != SHEAF_OK || taken)
			return st;
		folder_add_failed(add, 0, "larger than 64 MiB");
		return SHEAF_OK;
	}
	st = file_read(add, fd, &sb);
	if (st == SHEAF_IO)
		return SHEAF_OK;
	if (st != SHEAF_OK)
		return fail_nomem(err);
	st = folder_contain_bytes(add, &sb, &taken, err);
	return st != SHEAF_OK || taken ? st : file_store(add, &sb, err);
}

enum sheaf_status folder_add_file(struct folder_add *add, int fd,
				  struct sheaf_error *err)
{
	enum sheaf_status st = file_add(add, fd, err);

	close(fd);
	return st;
}
