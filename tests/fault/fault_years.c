/*
 * fault_years.c - years of small commits: what they cost, and what comes back
 *
 * A night brings one to five articles, some of them edits of older ones.
 * Counts are judged, times are printed.
 *
 * SHEAF_YEARS_COMMITS (400): nights; ten years of two scrapers are 10,000.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fault/facts.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "read/corpus.h"
#include "scratch.h"

#define COMMITS 400
#define PER_NIGHT 5
#define FIRST_DAY INT64_C(1420070400) /* 2015-01-01 */
#define DAY 86400
#define LAYERS_MOST 8
#define MEASURED 100 /* nights at the beginning and at the end */
#define POST_SIZE 8192
/* An add reads the tail, some index pages and the recent window, the same
 * however long the file is: 10,000 nights in, at most 1.4 MB and in the median
 * 250 KB. */
#define READ_MOST ((uint64_t)4 << 20)

/* one article of a night */
struct story {
	uint32_t name, text;
};

struct night {
	struct story stories[PER_NIGHT];
	unsigned int count;
	double seconds, cpu; /* of its add */
	uint64_t growth;     /* bytes */
	uint64_t read;	     /* bytes, by the add */
};

static struct night *nights; /* [k] is commit k + 1 */
static size_t night_count;
static uint64_t bytes_read; /* through the wrapped call */

ssize_t __real_pread(int fd, void *p, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *p, size_t len, off_t at);

ssize_t __wrap_pread(int fd, void *p, size_t len, off_t at)
{
	ssize_t n = __real_pread(fd, p, len, at);

	if (n > 0)
		__atomic_fetch_add(&bytes_read, (uint64_t)n, __ATOMIC_RELAXED);
	return n;
}

