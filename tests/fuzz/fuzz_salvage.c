/*
 * fuzz_salvage.c - any bytes as a damaged corpus: what is salvaged is whole
 *
 * An input that begins like a corpus is taken as one.  Any other is a list of
 * edits of a corpus that is made at the start, 8 bytes each.  Of a made one, no
 * article may come back that was never put in.
 */
#include <stdlib.h>
#include <string.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/mutate.h"
#include "fault/posts.h"
#include "scratch.h"

#define EDIT_SIZE 8

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };

static struct facts facts;
static struct image images[2];
static char output[4200];

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void scratch_end(void)
{
	scratch_leave();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct sheaf_compact_options o = {
		.output = "compact", .level = 1, .threads = 1, .has_time = true
	};
	char here[4096];

	(void)argc;
	(void)argv;
	need(getcwd(here, sizeof(here)) != NULL && scratch_enter());
	posts_small(&facts);
	need(facts_write_all(&facts, "small", 1, 3, &posts_small_options) &&
	     sheaf_compact("small", &o, NULL, NULL) == SHEAF_OK &&
	     image_load(&images[0], "small") &&
	     image_load(&images[1], "compact"));
	snprintf(output, sizeof(output), "%s/new", scratch_path);
	atexit(scratch_end);
	return chdir(here);
}

/* one edit of the @len bytes at @p; the new length */
static size_t edit(uint8_t *p, size_t len, const uint8_t e[EDIT_SIZE])
{
	size_t at = (size_t)e[0] | (size_t)e[1] << 8;
	size_t n = (size_t)e[4] | (size_t)e[5] << 8;

	if (len == 0)
		return 0;
	at %= len;
	if (n > len - at)
		n = len - at;
	switch (e[2] % 4) {
	case 0:
		memset(p + at, e[3], n);
		return len;
	case 1:
		p[at] ^= e[3];
		return len;
	case 2: /* bytes from elsewhere */
		memmove(p + at, p + (len - n) % len / (e[3] + 1u), n);
		return len;
	default:
		return e[3] % 8 == 0 ? at : len;
	}
}

static void salvage(const uint8_t *p, size_t len, unsigned int how)
{
	const struct sheaf_salvage_options o = { .level = 1,
						 .threads = 1,
						 .has_time = true };
	struct sheaf_salvage_result r;
	struct sheaf_corpus *c;
	struct answers a;
	enum sheaf_status st;

	(void)verify_damages(image_file(p, len), &st);
	unlink(output);
	st = sheaf_salvage(image_file(p, len), output, &o, &r, NULL);
	if (st != SHEAF_OK)
		return;
	need(sheaf_open(&c, output, NULL, NULL) == SHEAF_OK);
	facts_ask(&facts, c, ASK_QUICK | how, &a);
	sheaf_close(c);
	need(a.lies == 0 && a.errors == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct image *base = &images[len / EDIT_SIZE % 2];
	bool mend = len % 2 == 1;
	size_t size = base->len;
	uint8_t *copy;

	if (len >= sizeof(magic) && memcmp(p, magic, sizeof(magic)) == 0) {
		salvage(p, len, ASK_OPEN);
		return 0;
	}
	copy = malloc(size);
	need(copy != NULL);
	memcpy(copy, base->p, size);
	for (; len >= EDIT_SIZE; p += EDIT_SIZE, len -= EDIT_SIZE)
		size = edit(copy, size, p);
	if (mend) /* lying tables with right checksums */
		mutate_mend(copy, size);
	salvage(copy, size, ASK_OPEN);
	free(copy);
	return 0;
}
