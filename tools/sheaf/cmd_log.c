/*
 * cmd_log.c - sheaf log: the commits, or the versions of an article
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/remove.h>
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

static bool as_json;

static const struct opt options[] = {
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &as_json,
	  .help = "a JSON object a line" },
	{ .kind = OPT_TABLE, .table = key_options },
	{ .kind = OPT_TABLE, .table = reader_options },
	{ .kind = OPT_END },
};

/* of each commit that took any down, oldest first; what was taken back since is
 * not among them */
struct removals {
	struct removal {
		uint64_t commit, ids;
	} * items;
	size_t count, cap;
	bool nomem;
};

static int on_removal(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg)
{
	struct removals *r = arg;
	struct removal *last = r->count ? &r->items[r->count - 1] : NULL;

	(void)record;
	if (last && last->commit == removed->commit) {
		last->ids++;
		return 0;
	}
	if (!r->items || r->count == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 64;
		struct removal *items = realloc(r->items, cap * sizeof(*items));

		r->nomem = !items;
		if (!items)
			return 1;
		r->items = items;
		r->cap = cap;
	}
	r->items[r->count++] = (struct removal){ removed->commit, 1 };
	return 0;
}

/* commits come newest first, and are taken off */
static uint64_t removals_of(struct removals *r, uint64_t commit)
{
	while (r->count && r->items[r->count - 1].commit > commit)
		r->count--;
	return r->count && r->items[r->count - 1].commit == commit ?
		       r->items[r->count - 1].ids :
		       0;
}

static void print_commit_json(const struct sheaf_commit *c, uint64_t removed)
{
	struct json j = { .f = stdout };
	char text[TEXT_SIZE];

	json_open(&j, NULL, '{');
	json_number(&j, "commit", c->number);
	json_text(&j, "time", text_time(text, c->time));
	json_str(&j, "message", c->message);
	json_hex(&j, "commit_id", c->id, sizeof(c->id));
	json_hex(&j, "fingerprint", c->fingerprint, sizeof(c->fingerprint));
	json_number(&j, "new_records", c->new_records);
	json_number(&j, "new_articles", c->new_articles);
	json_number(&j, "new_bytes", c->new_bytes);
	json_number(&j, "removed", removed);
	json_number(&j, "records", c->records);
	json_number(&j, "articles", c->articles);
	json_number(&j, "article_bytes", c->article_bytes);
	json_number(&j, "start", c->start);
	json_number(&j, "end", c->end);
	json_end(&j);
}

static int on_commit(const struct sheaf_commit *c, void *arg)
{
	char text[TEXT_SIZE], id[13];
	uint64_t removed = removals_of(arg, c->number);

	if (as_json) {
		print_commit_json(c, removed);
		return out_failed();
	}
	text_hex(id, c->id, 6);
	printf("commit %" PRIu64 "  %s", c->number, text_time(text, c->time));
	printf("  %s  %s", id, text_count(text, c->new_records, "record"));
	printf(", %s new", text_number(text, c->new_articles));
	printf(" (%s)", text_bytes(text, c->new_bytes));
	if (removed)
		printf(", %s", text_count(text, removed, "removed id"));
	if (c->message.len > 0) {
		fputs("  ", stdout);
		text_write(stdout, c->message, TEXT_EXACT);
	}
	putchar('\n');
	return out_failed();
}

/* the names that a key leads to, each once */
struct names {
	struct sheaf_str *items; /* owned, as their bytes are */
	size_t count;
	struct sheaf_place place; /* of the article whose names are sought */
	size_t articles;	  /* that the key fits as an id */
	bool nomem;
};

static void names_add(struct names *names, struct sheaf_str name)
{
	struct sheaf_str *items;
	char *copy;

	for (size_t i = 0; i < names->count; i++)
		if (names->items[i].len == name.len &&
		    !memcmp(names->items[i].p, name.p, name.len))
			return;
	items = realloc(names->items, (names->count + 1) * sizeof(*items));
	copy = strndup(name.p, name.len);
	if (items)
		names->items = items;
	if (!items || !copy) {
		free(copy);
		names->nomem = true;
		return;
	}
	items[names->count].p = copy;
	items[names->count++].len = name.len;
}

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free((void *)(uintptr_t)names->items[i].p);
	free(names->items);
}

static int on_match(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	struct names *names = arg;

	if (kind == SHEAF_KEY_ID) {
		names->place = place;
		names->articles++;
	} else {
		names_add(names, record->name);
	}
	return names->nomem;
}

/* an id names no record: its names are those of the records with its place */
static int on_record(const struct sheaf_record *record, void *arg)
{
	struct names *names = arg;

	if (record->place.block == names->place.block &&
	    record->place.slot == names->place.slot)
		names_add(names, record->name);
	return names->nomem;
}

/* one listing of versions */
struct versions {
	struct row row;
	uint64_t count;
	struct sheaf_bytes scratch;
};

/* the first digits of the article that the one at @place is stored as a
 * difference to; false: to none, or it can't be told */
static bool revision_of(struct versions *versions, struct sheaf_place place,
			char hex[13])
{
	struct sheaf_corpus *corpus = versions->row.corpus;
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_place base;

	if (sheaf_revision_of(corpus, place, &base, NULL) != SHEAF_OK ||
	    sheaf_read(corpus, base, &versions->scratch, id, NULL) != SHEAF_OK)
		return false;
	text_hex(hex, id, 6);
	return true;
}

static void print_version_json(const struct row *row, const char *base)
{
	static const enum column columns[] = { COLUMN_COMMIT, COLUMN_PREFIX,
					       COLUMN_NAME,   COLUMN_SIZE,
					       COLUMN_DATE,   COLUMN_MTIME,
					       COLUMN_LATEST };
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		row_json(row, columns[i], &j);
	if (base)
		json_text(&j, "revision_of", base);
	else
		json_null(&j, "revision_of");
	json_end(&j);
}

