/*
 * write.c - articles into a tar (also compressed with zstd) or a zip
 *
 * Through libarchive, which writes to the export's output.  A tar has pax
 * headers, so that any name and times to the nanosecond are kept.  libarchive
 * asks the locale what names are in; so it is called with one in UTF-8,
 * whatever that of the process is, and names that are no UTF-8 go into a tar
 * as bytes.
 */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article/utf8.h"
#include "base/buf.h"
#include "formats/writer.h"

enum { FILE_MODE = 0644 };

struct state {
	struct archive *archive;
	struct archive_entry *entry;
	struct buf name; /* with a NUL */
	struct buf room; /* of an address */
	bool is_zip;
	locale_t locale; /* 0: none was to be had */
	struct writer_target target;
	enum sheaf_status st; /* of the output, SHEAF_OK while it goes well */
	struct sheaf_error error;
};

/*
 * What goes wrong is kept and all behind it dropped: libarchive never frees
 * what it has for the output once that has failed, or was given up.
 */
static la_ssize_t on_write(struct archive *archive, void *arg, const void *p,
			   size_t len)
{
	struct state *s = arg;

	(void)archive;
	if (s->st == SHEAF_OK)
		s->st = s->target.write(p, len, s->target.arg, &s->error);
	return (la_ssize_t)len;
}

/* what libarchive said: the output's own trouble first */
static enum sheaf_status failed(const struct state *s, struct sheaf_error *err)
{
	const char *why = archive_error_string(s->archive);

	if (s->st != SHEAF_OK) {
		if (err)
			*err = s->error;
		return s->st;
	}
	return fail(err, SHEAF_LIMIT, "the archive cannot be written: %s",
		    why ? why : "libarchive does not say why");
}

static void state_free(void *state)
{
	struct state *s = state;

	if (!s)
		return;
	archive_entry_free(s->entry);
	if (s->st == SHEAF_OK)
		s->st = SHEAF_CANCELLED; /* nothing more is written */
	archive_write_free(s->archive);
	if (s->locale)
		freelocale(s->locale);
	buf_done(&s->name);
	buf_done(&s->room);
	free(s);
}

/* as many threads as there may be; one at least, as zstd's output is another
 * without any */
static int zstd_add(struct state *s)
{
	char threads[16];
	int rc = archive_write_add_filter_zstd(s->archive);

	snprintf(threads, sizeof(threads), "%u", s->target.threads);
	if (rc == ARCHIVE_OK)
		/* a libzstd without threads refuses, and does without */
		(void)archive_write_set_filter_option(s->archive, "zstd",
						      "threads", threads);
	return rc;
}

static int archive_start(struct state *s, bool zstd)
{
	int rc = s->is_zip ? archive_write_set_format_zip(s->archive) :
			     archive_write_set_format_pax(s->archive);

	if (rc == ARCHIVE_OK && zstd)
		rc = zstd_add(s);
	/* pieces as they come: the output gathers them */
	if (rc == ARCHIVE_OK)
		rc = archive_write_set_bytes_per_block(s->archive, 0);
	if (rc == ARCHIVE_OK)
		rc = archive_write_open(s->archive, s, NULL, on_write, NULL);
	return rc;
}

static enum sheaf_status any_open(void **state,
				  const struct writer_target *target, bool zip,
				  bool zstd, struct sheaf_error *err)
{
	struct state *s = calloc(1, sizeof(*s));
	enum sheaf_status st = SHEAF_OK;
	locale_t old = (locale_t)0;
	int rc;

	if (!s)
		return fail_nomem(err);
	s->target = *target;
	s->is_zip = zip;
	s->archive = archive_write_new();
	s->entry = archive_entry_new();
	s->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!s->archive || !s->entry) {
		st = fail_nomem(err);
	} else {
		if (s->locale)
			old = uselocale(s->locale);
		rc = archive_start(s, zstd);
		if (s->locale)
			uselocale(old);
		st = rc == ARCHIVE_OK ? SHEAF_OK : failed(s, err);
	}
	if (st == SHEAF_OK)
		*state = s;
	else
		state_free(s);
	return st;
}

