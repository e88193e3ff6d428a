/*
 * cmd_rm.c - sheaf rm: take articles down, or back; list what is gone
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sheaf/remove.h>

#include "command.h"
#include "companions.h"
#include "erasure.h"
#include "input.h"
#include "json.h"
#include "key.h"
#include "means.h"
#include "opt.h"
#include "out.h"
#include "reader.h"
#include "removal.h"
#include "say.h"
#include "stop.h"
#include "text.h"
#include "wait.h"
#include "when.h"

static struct {
	const char *apply;
	bool list, take_back, latest, erase, dry_run, quiet, json;
} args;

static const struct opt options[] = {
	{ .kind = OPT_FLAG,
	  .name = "latest",
	  .value = &args.latest,
	  .help = "of a name or url only the newest version" },
	{ .kind = OPT_FLAG,
	  .name = "erase",
	  .value = &args.erase,
	  .help = "the bytes too: writes the corpus anew without them,\n"
		  "also of what was removed before" },
	{ .kind = OPT_FLAG,
	  .name = "take-back",
	  .value = &args.take_back,
	  .help = "show again what was removed" },
	{ .kind = OPT_FLAG,
	  .name = "list",
	  .value = &args.list,
	  .help = "print what was removed: id, commit, time" },
	{ .kind = OPT_TEXT,
	  .name = "apply",
	  .value = &args.apply,
	  .arg = "FILE",
	  .help = "remove the ids that --list printed, of any corpus;\n"
		  "what is not here yet will be refused; - is standard\n"
		  "input" },
	{ .kind = OPT_TABLE, .table = input_options },
	{ .kind = OPT_TABLE, .table = key_options },
	{ .kind = OPT_TABLE, .table = when_options },
	{ .kind = OPT_TABLE, .table = means_options },
	{ .kind = OPT_TABLE, .table = wait_options },
	{ .kind = OPT_FLAG,
	  .letter = 'n',
	  .name = "dry-run",
	  .value = &args.dry_run,
	  .help = "say what would go, change nothing" },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "only warnings and errors" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "the result as JSON; with --list an object a line" },
	{ .kind = OPT_END },
};

static int on_listed(const struct sheaf_removed *removed,
		     const struct sheaf_record *record, void *arg)
{
	char hex[SHEAF_ID_HEX + 1], time[TEXT_SIZE];
	struct json j = { .f = stdout };

	(void)record;
	(void)arg;
	sheaf_id_hex(removed->id, hex);
	text_time(time, removed->time);
	if (!args.json) {
		printf("%s  %" PRIu64 "  %s\n", hex, removed->commit, time);
		return out_failed();
	}
	json_open(&j, NULL, '{');
	json_text(&j, "id", hex);
	json_number(&j, "commit", removed->commit);
	json_text(&j, "time", time);
	json_end(&j);
	return out_failed();
}

static int list(const char *path)
{
	struct sheaf_error err = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;
	int status = reader_open(&corpus, path);

	if (status != STATUS_YES)
		return status;
	st = sheaf_removed_list(corpus, on_listed, NULL, &err);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		status = say_error(path, st, &err);
	sheaf_close(corpus);
	return status;
}

/* ids that no article here has */
static uint64_t absent_of(const struct removal *r,
			  const struct sheaf_commit_result *out)
{
	return args.take_back ? 0 : out->removed - r->place_count;
}

