/*
 * cmd_similar.c - sheaf similar: versions and copies of a story
 */
#include <inttypes.h>
#include <stdio.h>

#include <sheaf/similar.h>

#include "command.h"
#include "json.h"
#include "key.h"
#include "opt.h"
#include "out.h"
#include "reader.h"
#include "row.h"
#include "say.h"
#include "text.h"

static struct {
	bool all, json;
	uint64_t count, threads;
} args = { .count = 20 };

static const struct opt options[] = {
	{ .kind = OPT_NUMBER,
	  .letter = 'n',
	  .name = "count",
	  .value = &args.count,
	  .arg = "COUNT",
	  .help = "articles to show (20)",
	  .min = 1,
	  .max = 1000000 },
	{ .kind = OPT_FLAG,
	  .name = "all",
	  .value = &args.all,
	  .help = "look through all of a corpus of more than 256 MiB" },
	{ .kind = OPT_NUMBER,
	  .name = "threads",
	  .value = &args.threads,
	  .arg = "N",
	  .help = "threads (as many as processors)",
	  .min = 1,
	  .max = 64 },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "a JSON object a line" },
	{ .kind = OPT_TABLE, .table = key_options },
	{ .kind = OPT_TABLE, .table = reader_options },
	{ .kind = OPT_END },
};

/* what the key leads to; of records the newest */
struct target {
	struct sheaf_place place;
	size_t articles;
};

static int on_match(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	struct target *target = arg;

	(void)record;
	if (target->articles++ == 0)
		target->place = place;
	return kind != SHEAF_KEY_ID;
}

static int target_find(struct sheaf_corpus *corpus, const char *path,
		       const char *key, struct target *target)
{
	struct sheaf_error err = { 0 };
	enum sheaf_status st =
		key_find(corpus, text_str(key), on_match, target, &err);

	if (st == SHEAF_NOT_FOUND)
		return key_say_absent(corpus, key, path);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		return say_error(key, st, &err);
	if (target->articles > 1) {
		say("%s: %zu articles in %s have such an id; give more digits",
		    key, target->articles, path);
		return STATUS_NO;
	}
	return STATUS_YES;
}

/* one listing */
struct listing {
	struct row row;
	uint64_t count;
};

static const char *relation(const struct sheaf_similar *found)
{
	if (found->same_name)
		return "version";
	return found->same_url ? "url" : "text";
}

static void print_json(const struct sheaf_similar *found, const struct row *row)
{
	static const enum column columns[] = { COLUMN_PREFIX, COLUMN_NAME,
					       COLUMN_SIZE,   COLUMN_DATE,
					       COLUMN_MTIME,  COLUMN_COMMIT };
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_real(&j, "likeness", found->likeness);
	json_real(&j, "share_of_key", found->share_of_key);
	json_real(&j, "share_of_it", found->share_of_it);
	json_bool(&j, "same_name", found->same_name);
	json_bool(&j, "same_url", found->same_url);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		row_json(row, columns[i], &j);
	json_end(&j);
}

static int on_similar(const struct sheaf_similar *found, void *arg)
{
	static const struct column_list none = { .count = 0 };
	struct listing *listing = arg;
	char hex[13], day[TEXT_SIZE];

	listing->count++;
	row_set(&listing->row, found->record, &none);
	if (args.json) {
		print_json(found, &listing->row);
		return out_failed();
	}
	row_prefix(found->record, hex);
	/* rounded down: 100 % is all of it */
	printf("%s  %3u %%  %-7s  %s  %9" PRIu64 "  ", hex,
	       (unsigned int)(found->likeness * 100), relation(found),
	       text_day(day, row_date(found->record)), found->record->size);
	row_write(&listing->row, COLUMN_NAME, stdout, false);
	putchar('\n');
	return out_failed();
}

static int similar(struct sheaf_corpus *corpus, const char *path,
		   const char *key)
{
	const struct sheaf_similar_options o = {
		.all = args.all,
		.threads = (unsigned int)args.threads,
		.most = (size_t)args.count,
	};
	struct listing listing = { .row = { .corpus = corpus } };
	struct sheaf_similar_result result = { 0 };
	struct sheaf_error err = { 0 };
	struct target target = { 0 };
	char a[TEXT_SIZE], b[TEXT_SIZE];
	enum sheaf_status st;
	int status = target_find(corpus, path, key, &target);

	if (status != STATUS_YES)
		return status;
	st = sheaf_similar(corpus, target.place, &o, on_similar, &listing,
			   &result, &err);
	if (st == SHEAF_CANCELLED)
		return STATUS_YES;
	if (st != SHEAF_OK)
		return say_error(key, st, &err);
	if (!result.whole && !args.all)
		say("looked through %s of %s; --all looks through all",
		    text_number(a, result.articles),
		    text_count(b, sheaf_corpus_commit(corpus)->articles,
			       "article"));
	return listing.count != 0 ? STATUS_YES : STATUS_NO;
}

static int run(char **operands, int count)
{
	struct sheaf_corpus *corpus;
	int status = reader_open(&corpus, operands[0]);

	(void)count;
	if (status != STATUS_YES)
		return status;
	status = similar(corpus, operands[0], operands[1]);
	sheaf_close(corpus);
	return status;
}

const struct command cmd_similar = {
	.name = "similar",
	.operands = "CORPUS KEY",
	.summary = "Show versions and copies of a story",
	.notes = "Best first: the id's first digits, how much of the shorter "
		 "of the two texts the\nother has too, why it was looked at "
		 "(a version of the same name, the same url,\nor its text), "
		 "date, size, name. A KEY is an id, the first 4 or more digits "
		 "of\none, a name or an url. Exit status 1: there is none.\n",
	.options = options,
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
