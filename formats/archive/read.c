/*
 * read.c - the members of an archive, one by one
 *
 * Called through the list in formats/container.c.  Each regular file becomes an
 * article under the name that it would be extracted to; what is no file is told
 * and left out.  Nothing is written anywhere, and no archive inside of the
 * archive is opened.  See mapping.md.
 */
#include "formats/archive/archive.h"

#include <archive_entry.h>
#include <inttypes.h>
#include <locale.h>
#include <string.h>

#include "base/fail.h"
#include "formats/name.h"

struct reader {
	struct arc_input input;
	const struct container_options *options;
	const struct container_sink *sink;
	/* libarchive turns names into the locale's: see names_locale() */
	locale_t locale;
	struct buf name, target; /* of the member, of what it links to */
	struct buf bytes;
	uint64_t total; /* bytes of members, stored or not */
	struct arc_links links;
};

static struct sheaf_str str_of(const struct buf *b)
{
	return (struct sheaf_str){ (const char *)b->p, b->len };
}

/*
 * In the C locale libarchive leaves the bytes of names alone, where tar and
 * cpio are concerned.  What a zip or 7z says to be UTF-8 or UTF-16 comes
 * through in a UTF-8 locale only.
 */
static locale_t names_locale(enum arc_kind kind)
{
	bool is_unicode = kind == KIND_ZIP || kind == KIND_7Z;
	locale_t l = newlocale(LC_CTYPE_MASK, is_unicode ? "C.UTF-8" : "C",
			       (locale_t)0);

	return l ? l : newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
}

/* *end: there are no more */
static enum sheaf_status header_next(struct reader *r,
				     struct archive_entry **entry, bool *end,
				     struct sheaf_error *err)
{
	const char *path, *link;
	locale_t before = uselocale(r->locale);
	int st = archive_read_next_header(r->input.archive, entry);

	*end = st == ARCHIVE_EOF;
	if (st == ARCHIVE_OK || st == ARCHIVE_WARN) {
		path = archive_entry_pathname(*entry);
		link = archive_entry_hardlink(*entry);
		name_of_path(&r->name, path ? path : "");
		name_of_path(&r->target, link ? link : "");
	}
	uselocale(before);
	if (st == ARCHIVE_OK || st == ARCHIVE_WARN || st == ARCHIVE_EOF)
		return r->name.bad || r->target.bad ? fail_nomem(err) :
						      SHEAF_OK;
	return arc_failed(&r->input, str_of(&r->name), err);
}

static enum sheaf_status count(struct reader *r, uint64_t more,
			       struct sheaf_error *err)
{
	if (more > r->options->max_total - r->total)
		return container_too_much(r->options, err);
	r->total += more;
	return SHEAF_OK;
}

static bool zeros(struct buf *b, size_t len)
{
	uint8_t *p = buf_room(b, len);

	if (!p)
		return false;
	memset(p, 0, len);
	buf_grew(b, len);
	return true;
}

/* a piece at @offset behind what there is, with a hole between, maybe */
static enum sheaf_status piece_add(struct reader *r, const void *p, size_t len,
				   uint64_t offset, bool *too_large,
				   struct sheaf_error *err)
{
	uint64_t most = r->options->max_article, have = r->bytes.len;
	enum sheaf_status st;

	if (!*too_large && offset < have)
		return fail(err, SHEAF_CORRUPT, "damaged (pieces overlap)");
	if (*too_large || offset > most || len > most - offset) {
		*too_large = true;
		return count(r, len, err);
	}
	st = count(r, offset - have + len, err);
	if (st != SHEAF_OK)
		return st;
	if (!zeros(&r->bytes, (size_t)(offset - have)))
		return fail_nomem(err);
	buf_bytes(&r->bytes, p, len);
	return r->bytes.bad ? fail_nomem(err) : SHEAF_OK;
}

static enum sheaf_status data_read(struct reader *r,
				   struct archive_entry *entry, bool *too_large,
				   struct sheaf_error *err)
{
	uint64_t size = archive_entry_size_is_set(entry) ?
				(uint64_t)archive_entry_size(entry) :
				0;
	enum sheaf_status st = SHEAF_OK;
	la_int64_t offset = 0;
	const void *p;
	size_t len;
	int got;

	buf_clear(&r->bytes);
	*too_large = size > r->options->max_article;
	/* libarchive skips it; but in a 7z it then loses its place (3.6.2), so
	 * there it is read and dropped */
	if (*too_large && r->input.kind != KIND_7Z)
		return count(r, size, err);
	while (st == SHEAF_OK) {
		got = archive_read_data_block(r->input.archive, &p, &len,
					      &offset);
		if (got == ARCHIVE_EOF)
			break;
		/* a warning is an article that is not what was packed */
		if (got != ARCHIVE_OK || offset < 0)
			return arc_failed(&r->input, str_of(&r->name), err);
		st = piece_add(r, p, len, (uint64_t)offset, too_large, err);
	}
	if (st == SHEAF_OK && !*too_large && r->bytes.len < size) /* a hole */
		st = piece_add(r, "", 0, size, too_large, err);
	return st;
}

static void mtime_set(struct container_item *item, struct archive_entry *entry)
{
	long nsec = archive_entry_mtime_nsec(entry);

	item->has_mtime = archive_entry_mtime_is_set(entry);
	if (!item->has_mtime)
		return;
	item->mtime.sec = archive_entry_mtime(entry);
	item->mtime.nsec = nsec >= 0 && nsec <= 999999999 ? (uint32_t)nsec : 0;
}