static int on_version(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	static const struct column_list none = { .count = 0 };
	struct versions *versions = arg;
	char hex[13], base[13], day[TEXT_SIZE];
	bool has_base = revision_of(versions, place, base);

	(void)kind;
	versions->count++;
	row_set(&versions->row, record, &none);
	if (as_json) {
		print_version_json(&versions->row, has_base ? base : NULL);
		return out_failed();
	}
	row_prefix(record, hex);
	printf("commit %" PRIu64 "  %s  %s  %9" PRIu64 "  ", record->commit,
	       hex, text_day(day, row_date(record)), record->size);
	row_write(&versions->row, COLUMN_NAME, stdout, false);
	if (has_base)
		printf("  (revision of %s)", base);
	putchar('\n');
	return out_failed();
}

/* an article that was removed, under the name at hand or by its id */
static int on_removed(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg)
{
	char hex[SHEAF_ID_HEX + 1], time[TEXT_SIZE];
	struct json j = { .f = stdout };

	(void)arg;
	sheaf_id_hex(removed->id, hex);
	text_time(time, removed->time);
	if (as_json) {
		json_open(&j, NULL, '{');
		json_text(&j, "removed", hex);
		json_number(&j, "removed_by", removed->commit);
		json_text(&j, "removed_at", time);
		if (record) {
			json_number(&j, "commit", record->commit);
			json_str(&j, "name", record->name);
		}
		json_end(&j);
		return out_failed();
	}
	if (record)
		printf("commit %" PRIu64 "  ", record->commit);
	printf("%.12s  removed by commit %" PRIu64 ", %s", hex, removed->commit,
	       time);
	if (record) {
		fputs("  ", stdout);
		text_write(stdout, record->name, TEXT_EXACT);
	}
	putchar('\n');
	return out_failed();
}

/* the versions of every name, newest first, and those that were removed */
static enum sheaf_status print_names(struct sheaf_corpus *corpus,
				     const struct names *names,
				     struct sheaf_error *err)
{
	struct versions versions = { .row = { .corpus = corpus } };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < names->count && st == SHEAF_OK; i++) {
		st = sheaf_find_kind(corpus, SHEAF_KEY_NAME, names->items[i],
				     on_version, &versions, err);
		if (st == SHEAF_OK)
			st = sheaf_removed_find(corpus, SHEAF_KEY_NAME,
						names->items[i], on_removed,
						NULL, err);
		if (st == SHEAF_NOT_FOUND)
			st = SHEAF_OK;
	}
	sheaf_bytes_done(&versions.scratch);
	return st;
}

static enum sheaf_status find_names(struct sheaf_corpus *corpus,
				    const char *key, struct names *names,
				    struct sheaf_error *err)
{
	const struct sheaf_filter all = { .all_versions = true,
					  .hidden = true };
	enum sheaf_status st;

	st = key_find(corpus, text_str(key), on_match, names, err);
	if (st == SHEAF_OK && names->articles == 1)
		st = sheaf_list(corpus, &all, on_record, names, err);
	return st;
}

/* of a key that fits nothing that is shown */
static int log_removed(struct sheaf_corpus *corpus, const char *path,
		       const char *key)
{
	struct sheaf_error err = { 0 };
	enum sheaf_key_kind kind;
	enum sheaf_status st = key_find_all_removed(corpus, key, on_removed,
						    NULL, &kind, &err);

	if (st == SHEAF_NOT_FOUND)
		return key_say_absent(corpus, key, path);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		return say_error(key, st, &err);
	return STATUS_YES;
}

static int log_key(struct sheaf_corpus *corpus, const char *path,
		   const char *key)
{
	struct names names = { .items = NULL };
	struct sheaf_error err = { 0 };
	enum sheaf_status st = find_names(corpus, key, &names, &err);
	int status = STATUS_YES;

	if (names.nomem) {
		status = say_nomem();
	} else if (st == SHEAF_NOT_FOUND) {
		status = log_removed(corpus, path, key);
	} else if (names.articles > 1) {
		say("%s: %zu articles in %s have such an id; give more digits",
		    key, names.articles, path);
		status = STATUS_NO;
	} else {
		if (st == SHEAF_OK)
			st = print_names(corpus, &names, &err);
		if (st != SHEAF_OK && st != SHEAF_CANCELLED)
			status = say_error(key, st, &err);
	}
	names_done(&names);
	return status;
}

static int log_commits(struct sheaf_corpus *corpus, const char *path)
{
	struct removals removals = { .items = NULL };
	struct sheaf_error err = { 0 };
	int status = STATUS_YES;
	enum sheaf_status st =
		sheaf_removed_list(corpus, on_removal, &removals, &err);

	if (st == SHEAF_OK)
		st = sheaf_log(corpus, on_commit, &removals, &err);
	if (removals.nomem)
		status = say_nomem();
	else if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		status = say_error(path, st, &err);
	free(removals.items);
	return status;
}

static int run(char **operands, int count)
{
	struct sheaf_corpus *corpus;
	int status = reader_open(&corpus, operands[0]);

	if (status != STATUS_YES)
		return status;
	if (count > 1)
		status = log_key(corpus, operands[0], operands[1]);
	else
		status = log_commits(corpus, operands[0]);
	sheaf_close(corpus);
	return status;
}

const struct command cmd_log = {
	.name = "log",
	.operands = "CORPUS [KEY]",
	.summary = "Show the commits, or the versions of an article",
	.notes = "Newest first. A KEY is an id, the first 4 or more digits of "
		 "one, a name or an\nurl; what is shown are all versions under "
		 "the names that it leads to.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 2,
	.run = run,
};
