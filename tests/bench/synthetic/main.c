/*
 * main.c - writes made-up posts: into a corpus, as a tar, as files
 *
 *   bench-synthetic corpus COUNT CORPUS [SEED [FIRST [LIST]]]
 *   bench-synthetic files COUNT DIR [SEED [FIRST]]
 *   bench-synthetic tar COUNT [SEED [FIRST]]       to standard output
 *   bench-synthetic list COUNT LIST [SEED [FIRST]] of what the others make
 *
 * LIST gets up to 100,000 of the articles, evenly spread, one a line, as
 * stores/ reads them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "synthetic.h"

#define LISTED_MAX 100000
#define TAR_BLOCK 512
#define MODE 0755

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench-synthetic: %s: %s\n", what, why);
	exit(1);
}

struct plan {
	uint64_t count, first, seed;
	const char *path, *list;
	struct vocabulary *words;
};

static FILE *must_open(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		fail(path, strerror(errno));
	return f;
}

static void must_close(FILE *f, const char *path)
{
	if (ferror(f) || fclose(f) != 0)
		fail(path, "can't be written");
}

/* --- into a corpus --- */

static void list_note(FILE *f, const struct post *p)
{
	uint8_t id[SHEAF_ID_SIZE];
	char hex[SHEAF_ID_HEX + 1];

	sheaf_id_of(p->bytes, p->len, id);
	sheaf_id_hex(id, hex);
	fprintf(f, "%s %zu %s\n", hex, p->len, p->name);
}

static enum sheaf_status post_add(struct sheaf_writer *w, const struct post *p,
				  struct sheaf_error *err)
{
	struct sheaf_fields fields = {
		.outlet = p->outlet,
		.url = p->url,
		.lang = p->lang,
		.categories = &p->category,
		.category_count = 1,
		.tags = p->tags,
		.tag_count = POST_TAGS,
		.date = p->date,
		.has_date = true,
	};
	struct sheaf_article article = {
		.name = { p->name, strlen(p->name) },
		.bytes = p->bytes,
		.len = p->len,
		.mtime = { p->mtime, 0 },
		.format = "hugo",
		.fields = &fields,
	};

	return sheaf_writer_add(w, &article, NULL, err);
}

static enum sheaf_status posts_add(struct sheaf_writer *w,
				   const struct plan *plan,
				   struct sheaf_error *err)
{
	FILE *list = plan->list != NULL ? must_open(plan->list) : NULL;
	uint64_t step = (plan->count + LISTED_MAX - 1) / LISTED_MAX;
	enum sheaf_status st = SHEAF_OK;
	struct post post;

	for (uint64_t i = 0; st == SHEAF_OK && i < plan->count; i++) {
		post_make(&post, plan->words, plan->first + i);
		st = post_add(w, &post, err);
		if (list != NULL && i % step == 0)
			list_note(list, &post);
	}
	if (list != NULL)
		must_close(list, plan->list);
	return st;
}

static void to_corpus(const struct plan *plan)
{
	struct sheaf_commit_options options = { .has_time = true };
	struct sheaf_commit_result result = { 0 };
	struct sheaf_writer *w;
	struct sheaf_error err;
	enum sheaf_status st;

	st = sheaf_writer_open(&w, plan->path, NULL, &err);
	if (st == SHEAF_OK)
		st = posts_add(w, plan, &err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &options, &result, &err);
	sheaf_writer_free(w);
	if (st != SHEAF_OK)
		fail(plan->path, err.text);
	printf("{\"articles\":%llu,\"bytes\":%llu,\"file_size\":%llu}\n",
	       (unsigned long long)result.articles,
	       (unsigned long long)result.bytes_new,
	       (unsigned long long)result.file_size);
}

/* --- as files --- */

static void folders_make(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(path, MODE) != 0 && errno != EEXIST)
			fail(path, strerror(errno));
		*p = '/';
	}
}

static void to_files(const struct plan *plan)
{
	char path[4096];
	struct post post;

	for (uint64_t i = 0; i < plan->count; i++) {
		FILE *f;

		post_make(&post, plan->words, plan->first + i);
		snprintf(path, sizeof(path), "%s/%s", plan->path, post.name);
		folders_make(path);
		f = must_open(path);
		fwrite(post.bytes, 1, post.len, f);
		must_close(f, path);
	}
}

/* --- as a tar --- */

static void tar_header(char block[TAR_BLOCK], const struct post *p)
{
	unsigned int sum = 0;

	memset(block, 0, TAR_BLOCK);
	snprintf(block, 100, "%s", p->name);
	snprintf(block + 100, 8, "%07o", 0644u);
	snprintf(block + 108, 8, "%07o", 0u);
	snprintf(block + 116, 8, "%07o", 0u);
	snprintf(block + 124, 12, "%011llo", (unsigned long long)p->len);
	snprintf(block + 136, 12, "%011llo", (unsigned long long)p->mtime);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

static void to_tar(const struct plan *plan)
{
	static const char zeros[2 * TAR_BLOCK];
	char block[TAR_BLOCK];
	struct post post;

	for (uint64_t i = 0; i < plan->count; i++) {
		post_make(&post, plan->words, plan->first + i);
		tar_header(block, &post);
		fwrite(block, 1, sizeof(block), stdout);
		fwrite(post.bytes, 1, post.len, stdout);
		fwrite(zeros, 1, (TAR_BLOCK - post.len % TAR_BLOCK) % TAR_BLOCK,
		       stdout);
	}
	fwrite(zeros, 1, sizeof(zeros), stdout);
}

/* --- the list alone, for a corpus made from the tar --- */

static void to_list(const struct plan *plan)
{
	uint64_t step = (plan->count + LISTED_MAX - 1) / LISTED_MAX;
	FILE *f = must_open(plan->path);
	struct post post;

	for (uint64_t i = 0; i < plan->count; i += step) {
		post_make(&post, plan->words, plan->first + i);
		list_note(f, &post);
	}
	must_close(f, plan->path);
}

static uint64_t number(int argc, char **argv, int i, uint64_t otherwise)
{
	return argc > i ? strtoull(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	int rest = strcmp(what, "tar") == 0 ? 3 : 4;
	struct plan plan = {
		.count = number(argc, argv, 2, 0),
		.path = argc > 3 && rest == 4 ? argv[3] : NULL,
		.seed = number(argc, argv, rest, 1),
		.first = number(argc, argv, rest + 1, 0),
		.list = argc > rest + 2 ? argv[rest + 2] : NULL,
	};

	if (rest == 4 && plan.path == NULL)
		fail("usage", "corpus|files|list COUNT PATH, or tar COUNT");
	plan.words = vocabulary_new(plan.seed);
	if (plan.words == NULL)
		fail("vocabulary", "out of memory");
	if (strcmp(what, "corpus") == 0)
		to_corpus(&plan);
	else if (strcmp(what, "files") == 0)
		to_files(&plan);
	else if (strcmp(what, "tar") == 0)
		to_tar(&plan);
	else if (strcmp(what, "list") == 0)
		to_list(&plan);
	else
		fail(what, "no such form");
	vocabulary_free(plan.words);
	if (fflush(stdout) != 0)
		fail("standard output", strerror(errno));
	return 0;
}
