/*
 * cmd_slice.c - sheaf slice: a part of a corpus as a corpus of its own
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <sheaf/slice.h>

#include "command.h"
#include "filter.h"
#include "input.h"
#include "json.h"
#include "key.h"
#include "means.h"
#include "opt.h"
#include "progress.h"
#include "reader.h"
#include "say.h"
#include "stop.h"
#include "text.h"

enum { MESSAGE_MAX = 4096, MISSING_MAX = 20 };

static struct {
	const char *output, *message;
	uint64_t level;
	bool all_versions, quiet, json;
} args = { .message = "sliced" };

static const struct opt options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'o',
	  .name = "output",
	  .value = &args.output,
	  .arg = "NEW",
	  .help = "the new corpus, which must not exist (needed)" },
	{ .kind = OPT_FLAG,
	  .letter = 'a',
	  .name = "all-versions",
	  .value = &args.all_versions,
	  .help = "not only the latest version of each name" },
	{ .kind = OPT_TABLE, .table = input_options },
	{ .kind = OPT_TEXT,
	  .letter = 'm',
	  .name = "message",
	  .value = &args.message,
	  .arg = "TEXT",
	  .help = "of the new corpus's commit" },
	{ .kind = OPT_NUMBER,
	  .name = "level",
	  .value = &args.level,
	  .arg = "N",
	  .min = 1,
	  .max = 22,
	  .help = "zstd's level, of what is compressed anew (as the\n"
		  "corpus was: 9, compacted 19)" },
	{ .kind = OPT_TABLE, .table = means_options },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "print nothing where all is well, no progress" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "the result as a JSON object" },
	{ .kind = OPT_TABLE, .table = key_options },
	{ .kind = OPT_TABLE, .table = filter_options },
	{ .kind = OPT_END },
};

/* the articles that the keys stand for */
struct chosen {
	struct sheaf_place *places; /* owned */
	size_t count, cap;
	bool is_id; /* the key at hand */
	size_t missing;
	bool no_memory;
};

static int on_match(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	struct chosen *c = arg;

	(void)record;
	if (c->count == c->cap) {
		size_t cap = c->cap != 0 ? 2 * c->cap : 64;
		struct sheaf_place *more =
			realloc(c->places, cap * sizeof(*more));

		c->no_memory = more == NULL;
		if (c->no_memory)
			return 1;
		c->places = more;
		c->cap = cap;
	}
	c->places[c->count++] = place;
	c->is_id = kind == SHEAF_KEY_ID;
	return kind != SHEAF_KEY_ID && !args.all_versions;
}

static int key_choose(struct sheaf_corpus *corpus, const char *path,
		      const char *key, struct chosen *c)
{
	struct sheaf_error err = { 0 };
	size_t before = c->count;
	char number[TEXT_SIZE];
	enum sheaf_status st;

	c->is_id = false;
	st = key_find(corpus, text_str(key), on_match, c, &err);
	if (c->no_memory)
		return say_nomem();
	if (st == SHEAF_NOT_FOUND) {
		if (c->missing++ < MISSING_MAX)
			return key_say_absent(corpus, key, path);
		return STATUS_NO;
	}
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		return say_error(key, st, &err);
	if (c->is_id && c->count - before > 1) {
		say("%s: %s articles in %s have such an id; give more digits",
		    key, text_number(number, c->count - before), path);
		return STATUS_NO;
	}
	return STATUS_YES;
}

static int keys_choose(struct sheaf_corpus *corpus, const char *path,
		       const struct input *keys, struct chosen *c)
{
	char number[TEXT_SIZE];
	int status = STATUS_YES;

	for (size_t i = 0; i < keys->count && status <= STATUS_NO; i++) {
		int one = key_choose(corpus, path, keys->items[i], c);

		if (one > status)
			status = one;
	}
	if (c->missing > MISSING_MAX)
		say("and %s more keys",
		    text_number(number, c->missing - MISSING_MAX));
	return status;
}

