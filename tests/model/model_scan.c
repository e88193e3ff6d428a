/*
 * model_scan.c - many articles at once: right, in order, each block once
 *
 * Blocks are counted, not timed. The same for any number of threads.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <sheaf/compact.h>
#include <sheaf/scan.h>

#include "harness.h"
#include "hostile.h"
#include "read/corpus.h"
#include "scratch.h"
#include "story_of.h"

enum {
	STORIES = 600,
	LONGEST = 5000,
	THREADS_MAX = 8,
};

static const unsigned int thread_counts[] = { 1, 2, 7 };

static size_t length_of(unsigned int i)
{
	return i * 7919U % LONGEST;
}

/* two commits, small blocks */
static bool corpus_make(const char *path)
{
	static const struct sheaf_write_options o = { .level = 1,
						      .block_size = 8192,
						      .threads = 2 };
	struct sheaf_writer *w;
	struct sheaf_error err;
	bool good = true;

	for (unsigned int half = 0; half < 2 && good; half++) {
		if (!CHECK(sheaf_writer_open(&w, path, &o, &err) == SHEAF_OK))
			return false;
		for (unsigned int i = half * STORIES / 2;
		     i < (half + 1) * STORIES / 2 && good; i++)
			good = CHECK(story_add(w, i, length_of(i)) == SHEAF_OK);
		good = good && CHECK(sheaf_writer_commit(w, NULL, NULL, &err) ==
				     SHEAF_OK);
		sheaf_writer_free(w);
	}
	return good;
}

/* what a scan handed over */
struct seen {
	struct sheaf_place order[STORIES];
	unsigned char times[STORIES]; /* each story came */
	size_t count, listed, damaged, stop_at;
	unsigned int threads;
	atomic_uint worked;
	atomic_uint at_work[THREADS_MAX];
};

static int on_listed(const struct sheaf_record *r, void *arg)
{
	struct seen *s = arg;

	CHECK(r->name.len > 0 && s->count == 0);
	s->listed++;
	return 0;
}

static int work(const struct sheaf_scanned *a, unsigned int thread, void *arg)
{
	struct seen *s = arg;

	CHECK(thread < s->threads);
	CHECK(atomic_fetch_add(&s->at_work[thread], 1) == 0);
	if (s->stop_at > 0) /* so that it ends with some still at work */
		usleep(200);
	CHECK(a->record->name.p[0] == 'd');
	atomic_fetch_add(&s->worked, 1);
	atomic_fetch_sub(&s->at_work[thread], 1);
	return (int)a->len + 1;
}

/* from "day-0/story-17.md" */
static unsigned int story_number(struct sheaf_str name)
{
	unsigned long i = STORIES;
	char text[40] = { 0 };
	const char *number;

	if (CHECK(name.len < sizeof(text))) {
		memcpy(text, name.p, name.len);
		number = strstr(text, "/story-");
		if (CHECK(number != NULL))
			i = strtoul(number + 7, NULL, 10);
	}
	return i < STORIES ? (unsigned int)i : STORIES;
}

static bool is_story(const struct sheaf_scanned *a, unsigned int i)
{
	struct story s;
	uint8_t id[SHEAF_ID_SIZE];
	bool is;

	story_of(&s, i, length_of(i));
	sheaf_id_of(s.text, s.len, id);
	is = a->len == s.len && memcmp(a->p, s.text, s.len) == 0 &&
	     memcmp(a->id, id, sizeof(id)) == 0;
	story_done(&s);
	return is;
}

static int on_article(const struct sheaf_scanned *a, void *arg)
{
	struct seen *s = arg;
	unsigned int i = story_number(a->record->name);

	CHECK(a->result == (int)a->len + 1);
	if (!CHECK(i < STORIES && s->count < STORIES))
		return 1;
	s->order[s->count++] = a->record->place;
	s->times[i]++;
	if (a->status == SHEAF_OK) {
		CHECK(is_story(a, i) && a->why == NULL);
		CHECK(a->record->size == a->len);
	} else {
		CHECK(a->status == SHEAF_CORRUPT && a->why != NULL);
		CHECK(a->p == NULL && a->len == 0);
		s->damaged++;
	}
	return s->count == s->stop_at;
}

