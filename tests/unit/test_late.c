/*
 * test_late.c - the last blocks of a large commit stand behind its records, and
 * who lies in them is told twice
 */
#include <string.h>
#include <unistd.h>

#include <sheaf/sheaf.h>

#include "formats/sheaf/limits.h"
#include "harness.h"
#include "hostile.h"
#include "pack/stage.h"
#include "read/scan.h"
#include "read/sweep.h"
#include "scratch.h"
#include "write/commit.h"

#define LAST ((uint64_t)1 << 20)
#define ARTICLE 12000

/* bytes that don't compress, of an article's number */
static void noise(uint32_t number, uint8_t out[ARTICLE])
{
	uint64_t state = number * 0x9E3779B97F4A7C15u + 1;

	for (size_t i = 0; i < ARTICLE; i++)
		out[i] = (uint8_t)(hostile_random(&state) >> 56);
}

/* a commit written by hand, of @count articles */
struct commit {
	struct sink *sink;
	struct segment segment;
	struct scratch *scratch;
	struct stage *stage;
	struct entries *entries;
	struct names *names;
};

static bool commit_start(struct commit *c, const char *path)
{
	const struct stage_options o = { .level = 1,
					 .block_size = 8192,
					 .no_dictionary = true,
					 .threads = 2,
					 .batch = { 1 << 20, 1000 },
					 .commit = 1 };

	memset(c, 0, sizeof(*c));
	return sink_create(&c->sink, path, NULL) == SHEAF_OK &&
	       scratch_new(&c->scratch, path, NULL) == SHEAF_OK &&
	       segment_init(&c->segment, c->sink, NULL) == SHEAF_OK &&
	       segment_describe(&c->segment, NULL) == SHEAF_OK &&
	       stage_new(&c->stage, &c->segment, &o, NULL) == SHEAF_OK &&
	       /* most records go to the scratch file and come back twice */
	       entries_new(&c->entries, c->scratch, 4096, NULL) == SHEAF_OK &&
	       names_new(&c->names, NULL, NULL) == SHEAF_OK;
}

static void commit_done(struct commit *c)
{
	stage_free(c->stage);
	segment_done(&c->segment);
	entries_free(c->entries);
	scratch_free(c->scratch);
	names_free(c->names);
	sink_free(c->sink);
}

static bool article_add(struct commit *c, uint32_t i)
{
	static uint8_t text[ARTICLE];
	struct entry e = { .is_new = true, .origin = { .is_fresh = true } };
	char name[32];

	noise(i, text);
	e.name.p = name;
	e.name.len = (size_t)snprintf(name, sizeof(name), "n%u", i % 977 + i);
	e.record.size = ARTICLE;
	sheaf_id_of(text, ARTICLE, e.id);
	return names_code(c->names, (struct sheaf_str){ "text", 4 },
			  &e.record.format, NULL) == SHEAF_OK &&
	       stage_add(c->stage, text, ARTICLE, 0, NULL, &e.origin.fresh,
			 NULL) == SHEAF_OK &&
	       entries_add(c->entries, &e, NULL) == SHEAF_OK;
}

/* what is in the file already */
static bool file_get(struct commit *c, struct buf *out)
{
	struct source src;
	uint64_t size = 0;
	bool ok = source_fd(&src, sink_fd(c->sink), NULL) == SHEAF_OK &&
		  source_size(&src, &size, NULL) == SHEAF_OK;

	buf_clear(out);
	ok = ok && buf_room(out, (size_t)size + 1) != NULL &&
	     source_read(&src, 0, out->p, (size_t)size, NULL) == SHEAF_OK;
	buf_grew(out, ok ? (size_t)size : 0);
	source_done(&src);
	return ok;
}

static bool commit_make(const char *path, uint32_t count, uint64_t spare)
{
	struct commit_input in = { .place = stage_place, .spare = spare };
	struct footer *f = calloc(1, sizeof(*f));
	struct commit c = { 0 };
	struct buf before = { 0 }, after = { 0 };
	bool ok = f != NULL && commit_start(&c, path);

	for (uint32_t i = 0; ok && i < count; i++)
		ok = article_add(&c, i);
	ok = ok && stage_finish(c.stage, NULL) == SHEAF_OK;
	if (ok) {
		in.entries = c.entries;
		in.names = c.names;
		in.place_arg = c.stage;
		in.scratch = c.scratch;
		in.budget = 4096;
		in.blocks = stage_blocks(c.stage);
		in.new_articles = count;
		in.new_bytes = (uint64_t)count * ARTICLE;
		in.dictionary = stage_dictionary(c.stage);
		/* a mirror may have fetched this; it is not written over */
		ok = file_get(&c, &before) &&
		     commit_write(&c.segment, &in, f, NULL) == SHEAF_OK &&
		     file_get(&c, &after);
		ok = ok && after.len >= before.len &&
		     memcmp(before.p, after.p, before.len) == 0;
		CHECK(count < 400 || before.len > LAST);
	}
	buf_done(&before);
	buf_done(&after);
	commit_done(&c);
	free(f);
	return ok;
}

/* what lies where */
struct layout {
	char order[16]; /* frames, a letter for each run of one kind: Block,
			   Record page, Strings page, Index page, Tree, Footer
			 */
	uint64_t pages,
		index; /* end of the last record, and first index, page */
	uint64_t size;
};