static enum sheaf_status tar_open(void **state,
				  const struct writer_target *target,
				  struct sheaf_error *err)
{
	return any_open(state, target, false, false, err);
}

static enum sheaf_status tar_zst_open(void **state,
				      const struct writer_target *target,
				      struct sheaf_error *err)
{
	return any_open(state, target, false, true, err);
}

static enum sheaf_status zip_open(void **state,
				  const struct writer_target *target,
				  struct sheaf_error *err)
{
	return any_open(state, target, true, false, err);
}

/* s->name; SHEAF_MISUSE where it can be none */
static enum sheaf_status name_set(struct state *s, struct sheaf_str name,
				  struct sheaf_error *err)
{
	struct sheaf_str path;
	enum sheaf_status st = writer_path(&path, &s->room, name, err);

	if (st != SHEAF_OK)
		return st;
	if (s->is_zip && !utf8_valid(path.p, path.len))
		return fail(err, SHEAF_MISUSE,
			    "its name is no UTF-8, which a zip can't say");
	buf_clear(&s->name);
	buf_bytes(&s->name, path.p, path.len);
	buf_u8(&s->name, 0);
	return s->name.bad ? fail_nomem(err) : SHEAF_OK;
}

static void entry_set(struct state *s, const struct writer_item *item)
{
	const struct sheaf_time *t = &item->record->mtime;

	archive_entry_clear(s->entry);
	archive_entry_set_pathname(s->entry, (const char *)s->name.p);
	archive_entry_set_filetype(s->entry, AE_IFREG);
	archive_entry_set_perm(s->entry, FILE_MODE);
	archive_entry_set_size(s->entry, (la_int64_t)item->text_len);
	archive_entry_set_mtime(s->entry, t->sec, (long)t->nsec);
}

/* ARCHIVE_WARN is for what a header can't say exactly, as a name that is no
 * UTF-8: the bytes are there all the same */
static int entry_write(struct state *s, const struct writer_item *item)
{
	int rc = archive_write_header(s->archive, s->entry);
	la_ssize_t n;

	if (rc < ARCHIVE_WARN || s->st != SHEAF_OK)
		return ARCHIVE_FATAL;
	n = item->text_len > 0 ?
		    archive_write_data(s->archive, item->text, item->text_len) :
		    0;
	if (n != (la_ssize_t)item->text_len)
		return ARCHIVE_FATAL;
	rc = archive_write_finish_entry(s->archive);
	return rc < ARCHIVE_WARN || s->st != SHEAF_OK ? ARCHIVE_FATAL :
							ARCHIVE_OK;
}

static enum sheaf_status any_put(void *state, const struct writer_item *item,
				 struct sheaf_error *err)
{
	struct state *s = state;
	enum sheaf_status st = name_set(s, item->record->name, err);
	locale_t old = (locale_t)0;
	int rc;

	if (st != SHEAF_OK)
		return st;
	if (s->locale)
		old = uselocale(s->locale);
	entry_set(s, item);
	rc = entry_write(s, item);
	if (s->locale)
		uselocale(old);
	return rc == ARCHIVE_OK ? SHEAF_OK : failed(s, err);
}

static enum sheaf_status any_finish(void *state, struct sheaf_error *err)
{
	struct state *s = state;
	int rc = archive_write_close(s->archive);

	return rc == ARCHIVE_OK && s->st == SHEAF_OK ? SHEAF_OK :
						       failed(s, err);
}

const struct writer_format writer_tar = {
	.name = "tar",
	.is_binary = true,
	.no_fields = true,
	.open = tar_open,
	.put = any_put,
	.finish = any_finish,
	.free = state_free,
};

const struct writer_format writer_tar_zst = {
	.name = "tar.zst",
	.is_binary = true,
	.no_fields = true,
	.open = tar_zst_open,
	.put = any_put,
	.finish = any_finish,
	.free = state_free,
};

const struct writer_format writer_zip = {
	.name = "zip",
	.is_binary = true,
	.no_fields = true,
	.open = zip_open,
	.put = any_put,
	.finish = any_finish,
	.free = state_free,
};
