/*
 * footer.c - the end of a commit (section 11)
 *
 * The writer appends a footer when all else is on the disk; with it, and not
 * before, the commit is there.  A reader begins with the newest one: it leads
 * to every table.
 */
#include "formats/sheaf/footer.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "formats/sheaf/frame.h"

enum {
	FORMAT_VERSION = 1,
	ID_AT = 112, /* of the commit id, in the frame */
	CHECKSUM_SIZE = 8,
};

/* what a commit id's message begins with [S-29] */
static const char id_prefix[15] = "sheaf commit 1\n";

/*
 * In closed form [S-28]: k, written as a sum of weights 2^j - 1, the largest
 * first, without the last of them.  (That is what the recursion gives: the
 * weights are the lengths of the jumps from k down to 0.)
 */
uint64_t footer_jump(uint64_t commit)
{
	uint64_t left = commit, weight = UINT64_MAX, last = 0;

	for (; left > 0; weight >>= 1)
		while (left >= weight) {
			left -= weight;
			last = weight;
		}
	return commit - last;
}

enum sheaf_status footer_id(const void *frame, size_t len,
			    const uint8_t previous_id[SHA256_SIZE],
			    uint8_t id[SHA256_SIZE], struct sheaf_error *err)
{
	struct cur c = cur_over(frame, len);
	const uint8_t *before = cur_bytes(&c, ID_AT);
	const uint8_t *after;
	size_t after_len;
	struct sha256 *sha;

	cur_skip(&c, SHA256_SIZE);
	after_len = c.left < CHECKSUM_SIZE ? 0 : c.left - CHECKSUM_SIZE;
	after = cur_bytes(&c, after_len);
	cur_skip(&c, CHECKSUM_SIZE);
	memset(id, 0, SHA256_SIZE);
	if (!cur_done(&c))
		return fail(err, SHEAF_CORRUPT, "footer: cut short");
	sha = sha256_new();
	if (!sha)
		return fail_nomem(err);
	sha256_add(sha, id_prefix, sizeof(id_prefix)); /* [S-29] */
	sha256_add(sha, previous_id, SHA256_SIZE);
	sha256_add(sha, before, ID_AT);
	sha256_add(sha, after, after_len);
	sha256_end(sha, id);
	sha256_free(sha);
	return SHEAF_OK;
}

/* the fields up to the commit id, which is not known yet */
static void fixed_put(struct buf *b, const struct footer *f)
{
	static const uint8_t no_id[SHA256_SIZE];

	buf_u8(b, FORMAT_VERSION);			      /* +13 */
	buf_u16(b, 0);					      /* +14 */
	buf_u64(b, f->offset);				      /* +16 */
	buf_u64(b, f->previous);			      /* +24 */
	buf_u64(b, f->jump);				      /* +32 */
	buf_u32(b, f->incompatible);			      /* +40 */
	buf_u32(b, f->compatible);			      /* +44 */
	buf_u64(b, f->commit);				      /* +48 */
	buf_u64(b, (uint64_t)f->time);			      /* +56 */
	buf_bytes(b, f->root, sizeof(f->root));		      /* +64 */
	buf_bytes(b, f->fingerprint, sizeof(f->fingerprint)); /* +96 */
	buf_bytes(b, no_id, sizeof(no_id));		      /* +112 */
}

static void layers_put(struct buf *b, const struct footer *f)
{
	buf_u8(b, (uint8_t)f->layer_count);
	for (unsigned int i = 0; i < f->layer_count; i++) {
		buf_varint(b, f->layers[i].last_commit);
		for (unsigned int x = 0; x < INDEX_COUNT; x++) {
			buf_varint(b, f->layers[i].entries[x]);
			buf_varint(b, f->layers[i].offset[x]);
		}
	}
}

static void numbers_put(struct buf *b, const struct footer *f)
{
	buf_varint(b, f->start);
	buf_varint(b, f->live);
	buf_varint(b, f->records);
	buf_varint(b, f->articles);
	buf_varint(b, f->article_bytes);
	buf_varint(b, f->new_records);
	buf_varint(b, f->new_articles);
	buf_varint(b, f->new_bytes);
	buf_varint(b, f->blocks);
	buf_varint(b, f->page_offset);
	buf_varint(b, f->page_bytes);
	buf_varint(b, f->strings_offset);
	buf_varint(b, f->strings_count);
	buf_varint(b, f->dictionary);
	buf_varint(b, f->removed);
	buf_varint(b, f->erased);
}