static double clock_of(clockid_t which)
{
	struct timespec t = { 0 };

	(void)clock_gettime(which, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

/* of all threads: less of the machine's other work is in it */
static double cpu_now(void)
{
	return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static void nights_make(size_t count)
{
	uint64_t state = 5;
	uint32_t next = 0;

	nights = calloc(count, sizeof(*nights));
	if (nights == NULL)
		exit(3);
	night_count = count;
	for (size_t k = 0; k < count; k++) {
		struct night *n = &nights[k];

		n->count = 1 + (unsigned int)posts_below(&state, PER_NIGHT);
		for (unsigned int i = 0; i < n->count; i++) {
			/* the second may be, so that no name comes twice */
			bool edit =
				i == 1 && k > 3 && posts_below(&state, 2) == 0;

			n->stories[i].text = ++next;
			n->stories[i].name =
				edit ? 1 + (uint32_t)posts_below(&state,
								 next - 2) :
				       next;
		}
	}
}

/* an edit has most of the text of the article whose name it has */
static size_t story_make(const struct story *s, char out[POST_SIZE])
{
	size_t len =
		posts_make(s->name, 100 + s->name % 300, out, POST_SIZE - 64);

	if (s->text != s->name)
		len += (size_t)snprintf(out + len, 64,
					"\nCorrected, number %" PRIu32 ".\n",
					s->text);
	return len;
}

static enum sheaf_status night_add(size_t k, struct sheaf_commit_result *result)
{
	struct sheaf_commit_options o = {
		.has_time = true, .time = FIRST_DAY + (int64_t)k * DAY
	};
	struct sheaf_parsed *parsed = sheaf_parsed_new();
	struct sheaf_writer *w = NULL;
	enum sheaf_status st = sheaf_writer_open(&w, "corpus", NULL, NULL);

	for (unsigned int i = 0; i < nights[k].count && st == SHEAF_OK; i++) {
		const struct story *s = &nights[k].stories[i];
		char name[64], text[POST_SIZE];
		struct sheaf_article a = { .bytes = text, .format = "hugo" };

		snprintf(name, sizeof(name), "news/%06" PRIu32 ".md", s->name);
		a.name = (struct sheaf_str){ name, strlen(name) };
		a.len = story_make(s, text);
		a.mtime.sec = o.time;
		st = sheaf_format_parse((struct sheaf_str){ "hugo", 4 }, text,
					a.len, parsed, NULL);
		a.fields = sheaf_parsed_fields(parsed);
		if (st == SHEAF_OK)
			st = sheaf_writer_add(w, &a, NULL, NULL);
	}
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, result, NULL);
	sheaf_writer_free(w);
	sheaf_parsed_free(parsed);
	return st;
}

static struct sheaf_corpus *open_at(uint64_t commit)
{
	struct sheaf_open_options o = { .as_of = commit };
	struct sheaf_corpus *c = NULL;

	CHECK(sheaf_open(&c, "corpus", &o, NULL) == SHEAF_OK);
	return c;
}

/* what comes out is counted off against the nights */
struct expected {
	struct sheaf_corpus *corpus;
	uint64_t count, wrong;
	uint8_t *brought; /* [commit * PER_NIGHT + which] */
};

static const struct story *story_of(struct expected *e,
				    const struct sheaf_record *r)
{
	const struct night *n;
	unsigned long number;

	if (r->commit == 0 || r->commit > night_count || r->name.len < 11)
		return NULL;
	number = strtoul(r->name.p + 5, NULL, 10);
	n = &nights[r->commit - 1];
	for (unsigned int i = 0; i < n->count; i++) {
		uint8_t *mark = &e->brought[(r->commit - 1) * PER_NIGHT + i];

		if (n->stories[i].name == number && *mark == 0) {
			*mark = 1;
			return &n->stories[i];
		}
	}
	return NULL;
}

static int scanned(const struct sheaf_scanned *a, void *arg)
{
	struct expected *e = arg;
	const struct story *s = story_of(e, a->record);
	char text[POST_SIZE];

	e->count++;
	if (s == NULL || a->status != SHEAF_OK ||
	    a->len != story_make(s, text) || memcmp(a->p, text, a->len) != 0)
		e->wrong++;
	return 0;
}

/* every article of every night up to @commit, and no other */
static void check_all(uint64_t commit)
{
	static const struct sheaf_filter all = { .all_versions = true };
	struct expected e = { .corpus = open_at(commit) };
	uint64_t wanted = 0;

	e.brought = calloc(night_count, PER_NIGHT);
	if (e.corpus == NULL || e.brought == NULL)
		return;
	for (uint64_t k = 0; k < commit; k++)
		wanted += nights[k].count;
	CHECK(sheaf_scan(e.corpus, &all, NULL, scanned, &e, NULL) == SHEAF_OK);
	CHECK(e.wrong == 0 && e.count == wanted);
	sheaf_close(e.corpus);
	free(e.brought);
}

/* each article by its id through the indexes, of every @step-th night */
static void check_ids(size_t step)
{
	struct sheaf_corpus *c = open_at(0);
	struct sheaf_bytes out = { 0 };
	uint64_t wrong = 0;

	for (size_t k = 0; c != NULL && k < night_count; k += step)
		for (unsigned int i = 0; i < nights[k].count; i++) {
			uint8_t id[SHEAF_ID_SIZE];
			char text[POST_SIZE];
			size_t len = story_make(&nights[k].stories[i], text);

			sheaf_id_of(text, len, id);
			wrong += sheaf_get(c, id, &out, NULL) != SHEAF_OK ||
				 out.len != len ||
				 memcmp(out.p, text, len) != 0;
		}
	CHECK(wrong == 0);
	sheaf_bytes_done(&out);
	sheaf_close(c);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double seconds_of(const struct night *n)
{
	return n->seconds;
}

static double cpu_of(const struct night *n)
{
	return n->cpu;
}

static double read_of(const struct night *n)
{
	return (double)n->read;
}

/* of the first and the last hundred nights */
static void median_print(const char *what, double (*of)(const struct night *),
			 double unit)
{
	double first[MEASURED], last[MEASURED];

	for (size_t i = 0; i < MEASURED; i++) {
		first[i] = of(&nights[i]) / unit;
		last[i] = of(&nights[night_count - MEASURED + i]) / unit;
	}
	qsort(first, MEASURED, sizeof(first[0]), by_value);
	qsort(last, MEASURED, sizeof(last[0]), by_value);
	printf("add, median of the first and last %d: %.2f and %.2f %s: %.2f "
	       "times\n",
	       MEASURED, first[MEASURED / 2], last[MEASURED / 2], what,
	       last[MEASURED / 2] / first[MEASURED / 2]);
}

/* the same night again costs nothing */
static void check_empty_night(size_t k)
{
	struct sheaf_commit_result r;
	struct stat before, after;

	CHECK(stat("corpus", &before) == 0);
	CHECK(night_add(k, &r) == SHEAF_OK && !r.committed &&
	      r.known == nights[k].count && r.file_growth == 0);
	CHECK(stat("corpus", &after) == 0);
	CHECK(before.st_size == after.st_size &&
	      before.st_ino == after.st_ino &&
	      before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
	      before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
}

static int count_up(const struct sheaf_record *record, void *arg)
{
	(void)record;
	++*(uint64_t *)arg;
	return 0;
}

static void print_times(void)
{
	struct sheaf_filter f = { .has_since = true,
				  .since = INT64_C(1740700000) };
	uint64_t found = 0, half = night_count / 2;
	double start = now(), opened, listed, as_of;
	struct sheaf_corpus *c = open_at(0);

	opened = now() - start;
	start = now();
	CHECK(sheaf_list(c, &f, count_up, &found, NULL) == SHEAF_OK);
	listed = now() - start;
	sheaf_close(c);
	start = now();
	sheaf_close(open_at(half));
	as_of = now() - start;
	printf("open %.2f ms, as of commit %" PRIu64
	       " %.2f ms, list since a date %.1f ms (%" PRIu64 " records)\n",
	       opened * 1e3, half, as_of * 1e3, listed * 1e3, found);
}

static void check_info(void)
{
	struct sheaf_corpus *c = open_at(0);
	struct sheaf_info info;
	uint64_t bytes = 0, growth = 0, records = 0;

	if (c == NULL || !CHECK(sheaf_info_read(c, &info, NULL) == SHEAF_OK))
		return;
	bytes = sheaf_corpus_commit(c)->article_bytes;
	sheaf_close(c);
	for (size_t k = 0; k < night_count; k++) {
		growth += nights[k].growth;
		records += nights[k].count;
	}
	printf("%zu commits, %" PRIu64 " articles of %.1f MB in %.2f MB: %u "
	       "layers, dead %.2f %%, %.0f bytes a commit; footers and "
	       "trees %.1f, headers %.1f, records and names %.1f, "
	       "indexes %.1f bytes an article\n",
	       night_count, records, (double)bytes / 1e6,
	       (double)info.file / 1e6, info.layers,
	       100.0 * (double)info.dead / (double)info.file,
	       (double)growth / (double)night_count,
	       (double)(info.footers + info.trees) / (double)records,
	       (double)info.headers / (double)records,
	       (double)(info.records + info.names) / (double)records,
	       (double)info.indexes / (double)records);
	CHECK(info.layers <= LAYERS_MOST);
	CHECK(info.dead * 20 < info.file);
}

/* layers that a lookup touches, after each commit */
static unsigned int layers_now(void)
{
	struct sheaf_corpus *c = open_at(0);
	unsigned int n = 0;

	if (c != NULL)
		n = c->footer.layer_count + (c->tail.commits != 0);
	sheaf_close(c);
	return n;
}

static void nights_add(void)
{
	unsigned int layers = 0;
	uint64_t read_most = 0;

	for (size_t k = 0; k < night_count; k++) {
		struct sheaf_commit_result r = { 0 };
		double start = now(), cpu = cpu_now();
		unsigned int n;

		bytes_read = 0;
		if (!CHECK(night_add(k, &r) == SHEAF_OK && r.committed))
			return;
		nights[k].seconds = now() - start;
		nights[k].cpu = cpu_now() - cpu;
		nights[k].growth = r.file_growth;
		nights[k].read = bytes_read;
		read_most = bytes_read > read_most ? bytes_read : read_most;
		n = layers_now();
		layers = n > layers ? n : layers;
		if (k % (night_count / 4 + 1) == 0)
			check_empty_night(k);
	}
	CHECK(layers <= LAYERS_MOST);
	CHECK(read_most <= READ_MOST);
	printf("at most %u layers and %.0f KB read by an add\n", layers,
	       (double)read_most / 1e3);
}

static void test_years_of_commits_stay_cheap_and_whole(void)
{
	const char *text = getenv("SHEAF_YEARS_COMMITS");
	size_t commits = spread_is_slow() ? COMMITS / 4 : COMMITS;
	enum sheaf_status st;

	if (text != NULL && *text != '\0')
		commits = (size_t)strtoul(text, NULL, 10);
	if (!CHECK(commits >= MEASURED))
		return;
	nights_make(commits);
	nights_add();
	check_empty_night(commits - 1);
	check_all(commits);
	check_all(commits / 2);
	check_all(1);
	check_ids(1 + commits / 1000);
	CHECK(verify_damages("corpus", &st) == 0);
	check_info();
	median_print("ms", seconds_of, 1e-3);
	median_print("ms of processor time", cpu_of, 1e-3);
	median_print("KB read", read_of, 1e3);
	print_times();
	free(nights);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_years_of_commits_stay_cheap_and_whole) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
