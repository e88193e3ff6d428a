/*
 * entry.c - a record that a commit brings, on its way into the tables
 *
 * Some 60 bytes and the name: what is held of a record, or lies in the scratch
 * file, from its arrival until its page is written.  The name stands first,
 * for the order.
 */
#include "write/entry.h"

#include <string.h>

enum {
	NAME_AT = 2, /* behind its length */
	ARRIVAL_SIZE = 4,
};

enum {
	HAS_OLDER = 1,
	IS_NEW = 2,
	IS_FRESH = 4,
	HAS_DATE = 8,
	HAS_OUTLET = 16,
	HAS_LANG = 32,
	HAS_URL = 64,
};

struct sheaf_str entry_name(const uint8_t *p)
{
	struct sheaf_str name = { (const char *)p + NAME_AT,
				  (size_t)p[0] | (size_t)p[1] << 8 };

	return name;
}

static uint32_t arrival_of(const struct sheaf_str *name)
{
	struct cur c = cur_over(name->p + name->len, ARRIVAL_SIZE);

	return cur_u32(&c);
}

int entry_compare(const void *a, const void *b)
{
	struct sheaf_str x = entry_name(a), y = entry_name(b);
	int c = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);
	uint32_t first, second;

	if (c != 0)
		return c;
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	first = arrival_of(&x);
	second = arrival_of(&y);
	return (first > second) - (first < second);
}

static void list_put(struct buf *b, const uint32_t *codes, uint32_t count)
{
	buf_varint(b, count);
	for (uint32_t i = 0; i < count; i++)
		buf_varint(b, codes[i]);
}

static unsigned int flags_of(const struct entry *e)
{
	const struct page_record *r = &e->record;

	return (e->has_older ? HAS_OLDER : 0) | (e->is_new ? IS_NEW : 0) |
	       (e->origin.is_fresh ? IS_FRESH : 0) |
	       (r->has_date ? HAS_DATE : 0) | (r->has_outlet ? HAS_OUTLET : 0) |
	       (r->has_lang ? HAS_LANG : 0) | (r->has_url ? HAS_URL : 0);
}

void entry_put(struct buf *b, const struct entry *e)
{
	const struct page_record *r = &e->record;

	buf_u16(b, (uint16_t)e->name.len);
	buf_bytes(b, e->name.p, e->name.len);
	buf_u32(b, e->arrival);
	buf_u8(b, (uint8_t)flags_of(e));
	buf_bytes(b, e->id, sizeof(e->id));
	if (e->has_older) {
		buf_varint(b, e->older.page);
		buf_varint(b, e->older.slot);
	}
	if (e->origin.is_fresh) {
		buf_varint(b, e->origin.fresh);
	} else {
		buf_varint(b, e->origin.place.block);
		buf_varint(b, e->origin.place.slot);
	}
	buf_varint(b, r->size);
	buf_varint(b, r->commit);
	buf_zigzag(b, r->mtime.sec);
	buf_varint(b, r->mtime.nsec);
	buf_varint(b, r->seed);
	buf_varint(b, r->format);
	if (r->has_date)
		buf_zigzag(b, r->date);
	if (r->has_outlet)
		buf_varint(b, r->outlet);
	if (r->has_lang)
		buf_varint(b, r->lang);
	if (r->has_url)
		buf_u64(b, r->url_key);
	list_put(b, r->categories, r->category_count);
	list_put(b, r->tags, r->tag_count);
}

/* codes go to *to, which moves on */
static const uint32_t *list_get(struct cur *c, uint32_t **to, uint32_t *count)
{
	uint64_t n = cur_varint(c);
	const uint32_t *list = *to;

	*count = 0;
	if (n > c->left) /* a byte each at the least */
		cur_skip(c, SIZE_MAX);
	for (; !c->bad && *count < n; ++*count)
		*(*to)++ = (uint32_t)cur_varint(c);
	return list;
}

static void record_get(struct cur *c, unsigned int flags, uint32_t *codes,
		       struct page_record *r)
{
	r->size = cur_varint(c);
	r->commit = cur_varint(c);
	r->mtime.sec = cur_zigzag(c);
	r->mtime.nsec = (uint32_t)cur_varint(c);
	r->seed = (uint32_t)cur_varint(c);
	r->format = (uint32_t)cur_varint(c);
	r->has_date = flags & HAS_DATE;
	r->has_outlet = flags & HAS_OUTLET;
	r->has_lang = flags & HAS_LANG;
	r->has_url = flags & HAS_URL;
	if (r->has_date)
		r->date = cur_zigzag(c);
	if (r->has_outlet)
		r->outlet = (uint32_t)cur_varint(c);
	if (r->has_lang)
		r->lang = (uint32_t)cur_varint(c);
	if (r->has_url)
		r->url_key = cur_u64(c);
	r->categories = list_get(c, &codes, &r->category_count);
	r->tags = list_get(c, &codes, &r->tag_count);
}

enum sheaf_status entry_get(const uint8_t *p, size_t len, uint32_t *codes,
			    struct entry *out, struct sheaf_error *err)
{
	struct cur c = cur_over(p, len);
	unsigned int flags;

	memset(out, 0, sizeof(*out));
	out->name.len = cur_u16(&c);
	out->name.p = (const char *)cur_bytes(&c, out->name.len);
	out->arrival = cur_u32(&c);
	flags = cur_u8(&c);
	cur_copy(&c, out->id, sizeof(out->id));
	out->has_older = flags & HAS_OLDER;
	out->is_new = flags & IS_NEW;
	out->origin.is_fresh = flags & IS_FRESH;
	if (out->has_older) {
		out->older.page = cur_varint(&c);
		out->older.slot = (uint32_t)cur_varint(&c);
	}
	if (out->origin.is_fresh) {
		out->origin.fresh = (uint32_t)cur_varint(&c);
	} else {
		out->origin.place.block = cur_varint(&c);
		out->origin.place.slot = (uint32_t)cur_varint(&c);
	}
	record_get(&c, flags, codes, &out->record);
	if (!cur_done(&c))
		return fail(err, SHEAF_IO,
			    "scratch file: not what was written there");
	return SHEAF_OK;
}