static enum sheaf_status scan(struct sheaf_corpus *c, struct seen *s,
			      unsigned int threads)
{
	const struct sheaf_scan_options o = { .threads = threads,
					      .work = work,
					      .on_listed = on_listed };
	size_t stop_at = s->stop_at;
	struct sheaf_error err;

	memset(s, 0, sizeof(*s));
	s->threads = threads;
	s->stop_at = stop_at;
	return sheaf_scan(c, NULL, &o, on_article, s, &err);
}

static bool same_order(const struct seen *a, const struct seen *b)
{
	for (size_t i = 0; i < STORIES; i++)
		if (a->order[i].block != b->order[i].block ||
		    a->order[i].slot != b->order[i].slot)
			return false;
	return true;
}

static bool opened(struct sheaf_corpus **c, const char *path)
{
	struct sheaf_error err;

	return CHECK(sheaf_open(c, path, NULL, &err) == SHEAF_OK);
}

static uint64_t decoded(const struct sheaf_corpus *c)
{
	return atomic_load(&blocks_work(c->blocks)->whole);
}

/* all of them, in the order of the file, each block decoded once */
static void scan_check(const char *path)
{
	struct seen *first = calloc(1, sizeof(*first));
	struct seen *s = calloc(1, sizeof(*s));
	struct sheaf_corpus *c;

	for (size_t t = 0; t < HARNESS_COUNT(thread_counts); t++) {
		if (!CHECK(first && s) || !opened(&c, path))
			break;
		CHECK(scan(c, s, thread_counts[t]) == SHEAF_OK);
		CHECK(s->count == STORIES && s->listed == STORIES);
		CHECK(atomic_load(&s->worked) == STORIES && !s->damaged);
		CHECK(decoded(c) == c->footer.blocks);
		CHECK(c->footer.blocks > 20);
		for (size_t i = 0; i < STORIES; i++)
			CHECK(s->times[i] == 1);
		for (size_t i = 1; i < STORIES; i++)
			CHECK(s->order[i - 1].block < s->order[i].block ||
			      (s->order[i - 1].block == s->order[i].block &&
			       s->order[i - 1].slot < s->order[i].slot));
		if (t == 0)
			memcpy(first, s, sizeof(*s));
		CHECK(same_order(first, s));
		sheaf_close(c);
	}
	free(first);
	free(s);
}

static void test_scan_decodes_each_block_once(void)
{
	scan_check("many.sheaf");
}

static void test_scan_of_compacted_is_the_same(void)
{
	static const struct sheaf_compact_options o = {
		.output = "compact.sheaf",
		.level = 1,
		.block_size = 8192,
		.threads = 2,
	};
	struct sheaf_commit_result made;
	struct sheaf_error err;

	CHECK(sheaf_compact("many.sheaf", &o, &made, &err) == SHEAF_OK);
	scan_check("compact.sheaf");
}

static void test_scan_stops_when_told(void)
{
	struct seen *s = calloc(1, sizeof(*s));
	struct sheaf_corpus *c;

	if (!CHECK(s != NULL) || !opened(&c, "many.sheaf"))
		return;
	for (size_t t = 0; t < HARNESS_COUNT(thread_counts); t++) {
		s->stop_at = 100;
		CHECK(scan(c, s, thread_counts[t]) == SHEAF_CANCELLED);
		CHECK(s->count == 100);
	}
	sheaf_close(c);
	free(s);
}

static int first_place(const struct sheaf_record *r, void *arg)
{
	struct sheaf_place *at = arg;

	if (at->slot-- > 0)
		return 0;
	*at = r->place;
	return 1;
}

