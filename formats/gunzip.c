/*
 * gunzip.c - gzip members, taken off and held against their checksums
 *
 * Under stream.c.  libarchive reads gzip too, but neither its checksum nor its
 * length (3.6.2), and what gzip packs seldom has a checksum of its own: a tar
 * with one flipped bit would be stored as if nothing was wrong.  It drops what
 * it has of the last 64 KiB where the file is cut short as well, so that the
 * start of a small one could not even be recognised.
 */
#include "formats/gunzip.h"

#include <stdlib.h>
#include <zlib.h>

enum {
	GUNZIP_ROOM = 64 << 10,
	GZIP_WRAPPER = 16, /* zlib's: above the bits of the window */
};

struct gunzip {
	gunzip_pull_fn *pull;
	void *arg;
	z_stream z;
	bool inside; /* of a member */
	bool padded; /* only zeros may follow */
	bool done;   /* no more comes */
	enum sheaf_status st;
	struct sheaf_error why;
	uint8_t room[GUNZIP_ROOM];
};

bool gunzip_is(const uint8_t *p, size_t len)
{
	return len >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

enum sheaf_status gunzip_new(struct gunzip **out, gunzip_pull_fn *pull,
			     void *arg, struct sheaf_error *err)
{
	struct gunzip *g = calloc(1, sizeof(*g));

	*out = NULL;
	if (!g)
		return fail_nomem(err);
	g->pull = pull;
	g->arg = arg;
	if (inflateInit2(&g->z, MAX_WBITS + GZIP_WRAPPER) != Z_OK) {
		free(g);
		return fail_nomem(err);
	}
	*out = g;
	return SHEAF_OK;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	free(g);
}

/* more compressed bytes; *end: there are none */
static enum sheaf_status input_get(struct gunzip *g, bool *end)
{
	const uint8_t *p = NULL;
	size_t len = 0;

	*end = false;
	if (g->z.avail_in != 0)
		return SHEAF_OK;
	g->st = g->pull(g->arg, &p, &len, &g->why);
	if (g->st != SHEAF_OK)
		return g->st;
	*end = len == 0;
	g->z.next_in = (Bytef *)(uintptr_t)p;
	g->z.avail_in = (uInt)len;
	return SHEAF_OK;
}

static enum sheaf_status damaged(struct gunzip *g, const char *why)
{
	return g->st = fail(&g->why, SHEAF_CORRUPT, "the compressed data is %s",
			    why);
}

/* between two members, or behind the last */
static enum sheaf_status member_start(struct gunzip *g)
{
	bool end;

	for (;;) {
		if (input_get(g, &end) != SHEAF_OK)
			return g->st;
		if (end) {
			g->done = true;
			return SHEAF_OK;
		}
		if (*g->z.next_in != 0)
			break;
		g->padded = true;
		g->z.next_in++;
		g->z.avail_in--;
	}
	/* zlib itself says what is wrong with the rest of the header */
	if (g->padded || *g->z.next_in != 0x1f)
		return damaged(g, "followed by something else: cut that off");
	if (inflateReset(&g->z) != Z_OK)
		return g->st = fail_nomem(&g->why);
	g->inside = true;
	return SHEAF_OK;
}

/* some bytes of the member into the room */
static enum sheaf_status member_go_on(struct gunzip *g)
{
	bool end;
	int got;

	if (input_get(g, &end) != SHEAF_OK)
		return g->st;
	if (end)
		return damaged(g, "cut short: get it whole");
	got = inflate(&g->z, Z_NO_FLUSH);
	if (got == Z_MEM_ERROR)
		return g->st = fail_nomem(&g->why);
	if (got == Z_STREAM_END)
		g->inside = false;
	else if (got != Z_OK && got != Z_BUF_ERROR)
		return damaged(g, "damaged: get it anew");
	return SHEAF_OK;
}

enum sheaf_status gunzip_next(struct gunzip *g, const uint8_t **p, size_t *len,
			      struct sheaf_error *err)
{
	g->z.next_out = g->room;
	g->z.avail_out = GUNZIP_ROOM;
	while (g->st == SHEAF_OK && !g->done && g->z.avail_out != 0)
		(void)(g->inside ? member_go_on(g) : member_start(g));
	*p = g->room;
	*len = GUNZIP_ROOM - g->z.avail_out;
	if (*len != 0 || g->st == SHEAF_OK)
		return SHEAF_OK;
	if (err)
		*err = g->why;
	return g->st;
}
