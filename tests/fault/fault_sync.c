/*
 * fault_sync.c - articles, names and messages that forge frames
 *
 * The sync pattern stands nowhere in the file but where a sheaf frame begins
 * [S-11]; so nothing that is archived passes for a footer, wherever the file is
 * cut.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "formats/sheaf/footer.h"
#include "formats/sheaf/frame.h"
#include "harness.h"
#include "scratch.h"

#define NOISE                                                          \
	((size_t)7000) /* bytes that don't compress, before and behind \
			*/

static const uint8_t pattern[FRAME_SYNC] = {
	0x5a, 0x2a, 0x4d, 0x18, 0x20, 0x01, 0x01, 0x01, 0xf5, 0xc0, 0xfe, 0xc1
};

static const struct sheaf_write_options plain = { .no_dictionary = true,
						  .threads = 1 };

static struct sheaf_str str_of(const void *p, size_t len)
{
	struct sheaf_str s = { p, len };

	return s;
}

/* an article of noise with @middle in it */
static void forged_add(struct facts *f, uint64_t commit, const char *name,
		       const void *middle, size_t len)
{
	uint8_t *p = malloc(len + 2 * NOISE);

	if (p == NULL)
		exit(3);
	posts_noise(1, p, NOISE);
	memcpy(p + NOISE, middle, len);
	posts_noise(2, p + NOISE + len, NOISE);
	facts_add(f, commit, str_of(name, strlen(name)), p, len + 2 * NOISE);
	free(p);
}

static bool frame_is_real(const struct image *m, size_t at)
{
	struct frame_head head;
	uint64_t told = 0;
	size_t n;

	if (m->len - at < FRAME_OVERHEAD || !frame_head_get(m->p + at, &head) ||
	    head.size < FRAME_OVERHEAD || head.size > m->len - at)
		return false;
	n = (size_t)head.size - 8;
	for (unsigned int i = 0; i < 8; i++)
		told |= (uint64_t)m->p[at + n + i] << (8 * i);
	return told == hash_64(m->p + at, n, at);
}

/* wherever the pattern stands, a frame begins that none of the others holds */
static void check_patterns(const char *path)
{
	struct image m = { 0 };
	size_t end = 0, frames = 0;

	if (!CHECK(image_load(&m, path)))
		return;
	for (size_t at = frame_sync_find(m.p, m.len, 0); at != SIZE_MAX;
	     at = frame_sync_find(m.p, m.len, at + 1)) {
		struct frame_head head = { 0 };

		if (!CHECK(frame_is_real(&m, at)) || !CHECK(at >= end))
			break;
		(void)frame_head_get(m.p + at, &head);
		end = at + (size_t)head.size;
		frames++;
	}
	CHECK(frames > 3 && end == m.len);
	image_done(&m);
}

/* commits 1 and 2 of @f: all comes back, and cut anywhere in 2 it opens as 1 */
static void check_corpus(const struct facts *f)
{
	struct image m = { 0 };
	size_t old_end, cuts = 0;

	unlink("corpus");
	if (!CHECK(facts_write_all(f, "corpus", 1, 1, &plain)) ||
	    !CHECK(image_load(&m, "corpus")))
		return;
	old_end = m.len;
	image_done(&m);
	CHECK(facts_write_all(f, "corpus", 2, 2, &plain));
	CHECK(facts_whole(f, "corpus", 2));
	check_patterns("corpus");
	CHECK(image_load(&m, "corpus"));
	for (size_t len = old_end; len < m.len; len += cuts++ % 7 + 1) {
		struct sheaf_corpus *c;

		if (!CHECK(sheaf_open_memory(&c, m.p, len, NULL, NULL) ==
			   SHEAF_OK))
			break;
		CHECK(sheaf_corpus_commit(c)->number == 1 &&
		      sheaf_corpus_commit(c)->end == old_end);
		sheaf_close(c);
	}
	image_done(&m);
}