static void print_json(const struct sheaf_slice_result *out)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "corpus", args.output);
	json_number(&j, "commit", out->commit);
	json_number(&j, "records", out->records);
	json_number(&j, "articles", out->articles);
	json_number(&j, "bytes", out->bytes);
	json_number(&j, "file_size", out->file_size);
	json_number(&j, "blocks_copied", out->blocks_copied);
	json_number(&j, "articles_copied", out->articles_copied);
	json_number(&j, "blocks_new", out->blocks_new);
	json_number(&j, "articles_recompressed",
		    out->articles - out->articles_copied);
	json_end(&j);
}

static void print_text(const struct sheaf_slice_result *out)
{
	char a[TEXT_SIZE], b[TEXT_SIZE], c[TEXT_SIZE];

	printf("%s of %s", text_count(a, out->records, "record"),
	       text_count(b, out->articles, "article"));
	printf(" in %s of file: %s copied, %s compressed anew\n",
	       text_count(a, out->file_size, "byte"),
	       text_count(b, out->blocks_copied, "block"),
	       text_count(c, out->articles - out->articles_copied, "article"));
}

static int slice(struct sheaf_corpus *corpus, const char *path,
		 const struct sheaf_slice_options *o)
{
	struct sheaf_slice_result out;
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	stop_catch();
	progress_start("slicing", !args.quiet);
	st = sheaf_slice(corpus, args.output, o, &out, &err);
	progress_clear();
	if (st == SHEAF_CANCELLED) {
		say("stopped; %s was not written", args.output);
		return stop_status();
	}
	if (st == SHEAF_NOT_FOUND)
		return say_error(path, st, &err);
	if (st == SHEAF_MISUSE)
		return say_error(args.output, st, &err);
	if (st != SHEAF_OK)
		return say_error(path, st, &err);
	if (args.json)
		print_json(&out);
	else if (!args.quiet)
		print_text(&out);
	return STATUS_YES;
}

static int run_with(char **operands, const struct input *keys,
		    struct sheaf_slice_options *o, struct sheaf_filter *filter)
{
	struct chosen chosen = { 0 };
	struct sheaf_corpus *corpus;
	int status = reader_open(&corpus, operands[0]);

	if (status != STATUS_YES)
		return status;
	/* a key may stand for an article that only an older version has */
	filter->all_versions = args.all_versions || keys->count != 0;
	if (keys->count != 0) {
		status = keys_choose(corpus, operands[0], keys, &chosen);
		o->places = chosen.places;
		o->place_count = chosen.count;
	}
	if (status == STATUS_YES)
		status = slice(corpus, operands[0], o);
	free(chosen.places);
	sheaf_close(corpus);
	return status;
}

static int run(char **operands, int count)
{
	struct sheaf_filter filter;
	struct sheaf_slice_options o = {
		.filter = &filter,
		.level = (int)args.level,
		.memory = means_memory(),
		.threads = means_threads(),
		.message = text_str(args.message),
		.on_progress = progress_on_bytes,
	};
	struct input keys;
	int status;

	if (!args.output)
		return say_usage("-o NEW is missing: the corpus to write");
	if (o.message.len > MESSAGE_MAX)
		return say_usage("--message: longer than %d bytes",
				 MESSAGE_MAX);
	status = input_read(&keys, operands + 1, count - 1, input_list());
	if (status != STATUS_YES)
		return status;
	if (input_list() && keys.count == 0) {
		say("%s: lists no keys", input_list());
		status = STATUS_NO;
	}
	if (status == STATUS_YES)
		status = filter_get(&filter);
	if (status == STATUS_YES)
		status = run_with(operands, &keys, &o, &filter);
	filter_done();
	input_done(&keys);
	return status;
}

const struct command cmd_slice = {
	.name = "slice",
	.operands = "CORPUS -o NEW [KEY...]",
	.summary = "Write a part of a corpus as a corpus of its own",
	.notes = "What the conditions and KEYs choose, under the same names, "
		 "ids and commits.\nA KEY is what 'get' takes; all records of "
		 "its article come along.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
