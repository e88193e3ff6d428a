/*
 * test_blocks.c - how much of a block a read decodes
 */
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "hostile.h"
#include "read/corpus.h"
#include "scratch.h"

#define PATH "blocks.sheaf"
#define ARTICLES 100
#define TEXT 1000
#define BLOCK ((size_t)64 << 10)
#define PIECE_MOST                                                 \
	((uint64_t)20 << 10) /* a piece of a block, and an article \
			      */

/* places of all articles, in the order of the names */
struct shelf {
	struct sheaf_corpus *corpus;
	struct sheaf_place places[ARTICLES];
	size_t count;
};

static void text_make(char text[TEXT], unsigned int i)
{
	uint64_t state = i + 1;

	for (size_t k = 0; k < TEXT; k++)
		text[k] = (char)('a' + hostile_random(&state) % 16);
}

static bool add_one(struct sheaf_writer *w, unsigned int i)
{
	char name[32], text[TEXT];
	struct sheaf_article a = { .bytes = text, .len = sizeof(text) };
	struct sheaf_error err;

	snprintf(name, sizeof(name), "%04u.txt", i);
	a.name.p = name;
	a.name.len = strlen(name);
	text_make(text, i);
	return CHECK(sheaf_writer_add(w, &a, NULL, &err) == SHEAF_OK);
}

static int place_take(const struct sheaf_record *r, void *arg)
{
	struct shelf *s = arg;

	if (s->count < ARTICLES)
		s->places[s->count++] = r->place;
	return 0;
}

static bool shelf_open(struct shelf *s)
{
	struct sheaf_error err;

	memset(s, 0, sizeof(*s));
	if (!CHECK(sheaf_open(&s->corpus, PATH, NULL, &err) == SHEAF_OK))
		return false;
	CHECK(sheaf_list(s->corpus, NULL, place_take, s, &err) == SHEAF_OK);
	return CHECK(s->count == ARTICLES);
}

/* one commit without a dictionary, in blocks of 64 KiB */
static bool shelf_make(struct shelf *s)
{
	struct sheaf_write_options o = { .block_size = BLOCK,
					 .no_dictionary = true };
	struct sheaf_commit_options co = { .has_time = true, .time = 1 };
	struct sheaf_commit_result r;
	struct sheaf_writer *w;
	struct sheaf_error err;

	(void)remove(PATH);
	if (!CHECK(sheaf_writer_open(&w, PATH, &o, &err) == SHEAF_OK))
		return false;
	for (unsigned int i = 0; i < ARTICLES; i++)
		if (!add_one(w, i))
			break;
	CHECK(sheaf_writer_commit(w, &co, &r, &err) == SHEAF_OK);
	sheaf_writer_free(w);
	return shelf_open(s);
}

/* the record whose article has the lowest or highest slot of its block */
static struct sheaf_place extreme(const struct shelf *s, bool highest)
{
	struct sheaf_place best = s->places[0];

	for (size_t i = 1; i < s->count; i++)
		if (s->places[i].block == best.block &&
		    (s->places[i].slot > best.slot) == highest)
			best = s->places[i];
	return best;
}

static void read_one(struct shelf *s, struct sheaf_place place)
{
	struct sheaf_bytes bytes = { 0 };
	struct sheaf_error err;

	if (CHECK(sheaf_read(s->corpus, place, &bytes, NULL, &err) == SHEAF_OK))
		CHECK(bytes.len == TEXT);
	sheaf_bytes_done(&bytes);
}

static void test_first_read_stops_at_its_article(void)
{
	struct shelf s;
	const struct blocks_work *work;

	if (!shelf_make(&s))
		return;
	work = blocks_work(s.corpus->blocks);
	read_one(&s, extreme(&s, false));
	CHECK(work->whole == 0);
	CHECK(work->started == 1);
	/* random letters: half of their size, of one piece and no more */
	CHECK(work->packed <= PIECE_MOST);
	sheaf_close(s.corpus);
}

