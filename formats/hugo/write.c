/*
 * write.c - articles as a tree of posts that Hugo builds a site from
 *
 * What came from a tree, posts and plain text, is written as it was, byte for
 * byte, under its name.  An article of another format becomes a post: ".md"
 * behind its name, its fields as front matter, in the keys that the reader
 * knows best, and its text.  The folder is a draft of the export's own, so that
 * nobody has put links into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/hugo/hugo.h"
#include "base/fd.h"
#include "formats/writer.h"

enum { NSEC_MAX = 999999999 };

struct state {
	struct writer_target target;
	int root;
	struct buf path; /* below the root, with a NUL */
	struct buf room; /* of an address */
	struct buf post; /* of an article that was none */
	struct buf body;
};

static bool ends_in(struct sheaf_str s, const char *ending)
{
	size_t n = strlen(ending);

	return s.len > n && strncasecmp(s.p + s.len - n, ending, n) == 0;
}

static bool is(struct sheaf_str s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* one file of a tree */
static bool is_file(const struct sheaf_record *record)
{
	return is(record->format, "hugo") || is(record->format, "text");
}

static enum sheaf_status path_set(struct state *s,
				  const struct sheaf_record *record,
				  struct sheaf_error *err)
{
	struct sheaf_str path;
	enum sheaf_status st = writer_path(&path, &s->room, record->name, err);

	if (st != SHEAF_OK)
		return st;
	buf_clear(&s->path);
	buf_bytes(&s->path, path.p, path.len);
	if (!is_file(record) && !ends_in(path, ".md"))
		buf_bytes(&s->path, ".md", 3);
	buf_u8(&s->path, 0);
	return s->path.bad ? fail_nomem(err) : SHEAF_OK;
}

/* every folder of the path; 0 or errno */
static int folders_make(struct state *s)
{
	char *path = (char *)s->path.p;

	for (char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		int rc;

		*at = '\0';
		rc = mkdirat(s->root, path, 0777);
		*at = '/';
		if (rc != 0 && errno != EEXIST)
			return errno;
	}
	return 0;
}

/* a string of YAML in double quotes */
static void put_quoted(struct buf *b, struct sheaf_str v)
{
	static const char digits[] = "0123456789abcdef";

	buf_u8(b, '"');
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = (uint8_t)v.p[i];

		if (c == '"' || c == '\\') {
			buf_u8(b, '\\');
			buf_u8(b, c);
		} else if (c < 0x20 || c == 0x7f) {
			buf_bytes(b, "\\x", 2);
			buf_u8(b, (uint8_t)digits[c >> 4]);
			buf_u8(b, (uint8_t)digits[c & 15]);
		} else {
			buf_u8(b, c);
		}
	}
	buf_u8(b, '"');
}

static void put_line(struct buf *b, const char *key, struct sheaf_str v)
{
	if (v.len == 0)
		return;
	buf_bytes(b, key, strlen(key));
	buf_bytes(b, ": ", 2);
	put_quoted(b, v);
	buf_u8(b, '\n');
}

static void put_lines(struct buf *b, const char *key,
		      const struct sheaf_str *values, size_t count)
{
	if (count == 0)
		return;
	buf_bytes(b, key, strlen(key));
	buf_bytes(b, ":\n", 2);
	for (size_t i = 0; i < count; i++) {
		buf_bytes(b, "- ", 2);
		put_quoted(b, values[i]);
		buf_u8(b, '\n');
	}
}

/* what an article that is no post becomes */
static enum sheaf_status post_make(struct state *s,
				   const struct writer_item *item,
				   struct sheaf_error *err)
{
	const struct sheaf_fields *f = item->fields;
	struct buf *b = &s->post;
	char time[WRITER_TIME_SIZE] = "";
	struct sheaf_str body;
	enum sheaf_status st = format_body(item->record->format, item->bytes,
					   item->len, &s->body, &body, err);

