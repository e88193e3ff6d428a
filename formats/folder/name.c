/*
 * name.c - from a path to the name that is stored, and back
 *
 * On the way in a name is made of the text of the path alone, as tar makes it;
 * on the way out, a name is trusted as little as any byte of a corpus.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "formats/name.h"

/* drops the last component; nothing is above the first */
static void part_drop(struct buf *b)
{
	const uint8_t *slash = b->len ? memrchr(b->p, '/', b->len) : NULL;

	b->len = slash ? (size_t)(slash - b->p) : 0;
}

/* appends the components of @path, ".." resolved by the text alone */
static void resolve(struct buf *b, const char *path)
{
	struct sheaf_str part;

	while (name_part_take(&path, &part)) {
		if (name_part_is(part, ".."))
			part_drop(b);
		else
			name_part_add(b, part);
	}
}

/* from the root of the file system, without the first "/" */
static enum sheaf_status absolute(struct buf *b, const char *path,
				  struct sheaf_error *err)
{
	if (path[0] != '/') {
		char *cwd = getcwd(NULL, 0);

		if (!cwd)
			return errno == ENOMEM ?
				       fail_nomem(err) :
				       fail_io(err, errno,
					       "the working folder has no name");
		resolve(b, cwd);
		free(cwd);
	}
	resolve(b, path);
	return b->bad ? fail_nomem(err) : SHEAF_OK;
}

static enum sheaf_status not_below(const char *path, const char *base,
				   struct sheaf_error *err)
{
	char a[64], b[64];

	return fail(err, SHEAF_MISUSE, "%s is not below %s",
		    text_escape(a, sizeof(a), path, strlen(path)),
		    text_escape(b, sizeof(b), base, strlen(base)));
}

/* what of @path follows @base */
static enum sheaf_status below(struct buf *out, const char *path,
			       const char *base, struct sheaf_error *err)
{
	struct buf to = { 0 };
	enum sheaf_status st = absolute(&to, base, err);
	size_t skip = to.len;

	if (st == SHEAF_OK)
		st = absolute(out, path, err);
	if (st == SHEAF_OK && skip > 0) {
		if (out->len < skip || memcmp(out->p, to.p, skip) != 0 ||
		    (out->len > skip && out->p[skip] != '/')) {
			st = not_below(path, base, err);
		} else {
			skip += out->len > skip ? 1 : 0;
			out->len -= skip;
			memmove(out->p, out->p + skip, out->len);
		}
	}
	buf_done(&to);
	return st;
}

enum sheaf_status folder_name_of(struct buf *out, const char *path,
				 const char *base, struct sheaf_error *err)
{
	if (base) {
		buf_clear(out);
		return below(out, path, base, err);
	}
	name_of_path(out, path);
	return out->bad ? fail_nomem(err) : SHEAF_OK;
}

size_t folder_name_depth(struct sheaf_str name)
{
	size_t depth = name.len > 0;

	for (size_t i = 0; i < name.len; i++)
		depth += name.p[i] == '/';
	return depth;
}

const char *folder_name_refuse(struct sheaf_str name)
{
	size_t at = 0;

	if (name.len == 0)
		return "refused: an empty name";
	if (memchr(name.p, '\0', name.len))
		return "refused: a NUL in the name";
	if (folder_name_depth(name) > FOLDER_DEPTH_MAX)
		return "refused: more than 256 levels deep";
	while (at <= name.len) {
		const char *p = name.p + at;
		const char *slash =
			at < name.len ? memchr(p, '/', name.len - at) : NULL;
		struct sheaf_str part = { p, slash ? (size_t)(slash - p) :
						     name.len - at };

		if (part.len == 0)
			return name.p[0] == '/' ?
				       "refused: an absolute name" :
				       "refused: an empty part in the name";
		if (name_part_is(part, ".") || name_part_is(part, ".."))
			return "refused: \".\" or \"..\" in the name";
		if (part.len > NAME_MAX)
			return "a part of the name is too long";
		at += part.len + 1;
	}
	return NULL;
}