enum sheaf_status footer_put(struct buf *b, struct footer *f,
			     const uint8_t previous_id[SHA256_SIZE],
			     struct sheaf_error *err)
{
	size_t start = frame_begin(b, FRAME_FOOTER);
	enum sheaf_status st;

	assert(f->layer_count <= LAYERS_MAX && f->message_len <= MESSAGE_MAX);
	fixed_put(b, f);
	numbers_put(b, f);
	layers_put(b, f);
	buf_varint(b, f->message_len);
	buf_bytes(b, f->message, f->message_len);
	if (f->incompatible & FLAG_HISTORY)
		buf_varint(b, f->history);
	frame_end(b, start, f->offset);
	if (b->bad)
		return fail_nomem(err);

	/* the id needs the size, and the checksum the id: so end it twice */
	st = footer_id(&b->p[start], b->len - start, previous_id, f->id, err);
	if (st != SHEAF_OK)
		return st;
	memcpy(&b->p[start + ID_AT], f->id, SHA256_SIZE);
	b->len -= CHECKSUM_SIZE;
	frame_end(b, start, f->offset);
	f->size = b->len - start;
	return b->bad ? fail_nomem(err) : SHEAF_OK;
}

/* up to the commit id; says what this version can't read */
static enum sheaf_status fixed_get(struct cur *c, struct footer *f,
				   uint64_t offset, struct sheaf_error *err)
{
	uint8_t version = cur_u8(c); /* +13: 1 */
	uint16_t zero = cur_u16(c);  /* +14: 0 */

	f->offset = cur_u64(c);	       /* +16: its own */
	f->previous = cur_u64(c);      /* +24 */
	f->jump = cur_u64(c);	       /* +32 */
	f->incompatible = cur_u32(c);  /* +40 */
	f->compatible = cur_u32(c);    /* +44: unknown ones do no harm */
	f->commit = cur_u64(c);	       /* +48: 1 or more */
	f->time = (int64_t)cur_u64(c); /* +56: seconds since 1970 */
	cur_copy(c, f->root, sizeof(f->root));		     /* +64 */
	cur_copy(c, f->fingerprint, sizeof(f->fingerprint)); /* +96 */
	cur_copy(c, f->id, sizeof(f->id));		     /* +112 */
	if (c->bad)
		return fail(err, SHEAF_CORRUPT, "footer: cut short");
	if (f->offset != offset) /* [S-31] */
		return fail(err, SHEAF_CORRUPT,
			    "footer: written for another place");
	if (version != FORMAT_VERSION) /* [S-32] */
		return fail(err, SHEAF_UNSUPPORTED,
			    "format version %u; this program reads version %u",
			    (unsigned int)version,
			    (unsigned int)FORMAT_VERSION);
	if (f->incompatible & ~FLAGS_KNOWN) /* [S-32] */
		return fail(err, SHEAF_UNSUPPORTED,
			    "incompatible flags %#" PRIx32
			    " of a newer program",
			    f->incompatible & ~FLAGS_KNOWN);
	if (zero != 0 || f->commit == 0 || offset > FILE_MAX)
		return fail(err, SHEAF_CORRUPT, "footer: value out of range");
	return SHEAF_OK;
}

static enum sheaf_status numbers_get(struct cur *c, struct footer *f,
				     struct sheaf_error *err)
{
	f->start = cur_varint(c);
	f->live = cur_varint(c); /* at most records */
	f->records = cur_varint(c);
	f->articles = cur_varint(c);
	f->article_bytes = cur_varint(c);
	f->new_records = cur_varint(c); /* at most records, and so on */
	f->new_articles = cur_varint(c);
	f->new_bytes = cur_varint(c);
	f->blocks = cur_varint(c);
	f->page_offset = cur_varint(c); /* 0, or start .. offset */
	f->page_bytes = cur_varint(c);
	f->strings_offset = cur_varint(c);
	f->strings_count = cur_varint(c); /* at most STRINGS_TOTAL */
	f->dictionary = cur_varint(c);
	f->removed = cur_varint(c); /* not 0 with its flag */
	f->erased = cur_varint(c);
	if (c->bad)
		return fail(err, SHEAF_CORRUPT, "footer: cut short");
	if (f->live > f->records || f->new_records > f->records ||
	    f->new_articles > f->articles || f->new_bytes > f->article_bytes ||
	    f->strings_count > STRINGS_TOTAL)
		return fail(err, SHEAF_CORRUPT, "footer: count out of range");
	return SHEAF_OK;
}

