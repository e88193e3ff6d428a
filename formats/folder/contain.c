/*
 * contain.c - one file that holds many articles, into the writer
 *
 * Behind file.c and stdin.c, in front of the readers in formats/container.c.  A
 * file that was read whole is looked at where it lies in memory, which costs an
 * article of a plain folder the guesses and no more; larger ones, and pipes,
 * are streamed.
 *
 * Whatever is wrong with a container ends the call: what of it was given to the
 * writer is dropped with the writer.
 */
#include "formats/folder/folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sheaf/format.h>

#include "base/fail.h"

enum { HEAD = 64 << 10 }; /* bytes that a guess sees */

/* a container while it is read */
struct taking {
	struct folder_add *add;
	struct container_options options;
	struct sheaf_time mtime;
	uint64_t total;		   /* bytes of its articles so far */
	struct sheaf_bytes before; /* of an article that comes again */
	/* what the writer ended it with: not the container's fault */
	enum sheaf_status st;
	struct sheaf_error error;
};

/* "FILE: MEMBER", or "FILE" for no member */
static struct sheaf_str member_name(struct folder_add *add,
				    struct sheaf_str member)
{
	struct sheaf_str file = folder_add_name(add);

	buf_clear(&add->member);
	buf_bytes(&add->member, file.p, file.len);
	if (member.len > 0) {
		buf_bytes(&add->member, ": ", 2);
		buf_bytes(&add->member, member.p, member.len);
	}
	return (struct sheaf_str){ (const char *)add->member.p,
				   add->member.len };
}

static void take_failed(struct sheaf_str name, const char *why, void *arg)
{
	struct taking *t = arg;

	t->add->result->failed++;
	folder_note(&t->add->notes, member_name(t->add, name), 0, why);
}

static void take_skipped(struct sheaf_str name, const char *why, void *arg)
{
	struct taking *t = arg;

	t->add->result->skipped++;
	folder_note(&t->add->notes, member_name(t->add, name), 0, why);
}

/* keeps what the writer said, for the container may not */
static enum sheaf_status ended(struct taking *t, enum sheaf_status st,
			       struct sheaf_error *err)
{
	if (st != SHEAF_OK && st != SHEAF_NOT_FOUND) {
		t->st = st;
		if (err)
			*err = t->error;
	}
	return st;
}

static struct sheaf_article article_of(const struct taking *t,
				       const struct container_item *item)
{
	return (struct sheaf_article){
		.name = item->name,
		.bytes = item->bytes,
		.len = item->len,
		.mtime = item->has_mtime ? item->mtime : t->mtime,
		.format = item->format,
		.fields = item->fields,
	};
}

static enum sheaf_status take_give(const struct container_item *item, void *arg,
				   struct sheaf_error *err)
{
	struct taking *t = arg;
	struct sheaf_article a = article_of(t, item);
	char large[CONTAINER_LARGE_LEN];

	if (item->len > t->options.max_article) {
		take_failed(item->name, container_large(&t->options, large), t);
		return SHEAF_OK;
	}
	if (item->len > t->options.max_total - t->total)
		return container_too_much(&t->options, err);
	t->total += item->len;
	return ended(t, folder_add_article(t->add, &a, &t->error), err);
}

static enum sheaf_status take_known(struct sheaf_str name,
				    uint8_t id[SHEAF_ID_SIZE], void *arg,
				    struct sheaf_error *err)
{
	struct taking *t = arg;

	return ended(t, sheaf_writer_find(t->add->writer, name, id, &t->error),
		     err);
}

/* with the fields that a reader finds in what was given before */
static enum sheaf_status again_parsed(struct taking *t,
				      const struct container_item *item,
				      const uint8_t id[SHEAF_ID_SIZE])
{
	struct sheaf_article a = article_of(t, item);
	enum sheaf_status st =
		sheaf_writer_read(t->add->writer, id, &t->before, &t->error);

	if (st != SHEAF_OK)
		return st;
	a.bytes = t->before.len ? t->before.p : "";
	a.len = t->before.len;
	return folder_add_article(t->add, &a, &t->error);
}

static enum sheaf_status again_with(struct taking *t,
				    const struct container_item *item,
				    const uint8_t id[SHEAF_ID_SIZE])
{
	struct sheaf_article a = article_of(t, item);
	struct sheaf_error why = { 0 };
	enum sheaf_status st =
		sheaf_writer_add_again(t->add->writer, &a, id, NULL, &why);

	if (st != SHEAF_NOT_FOUND)
		return folder_added(t->add, &a, st, &why, &t->error);
	t->error = why;
	return st;
}

static enum sheaf_status take_again(const struct container_item *item,
				    const uint8_t id[SHEAF_ID_SIZE], void *arg,
				    struct sheaf_error *err)
{
	struct taking *t = arg;
	enum sheaf_status st = SHEAF_NOT_FOUND;

	if (!item->fields)
		st = again_parsed(t, item, id);
	if (st == SHEAF_NOT_FOUND) /* fields, or a dry run: without its bytes */
		st = again_with(t, item, id);
	return ended(t, st, err);
}

enum sheaf_status folder_input_failed(struct folder_add *add,
				      const struct sheaf_error *why,
				      struct sheaf_error *err)
{
	struct sheaf_str name = folder_add_name(add);
	char shown[FAIL_PATH_SIZE];
	struct sheaf_error line;

	text_escape(shown, sizeof(shown), name.p, name.len);
	fail(&line, why->status, "%s: %s", shown, why->text);
	line.sys_errno = why->sys_errno;
	add->result->input_failed = true;
	if (err)
		*err = line;
	return why->status;
}

