/*
 * scene.c - what is done to a corpus while the power may fail
 *
 * One line a scene: an operation that changes a corpus is a function, and a
 * scene is what it finds and the steps that follow each other.
 */
#include "fault/scene.h"

#include <string.h>

#include "fault/posts.h"
#include "harness.h"
#include "scratch.h"
#include "write/late.h"

static const struct sheaf_write_options options = {
	.level = 3,
	.block_size = 2048,
	.dictionary_size = 2048,
	.threads = 1,
};

/* small commits have late blocks, or none has */
static void late_set(const struct scene *s)
{
	late_shift = s->late ? 8 : 0;
}

enum sheaf_status scene_add(const struct scene *s, const char *path,
			    uint64_t commit)
{
	late_set(s);
	return facts_write(&s->facts, path, commit, &options, NULL);
}

static enum sheaf_status run_add(const struct scene *s, uint64_t commit)
{
	return scene_add(s, "corpus", commit);
}

static enum sheaf_status run_compact(const struct scene *s, uint64_t dictionary)
{
	const struct sheaf_compact_options o = {
		.level = 3,
		.dictionary_size = (size_t)dictionary,
		.threads = 1,
		.has_time = true,
		.time = 1800000000,
	};

	late_set(s);
	return sheaf_compact("corpus", &o, NULL, NULL);
}

/* an article of the first commit, and one that other articles lean on */
static const uint8_t (*victims(const struct scene *s))[SHEAF_ID_SIZE]
{
	static uint8_t ids[2][SHEAF_ID_SIZE];

	memcpy(ids[0], s->facts.list[0].id, SHEAF_ID_SIZE);
	memcpy(ids[1], s->facts.list[7].id, SHEAF_ID_SIZE);
	return (const uint8_t(*)[SHEAF_ID_SIZE])ids;
}

static enum sheaf_status run_rm(const struct scene *s, uint64_t count)
{
	const struct sheaf_commit_options o = { .has_time = true,
						.time = 1800000000 };
	struct sheaf_writer *w = NULL;
	enum sheaf_status st = sheaf_writer_open(&w, "corpus", &options, NULL);