/* all point back, each to what belongs there [S-36] */
static enum sheaf_status offsets_check(const struct footer *f,
				       struct sheaf_error *err)
{
	uint64_t at = f->offset, jump = footer_jump(f->commit);
	bool folded = f->incompatible & FLAG_HISTORY;
	bool ok;

	if (f->commit == 1 || (folded && f->previous == 0))
		ok = f->previous == 0 && f->jump == 0 && f->start == 0;
	else
		ok = f->previous > 0 && f->start > f->previous &&
		     f->start <= at && f->jump <= f->previous &&
		     (folded ||
		      ((f->jump == 0) == (jump == 0) &&
		       (f->jump == f->previous) == (jump == f->commit - 1)));
	if (!ok)
		return fail(err, SHEAF_CORRUPT,
			    "footer: wrong way to the commits before");
	if (f->page_offset == 0)
		ok = f->page_bytes == 0;
	else
		ok = f->page_offset >= f->start && f->page_offset < at &&
		     f->page_bytes > 0 && f->page_bytes <= at - f->page_offset;
	if (!ok || f->strings_offset >= at || f->dictionary >= at ||
	    f->removed >= at || f->erased >= at ||
	    (f->strings_offset == 0) != (f->strings_count == 0) ||
	    (f->removed == 0) != ((f->incompatible & FLAG_REMOVED) == 0) ||
	    (f->erased == 0) != ((f->incompatible & FLAG_ERASED) == 0))
		return fail(err, SHEAF_CORRUPT,
			    "footer: offset of a table out of range");
	return SHEAF_OK;
}

/* [S-22]: the layers' commits ascend, up to the footer's at most */
static enum sheaf_status layers_get(struct cur *c, struct footer *f,
				    struct sheaf_error *err)
{
	uint64_t last = 0;
	bool ok = true;

	f->layer_count = cur_u8(c);
	if (c->bad || f->layer_count > LAYERS_MAX)
		return fail(err, SHEAF_CORRUPT, "footer: too many layers");
	for (unsigned int i = 0; i < f->layer_count; i++) {
		struct layer *l = &f->layers[i];

		l->last_commit = cur_varint(c);
		ok &= l->last_commit > last && l->last_commit <= f->commit;
		last = l->last_commit;
		for (unsigned int x = 0; x < INDEX_COUNT; x++) {
			l->entries[x] = cur_varint(c);
			l->offset[x] = cur_varint(c);
			ok &= (l->entries[x] == 0) == (l->offset[x] == 0) &&
			      l->offset[x] < f->offset &&
			      l->entries[x] <= (x == INDEX_IDS ? f->articles :
								 f->records);
		}
	}
	if (c->bad || !ok)
		return fail(err, SHEAF_CORRUPT, "footer: layer out of range");
	return SHEAF_OK;
}

static enum sheaf_status message_get(struct cur *c, struct footer *f,
				     struct sheaf_error *err)
{
	uint64_t len = cur_varint(c);

	if (c->bad || len > MESSAGE_MAX || len > c->left)
		return fail(err, SHEAF_CORRUPT, "footer: message out of range");
	f->message_len = (uint32_t)len;
	cur_copy(c, f->message, (size_t)len);
	if (f->incompatible & FLAG_HISTORY) { /* [S-38] */
		f->history = cur_varint(c);
		if (c->bad || f->history == 0 || f->history >= f->offset ||
		    f->commit == 1) /* [S-37] */
			return fail(err, SHEAF_CORRUPT,
				    "footer: history out of range");
	}
	/* what later versions add is ignored */
	return SHEAF_OK;
}

enum sheaf_status footer_get(const void *frame, size_t len, uint64_t offset,
			     struct footer *out, struct sheaf_error *err)
{
	struct cur c;
	enum sheaf_status st;

	*out = (struct footer){ .size = len };
	if (len > FOOTER_MAX)
		st = fail(err, SHEAF_CORRUPT, "footer: too long");
	else
		st = frame_get(frame, len, offset, FRAME_FOOTER, &c, err);
	if (st == SHEAF_OK)
		st = fixed_get(&c, out, offset, err);
	if (st == SHEAF_OK)
		st = numbers_get(&c, out, err);
	if (st == SHEAF_OK)
		st = offsets_check(out, err);
	if (st == SHEAF_OK)
		st = layers_get(&c, out, err);
	if (st == SHEAF_OK)
		st = message_get(&c, out, err);
	if (st != SHEAF_OK)
		*out = (struct footer){ 0 };
	return frame_blame(st, offset, err);
}