static void test_pattern_in_articles_stays_out(void)
{
	uint8_t dense[FRAME_SYNC * 40];
	struct facts f = { 0 };

	posts_many(&f, 1, 0, 3);
	forged_add(&f, 2, "one", pattern, FRAME_SYNC);
	for (size_t i = 0; i < sizeof(dense); i++)
		dense[i] = pattern[i % FRAME_SYNC];
	forged_add(&f, 2, "dense", dense, sizeof(dense));
	facts_add(&f, 2, str_of("all", 3), dense, sizeof(dense));
	/* so that the marker's place is again a magic: 8 bytes apart */
	for (size_t i = 0; i + 4 <= sizeof(dense); i += 4)
		memcpy(dense + i, i % 8 == 0 ? pattern : pattern + 8, 4);
	forged_add(&f, 2, "interleaved", dense, sizeof(dense));
	/* halves on both sides of where articles meet */
	facts_add(&f, 2, str_of("x1", 2), pattern, 5);
	facts_add(&f, 2, str_of("x2", 2), pattern + 5, FRAME_SYNC - 5);
	check_corpus(&f);
	facts_done(&f);
}

/* whole segments of other corpora, and of this one */
static void test_segments_in_articles_stay_out(void)
{
	struct image m = { 0 };
	struct facts f = { 0 };

	posts_many(&f, 1, 0, 30);
	unlink("corpus");
	if (!CHECK(facts_write_all(&f, "corpus", 1, 1, &plain)) ||
	    !CHECK(image_load(&m, "corpus")))
		return;
	forged_add(&f, 2, "segment", m.p, m.len);
	facts_add(&f, 2, str_of("corpus", 6), m.p, m.len);
	check_corpus(&f);
	image_done(&m);
	facts_done(&f);
}

/* the footer of a commit 2 at @offset, as a writer would make it */
static bool footer_forge(struct buf *out, uint64_t offset, size_t old_end)
{
	struct footer *f = calloc(1, sizeof(*f));
	struct sheaf_corpus *c = NULL;
	bool ok = f != NULL && sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK;

	buf_clear(out);
	if (ok) {
		f->offset = offset;
		f->commit = 2;
		f->start = old_end;
		f->previous = old_end - 200; /* enough for a footer to be one */
		f->jump = f->previous;
		f->message_len = 200;
		posts_noise(3, f->message, f->message_len);
		ok = footer_put(out, f, sheaf_corpus_commit(c)->id, NULL) ==
			     SHEAF_OK &&
		     /* it would be taken for one */
		     footer_get(out->p, out->len, offset, f, NULL) == SHEAF_OK;
	}
	sheaf_close(c);
	free(f);
	return ok;
}

/* where the @len bytes stand in the file at @path; SIZE_MAX: nowhere */
static size_t find_in_file(const char *path, const void *p, size_t len)
{
	struct image m = { 0 };
	const uint8_t *at = NULL;
	size_t where = SIZE_MAX;

	if (image_load(&m, path))
		at = memmem(m.p, m.len, p, len);
	if (at != NULL)
		where = (size_t)(at - m.p);
	image_done(&m);
	return where;
}

/*
 * an article that holds a footer which is right at the very place where these
 * bytes come to lie
 */
static void test_footer_made_for_its_place_stays_out(void)
{
	struct buf forged = { 0 };
	struct facts f = { 0 };
	uint8_t noise[1024];
	struct stat sb;
	size_t old_end, place;
	unsigned int tried = 0;

	posts_many(&f, 1, 0, 3);
	unlink("corpus");
	if (!CHECK(facts_write_all(&f, "corpus", 1, 1, &plain)))
		return;
	if (!CHECK(stat("corpus", &sb) == 0))
		return;
	old_end = (size_t)sb.st_size;
	/* once with noise in its place, to see where that is */
	CHECK(footer_forge(&forged, old_end + 4000, old_end));
	posts_noise(7, noise, forged.len);
	forged_add(&f, 2, "forged", noise, forged.len);
	CHECK(facts_write_all(&f, "corpus", 2, 2, &plain));
	place = find_in_file("corpus", noise, forged.len);
	CHECK(place != SIZE_MAX);
	facts_done(&f);
	for (size_t at = place - 8; at <= place + 8; at++, tried++) {
		posts_many(&f, 1, 0, 3);
		unlink("corpus");
		CHECK(facts_write_all(&f, "corpus", 1, 1, &plain));
		CHECK(footer_forge(&forged, at, old_end));
		forged_add(&f, 2, "forged", forged.p, forged.len);
		check_corpus(&f);
		facts_done(&f);
	}
	CHECK(tried == 17);
	buf_done(&forged);
}