static void test_block_asked_twice_is_kept(void)
{
	struct shelf s;
	const struct blocks_work *work;

	if (!shelf_make(&s))
		return;
	work = blocks_work(s.corpus->blocks);
	for (unsigned int i = 0; i < 3; i++) {
		read_one(&s, extreme(&s, false));
		read_one(&s, extreme(&s, true));
	}
	CHECK(work->started == 1);
	CHECK(work->whole == 1);
	sheaf_close(s.corpus);
}

static void test_every_article_from_a_fresh_handle(void)
{
	struct shelf s;

	if (!shelf_make(&s))
		return;
	for (size_t i = 0; i < ARTICLES; i++) {
		sheaf_close(s.corpus);
		if (!shelf_open(&s))
			return;
		read_one(&s, s.places[i]);
	}
	CHECK(blocks_work(s.corpus->blocks)->whole == 0);
	sheaf_close(s.corpus);
}

static void test_slot_beyond_the_block_is_corrupt(void)
{
	struct shelf s;
	struct held held;
	struct sheaf_error err;

	if (!shelf_make(&s))
		return;
	CHECK(blocks_hold(s.corpus->blocks, s.places[0].block, 9999, &held,
			  &err) == SHEAF_CORRUPT);
	CHECK(held.block == NULL && held.bench == NULL);
	CHECK(blocks_hold(s.corpus->blocks, s.places[0].block, 9999, &held,
			  &err) == SHEAF_CORRUPT);
	sheaf_close(s.corpus);
}

/* one bit of the block's frame, about its middle */
static void damage(struct shelf *s, uint64_t block)
{
	struct block_head head;
	struct sheaf_error err;
	uint64_t frame;
	FILE *f = fopen(PATH, "r+");
	int c;

	CHECK(blocks_head(&s->corpus->view, block, &head, &frame, &err) ==
	      SHEAF_OK);
	if (CHECK(f != NULL)) {
		fseek(f, (long)(frame + head.packed / 2), SEEK_SET);
		c = getc(f);
		fseek(f, -1, SEEK_CUR);
		putc(c ^ 16, f);
		fclose(f);
	}
	block_done(&head);
}

/* the article in place @i, by id or by place, from a handle that has read
 * nothing yet */
static enum sheaf_status get_fresh(unsigned int i, bool by_id,
				   struct sheaf_error *err)
{
	struct sheaf_bytes bytes = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	char text[TEXT];
	struct shelf s;
	enum sheaf_status st = SHEAF_MISUSE;

	if (!shelf_open(&s))
		return st;
	text_make(text, i);
	sheaf_id_of(text, sizeof(text), id);
	if (by_id)
		st = sheaf_get(s.corpus, id, &bytes, err);
	else
		st = sheaf_read(s.corpus, s.places[i], &bytes, NULL, err);
	if (st == SHEAF_OK)
		CHECK(bytes.len == TEXT && !memcmp(bytes.p, text, TEXT));
	sheaf_bytes_done(&bytes);
	sheaf_close(s.corpus);
	return st;
}

/* an article that comes out wrong of a block decoded in part: it is the block
 * that is damaged, the article is neither absent nor another one */
static void test_damage_is_the_blocks(void)
{
	struct sheaf_error err = { 0 };
	struct shelf s;
	unsigned int bad = 0;

	if (!shelf_make(&s))
		return;
	damage(&s, s.places[0].block);
	sheaf_close(s.corpus);
	for (unsigned int i = 0; i < 2 * ARTICLES; i++) {
		enum sheaf_status st = get_fresh(i / 2, i % 2, &err);

		if (st == SHEAF_OK)
			continue;
		CHECK(st == SHEAF_CORRUPT && !strncmp(err.text, "block: ", 7));
		bad++;
	}
	CHECK(bad >= 2);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_first_read_stops_at_its_article) },
		{ HARNESS_TEST(test_block_asked_twice_is_kept) },
		{ HARNESS_TEST(test_every_article_from_a_fresh_handle) },
		{ HARNESS_TEST(test_slot_beyond_the_block_is_corrupt) },
		{ HARNESS_TEST(test_damage_is_the_blocks) },
	};
	int result;

	if (!scratch_enter())
		return 1;
	result = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return result;
}
