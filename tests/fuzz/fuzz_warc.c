/*
 * fuzz_warc.c - any bytes as a WARC
 *
 * Whatever it gives has a name without a NUL and is no longer than allowed;
 * each companion gives a record again, which stands in the input; what is read
 * out of the article's own record, made by the writer, is the article.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/container.h"
#include "formats/warc/write.h"

enum { ARTICLE_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

struct seen {
	const uint8_t *input;
	size_t len;
	struct warc_make *make;
	struct buf article, record; /* the latest */
	uint8_t id[SHEAF_ID_SIZE];
	size_t count;
	const struct container_item *expected;
};

static void need(int holds)
{
	if (!holds)
		abort();
}

static void companion_check(struct seen *s, const struct container_item *item)
{
	enum sheaf_status st =
		warc_companion_get(&s->record, item->bytes, item->len, s->id,
				   s->article.p, s->article.len, NULL);

	need(st == SHEAF_OK && s->record.len != 0);
	/* compressed inputs are others' business */
	if (s->len > 5 && memcmp(s->input, "WARC/", 5) == 0)
		need(memmem(s->input, s->len, s->record.p, s->record.len) !=
		     NULL);
}

static enum sheaf_status again_give(const struct container_item *item,
				    void *arg, struct sheaf_error *err)
{
	struct seen *s = arg;

	(void)err;
	s->count++;
	need(item->name.len == s->expected->name.len &&
	     memcmp(item->name.p, s->expected->name.p, item->name.len) == 0);
	need(item->len == s->expected->len &&
	     (item->len == 0 ||
	      memcmp(item->bytes, s->expected->bytes, item->len) == 0));
	need(item->mtime.sec == s->expected->mtime.sec &&
	     item->mtime.nsec == s->expected->mtime.nsec);
	return SHEAF_OK;
}

static void on_text(struct sheaf_str name, const char *why, void *arg)
{
	struct seen *s = arg;

	(void)name;
	need(strlen(why) < 200 && !s->expected);
}

static enum sheaf_status known(struct sheaf_str name, uint8_t id[SHEAF_ID_SIZE],
			       void *arg, struct sheaf_error *err)
{
	const struct seen *s = arg;

	(void)name;
	(void)err;
	if (s->count == 0)
		return SHEAF_NOT_FOUND;
	memcpy(id, s->id, SHEAF_ID_SIZE);
	return SHEAF_OK;
}

static enum sheaf_status again(const struct container_item *item,
			       const uint8_t id[SHEAF_ID_SIZE], void *arg,
			       struct sheaf_error *err)
{
	struct seen *s = arg;

	(void)err;
	need(item->name.len != 0);
	memcpy(s->id, id, SHEAF_ID_SIZE);
	return SHEAF_OK;
}

static void all_read(struct seen *s, const void *p, size_t len,
		     enum sheaf_status (*give)(const struct container_item *,
					       void *, struct sheaf_error *))
{
	const struct container_options options = { .max_article = ARTICLE_MAX,
						   .max_total = UINT64_MAX };
	const struct container_sink sink = { .give = give,
					     .failed = on_text,
					     .skipped = on_text,
					     .known = known,
					     .again = again,
					     .arg = s };
	struct sheaf_error err = { 0 };
	struct stream *in;

	if (stream_open_memory(&in, p, len, false, &err) != SHEAF_OK)
		return;
	if (container_warc.read(in, &options, &sink, &err) != SHEAF_OK)
		need(!s->expected && err.status == SHEAF_CORRUPT &&
		     err.text[0]);
	stream_close(in);
}

/* writes @item as an article from no WARC, and reads it */
static void round_trip(struct seen *s, const struct container_item *item)
{
	struct sheaf_fields fields = { 0 };
	struct sheaf_record record = { .name = item->name,
				       .mtime = item->mtime,
				       .format = { "text", 4 } };
	struct writer_item written = { .record = &record,
				       .fields = &fields,
				       .bytes = item->bytes,
				       .len = item->len,
				       .text = item->bytes,
				       .text_len = item->len };
	struct seen second = { .expected = item };
	struct buf out = { 0 };

	fields.url = item->name;
	need(warc_make_resource(s->make, &out, &written, NULL) == SHEAF_OK);
	buf_bytes(&out, "\r\n\r\n", 4);
	all_read(&second, out.p, out.len, again_give);
	need(second.count == 1);
	buf_done(&out);
}

static enum sheaf_status give(const struct container_item *item, void *arg,
			      struct sheaf_error *err)
{
	struct seen *s = arg;

	(void)err;
	need(item->name.len != 0 && item->name.len <= SHEAF_NAME_MAX &&
	     !memchr(item->name.p, '\0', item->name.len));
	need(item->mtime.nsec < 1000000000 && item->format && item->fields);
	if (strcmp(item->format, WARC_COMPANION_FORMAT) == 0) {
		companion_check(s, item);
		return SHEAF_OK;
	}
	need(item->len <= ARTICLE_MAX);
	s->count++;
	buf_clear(&s->article);
	buf_bytes(&s->article, item->bytes, item->len);
	sheaf_id_of(item->bytes, item->len, s->id);
	round_trip(s, item);
	return SHEAF_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct writer_target target = { .time = 1700000000 };
	struct seen s = { .input = p, .len = len };

	s.make = warc_make_new(&target, len % 2);
	need(s.make != NULL);
	all_read(&s, p, len, give);
	warc_make_free(s.make);
	buf_done(&s.article);
	buf_done(&s.record);
	return 0;
}
