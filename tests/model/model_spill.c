/*
 * model_spill.c - what does not fit into memory makes no difference
 *
 * The same story is told to a writer that holds all its records, and to one
 * that has room for a few dozen, whose records and index entries go to the
 * scratch file in hundreds of runs.  Names and articles are drawn from few, so
 * that versions, copies and known records meet across runs.  The files are the
 * same, byte by byte, after every commit.
 */
#include <stdint.h>
#include <stdlib.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "pack/pack.h"
#include "scratch.h"

enum {
	BUDGET = 4000, /* bytes: some 40 records */
	COMMITS = 4,
	RECORDS = 2600, /* a commit; beyond what a tail keeps */
	NAMES = 3000,
	ARTICLES = 4000,
	TEXT = 96,
};

static uint64_t drawn;

static unsigned int draw(unsigned int below)
{
	drawn = drawn * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(drawn >> 33) % below;
}

/* as sheaf_writer_open(), but with little room for records */
static bool writer_open(struct sheaf_writer **w, const char *path, bool small,
			bool dry)
{
	const struct sheaf_write_options o = { .level = 1,
					       .threads = small ? 1 : 2,
					       .dry_run = dry };

	if (!CHECK(sheaf_writer_open(w, path, &o, NULL) == SHEAF_OK))
		return false;
	if (!small)
		return true;
	entries_free((*w)->entries);
	(*w)->sort_budget = BUDGET;
	return CHECK(entries_new(&(*w)->entries, (*w)->scratch, BUDGET, NULL) ==
		     SHEAF_OK);
}

static enum sheaf_added add_one(struct sheaf_writer *w)
{
	char name[TEXT], text[TEXT], tag[TEXT];
	struct sheaf_str tags[2] = { { tag, 0 }, { "all", 3 } };
	struct sheaf_fields f = { .tags = tags, .tag_count = draw(3) };
	struct sheaf_article a = { .name = { name, 0 },
				   .bytes = text,
				   .fields = &f };
	enum sheaf_added added = SHEAF_ADDED_REFUSED;
	/* one name in eight is that of hundreds of versions */
	unsigned int n = draw(8) == 0 ? draw(3) : draw(NAMES);

	a.name.len =
		(size_t)snprintf(name, TEXT, "folder-%u/name-%u", n % 7, n);
	a.len = (size_t)snprintf(text, TEXT, "text %u of words\n",
				 draw(n < 3 ? 6 : ARTICLES));
	tags[0].len = (size_t)snprintf(tag, TEXT, "tag %u", draw(50));
	f.has_date = draw(2) == 0;
	f.date = -(int64_t)draw(100000);
	if (draw(3) == 0)
		f.url = a.name;
	a.mtime.sec = draw(1000000);
	CHECK(sheaf_writer_add(w, &a, &added, NULL) == SHEAF_OK);
	return added;
}

/* a commit of the story; what became of each record, and in all */
static bool commit_make(const char *path, uint64_t seed, bool small, bool dry,
			uint8_t *added, struct sheaf_commit_result *result)
{
	const struct sheaf_commit_options co = { .has_time = true, .time = 7 };
	struct sheaf_writer *w;
	bool good;

	drawn = seed;
	if (!writer_open(&w, path, small, dry))
		return false;
	for (unsigned int i = 0; i < RECORDS; i++)
		added[i] = (uint8_t)add_one(w);
	/* it is the scratch file that is looked at here */
	CHECK((scratch_tell(w->scratch) != 0) == small);
	good = CHECK(sheaf_writer_commit(w, &co, result, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	return good;
}

static char *file_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	long size = -1;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	if (size >= 0 && fseek(f, 0, SEEK_SET) == 0)
		p = malloc((size_t)size + 1);
	if (p != NULL && fread(p, 1, (size_t)size, f) != (size_t)size) {
		free(p);
		p = NULL;
	}
	if (f != NULL)
		fclose(f);
	*len = p != NULL ? (size_t)size : 0;
	return p;
}

static bool files_equal(const char *a, const char *b)
{
	size_t x_len, y_len;
	char *x = file_read(a, &x_len), *y = file_read(b, &y_len);
	bool equal = x != NULL && y != NULL && x_len == y_len &&
		     memcmp(x, y, x_len) == 0;

	free(x);
	free(y);
	return equal;
}

static bool counts_equal(const struct sheaf_commit_result *a,
			 const struct sheaf_commit_result *b)
{
	return a->records == b->records && a->articles == b->articles &&
	       a->versions == b->versions && a->copies == b->copies &&
	       a->known == b->known && a->bytes_new == b->bytes_new;
}

static void test_spill_same_file(void)
{
	static uint8_t large[RECORDS], small[RECORDS], dry[RECORDS];
	struct sheaf_commit_result r[3];
	struct sheaf_verify_options o = { .deep = true };
	struct sheaf_verify_result res;

	for (uint64_t k = 0; k < COMMITS; k++) {
		if (!commit_make("small", k, true, true, dry, &r[2]) ||
		    !commit_make("large", k, false, false, large, &r[0]) ||
		    !commit_make("small", k, true, false, small, &r[1]))
			return;
		CHECK(memcmp(large, small, sizeof(large)) == 0);
		CHECK(memcmp(large, dry, sizeof(large)) == 0);
		CHECK(counts_equal(&r[0], &r[1]));
		CHECK(counts_equal(&r[0], &r[2])); /* the dry run */
		/* all that may become of a record did */
		CHECK(r[0].versions > 100 && r[0].copies > 100 &&
		      r[0].known > 20);
		if (!CHECK(files_equal("large", "small")))
			return;
	}
	CHECK(sheaf_verify("small", &o, &res, NULL) == SHEAF_OK);
	CHECK(res.damages == 0 && res.commits == COMMITS);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_spill_same_file) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
