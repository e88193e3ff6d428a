/*
 * model_layers.c - as many index layers as there may be, and one more
 *
 * Batches that halve each time leave a layer each; then so many commits of one
 * article that the tail is full again and again.  Every id and name is found
 * all the while, and the dead tables stay a small part of the file.
 */
#include <stdint.h>
#include <stdlib.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "scratch.h"

enum {
	LAYERS_MOST = 8, /* the tail counted */
	TAIL_MOST = 128, /* commits */
	TEXT = 80,
};

static const unsigned int halves[] = { 33000, 16500, 8250, 4125, 2060 };

static size_t article_of(unsigned int i, char text[TEXT])
{
	return (size_t)snprintf(text, TEXT, "article %u, and %u words\n", i,
				i * 2654435761U);
}

static bool commit_of(unsigned int from, unsigned int count)
{
	static const struct sheaf_write_options o = { .level = 1 };
	struct sheaf_writer *w;
	struct sheaf_error err;
	char text[TEXT], name[TEXT];
	bool good;

	if (!CHECK(sheaf_writer_open(&w, "layers.sheaf", &o, &err) == SHEAF_OK))
		return false;
	for (unsigned int i = from; i < from + count; i++) {
		struct sheaf_article a = { .bytes = text, .name.p = name };
		enum sheaf_added added;

		a.len = article_of(i, text);
		a.name.len = (size_t)snprintf(name, TEXT, "name-%u", i);
		if (!CHECK(sheaf_writer_add(w, &a, &added, &err) == SHEAF_OK &&
			   added == SHEAF_ADDED_NEW))
			break;
	}
	good = CHECK(sheaf_writer_commit(w, NULL, NULL, &err) == SHEAF_OK);
	sheaf_writer_free(w);
	return good;
}

static int match_count(enum sheaf_key_kind kind, struct sheaf_place place,
		       const struct sheaf_record *record, void *arg)
{
	unsigned int *count = arg;

	(void)kind;
	(void)place;
	*count += record != NULL;
	return 0;
}

static bool found(struct sheaf_corpus *c, unsigned int i)
{
	char text[TEXT], name[TEXT];
	struct sheaf_str key = { name, 0 };
	size_t len = article_of(i, text);
	struct sheaf_bytes out = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	unsigned int count = 0;
	bool good;

	sheaf_id_of(text, len, id);
	good = sheaf_get(c, id, &out, NULL) == SHEAF_OK && out.len == len &&
	       memcmp(out.p, text, len) == 0;
	sheaf_bytes_done(&out);
	key.len = (size_t)snprintf(name, TEXT, "name-%u", i);
	good = good && sheaf_find_kind(c, SHEAF_KEY_NAME, key, match_count,
				       &count, NULL) == SHEAF_OK;
	return good && count == 1;
}

/* every @step-th of @count; the layers of the newest commit */
static uint32_t look(unsigned int count, unsigned int step)
{
	struct sheaf_corpus *c;
	struct sheaf_info info;
	struct sheaf_error err;
	unsigned int missing = 0;

	if (!CHECK(sheaf_open(&c, "layers.sheaf", NULL, &err) == SHEAF_OK))
		return 0;
	for (unsigned int i = count % step; i < count; i += step)
		missing += !found(c, i);
	CHECK(found(c, count - 1));
	CHECK(missing == 0);
	CHECK(!found(c, count));
	CHECK(sheaf_info_read(c, &info, &err) == SHEAF_OK);
	CHECK(info.layers <= LAYERS_MOST);
	/* of the tables and in all */
	CHECK(info.dead * 20 < info.file);
	sheaf_close(c);
	return info.layers;
}

static void test_layers_stay_few(void)
{
	struct sheaf_verify_options o = { .deep = true };
	struct sheaf_verify_result res;
	struct sheaf_error err;
	unsigned int count = 0, commits = 0;
	uint32_t most = 0, layers;

	for (size_t i = 0; i < HARNESS_COUNT(halves); i++, commits++) {
		if (!commit_of(count, halves[i]))
			return;
		count += halves[i];
		CHECK(look(count, 997) == i + 1);
	}
	/* 3, 2, 1, 1 articles a commit: two layers, then too many */
	for (unsigned int i = 0; i < 4 * (TAIL_MOST + 1); i++, commits++) {
		unsigned int n =
			i < 2 * (TAIL_MOST + 1) ? 3 - i / (TAIL_MOST + 1) : 1;

		if (!commit_of(count, n))
			return;
		count += n;
		if (i % 8 != 0)
			continue;
		layers = look(count, 5003);
		most = layers > most ? layers : most;
	}
	CHECK(most == LAYERS_MOST);
	look(count, 3);
	CHECK(sheaf_verify("layers.sheaf", &o, &res, &err) == SHEAF_OK);
	CHECK(res.damages == 0 && res.commits == commits &&
	      res.articles == count && res.records == count);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_layers_stay_few) },
};

int main(int argc, char **argv)
{
	int status;

	/* hundreds of commits, whose fsync is no part of what is tested */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	if (!scratch_enter())
		return 1;
	status = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return status;
}