static void layout_see(const char *path, struct layout *l)
{
	static const char letters[] = "?BRSIIXETFH";
	struct view view = { 0 };
	const struct scan_item *item;
	struct scan s;
	size_t n = 0;

	memset(l, 0, sizeof(*l));
	if (!CHECK(source_file(&view.src, path, NULL) == SHEAF_OK) ||
	    !CHECK(source_size(&view.src, &view.end, NULL) == SHEAF_OK))
		return;
	l->size = view.end;
	scan_init(&s, &view, 0);
	while (scan_next(&s, &item, NULL) == SHEAF_OK) {
		char c = '?';

		if (item->kind == SCAN_DESCRIPTION ||
		    item->kind == SCAN_FOREIGN)
			continue;
		if (item->kind == SCAN_BLOCK)
			c = 'B';
		if (item->kind == SCAN_TABLE)
			c = letters[item->frame_kind];
		if (c == 'R')
			l->pages = item->offset + item->size;
		if (c == 'I' && l->index == 0)
			l->index = item->offset + item->size;
		if ((n == 0 || l->order[n - 1] != c) &&
		    n + 1 < sizeof(l->order))
			l->order[n++] = c;
	}
	scan_done(&s);
	source_done(&view.src);
}

static bool reads_all(const char *path, uint32_t count)
{
	static uint8_t text[ARTICLE];
	struct sheaf_corpus *c = NULL;
	struct sheaf_bytes got = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	bool ok = sheaf_open(&c, path, NULL, NULL) == SHEAF_OK;

	for (uint32_t i = 0; ok && i < count; i++) {
		noise(i, text);
		sheaf_id_of(text, ARTICLE, id);
		ok = sheaf_get(c, id, &got, NULL) == SHEAF_OK &&
		     got.len == ARTICLE && memcmp(got.p, text, ARTICLE) == 0;
	}
	sheaf_bytes_done(&got);
	sheaf_close(c);
	return ok;
}

/* articles in the blocks that a search for likes goes through */
static uint64_t swept(const char *path)
{
	const struct sweep_limit all = { UINT64_MAX, UINT64_MAX, true };
	struct sheaf_corpus *c = NULL;
	struct buf list = { 0 };
	uint64_t count = 0;

	if (CHECK(sheaf_open(&c, path, NULL, NULL) == SHEAF_OK))
		CHECK(sweep_newest(c, &all, &list, NULL) == SHEAF_OK);
	for (size_t i = 0; i < list.len / sizeof(struct sweep_block); i++)
		count += ((const struct sweep_block *)(void *)list.p)[i].count;
	buf_done(&list);
	sheaf_close(c);
	return count;
}

static void one_try(uint32_t count, uint64_t spare, const char *order)
{
	const struct sheaf_verify_options vo = { .deep = true, .threads = 2 };
	struct sheaf_verify_result r = { 0 };
	struct layout l;

	(void)unlink("late.sheaf");
	if (!CHECK(commit_make("late.sheaf", count, spare)))
		return;
	CHECK(sheaf_verify("late.sheaf", &vo, &r, NULL) == SHEAF_OK &&
	      r.damages == 0 && r.articles == count && r.records == count);
	CHECK(reads_all("late.sheaf", count));
	CHECK(swept("late.sheaf") == count);
	layout_see("late.sheaf", &l);
	if (!CHECK(strcmp(l.order, order) == 0))
		printf("  %s, not %s\n", l.order, order);
	if (strstr(order, "SB") != NULL)
		CHECK(l.pages + LAST < l.size);
	if (strchr(order, 'I') != NULL)
		CHECK(l.index + LAST < l.size);
}

static void test_late_blocks_of_commits_of_all_sizes(void)
{
	one_try(60, 0, "BRSTF");
	one_try(200, 0, "BRSBTF");
	one_try(400, 0, "BRSBIBTF");
}

/* they do not fit behind the records at once: these are written again */
static void test_late_blocks_where_there_is_too_little_room(void)
{
	one_try(200, 1, "BRSBTF");
	one_try(400, 1, "BRSBIBTF");
	one_try(400, 5, "BRSBIBTF");
}

/* an article of more than is late: it alone is */
static void test_late_block_of_one_large_article(void)
{
	static uint8_t text[LAST * 5 / 2];
	struct sheaf_article a = { .name = { "large", 5 },
				   .bytes = text,
				   .len = sizeof(text) };
	struct sheaf_verify_result r = { 0 };
	struct sheaf_writer *w;
	struct layout l;

	for (uint32_t i = 0; i + ARTICLE < sizeof(text); i += ARTICLE)
		noise(i, text + i);
	if (!CHECK(sheaf_writer_open(&w, "large.sheaf", NULL, NULL) ==
		   SHEAF_OK))
		return;
	CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	a.name.p = "other";
	text[0] ^= 1;
	CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	CHECK(sheaf_verify("large.sheaf", NULL, &r, NULL) == SHEAF_OK &&
	      r.damages == 0 && r.articles == 2);
	layout_see("large.sheaf", &l);
	CHECK(strcmp(l.order, "BRSBTF") == 0);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_late_blocks_of_commits_of_all_sizes) },
		{ HARNESS_TEST(
			test_late_blocks_where_there_is_too_little_room) },
		{ HARNESS_TEST(test_late_block_of_one_large_article) },
	};
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