/* names of noise, which don't compress, and the pattern in each */
static void test_pattern_in_names_stays_out(void)
{
	struct facts f = { 0 };
	uint8_t name[200];

	posts_many(&f, 1, 0, 3);
	for (uint64_t i = 0; i < 60; i++) {
		posts_noise(i, name, sizeof(name));
		for (size_t k = 0; k < sizeof(name); k++)
			if (name[k] == 0)
				name[k] = 1;
		memcpy(name + i, pattern, FRAME_SYNC);
		memcpy(name + 120, pattern, FRAME_SYNC);
		facts_add(&f, 2, str_of(name, sizeof(name)), &i, sizeof(i));
	}
	/* and the pattern alone */
	facts_add(&f, 2, str_of(pattern, FRAME_SYNC), "x", 1);
	check_corpus(&f);
	facts_done(&f);
}

/* tags, outlet and url of noise with the pattern, given by a program */
static void test_pattern_in_fields_stays_out(void)
{
	char noise[300];
	struct sheaf_str tags[2] = { { noise, sizeof(noise) },
				     { (const char *)pattern, FRAME_SYNC } };
	struct sheaf_fields fields = { .outlet = tags[1],
				       .url = tags[0],
				       .lang = tags[1],
				       .tags = tags,
				       .tag_count = 2,
				       .categories = tags,
				       .category_count = 2 };
	struct sheaf_article a = { .name = { "name", 4 },
				   .bytes = "x",
				   .len = 1,
				   .mtime = { 0x184d2a5a, 7 },
				   .fields = &fields };
	struct sheaf_verify_result v;
	struct sheaf_writer *w = NULL;

	unlink("corpus");
	posts_noise(9, noise, sizeof(noise));
	memcpy(noise + 100, pattern, FRAME_SYNC);
	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	check_patterns("corpus");
	CHECK(sheaf_verify("corpus", NULL, &v, NULL) == SHEAF_OK &&
	      v.damages == 0);
}

/* a message stands in the footer as it is: this one can't be had */
static void test_pattern_in_message_is_refused(void)
{
	struct sheaf_commit_options o = {
		.message = { (const char *)pattern, FRAME_SYNC },
		.allow_empty = true,
	};
	struct image before = { 0 }, after = { 0 };
	struct sheaf_writer *w = NULL;
	struct facts f = { 0 };
	enum sheaf_status st;

	posts_many(&f, 1, 0, 3);
	unlink("corpus");
	CHECK(facts_write_all(&f, "corpus", 1, 1, &plain));
	CHECK(image_load(&before, "corpus"));
	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	CHECK(st == SHEAF_LIMIT || st == SHEAF_MISUSE);
	CHECK(image_load(&after, "corpus") && after.len == before.len &&
	      memcmp(before.p, after.p, after.len) == 0);
	image_done(&before);
	image_done(&after);
	facts_done(&f);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_pattern_in_articles_stays_out) },
	{ HARNESS_TEST(test_segments_in_articles_stay_out) },
	{ HARNESS_TEST(test_footer_made_for_its_place_stays_out) },
	{ HARNESS_TEST(test_pattern_in_names_stays_out) },
	{ HARNESS_TEST(test_pattern_in_fields_stays_out) },
	{ HARNESS_TEST(test_pattern_in_message_is_refused) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
