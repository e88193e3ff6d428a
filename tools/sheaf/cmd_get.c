/*
 * cmd_get.c - sheaf get: the exact bytes of articles, by id, name or url
 */
#include <stdio.h>
#include <string.h>

#include <sheaf/corpus.h>

#include "command.h"
#include "input.h"
#include "key.h"
#include "opt.h"
#include "out.h"
#include "reader.h"
#include "save.h"
#include "say.h"
#include "text.h"

enum { CANDIDATES_MAX = 20 };

static struct {
	const char *output, *files_from;
	bool null, overwrite;
} args;

static const struct opt options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'o',
	  .name = "output",
	  .value = &args.output,
	  .arg = "DIR",
	  .help = "write files below DIR: under the record's name, or\n"
		  "the id where KEY is one" },
	{ .kind = OPT_FLAG,
	  .name = "overwrite",
	  .value = &args.overwrite,
	  .help = "replace files below DIR that exist" },
	{ .kind = OPT_TEXT,
	  .name = "files-from",
	  .value = &args.files_from,
	  .arg = "FILE",
	  .help = "also the keys that FILE lists, one a line; - is\n"
		  "standard input" },
	{ .kind = OPT_FLAG,
	  .letter = '0',
	  .name = "null",
	  .value = &args.null,
	  .help = "a NUL byte ends each of these keys" },
	{ .kind = OPT_TABLE, .table = key_options },
	{ .kind = OPT_TABLE, .table = reader_options },
	{ .kind = OPT_END },
};

/* one run over all keys */
struct get {
	struct sheaf_corpus *corpus;
	const char *path;	  /* of the corpus */
	struct save *save;	  /* NULL: to stdout */
	struct sheaf_bytes bytes; /* of the article at hand */
	/* what the key at hand was found to be */
	const char *key;
	struct sheaf_place places[CANDIDATES_MAX];
	size_t count; /* of articles that match, the places beyond apart */
	int status;   /* of writing out a record */
};

static int put(struct get *get, struct sheaf_str name,
	       const struct sheaf_time *mtime)
{
	if (get->save)
		return save_file(get->save, name, &get->bytes, mtime);
	if (get->bytes.len > 0)
		fwrite(get->bytes.p, 1, get->bytes.len, stdout);
	return out_failed() ? STATUS_UNKNOWN : STATUS_YES;
}

/* the article at @place; @record is NULL where the key is an id */
static int put_article(struct get *get, struct sheaf_place place,
		       const struct sheaf_record *record)
{
	uint8_t id[SHEAF_ID_SIZE];
	char hex[SHEAF_ID_HEX + 1];
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	st = sheaf_read(get->corpus, place, &get->bytes, id, &err);
	if (st != SHEAF_OK)
		return say_error(get->key, st, &err);
	if (record && save_is_safe(record->name))
		return put(get, record->name, &record->mtime);
	sheaf_id_hex(id, hex);
	return put(get, text_str(hex), record ? &record->mtime : NULL);
}

/* an id waits until it is sure to be the only one; of records the first is
 * the newest */
static int on_match(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	struct get *get = arg;

	if (kind != SHEAF_KEY_ID) {
		get->status = put_article(get, place, record);
		return 1;
	}
	if (get->count < CANDIDATES_MAX)
		get->places[get->count] = place;
	get->count++;
	return 0;
}

static int list_candidates(struct get *get)
{
	char number[TEXT_SIZE], hex[SHEAF_ID_HEX + 1];
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_error err = { 0 };

	say("%s: %s articles in %s have such an id; give more digits:",
	    get->key, text_number(number, get->count), get->path);
	for (size_t i = 0; i < get->count && i < CANDIDATES_MAX; i++) {
		if (sheaf_read(get->corpus, get->places[i], &get->bytes, id,
			       &err) != SHEAF_OK) {
			fprintf(stderr, "  (not readable: %s)\n", err.text);
			continue;
		}
		sheaf_id_hex(id, hex);
		fprintf(stderr, "  %s  %s\n", hex,
			text_count(number, get->bytes.len, "byte"));
	}
	if (get->count > CANDIDATES_MAX)
		fprintf(stderr, "  and %s more\n",
			text_number(number, get->count - CANDIDATES_MAX));
	return STATUS_NO;
}

static int get_key(struct get *get, const char *key)
{
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	get->key = key;
	get->count = 0;
	get->status = STATUS_YES;
	st = key_find(get->corpus, text_str(key), on_match, get, &err);
	if (st == SHEAF_NOT_FOUND) {
		say("%s: not in %s", key, get->path);
		return STATUS_NO;
	}
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		return say_error(key, st, &err);
	if (get->count > 1)
		return list_candidates(get);
	if (get->count == 1)
		return put_article(get, get->places[0], NULL);
	return get->status;
}

static int get_keys(const char *path, const struct input *keys,
		    struct save *save)
{
	struct get get = { .path = path, .save = save };
	int status = reader_open(&get.corpus, path);

	if (status != STATUS_YES)
		return status;
	for (size_t i = 0; i < keys->count && !out_failed(); i++) {
		int one = get_key(&get, keys->items[i]);

		if (one > status)
			status = one;
	}
	sheaf_bytes_done(&get.bytes);
	sheaf_close(get.corpus);
	return status;
}

static int run(char **operands, int count)
{
	struct save save = { .overwrite = args.overwrite };
	struct input keys;
	int status;

	if (count == 1 && !args.files_from)
		return say_usage("give a KEY, or --files-from FILE");
	status = input_read(&keys, operands + 1, count - 1, args.files_from,
			    args.null);
	if (status != STATUS_YES)
		return status;
	if (args.output) {
		status = save_open(&save, args.output);
		if (status == STATUS_YES) {
			status = get_keys(operands[0], &keys, &save);
			save_done(&save);
		}
	} else {
		status = get_keys(operands[0], &keys, NULL);
	}
	input_done(&keys);
	return status;
}

const struct command cmd_get = {
	.name = "get",
	.operands = "CORPUS KEY...",
	.summary = "Print articles by id, name or url",
	.notes = "A KEY is an article's id (what 'xxh128sum FILE' prints), the "
		 "first 4 or more\ndigits of one, a record's name, or an url; "
		 "of several versions the newest is\ntaken. The bytes are "
		 "those that were added, one article after the other.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