static enum sheaf_status container_read(struct folder_add *add,
					const struct container *container,
					struct stream *in,
					const struct stat *sb,
					struct sheaf_error *err)
{
	const struct sheaf_folder_options *o = add->options;
	struct taking t = {
		.add = add,
		.options = { .name = folder_add_name(add),
			     .field_map = o->field_map,
			     .max_article = SHEAF_ARTICLE_MAX,
			     .max_total =
				     o->max_total ? o->max_total : UINT64_MAX },
		.mtime = folder_mtime(sb),
	};
	const struct container_sink sink = { .give = take_give,
					     .failed = take_failed,
					     .skipped = take_skipped,
					     .known = take_known,
					     .again = take_again,
					     .arg = &t };
	struct sheaf_error why = { 0 };
	enum sheaf_status st;

	if (o->max_article != 0 && o->max_article < SHEAF_ARTICLE_MAX)
		t.options.max_article = o->max_article;
	add->result->containers++;
	st = container->read(in, &t.options, &sink, &why);
	sheaf_bytes_done(&t.before);
	if (t.st != SHEAF_OK) {
		if (err)
			*err = t.error;
		return t.st;
	}
	if (st == SHEAF_NOMEM)
		return fail_nomem(err);
	return st == SHEAF_OK ? st : folder_input_failed(add, &why, err);
}

/* the name without what says that it is compressed; "x.tgz" becomes "x.tar" */
static struct sheaf_str plain_name(struct sheaf_str name, char *room,
				   size_t size)
{
	static const char *const endings[][2] = {
		{ ".gz", "" },	    { ".zst", "" },	{ ".xz", "" },
		{ ".bz2", "" },	    { ".lz4", "" },	{ ".lzma", "" },
		{ ".Z", "" },	    { ".tgz", ".tar" }, { ".tzst", ".tar" },
		{ ".txz", ".tar" }, { ".tbz", ".tar" }, { ".tbz2", ".tar" },
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i][0]);

		if (name.len <= n ||
		    memcmp(name.p + name.len - n, endings[i][0], n) != 0)
			continue;
		name.len -= n;
		n = strlen(endings[i][1]);
		if (name.len + n > size)
			return name;
		memcpy(room, name.p, name.len);
		memcpy(room + name.len, endings[i][1], n);
		return (struct sheaf_str){ room, name.len + n };
	}
	return name;
}

/* what is behind @in, whose compression is taken off; NULL: no container. Where
 * the very head can't be read, the name alone tells if it would be one.  A
 * .warc.gz that is empty, or was cut at its start, is not compressed and no
 * article either */
static const struct container *
container_of(struct folder_add *add, struct stream *in, struct sheaf_error *why)
{
	char room[512];
	struct sheaf_str name =
		plain_name(folder_add_name(add), room, sizeof(room));
	const uint8_t *p;
	size_t len;

	why->status = stream_peek(in, &p, &len, why);
	if (why->status != SHEAF_OK)
		return container_guess(name, "", 0);
	return container_guess(name, p, len < HEAD ? len : HEAD);
}

enum sheaf_status folder_contain(struct folder_add *add, struct stream *in,
				 const struct stat *sb, bool *taken,
				 struct sheaf_error *err)
{
	const struct container *container = add->container;
	struct sheaf_error why = { 0 };

	if (!container && !add->format)
		container = container_of(add, in, &why);
	*taken = container != NULL;
	if (why.status == SHEAF_NOMEM)
		return fail_nomem(err);
	if (!container)
		return SHEAF_OK;
	return container_read(add, container, in, sb, err);
}

/* the head of a compressed file is damaged: is it an archive by its name */
static enum sheaf_status head_failed(struct folder_add *add,
				     const struct sheaf_error *why, bool *taken,
				     struct sheaf_error *err)
{
	char room[512];
	struct sheaf_str name =
		plain_name(folder_add_name(add), room, sizeof(room));

	if (why->status == SHEAF_NOMEM)
		return fail_nomem(err);
	*taken = add->container ||
		 (!add->format && container_guess(name, "", 0));
	return *taken ? folder_input_failed(add, why, err) : SHEAF_OK;
}

enum sheaf_status folder_contain_bytes(struct folder_add *add,
				       const struct stat *sb, bool *taken,
				       struct sheaf_error *err)
{
	char room[512];
	struct sheaf_str name =
		plain_name(folder_add_name(add), room, sizeof(room));
	size_t len = add->bytes.len;
	struct sheaf_error why = { 0 };
	struct stream *in;
	enum sheaf_status st;

	*taken = false;
	if (add->format ||
	    (!stream_is_compressed(add->bytes.p, len) &&
	     !container_guess(name, len ? (const void *)add->bytes.p : "",
			      len < HEAD ? len : HEAD)))
		return SHEAF_OK;
	if (stream_open_memory(&in, add->bytes.p, len, false, &why) != SHEAF_OK)
		return head_failed(add, &why, taken, err);
	st = folder_contain(add, in, sb, taken, err);
	stream_close(in);
	return st;
}

enum sheaf_status folder_contain_fd(struct folder_add *add, int fd,
				    const struct stat *sb, bool *taken,
				    struct sheaf_error *err)
{
	struct sheaf_error why = { 0 };
	struct stream *in;
	enum sheaf_status st;

	*taken = false;
	if (add->format)
		return SHEAF_OK;
	if (stream_open(&in, fd, false, &why) != SHEAF_OK)
		return head_failed(add, &why, taken, err);
	st = folder_contain(add, in, sb, taken, err);
	stream_close(in);
	if (st == SHEAF_OK && *taken && S_ISREG(sb->st_mode) &&
	    !folder_unchanged(fd, sb)) {
		fail(&why, SHEAF_CORRUPT, "changed while it was read");
		st = folder_input_failed(add, &why, err);
	}
	return st;
}