/* a block in the middle costs its own articles; the rest is handed over */
static void test_damaged_block_costs_its_own(void)
{
	struct seen *s = calloc(1, sizeof(*s));
	struct sheaf_corpus *c;
	struct sheaf_place at = { .slot = STORIES / 3 };
	struct block_head head;
	uint64_t frame = 0;
	struct sheaf_error err;
	FILE *f;

	CHECK(system("cp many.sheaf hurt.sheaf") == 0);
	if (!CHECK(s != NULL) || !opened(&c, "hurt.sheaf"))
		return;
	CHECK(sheaf_list(c, NULL, first_place, &at, &err) == SHEAF_CANCELLED);
	CHECK(blocks_head(&c->view, at.block, &head, &frame, &err) == SHEAF_OK);
	f = fopen("hurt.sheaf", "r+");
	if (CHECK(f &&
		  fseek(f, (long)(frame + head.packed / 2), SEEK_SET) == 0))
		CHECK(fputs("damage!!", f) >= 0);
	if (f)
		fclose(f);
	for (size_t t = 0; t < HARNESS_COUNT(thread_counts); t++) {
		CHECK(scan(c, s, thread_counts[t]) == SHEAF_OK);
		CHECK(s->count == STORIES);
		CHECK(s->damaged == head.count && head.count > 1);
	}
	block_done(&head);
	sheaf_close(c);
	free(s);
}

enum { NOISES = 8, NOISE = 4000 };

/* articles that don't compress, one a block: the blocks of every such corpus
 * are of the same sizes */
static bool noise_make(const char *path, uint64_t state)
{
	static const struct sheaf_write_options o = { .block_size = NOISE,
						      .no_dictionary = true };
	char text[NOISE], name[16];
	struct sheaf_article a = { .bytes = text, .len = sizeof(text) };
	struct sheaf_writer *w;
	struct sheaf_error err;
	bool good;

	if (!CHECK(sheaf_writer_open(&w, path, &o, &err) == SHEAF_OK))
		return false;
	for (unsigned int i = 0; i < NOISES; i++) {
		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = (char)hostile_random(&state);
		a.name.len =
			(size_t)snprintf(name, sizeof(name), "noise-%u", i);
		a.name.p = name;
		CHECK(sheaf_writer_add(w, &a, NULL, &err) == SHEAF_OK);
	}
	good = CHECK(sheaf_writer_commit(w, NULL, NULL, &err) == SHEAF_OK);
	sheaf_writer_free(w);
	return good;
}

/* put the content of @from's block at @offset in place of @to's */
static bool content_swap(const char *to, const char *from, uint64_t offset)
{
	uint8_t content[2 * NOISE];
	struct sheaf_corpus *a, *b;
	struct block_head h, g;
	struct sheaf_error err;
	uint64_t frame, other;
	FILE *f = fopen(to, "r+");
	bool good = false;

	if (!CHECK(f != NULL) || !opened(&a, to) || !opened(&b, from))
		return false;
	CHECK(blocks_head(&a->view, offset, &h, &frame, &err) == SHEAF_OK);
	CHECK(blocks_head(&b->view, offset, &g, &other, &err) == SHEAF_OK);
	if (CHECK(frame == other && h.count == 1 && h.packed == g.packed &&
		  h.packed <= sizeof(content))) {
		CHECK(view_read(&b->view, frame, content, (size_t)h.packed,
				&err) == SHEAF_OK);
		good = fseek(f, (long)frame, SEEK_SET) == 0 &&
		       fwrite(content, (size_t)h.packed, 1, f) == 1;
	}
	good = fclose(f) == 0 && good;
	block_done(&h);
	block_done(&g);
	sheaf_close(a);
	sheaf_close(b);
	return CHECK(good);
}

/* what came, and in which place the one was that was refused */
struct verdicts {
	size_t count, refused, at;
};

static int on_verdict(const struct sheaf_scanned *a, void *arg)
{
	struct verdicts *v = arg;

	if (a->status != SHEAF_OK) {
		CHECK(a->status == SHEAF_CORRUPT && a->p == NULL);
		CHECK(!strcmp(a->why, "article: is not what the index says"));
		v->refused++;
		v->at = v->count;
	}
	v->count++;
	return 0;
}

static int noise_place(const struct sheaf_record *r, void *arg)
{
	struct sheaf_place **next = arg;

	*(*next)++ = r->place;
	return 0;
}