	if (st == SHEAF_OK)
		st = sheaf_writer_remove(w, victims(s), (size_t)count, NULL,
					 NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

static enum sheaf_status run_erase(const struct scene *s, uint64_t count)
{
	const struct sheaf_erase_options o = { .threads = 1,
					       .has_time = true,
					       .time = 1800000000 };

	return sheaf_erase("corpus", victims(s), (size_t)count, &o, NULL, NULL);
}

static struct image whole; /* what is sliced, in memory */

/* a part of it to the new file "corpus" */
static enum sheaf_status run_slice(const struct scene *s, uint64_t threads)
{
	static const char *const globs[] = { "2025/02/*" };
	const struct sheaf_filter filter = { .name_globs = globs,
					     .name_glob_count = 1,
					     .all_versions = true };
	const struct sheaf_slice_options o = { .filter = &filter,
					       .threads = (unsigned int)threads,
					       .has_time = true,
					       .time = 1800000000 };
	struct sheaf_corpus *c = NULL;
	enum sheaf_status st =
		sheaf_open_memory(&c, whole.p, whole.len, NULL, NULL);

	(void)s;
	if (st == SHEAF_OK)
		st = sheaf_slice(c, "corpus", &o, NULL, NULL);
	sheaf_close(c);
	return st;
}

/* a commit of nothing but a message, whose footer is several sectors long */
static enum sheaf_status run_note(const struct scene *s, uint64_t len)
{
	struct sheaf_commit_options o = { .has_time = true,
					  .time = 1800000000,
					  .allow_empty = true };
	struct sheaf_writer *w = NULL;
	char message[4096];
	enum sheaf_status st;

	(void)s;
	memset(message, 'm', sizeof(message));
	o.message = (struct sheaf_str){ message, (size_t)len };
	st = sheaf_writer_open(&w, "corpus", &options, NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

/* Like nothing else: the adds that follow are most of what a state costs, and
 * with posts, whose older likes are tried, they take three times as long. */
static void fill_afters(struct facts *f)
{
	uint8_t noise[3000];

	for (uint64_t i = SCENE_NEXT; i <= SCENE_LATER; i++) {
		posts_noise(i, noise, sizeof(noise));
		facts_add(f, i, (struct sheaf_str){ "noise", 5 }, noise,
			  sizeof(noise));
		facts_add(f, i, (struct sheaf_str){ "number", 6 }, &i,
			  sizeof(i));
	}
}

static void fill_small(struct facts *f)
{
	posts_small(f);
	fill_afters(f);
}

static void fill_slice(struct facts *f)
{
	fill_small(f);
	image_done(&whole);
	if (facts_write_all(f, "whole", 1, 2, &options))
		(void)image_load(&whole, "whole");
	unlink("whole");
}

/* a segment of several writes: bytes that don't compress */
static void fill_large(struct facts *f)
{
	static uint8_t noise[300000];

	fill_small(f);
	for (uint64_t i = 0; i < 2; i++) {
		posts_noise(i, noise, sizeof(noise));
		facts_add(f, 4, (struct sheaf_str){ i == 0 ? "a" : "b", 1 },
			  noise, sizeof(noise));
	}
}

static void fill_layers(struct facts *f)
{
	posts_many(f, 1, 5000, 3);
	posts_many(f, 2, 0, 2060);
	posts_many(f, 3, 6000, 2);
	fill_afters(f);
}

struct scene scenes[] = {
	{ .what = "create",
	  .fill = fill_small,
	  .again = true,
	  .steps = { { run_add, 1 } } },
	{ .what = "create under a hidden name",
	  .fill = fill_small,
	  .no_tmpfile = true,
	  .steps = { { run_add, 1 } } },
	{ .what = "add",
	  .fill = fill_small,
	  .before = 1,
	  .again = true,
	  .steps = { { run_add, 2 } } },
	{ .what = "add over a torn tail",
	  .fill = fill_small,
	  .before = 1,
	  .torn = true,
	  .again = true,
	  .steps = { { run_add, 2 } } },
	{ .what = "two writers in turn",
	  .fill = fill_small,
	  .before = 1,
	  .again = true,
	  .steps = { { run_add, 2 }, { run_add, 3 } } },
	{ .what = "add with index layers",
	  .fill = fill_layers,
	  .before = 1,
	  .steps = { { run_add, 2 } } },
	{ .what = "add a long message",
	  .fill = fill_small,
	  .before = 1,
	  .steps = { { run_note, 3600 }, { run_add, 2 } } },
	{ .what = "add in several writes",
	  .fill = fill_large,
	  .before = 1,
	  .steps = { { run_add, 4 } } },
	{ .what = "add with late blocks",
	  .fill = fill_large,
	  .before = 1,
	  .late = true,
	  .steps = { { run_add, 4 } } },
	{ .what = "add with late blocks, then compact",
	  .fill = fill_small,
	  .before = 1,
	  .late = true,
	  .again = true,
	  .steps = { { run_add, 2 }, { run_compact, 0 } } },
	{ .what = "compact",
	  .fill = fill_small,
	  .before = 2,
	  .again = true,
	  .steps = { { run_compact, 0 } } },
	{ .what = "compact, then add",
	  .fill = fill_small,
	  .before = 2,
	  .steps = { { run_compact, 4096 }, { run_add, 3 } } },
	{ .what = "add, then compact, hidden names",
	  .fill = fill_small,
	  .before = 1,
	  .no_tmpfile = true,
	  .steps = { { run_add, 2 }, { run_compact, 0 } } },
	{ .what = "rm",
	  .fill = fill_small,
	  .before = 2,
	  .again = true,
	  .steps = { { run_rm, 1 } } },
	{ .what = "rm, then add, then rm",
	  .fill = fill_small,
	  .before = 1,
	  .steps = { { run_rm, 1 }, { run_add, 2 }, { run_rm, 2 } } },
	{ .what = "rm --erase",
	  .fill = fill_small,
	  .before = 2,
	  .again = true,
	  .steps = { { run_erase, 2 } } },
	{ .what = "rm, then rm --erase, then add",
	  .fill = fill_small,
	  .before = 2,
	  .steps = { { run_rm, 1 }, { run_erase, 2 }, { run_add, 3 } } },
	{ .what = "slice",
	  .fill = fill_slice,
	  .again = true,
	  .steps = { { run_slice, 1 } } },
	{ .what = "slice under a hidden name, then add",
	  .fill = fill_slice,
	  .no_tmpfile = true,
	  .steps = { { run_slice, 1 }, { run_add, 3 } } },
	{ .what = "add to a compacted one",
	  .fill = fill_small,
	  .before = 2,
	  .compacted = true,
	  .again = true,
	  .steps = { { run_add, 3 } } },
};

const size_t scene_count = sizeof(scenes) / sizeof(scenes[0]);

static bool moment_take(struct moment *m)
{
	struct sheaf_corpus *c;

	memset(m, 0, sizeof(*m));
	if (access("corpus", F_OK) != 0)
		return true;
	if (!image_load(&m->file, "corpus") ||
	    sheaf_open_memory(&c, m->file.p, m->file.len, NULL, NULL) !=
		    SHEAF_OK)
		return false;
	m->there = true;
	m->commit = sheaf_corpus_commit(c)->number;
	m->end = (size_t)sheaf_corpus_commit(c)->end;
	sheaf_close(c);
	return true;
}

static bool moment_put(const struct moment *m)
{
	unlink("corpus");
	return !m->there || scratch_write("corpus", m->file.p, m->file.len);
}

/* the first half of the next segment, then zeros */
static bool tail_tear(const struct scene *s)
{
	struct moment old, full;
	size_t cut;
	bool ok = moment_take(&old) && run_add(s, s->before + 1) == SHEAF_OK &&
		  moment_take(&full);

	if (!ok || !full.there)
		return false;
	cut = old.end + (full.end - old.end) / 2;
	memset(full.file.p + cut, 0, full.end - cut);
	ok = moment_put(&full);
	image_done(&old.file);
	image_done(&full.file);
	return ok;
}

static bool scene_before(const struct scene *s)
{
	unlink("corpus");
	return facts_write_all(&s->facts, "corpus", 1, s->before, &options) &&
	       (!s->compacted || run_compact(s, 0) == SHEAF_OK) &&
	       (!s->torn || tail_tear(s));
}

/* adds on top of each moment of the scene */
static bool afters_make(struct scene *s)
{
	enum sheaf_status st;
	bool ok = true;

	for (unsigned int k = 0; k <= s->step_count && ok; k++) {
		struct moment *m = s->moments[k];

		ok = moment_put(&m[0]) && run_add(s, SCENE_NEXT) == SHEAF_OK &&
		     moment_take(&m[1]) &&
		     run_add(s, SCENE_LATER) == SHEAF_OK &&
		     moment_take(&m[2]) && verify_damages("corpus", &st) == 0;
	}
	return ok;
}

bool scene_record(struct scene *s)
{
	bool ok;

	late_set(s);
	s->fill(&s->facts);
	s->disk.no_tmpfile = s->no_tmpfile;
	ok = scene_before(s) && moment_take(&s->moments[0][0]) &&
	     disk_start(&s->disk, "corpus");
	for (; ok && s->step_count < SCENE_STEPS &&
	       s->steps[s->step_count].run != NULL;) {
		const struct operation *o = &s->steps[s->step_count++];

		ok = o->run(s, o->arg) == SHEAF_OK;
		disk_mark(&s->disk);
		ok = ok && moment_take(&s->moments[s->step_count][0]);
	}
	disk_stop();
	return ok && !s->disk.overflow && afters_make(s);
}

void scene_done(struct scene *s)
{
	for (unsigned int k = 0; k <= SCENE_STEPS; k++)
		for (unsigned int i = 0; i < SCENE_AFTERS; i++)
			image_done(&s->moments[k][i].file);
	disk_done(&s->disk);
	image_done(&whole);
	facts_done(&s->facts);
}
