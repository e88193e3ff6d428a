/*
 * trial.c - how small an article gets one way and another
 *
 * Whether a revision pays is not guessed but tried.
 */
#include "pack/trial.h"

#include <string.h>

#define PARENT_MAX ((uint64_t)256 << 10) /* bytes: a read decodes all of it */

enum sheaf_status trial_init(struct trial *t, const struct zenc_dict *dict,
			     struct sheaf_error *err)
{
	memset(t, 0, sizeof(*t));
	t->dict = dict;
	t->z = zenc_new();
	return t->z != NULL ? SHEAF_OK : fail_nomem(err);
}

void trial_done(struct trial *t)
{
	zenc_free(t->z);
	buf_done(&t->frame);
	memset(t, 0, sizeof(*t));
}

bool trial_is_parent(const struct block *block)
{
	static const uint8_t dictionary[] = { 0x37, 0xa4, 0x30, 0xec };

	if (block->head.is_dictionary || block->is_revision ||
	    block->head.plain == 0 || block->head.plain > PARENT_MAX)
		return false;
	return block->head.plain < sizeof(dictionary) ||
	       memcmp(block->content, dictionary, sizeof(dictionary)) != 0;
}

static enum sheaf_status size_of(struct trial *t, const struct zenc_how *how,
				 const void *p, size_t len, size_t *out,
				 struct sheaf_error *err)
{
	enum sheaf_status st;

	buf_clear(&t->frame);
	st = zenc_frame(t->z, how, p, len, &t->frame, err);
	*out = t->frame.len;
	return st;
}

enum sheaf_status trial_alone(struct trial *t, const void *p, size_t len,
			      size_t *out, struct sheaf_error *err)
{
	const struct zenc_how how = { .level = TRIAL_LEVEL, .dict = t->dict };

	return size_of(t, &how, p, len, out, err);
}

enum sheaf_status trial_revision(struct trial *t, const struct block *parent,
				 const void *p, size_t len, size_t *out,
				 struct sheaf_error *err)
{
	const struct zenc_how how = { .level = TRIAL_LEVEL,
				      .prefix = parent->content,
				      .prefix_len =
					      (size_t)parent->head.plain };

	return size_of(t, &how, p, len, out, err);
}