/* a block that is whole, but another one: its checksum says nothing, the id
 * does */
static void test_other_articles_are_refused(void)
{
	struct sheaf_place places[NOISES], *next = places;
	struct sheaf_corpus *c;
	struct sheaf_error err;

	if (!noise_make("noise.sheaf", 1) || !noise_make("other.sheaf", 2) ||
	    !opened(&c, "noise.sheaf"))
		return;
	CHECK(sheaf_list(c, NULL, noise_place, &next, &err) == SHEAF_OK);
	sheaf_close(c);
	if (!content_swap("noise.sheaf", "other.sheaf", places[3].block))
		return;
	for (size_t t = 0; t < HARNESS_COUNT(thread_counts); t++) {
		struct sheaf_scan_options o = { .threads = thread_counts[t] };
		struct verdicts v = { 0 }, w = { 0 };

		if (!opened(&c, "noise.sheaf"))
			return;
		CHECK(sheaf_scan(c, NULL, &o, on_verdict, &v, &err) ==
		      SHEAF_OK);
		CHECK(v.count == NOISES && v.refused == 1);
		CHECK(sheaf_read_many(c, places, NOISES, &o, on_verdict, &w,
				      &err) == SHEAF_OK);
		CHECK(w.count == NOISES && w.refused == 1 && w.at == 3);
		sheaf_close(c);
	}
}

struct request {
	struct sheaf_place places[2 * STORIES];
	unsigned int story[2 * STORIES];
	size_t count, got;
};

static int place_take(const struct sheaf_record *r, void *arg)
{
	struct request *q = arg;

	q->story[q->count] = story_number(r->name);
	q->places[q->count++] = r->place;
	return 0;
}

static int on_requested(const struct sheaf_scanned *a, void *arg)
{
	struct request *q = arg;

	CHECK(a->index == q->got && a->status == SHEAF_OK && !a->record);
	CHECK(is_story(a, q->story[a->index]));
	q->got++;
	return 0;
}

/* shuffled, and all of them twice: still each block once */
static void test_many_places_in_the_order_asked(void)
{
	struct request *q = calloc(1, sizeof(*q));
	struct sheaf_scan_options o = { 0 };
	struct sheaf_corpus *c;
	struct sheaf_error err;
	uint64_t before;

	if (!CHECK(q != NULL) || !opened(&c, "many.sheaf"))
		return;
	CHECK(sheaf_list(c, NULL, place_take, q, &err) == SHEAF_OK);
	CHECK(sheaf_list(c, NULL, place_take, q, &err) == SHEAF_OK);
	for (size_t i = q->count; i-- > 1;) {
		size_t k = i * 7919 % (i + 1);
		struct sheaf_place place = q->places[i];
		unsigned int story = q->story[i];

		q->places[i] = q->places[k];
		q->story[i] = q->story[k];
		q->places[k] = place;
		q->story[k] = story;
	}
	for (size_t t = 0; t < HARNESS_COUNT(thread_counts); t++) {
		o.threads = thread_counts[t];
		q->got = 0;
		before = decoded(c);
		CHECK(sheaf_read_many(c, q->places, q->count, &o, on_requested,
				      q, &err) == SHEAF_OK);
		CHECK(q->got == q->count && q->count == 2 * STORIES);
		CHECK(decoded(c) - before <= c->footer.blocks);
	}
	CHECK(sheaf_read_many(c, NULL, 0, NULL, on_requested, q, &err) ==
	      SHEAF_OK);
	sheaf_close(c);
	free(q);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_scan_decodes_each_block_once) },
		{ HARNESS_TEST(test_scan_of_compacted_is_the_same) },
		{ HARNESS_TEST(test_scan_stops_when_told) },
		{ HARNESS_TEST(test_damaged_block_costs_its_own) },
		{ HARNESS_TEST(test_other_articles_are_refused) },
		{ HARNESS_TEST(test_many_places_in_the_order_asked) },
	};
	int failed;

	if (!scratch_enter())
		return 1;
	failed = !corpus_make("many.sheaf") ||
		 harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return failed;
}
