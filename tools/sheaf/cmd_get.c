/*
 * cmd_get.c - sheaf get: the exact bytes of articles, by id, name or url
 *
 * Of many keys, a part at a time: first all are looked up, then all articles
 * are read at once, so that a block is decoded once however many keys want
 * something of it.  A key that is not simply one article goes the way of a
 * single key, when it is its turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sheaf/scan.h>

#include "command.h"
#include "input.h"
#include "key.h"
#include "opt.h"
#include "out.h"
#include "reader.h"
#include "save.h"
#include "say.h"
#include "text.h"

enum {
	CANDIDATES_MAX = 20,
	FEW = 4,	  /* keys: not worth threads */
	PART_MAX = 16384, /* keys */
	SURE_DIGITS = 12, /* of an id, that are found without the article */
};

static struct {
	const char *output;
	bool overwrite;
	uint64_t threads;
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
	{ .kind = OPT_TABLE, .table = input_options },
	{ .kind = OPT_NUMBER,
	  .name = "threads",
	  .value = &args.threads,
	  .arg = "N",
	  .min = 1,
	  .max = 256,
	  .help = "at work at once, where there are several KEYs (as\n"
		  "many as processors)" },
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

/* nothing more can be written out */
static bool is_over(const struct get *get)
{
	return out_failed() || (get->save && get->save->full);
}

static int put(struct get *get, struct sheaf_str name, const void *p,
	       size_t len, const struct sheaf_time *mtime)
{
	if (get->save)
		return save_file(get->save, name, p, len, mtime);
	if (len > 0)
		fwrite(p, 1, len, stdout);
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
		return put(get, record->name, get->bytes.p, get->bytes.len,
			   &record->mtime);
	sheaf_id_hex(id, hex);
	return put(get, text_str(hex), get->bytes.p, get->bytes.len,
		   record ? &record->mtime : NULL);
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
	if (st == SHEAF_NOT_FOUND)
		return key_say_absent(get->corpus, key, get->path);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		return say_error(key, st, &err);
	if (get->count > 1)
		return list_candidates(get);
	if (get->count == 1)
		return put_article(get, get->places[0], NULL);
	return get->status;
}

/* a key that was looked up, and its place among those that are read at once */
struct found {
	const char *key;
	bool is_one; /* article; else it goes the way of a single key */
	char *name;  /* of its record; NULL: the key is an id */
	size_t name_len;
	struct sheaf_time mtime;
	struct sheaf_place place;
};

struct part {
	struct get *get;
	struct found *keys; /* owned */
	size_t count;
	struct sheaf_place *places; /* owned: of those that are one */
	size_t place_count;
	size_t next; /* key to be written out */
	int status;  /* the worst */
};

static void worse(struct part *part, int status)
{
	if (status > part->status)
		part->status = status;
}

static int on_found(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	struct found *f = arg;

	f->is_one = !f->is_one || kind != SHEAF_KEY_ID;
	f->place = place;
	if (kind == SHEAF_KEY_ID)
		return !f->is_one;
	f->name_len = record->name.len;
	f->name = malloc(f->name_len + 1);
	f->mtime = record->mtime;
	f->is_one = f->name != NULL;
	if (f->name)
		memcpy(f->name, record->name.p, f->name_len);
	return 1;
}

/* A longer id is looked up by as much of it as the tables hold: the library
 * would have to decode its block to be sure, and here that comes anyway. */
static void look_up(struct sheaf_corpus *corpus, struct found *f)
{
	struct sheaf_str key = text_str(f->key);
	struct sheaf_error err;
	enum sheaf_status st;

	if (key.len > SURE_DIGITS && key.len <= SHEAF_ID_HEX &&
	    strspn(f->key, "0123456789abcdefABCDEF") == key.len)
		key.len = SURE_DIGITS;
	st = key_find(corpus, key, on_found, f, &err);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		f->is_one = false;
	/* a shorter name or url than was asked for */
	if (f->name && key.len < strlen(f->key))
		f->is_one = false;
}

static bool starts_with_key(const uint8_t id[SHEAF_ID_SIZE], const char *key)
{
	char hex[SHEAF_ID_HEX + 1];

	sheaf_id_hex(id, hex);
	return !strncasecmp(hex, key, strlen(key));
}

/* those before @end that are left, and are not read with the others */
static void put_singles(struct part *part, size_t end)
{
	for (; part->next < end && !is_over(part->get); part->next++)
		worse(part, get_key(part->get, part->keys[part->next].key));
}

static int put_found(struct get *get, const struct found *f,
		     const struct sheaf_scanned *a)
{
	char hex[SHEAF_ID_HEX + 1];
	struct sheaf_str name = { f->name, f->name_len };

	if (a->status != SHEAF_OK ||
	    (!f->name && !starts_with_key(a->id, f->key)))
		return get_key(get, f->key);
	sheaf_id_hex(a->id, hex);
	if (!f->name || !save_is_safe(name))
		name = text_str(hex);
	return put(get, name, a->p, a->len, f->name ? &f->mtime : NULL);
}

static int on_article(const struct sheaf_scanned *a, void *arg)
{
	struct part *part = arg;
	size_t at = part->next;

	while (!part->keys[at].is_one)
		at++;
	put_singles(part, at);
	if (!is_over(part->get))
		worse(part, put_found(part->get, &part->keys[at], a));
	part->next = at + 1;
	return is_over(part->get);
}

static int part_get(struct part *part)
{
	const struct sheaf_scan_options o = {
		.threads = (unsigned int)args.threads,
	};
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	for (size_t i = 0; i < part->count; i++) {
		struct found *f = &part->keys[i];

		look_up(part->get->corpus, f);
		if (f->is_one)
			part->places[part->place_count++] = f->place;
	}
	st = sheaf_read_many(part->get->corpus, part->places, part->place_count,
			     &o, on_article, part, &err);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		worse(part, say_error(part->get->path, st, &err));
	else
		put_singles(part, part->count);
	return part->status;
}

/* @count keys, at most PART_MAX */
static int get_part(struct get *get, const char **keys, size_t count)
{
	struct part part = { .get = get, .count = count };
	int status = STATUS_YES;

	part.keys = calloc(count, sizeof(*part.keys));
	part.places = calloc(count, sizeof(*part.places));
	for (size_t i = 0; part.keys && i < count; i++)
		part.keys[i].key = keys[i];
	status = part.keys && part.places ? part_get(&part) : say_nomem();
	for (size_t i = 0; part.keys && i < count; i++)
		free(part.keys[i].name);
	free(part.keys);
	free(part.places);
	return status;
}

static int get_keys(const char *path, const struct input *keys,
		    struct save *save)
{
	struct get get = { .path = path, .save = save };
	int status = reader_open(&get.corpus, path);

	if (status != STATUS_YES)
		return status;
	for (size_t i = 0; i < keys->count && !is_over(&get);) {
		size_t n = keys->count - i;
		int one;

		if (n > PART_MAX)
			n = PART_MAX;
		if (n < FEW)
			n = 1;
		one = n == 1 ? get_key(&get, keys->items[i]) :
			       get_part(&get, &keys->items[i], n);
		if (one > status)
			status = one;
		i += n;
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

	if (count == 1 && !input_list())
		return say_usage("give a KEY, or --files-from FILE");
	status = input_read(&keys, operands + 1, count - 1, input_list());
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