static void print_json(const struct removal *r,
		       const struct sheaf_commit_result *out)
{
	struct json j = { .f = stdout };
	char hex[TEXT_SIZE];

	json_open(&j, NULL, '{');
	json_text(&j, "corpus", r->path);
	json_bool(&j, "dry_run", args.dry_run);
	json_bool(&j, "committed", out->committed);
	if (out->committed)
		json_number(&j, "commit", out->commit);
	json_number(&j, "removed", out->removed);
	json_number(&j, "taken_back", out->taken_back);
	json_number(&j, "absent", absent_of(r, out));
	json_number(&j, "removed_before", r->before);
	json_number(&j, "records", r->records);
	json_number(&j, "hidden", r->companions);
	json_open(&j, "uncovered", '[');
	for (size_t i = 0; i < r->uncovered_count; i++) {
		snprintf(hex, sizeof(hex), "%012" PRIx64,
			 r->uncovered[i].id_prefix);
		json_open(&j, NULL, '{');
		json_str(&j, "name", r->uncovered[i].name);
		json_number(&j, "commit", r->uncovered[i].commit);
		json_text(&j, "prefix", hex);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_number(&j, "file_growth", out->file_growth);
	json_number(&j, "file_size", out->file_size);
	json_end(&j);
}

static void print_uncovered(const struct removal *r)
{
	for (size_t i = 0; i < r->uncovered_count; i++) {
		text_write(stdout, r->uncovered[i].name, TEXT_EXACT);
		printf(": its newest version is now that of commit %" PRIu64
		       ", %012" PRIx64 "\n",
		       r->uncovered[i].commit, r->uncovered[i].id_prefix);
	}
}

/* "removed 2 articles (3 records), noted 1 id that it lacks, 3 removed before"
 */
static void print_counts(const struct removal *r,
			 const struct sheaf_commit_result *out)
{
	uint64_t absent = absent_of(r, out), here = out->removed - absent;
	uint64_t seen = here - (args.take_back ? 0 : r->companions);
	char a[TEXT_SIZE], b[TEXT_SIZE];

	if (args.take_back)
		printf("took back %s",
		       text_count(a, out->taken_back - r->companions,
				  "article"));
	if (here > 0)
		printf("removed %s (%s)", text_count(a, seen, "article"),
		       text_count(b, r->records, "record"));
	if (r->companions > 0)
		printf(", %s", text_count(a, r->companions, "hidden record"));
	if (absent > 0)
		printf("%snoted %s that it lacks", here > 0 ? ", " : "",
		       text_count(a, absent, "id"));
	if (r->before > 0)
		printf(", %s removed before", text_number(a, r->before));
}

static void print_text(const struct removal *r,
		       const struct sheaf_commit_result *out)
{
	char a[TEXT_SIZE], b[TEXT_SIZE];

	if (out->removed + out->taken_back == 0) {
		printf("nothing to remove: %s removed before; ",
		       text_number(a, r->before));
		text_write(stdout, text_str(r->path), TEXT_EXACT);
		puts(" is unchanged");
		return;
	}
	if (args.dry_run)
		fputs("would be: ", stdout);
	else
		printf("commit %" PRIu64 ": ", out->commit);
	print_counts(r, out);
	if (args.dry_run) {
		puts("; nothing was changed");
	} else {
		fputs("; ", stdout);
		text_write(stdout, text_str(r->path), TEXT_EXACT);
		printf(" grew by %s to %s\n",
		       text_count(a, out->file_growth, "byte"),
		       text_number(b, out->file_size));
	}
	print_uncovered(r);
}

/* which articles it is of */
static int collect(struct removal *r, const struct input *in)
{
	char count[TEXT_SIZE];
	int status = STATUS_YES;

	if (args.apply)
		return removal_apply(r, in,
				     strcmp(args.apply, "-") ?
					     args.apply :
					     "standard input");
	for (size_t i = 0; i < in->count && status == STATUS_YES; i++)
		status = args.take_back ?
				 removal_removed_key(r, in->items[i]) :
				 removal_key(r, in->items[i], args.latest);
	if (status != STATUS_YES || r->unknown == 0)
		return status;
	if (in->count > 1)
		say("%s to be looked at; nothing was %s",
		    text_count(count, r->unknown, "key"),
		    args.take_back ? "taken back" : "removed");
	return STATUS_NO;
}

/* several keys may stand for one article */
static int by_place(const void *a, const void *b)
{
	const struct sheaf_place *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void places_once(struct removal *r)
{
	size_t kept = 0;

	if (r->place_count > 0)
		qsort(r->places, r->place_count, sizeof(*r->places), by_place);
	for (size_t i = 0; i < r->place_count; i++)
		if (kept == 0 || by_place(&r->places[i], &r->places[kept - 1]))
			r->places[kept++] = r->places[i];
	r->place_count = kept;
}

static int commit(struct sheaf_writer *writer, struct removal *r,
		  const struct sheaf_commit_options *how)
{
	const uint8_t(*ids)[SHEAF_ID_SIZE] = (const void *)r->ids;
	struct sheaf_commit_result out = { 0 };
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	if (stop_signal() != 0) {
		say("stopped by a signal; %s is as it was", r->path);
		return stop_status();
	}
	st = args.take_back ?
		     sheaf_writer_take_back(writer, ids, r->count, NULL, &err) :
		     sheaf_writer_remove(writer, ids, r->count, NULL, &err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(writer, how, &out, &err);
	if (st != SHEAF_OK)
		return say_error(r->path, st, &err);
	if (args.json)
		print_json(r, &out);
	else if (!args.quiet)
		print_text(r, &out);
	return STATUS_YES;
}

/* the lock is held, so the corpus that is read is the one that is written */
static int remove_from(struct sheaf_writer *writer, const char *path,
		       const struct input *in,
		       const struct sheaf_commit_options *how)
{
	struct removal r = { .path = path };
	struct sheaf_error err = { 0 };
	enum sheaf_status st = sheaf_open(&r.corpus, path, NULL, &err);
	struct sheaf_corpus *corpus = r.corpus;
	int status;

	if (st != SHEAF_OK)
		return say_error(path, st, &err);
	status = collect(&r, in);
	if (status == STATUS_YES)
		status = companions_add(&r, !args.take_back, args.take_back);
	if (status == STATUS_YES && !args.take_back) {
		places_once(&r);
		status = removal_effects(&r);
	}
	if (status == STATUS_YES)
		status = commit(writer, &r, how);
	removal_done(&r);
	sheaf_close(corpus);
	return status;
}

static int change(const char *path, const struct input *in)
{
	const struct sheaf_write_options write = { .dry_run = args.dry_run,
						   .wait = wait_get() };
	struct sheaf_commit_options how;
	struct sheaf_writer *writer;
	struct sheaf_error err = { 0 };
	enum sheaf_status st;
	int status = when_read(&how);

	if (status != STATUS_YES)
		return status;
	if (access(path, F_OK) != 0) { /* a writer would make one */
		if (errno != ENOENT)
			return say_errno(path);
		say("%s: no such file", path);
		return STATUS_UNKNOWN;
	}
	stop_catch();
	st = sheaf_writer_open(&writer, path, &write, &err);
	if (st == SHEAF_CANCELLED) {
		say("stopped by a signal; %s is as it was", path);
		return stop_status();
	}
	if (st != SHEAF_OK)
		return say_error(path, st, &err);
	status = remove_from(writer, path, in, &how);
	sheaf_writer_free(writer);
	return status;
}

static int usage_check(int count)
{
	bool keys = count > 1 || input_list();

	if (args.list + args.take_back + (args.apply != NULL) > 1)
		return say_usage("--list, --apply and --take-back exclude each "
				 "other");
	if (args.erase && (args.list || args.take_back))
		return say_usage("--erase goes with KEYs or --apply");
	if (args.list && keys)
		return say_usage("--list takes no KEY");
	if (args.apply && keys)
		return say_usage("--apply takes no KEY");
	if (args.latest && (args.list || args.apply || args.take_back))
		return say_usage("--latest goes with KEYs that are removed");
	if (!args.list && !args.apply && !keys)
		return say_usage("give a KEY, --files-from, --apply or --list");
	return STATUS_YES;
}

static int erase(const char *path, const struct input *in)
{
	const struct erasure_how how = { .apply = args.apply,
					 .latest = args.latest,
					 .dry_run = args.dry_run,
					 .quiet = args.quiet,
					 .json = args.json };

	return erasure_run(path, in, &how);
}

static int run(char **operands, int count)
{
	struct input in;
	int status = usage_check(count);

	if (status != STATUS_YES)
		return status;
	if (args.list)
		return list(operands[0]);
	status = input_read(&in, operands + 1, count - 1,
			    args.apply ? args.apply : input_list());
	if (status != STATUS_YES)
		return status;
	status =
		args.erase ? erase(operands[0], &in) : change(operands[0], &in);
	input_done(&in);
	return status;
}

const struct command cmd_rm = {
	.name = "rm",
	.operands = "CORPUS KEY...",
	.summary = "Take articles down, list those that are",
	.notes =
		"A KEY is an id, the first 4 or more digits of one, a name or "
		"an url; a name or\nurl stands for all its versions. What is "
		"removed is no longer listed or read,\nand 'sheaf add' refuses "
		"it; its bytes stay in the file, but with --erase, which\nis "
		"what --memory and --threads are for.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