/* a cpio's name without bytes, which are with the last name of the file */
static bool is_waiting(const struct reader *r, struct archive_entry *entry)
{
	return (archive_format(r->input.archive) & ARCHIVE_FORMAT_BASE_MASK) ==
		       ARCHIVE_FORMAT_CPIO &&
	       archive_entry_nlink(entry) > 1 && archive_entry_size(entry) == 0;
}

static enum sheaf_status file_give(struct reader *r,
				   struct archive_entry *entry,
				   struct sheaf_error *err)
{
	struct container_item item = { .name = str_of(&r->name) };
	int64_t dev = (int64_t)archive_entry_dev(entry),
		ino = archive_entry_ino64(entry);
	char large[CONTAINER_LARGE_LEN];
	enum sheaf_status st;
	bool too_large;

	mtime_set(&item, entry);
	if (is_waiting(r, entry))
		return arc_links_add(&r->links, &item, dev, ino) ?
			       SHEAF_OK :
			       fail_nomem(err);
	st = data_read(r, entry, &too_large, err);
	if (st != SHEAF_OK)
		return st;
	if (too_large) {
		r->sink->failed(item.name, container_large(r->options, large),
				r->sink->arg);
		return SHEAF_OK;
	}
	item.bytes = r->bytes.len ? (const char *)r->bytes.p : "";
	item.len = r->bytes.len;
	st = r->sink->give(&item, r->sink->arg, err);
	if (st == SHEAF_OK && r->links.count > 0)
		st = arc_links_give(&r->links, dev, ino, item.name, r->sink,
				    err);
	return st;
}

/* one more name for a member that came before */
static enum sheaf_status link_give(struct reader *r,
				   struct archive_entry *entry,
				   struct sheaf_error *err)
{
	struct container_item item = { .name = str_of(&r->name) };
	uint8_t id[SHEAF_ID_SIZE];
	enum sheaf_status st =
		r->sink->known(str_of(&r->target), id, r->sink->arg, err);

	mtime_set(&item, entry);
	if (st == SHEAF_OK)
		st = r->sink->again(&item, id, r->sink->arg, err);
	if (st != SHEAF_NOT_FOUND)
		return st;
	r->sink->failed(item.name, "a hard link to what is not there",
			r->sink->arg);
	return SHEAF_OK;
}

static enum sheaf_status member_give(struct reader *r,
				     struct archive_entry *entry,
				     struct sheaf_error *err)
{
	bool has_bytes = archive_entry_size_is_set(entry) &&
			 archive_entry_size(entry) > 0;
	const char *link = archive_entry_symlink(entry), *why = NULL;

	if (archive_entry_filetype(entry) == AE_IFDIR)
		return SHEAF_OK;
	if (archive_entry_filetype(entry) == AE_IFLNK || link)
		why = "a symbolic link";
	else if (archive_entry_filetype(entry) != AE_IFREG &&
		 r->target.len == 0)
		why = "no regular file";
	else if (archive_entry_is_encrypted(entry))
		return fail(err, SHEAF_CORRUPT,
			    "encrypted: decrypt it, and add that");
	if (why) {
		r->sink->skipped(str_of(&r->name), why, r->sink->arg);
		return SHEAF_OK;
	}
	if (r->name.len == 0) {
		r->sink->failed((struct sheaf_str){ 0 }, "a member has no name",
				r->sink->arg);
		return SHEAF_OK;
	}
	return r->target.len > 0 && !has_bytes ? link_give(r, entry, err) :
						 file_give(r, entry, err);
}

static enum sheaf_status end_read(struct reader *r, struct sheaf_error *err)
{
	int kind = archive_format(r->input.archive) & ARCHIVE_FORMAT_BASE_MASK;
	enum sheaf_status st = SHEAF_OK;
	bool more = false;

	if (kind == ARCHIVE_FORMAT_TAR)
		st = arc_end_check(&r->input, err);
	if (st == SHEAF_OK &&
	    (kind == ARCHIVE_FORMAT_TAR || kind == ARCHIVE_FORMAT_CPIO ||
	     !r->input.can_seek))
		st = arc_drain(&r->input, &more, err);
	if (st == SHEAF_OK && kind == ARCHIVE_FORMAT_ZIP)
		st = arc_end_check(&r->input, err);
	else if (st == SHEAF_OK && more)
		r->sink->failed((struct sheaf_str){ 0 },
				"what follows its end is not read",
				r->sink->arg);
	return st;
}

static enum sheaf_status members_read(struct reader *r, struct sheaf_error *err)
{
	struct archive_entry *entry;
	enum sheaf_status st;
	bool end = false;

	do {
		st = header_next(r, &entry, &end, err);
		if (st == SHEAF_OK && !end)
			st = member_give(r, entry, err);
	} while (st == SHEAF_OK && !end);
	if (st == SHEAF_OK)
		st = arc_links_rest(&r->links, r->sink, err);
	return st == SHEAF_OK ? end_read(r, err) : st;
}

static enum sheaf_status
archive_read_all(struct stream *in, const struct container_options *options,
		 const struct container_sink *sink, struct sheaf_error *err)
{
	struct reader r = { .options = options, .sink = sink };
	enum sheaf_status st = arc_open(&r.input, in, err);

	if (st == SHEAF_OK) {
		r.locale = names_locale(r.input.kind);
		st = r.locale ? members_read(&r, err) : fail_nomem(err);
	}
	arc_close(&r.input);
	if (r.locale)
		freelocale(r.locale);
	arc_links_done(&r.links);
	buf_done(&r.name);
	buf_done(&r.target);
	buf_done(&r.bytes);
	return st;
}

const struct container container_archive = {
	.name = "archive",
	.guess = arc_guess,
	.read = archive_read_all,
};
