/*
 * fuzz_archive.c - any bytes as an archive
 *
 * The members have names that a file can have below a folder, are within the
 * bounds, and are the same the second time; what ends it has one line.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/container.h"

enum { ARTICLE_MOST = 1 << 20, TOTAL_MOST = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* libarchive reserves what a cpio says that a name takes, up to 4 GiB: here it
 * does not get that much */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "max_allocation_size_mb=1000:allocator_may_return_null=1";
}

static void need(bool holds)
{
	if (!holds)
		abort();
}

struct seen {
	uint64_t items, bytes, told;
	struct buf last; /* name of the last member */
	uint8_t id[SHEAF_ID_SIZE];
};

static void name_check(struct sheaf_str name)
{
	need(name.len > 0 && name.p[0] != '/');
	need(!memchr(name.p, '\0', name.len));
	need(!memmem(name.p, name.len, "//", 2));
	need(name.len < 3 || memcmp(name.p, "../", 3) != 0);
	need(!memmem(name.p, name.len, "/../", 4));
}

static enum sheaf_status give(const struct container_item *item, void *arg,
			      struct sheaf_error *err)
{
	struct seen *seen = arg;
	const uint8_t *p = item->bytes;

	(void)err;
	name_check(item->name);
	need(item->len <= ARTICLE_MOST);
	need(!item->has_mtime || item->mtime.nsec < 1000000000);
	for (size_t i = 0; i < item->len; i++) /* all of it is there */
		seen->bytes = seen->bytes * 31 + p[i];
	seen->items++;
	buf_clear(&seen->last);
	buf_bytes(&seen->last, item->name.p, item->name.len);
	sheaf_id_of(item->bytes, item->len, seen->id);
	return SHEAF_OK;
}

static void told(struct sheaf_str name, const char *why, void *arg)
{
	struct seen *seen = arg;

	need(why[0] != '\0' && (name.len == 0 || name.p));
	seen->told++;
}

static enum sheaf_status known(struct sheaf_str name, uint8_t id[SHEAF_ID_SIZE],
			       void *arg, struct sheaf_error *err)
{
	struct seen *seen = arg;

	(void)err;
	if (seen->last.len != name.len || name.len == 0 ||
	    memcmp(seen->last.p, name.p, name.len) != 0)
		return SHEAF_NOT_FOUND;
	memcpy(id, seen->id, SHEAF_ID_SIZE);
	return SHEAF_OK;
}

static enum sheaf_status again(const struct container_item *item,
			       const uint8_t id[SHEAF_ID_SIZE], void *arg,
			       struct sheaf_error *err)
{
	struct seen *seen = arg;

	(void)err;
	name_check(item->name);
	need(memcmp(id, seen->id, SHEAF_ID_SIZE) == 0);
	seen->items++;
	return SHEAF_OK;
}

static enum sheaf_status archive_take(const uint8_t *p, size_t len,
				      struct seen *seen)
{
	static const struct container_options options = {
		.name = { "x.tar", 5 },
		.max_article = ARTICLE_MOST,
		.max_total = TOTAL_MOST,
	};
	const struct container_sink sink = { give,  told,  told,
					     known, again, seen };
	struct sheaf_error err = { 0 };
	struct stream *in;
	enum sheaf_status st = stream_open_memory(&in, p, len, false, &err);

	if (st == SHEAF_OK)
		st = container_archive.read(in, &options, &sink, &err);
	stream_close(in);
	buf_done(&seen->last);
	need(st == SHEAF_OK || st == SHEAF_CORRUPT || st == SHEAF_LIMIT ||
	     st == SHEAF_UNSUPPORTED || st == SHEAF_NOMEM);
	need(st == SHEAF_OK || (err.text[0] != '\0' && err.status == st));
	return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct seen first = { 0 }, second = { 0 };
	enum sheaf_status st = archive_take(p, len, &first);

	(void)container_archive.guess((struct sheaf_str){ "x", 1 }, p, len);
	need(archive_take(p, len, &second) == st);
	need(first.items == second.items && first.bytes == second.bytes &&
	     first.told == second.told);
	return 0;
}
