/*
 * fault_hostile.c - thousands of malformed corpora and posts
 *
 * Corpora are spoilt and then often given right checksums again, as a forger
 * would.  Whatever is asked of them ends in an answer or an error, in little
 * memory and time; an article that comes out has the id that it is said to
 * have.  Spoilt posts are archived all the same, byte for byte.
 *
 * SHEAF_HOSTILE_SEED and SHEAF_HOSTILE_CASES change the run.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/mutate.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"

#define SECONDS 30 /* for one case */
#define MEMORY ((rlim_t)2 << 30)
#define ROOM 4096 /* that a mutation may add */
#define CORPUS_CASES 2000
#define POST_CASES 400
#define POSTS_A_CASE 5

enum { OPENED, DAMAGED, CALLED_WHOLE, READ, EXTRACTED, ADDED, WARNED, OUT };

struct subject {
	struct facts facts;
	struct image image;
};

static struct subject subjects[2];
static uint64_t seed;

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void memory_bound(void)
{
	struct rlimit limit = { MEMORY, MEMORY };

	if (!spread_is_slow())
		setrlimit(RLIMIT_AS, &limit);
}

/* a folder of its own that the extraction must not leave */
static bool extract_stays_inside(struct sheaf_corpus *c, uint64_t i)
{
	struct sheaf_filter all = { .all_versions = true };
	struct sheaf_extract_options o = { .overwrite = true };
	struct dirent *e;
	char box[32], inside[48];
	int strays = 0;
	DIR *d;

	snprintf(box, sizeof(box), "box-%" PRIu64, i);
	snprintf(inside, sizeof(inside), "%s/in", box);
	if (mkdir(box, 0777) != 0)
		return false;
	(void)sheaf_folder_extract(c, inside, &all, &o, NULL, NULL);
	d = opendir(box);
	while (d != NULL && (e = readdir(d)) != NULL)
		strays += strcmp(e->d_name, ".") != 0 &&
			  strcmp(e->d_name, "..") != 0 &&
			  strcmp(e->d_name, "in") != 0;
	if (d != NULL)
		closedir(d);
	nftw(box, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
	return strays == 0;
}

/* everything that a reader does */
static bool corpus_read(const struct subject *s, const uint8_t *p, size_t len,
			uint64_t i, uint64_t count[SPREAD_COUNTS])
{
	/* a big one the long way takes long */
	unsigned int how = ASK_OPEN | (i % 4 != 0 ? ASK_QUICK : 0);
	struct sheaf_open_options first = { 1 };
	struct sheaf_corpus *c;
	struct answers a;
	enum sheaf_status st;
	bool ok = true;

	st = sheaf_open_memory(&c, p, len, i % 8 == 1 ? &first : NULL, NULL);
	if (st != SHEAF_OK)
		return st != SHEAF_NOMEM;
	count[OPENED]++;
	facts_ask(&s->facts, c, how, &a);
	count[READ] += a.read;
	if (i % 8 == 0) {
		ok = extract_stays_inside(c, i);
		count[EXTRACTED]++;
	}
	sheaf_close(c);
	if (a.lies != 0 || !ok)
		printf("  %" PRIu64 " lies, extraction %s\n", a.lies,
		       ok ? "inside" : "OUTSIDE");
	return a.lies == 0 && ok;
}

/* what verify calls whole is what was written, as far as it shows */
static bool is_prefix(const struct subject *s, const uint8_t *p, size_t len)
{
	struct sheaf_corpus *c;
	uint64_t end;

	if (sheaf_open_memory(&c, p, len, NULL, NULL) != SHEAF_OK)
		return false;
	end = sheaf_corpus_commit(c)->end;
	sheaf_close(c);
	return end <= s->image.len && memcmp(p, s->image.p, end) == 0;
}

static bool corpus_case(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	uint64_t state = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	const struct subject *s = &subjects[i % 16 == 15];
	const struct subject *o = &subjects[0];
	size_t len = s->image.len, room = len + ROOM;
	uint8_t *p = malloc(room);
	uint64_t changes = 1 + posts_below(&state, 3), damages;
	enum sheaf_status st;
	const char *path;
	bool ok;

	(void)arg;
	memory_bound();
	if (p == NULL)
		return false;
	memcpy(p, s->image.p, len);
	while (changes-- != 0)
		if (posts_below(&state, 3) != 0)
			mutate_frame(p, len, &state);
		else
			len = mutate_bytes(p, len, room, o->image.p,
					   o->image.len, &state);
	if (posts_below(&state, 8) != 0)
		mutate_mend(p, len);
	ok = corpus_read(s, p, len, i, count);
	path = image_file(p, len);
	damages = verify_damages(path, &st);
	count[damages != 0 ? DAMAGED : CALLED_WHOLE]++;
	ok = ok && st != SHEAF_NOMEM;
	if (damages == 0 && !is_prefix(s, p, len)) {
		printf("  damaged, but verify says nothing\n");
		ok = false;
	}
	/* a writer, too, bears what it finds */
	if (i % 4 == 0)
		count[ADDED] +=
			facts_write(&s->facts, path, 2, &posts_small_options,
				    NULL) == SHEAF_OK;
	free(p);
	return ok;
}

static void test_malformed_corpora_do_no_harm(void)
{
	uint64_t cases = number_of("SHEAF_HOSTILE_CASES",
				   spread_is_slow() ? 500 : CORPUS_CASES);
	struct spread sum;

	posts_small(&subjects[0].facts);
	posts_many(&subjects[1].facts, 1, 0, 2060);
	posts_many(&subjects[1].facts, 2, 3000, 9);
	CHECK(facts_write_all(&subjects[0].facts, "small", 1, 3,
			      &posts_small_options));
	CHECK(facts_write_all(&subjects[1].facts, "layers", 1, 2, NULL));
	if (!CHECK(image_load(&subjects[0].image, "small")) ||
	    !CHECK(image_load(&subjects[1].image, "layers")))
		return;
	CHECK(spread_run(cases, 1, SECONDS, corpus_case, NULL, &sum));
	printf("seed %" PRIu64 ": %" PRIu64 " corpora: %" PRIu64
	       " open, %" PRIu64 " damaged, %" PRIu64 " called whole, %" PRIu64
	       " articles read, %" PRIu64 " extracted, %" PRIu64
	       " added to, %" PRIu64 " died\n",
	       seed, sum.done, sum.count[OPENED], sum.count[DAMAGED],
	       sum.count[CALLED_WHOLE], sum.count[READ], sum.count[EXTRACTED],
	       sum.count[ADDED], sum.died);
	for (int k = 0; k < 2; k++) {
		facts_done(&subjects[k].facts);
		image_done(&subjects[k].image);
	}
}

/* what posts look like, right and wrong */
static const char *const posts[] = {
	"---\ntitle: \"A: story\"\ndate: 2025-02-14T06:30:00+01:00\nlang: en\n"
	"outlet: Post\nurl: https://news.example/a\ncategories: [a, b]\n"
	"tags:\n  - one\n  - 'two: three'\n---\n\nBody.\n",
	"---\ntitle: >-\n  folded\n  title\nsummary: |\n  kept\n  lines\n"
	"author: {name: x, tags: [y, {z: [1, 2, [3]]}]}\n---\nText\n"
	"https://news.example/last\n",
	"---\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntags: [*c, *c]\n"
	"---\n\n# Anchors\n",
	"---\ntitle: no closing fence\ntags: [unclosed, \"quote\n",
	"---\n? !!binary complex\n: !<tag:yaml.org,2002:str> key\n"
	"title: !!int \"12\"\ndate: 2025-02-14\ndate: 2025-02-15 07:00\n---\n",
	"+++\ntitle = \"TOML\"\n+++\nBody\n",
	"{\"title\": \"JSON\", \"tags\": [\"a\"]}\n\nBody\n",
	"Plain text, one line.\n\nhttp://plain.example/x\n",
	"\xef\xbb\xbf---\r\ntitle: BOM and CRLF\r\nlang: zh-Hans\r\n---\r\n"
	"\xe4\xb8\xad\xe6\x96\x87\r\n",
	"---\ntitle: \"\\u0000\\x07\\U0001F600\"\noutlet: \xff\xfe latin \xe9\n"
	"---\n\0hidden",
};

#define POSTS (sizeof(posts) / sizeof(posts[0]))

static size_t post_spoil(uint64_t *state, uint8_t *out, size_t room)
{
	const char *from = posts[posts_below(state, POSTS)];
	const char *other = posts[posts_below(state, POSTS)];
	size_t len = strlen(from);
	uint64_t changes = posts_below(state, 8);

	memcpy(out, from, len);
	while (changes-- != 0)
		len = mutate_bytes(out, len, room, (const uint8_t *)other,
				   strlen(other), state);
	return len;
}

/* any name that a file can have */
static void name_spoil(uint64_t *state, unsigned int k, char out[64])
{
	size_t n = (size_t)posts_below(state, 40);

	out[0] = (char)('a' + k); /* so that no two are the same */
	for (size_t i = 1; i <= n; i++) {
		out[i] = (char)posts_random(state);
		if (out[i] == '/' || out[i] == 0)
			out[i] = '.';
	}
	memcpy(out + n + 1, posts_below(state, 3) != 0 ? ".md" : ".txt", 5);
}

static void warned(const char *text, void *arg)
{
	uint64_t *count = arg;

	count[WARNED] += text != NULL;
}

static bool folder_add(uint64_t count[SPREAD_COUNTS])
{
	const char *path = "in";
	struct sheaf_folder_options o = { .base = "in",
					  .on_warning = warned,
					  .arg = count };
	struct sheaf_folder_result r;
	struct sheaf_writer *w = NULL;
	struct sheaf_error err;
	enum sheaf_status st;

	st = sheaf_writer_open(&w, "corpus", NULL, &err);
	if (st == SHEAF_OK)
		st = sheaf_folder_add(w, &path, 1, &o, &r, &err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, NULL, NULL, &err);
	sheaf_writer_free(w);
	if (st != SHEAF_OK)
		printf("  add: %s\n", err.text);
	return st == SHEAF_OK && r.files == POSTS_A_CASE && r.failed == 0;
}

static bool post_case(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	uint64_t state = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	struct facts facts = { 0 };
	uint8_t text[4096];
	char name[64], path[80], folder[32];
	bool ok;

	(void)arg;
	memory_bound();
	snprintf(folder, sizeof(folder), "posts-%" PRIu64, i);
	ok = mkdir(folder, 0777) == 0 && chdir(folder) == 0 &&
	     mkdir("in", 0777) == 0;
	for (unsigned int k = 0; k < POSTS_A_CASE && ok; k++) {
		size_t len = post_spoil(&state, text, sizeof(text));

		name_spoil(&state, k, name);
		snprintf(path, sizeof(path), "in/%s", name);
		ok = scratch_write(path, text, len);
		facts_add(&facts, 1, (struct sheaf_str){ name, strlen(name) },
			  text, len);
	}
	ok = ok && folder_add(count) && facts_whole(&facts, "corpus", 1);
	count[OUT] += ok ? POSTS_A_CASE : 0;
	facts_done(&facts);
	return chdir("..") == 0 &&
	       nftw(folder, scratch_remove, 8, FTW_DEPTH | FTW_PHYS) == 0 && ok;
}

static void test_malformed_posts_are_kept(void)
{
	struct spread sum;

	CHECK(spread_run(spread_is_slow() ? POST_CASES / 4 : POST_CASES, 1,
			 SECONDS, post_case, NULL, &sum));
	printf("seed %" PRIu64 ": %" PRIu64 " posts came back, %" PRIu64
	       " warnings, %" PRIu64 " died\n",
	       seed, sum.count[OUT], sum.count[WARNED], sum.died);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_malformed_corpora_do_no_harm) },
	{ HARNESS_TEST(test_malformed_posts_are_kept) },
};

int main(int argc, char **argv)
{
	int rc;

	seed = number_of("SHEAF_HOSTILE_SEED", 1);
	if (!scratch_enter())
		return 1;
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