	if (st != SHEAF_OK)
		return st;
	buf_clear(b);
	buf_bytes(b, "---\n", 4);
	put_line(b, "title", f->title);
	if (f->has_date)
		writer_time(time, (struct sheaf_time){ .sec = f->date });
	put_line(b, "date", (struct sheaf_str){ time, strlen(time) });
	put_line(b, "lang", f->lang);
	put_line(b, "outlet", f->outlet);
	put_line(b, "source_url", f->url);
	put_lines(b, "categories", f->categories, f->category_count);
	put_lines(b, "tags", f->tags, f->tag_count);
	if (b->len == 4)
		buf_clear(b); /* no field, no front matter */
	else
		buf_bytes(b, "---\n\n", 5);
	buf_bytes(b, body.p, body.len);
	return b->bad ? fail_nomem(err) : SHEAF_OK;
}

/* an open descriptor, or -1 with errno */
static int file_open(struct state *s)
{
	const char *path = (const char *)s->path.p;
	int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd, e;

	flags |= s->target.all_versions ? O_TRUNC : O_EXCL;
	fd = openat(s->root, path, flags, 0666);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	e = folders_make(s);
	if (e != 0) {
		errno = e;
		return -1;
	}
	return openat(s->root, path, flags, 0666);
}

/* 0 or errno */
static int file_write(struct state *s, const struct sheaf_time *mtime,
		      const void *p, size_t len)
{
	struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = mtime->sec,
		  .tv_nsec = mtime->nsec <= NSEC_MAX ? (long)mtime->nsec : 0 },
	};
	int fd = file_open(s), e;

	if (fd < 0)
		return errno;
	e = fd_write(fd, p, len);
	if (e == 0)
		(void)futimens(fd, times); /* the bytes are what counts */
	if (close(fd) != 0 && e == 0)
		e = errno;
	return e;
}

/* what costs this article only, and what ends it all */
static enum sheaf_status file_failed(const struct state *s, int e,
				     struct sheaf_error *err)
{
	char text[FAIL_PATH_SIZE];

	switch (e) {
	case EEXIST:
		return fail(err, SHEAF_MISUSE,
			    "another article has its name in the tree");
	case EISDIR:
	case ENOTDIR:
		return fail(err, SHEAF_MISUSE,
			    "a folder is where a file must be, or a file "
			    "where its folder");
	case ENAMETOOLONG:
	case EILSEQ:
	case EINVAL:
		return fail(err, SHEAF_MISUSE, "no file can have its name");
	case ENOMEM:
		return fail_nomem(err);
	default:
		return fail_io(err, e, "%s: a file in it cannot be written",
			       writer_shown(&s->target, text));
	}
}

static enum sheaf_status tree_put(void *state, const struct writer_item *item,
				  struct sheaf_error *err)
{
	struct state *s = state;
	const struct sheaf_record *record = item->record;
	enum sheaf_status st = path_set(s, record, err);
	const void *p = item->text;
	size_t len = item->text_len;
	int e;

	if (st == SHEAF_OK && !is_file(record) && !s->target.text_only) {
		st = post_make(s, item, err);
		p = s->post.p;
		len = s->post.len;
	}
	if (st != SHEAF_OK)
		return st;
	e = file_write(s, &record->mtime, p, len);
	return e == 0 ? SHEAF_OK : file_failed(s, e, err);
}

static enum sheaf_status tree_finish(void *state, struct sheaf_error *err)
{
	(void)state;
	(void)err;
	return SHEAF_OK;
}

static void tree_free(void *state)
{
	struct state *s = state;

	if (!s)
		return;
	if (s->root >= 0)
		close(s->root);
	buf_done(&s->path);
	buf_done(&s->room);
	buf_done(&s->post);
	buf_done(&s->body);
	free(s);
}

static enum sheaf_status tree_open(void **state,
				   const struct writer_target *target,
				   struct sheaf_error *err)
{
	struct state *s = calloc(1, sizeof(*s));
	enum sheaf_status st = SHEAF_OK;
	char text[FAIL_PATH_SIZE];

	if (!s)
		return fail_nomem(err);
	s->target = *target;
	s->root = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		st = fail_io(err, errno, "%s: cannot be opened",
			     writer_shown(target, text));
	if (st == SHEAF_OK)
		*state = s;
	else
		tree_free(s);
	return st;
}

const struct writer_format writer_hugo = {
	.name = "hugo",
	.makes_folder = true,
	.open = tree_open,
	.put = tree_put,
	.finish = tree_finish,
	.free = tree_free,
};
