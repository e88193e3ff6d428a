/*
 * cmd_salvage.c - sheaf salvage: a new corpus from what is whole of a damaged
 * one
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sheaf/salvage.h>

#include "command.h"
#include "json.h"
#include "loss.h"
#include "means.h"
#include "opt.h"
#include "progress.h"
#include "say.h"
#include "stop.h"
#include "text.h"

enum { MESSAGE_MAX = 4096 };

static struct {
	const char *output, *message, *lost;
	uint64_t level;
	bool quiet, json;
} args;

static const struct opt options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'o',
	  .name = "output",
	  .value = &args.output,
	  .arg = "NEW",
	  .help = "write NEW, which must not exist" },
	{ .kind = OPT_TEXT,
	  .name = "lost",
	  .value = &args.lost,
	  .arg = "FILE",
	  .help = "write the list of what is lost to FILE" },
	{ .kind = OPT_TEXT,
	  .letter = 'm',
	  .name = "message",
	  .value = &args.message,
	  .arg = "TEXT",
	  .help = "of the new commit (salvaged from DAMAGED)" },
	{ .kind = OPT_NUMBER,
	  .name = "level",
	  .value = &args.level,
	  .arg = "N",
	  .min = 1,
	  .max = 22,
	  .help = "zstd's level (9)" },
	{ .kind = OPT_TABLE, .table = means_options },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "only what is lost, no progress" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "a JSON object: ranges, lost articles, counts" },
	{ .kind = OPT_END },
};

static FILE *lost_file;

static void on_damage(const struct sheaf_damage *damage,
		      const struct sheaf_record *lost, void *arg)
{
	struct loss *loss = arg;

	progress_clear();
	if (lost != NULL && lost_file != NULL)
		loss_print(lost_file, lost);
	loss_take(loss, damage, lost);
}

static void result_json(struct loss *loss,
			const struct sheaf_salvage_result *out)
{
	struct json *j = loss_json_end(loss);

	json_number(j, "damages", out->damages);
	json_number(j, "commit", out->commit);
	json_number(j, "records", out->records);
	json_number(j, "articles", out->articles);
	json_number(j, "nameless", out->nameless);
	json_number(j, "renamed", out->renamed);
	json_number(j, "lost_articles", out->lost_articles);
	json_number(j, "lost_unknown", out->lost_unknown);
	json_number(j, "lost_records", out->lost_records);
	json_number(j, "lost_names", out->lost_names);
	json_number(j, "lost_commits", out->commits_lost);
	json_number(j, "removed", out->removed);
	json_bool(j, "removed_lost", out->removed_lost);
	json_number(j, "file_size", out->file_size);
	json_end(j);
}

static void result_words(const struct sheaf_salvage_result *out)
{
	char a[TEXT_SIZE], b[TEXT_SIZE];

	if (out->lost_unknown > 0)
		printf("lost: %s more, of which nothing is left\n",
		       text_count(a, out->lost_unknown, "article"));
	if (out->lost_names > 0)
		printf("lost: %s, with the pages they stood in\n",
		       text_count(a, out->lost_names, "name"));
	if (out->commits_lost > 0)
		printf("lost: time and message of %s\n",
		       text_count(a, out->commits_lost, "commit"));
	if (out->removed_lost)
		printf("WARNING: the newest list of removed articles is "
		       "damaged: some that were removed may be back\n");
	if (args.quiet)
		return;
	if (out->nameless + out->renamed > 0)
		printf("%s under lost+found/, as no name is left\n",
		       text_count(a, out->nameless + out->renamed, "record"));
	printf("commit %" PRIu64 ": %s brought back", out->commit,
	       text_count(a, out->articles, "article"));
	printf(", %s lost\n", text_count(b, out->lost_articles, "article"));
}

static bool is_complete(const struct sheaf_salvage_result *out)
{
	return out->lost_articles == 0 && out->lost_names == 0 &&
	       out->lost_records == 0 && out->renamed == 0 &&
	       out->nameless == 0 && out->commits_lost == 0 &&
	       !out->removed_lost;
}

/* a corpus must not be overwritten by a list of its losses */
static int lost_open(void)
{
	if (args.lost == NULL)
		return STATUS_YES;
	lost_file = fopen(args.lost, "wx");
	return lost_file != NULL ? STATUS_YES : say_errno(args.lost);
}

static int lost_close(void)
{
	int status = STATUS_YES;

	if (lost_file == NULL)
		return status;
	if (ferror(lost_file) != 0)
		status = say_errno(args.lost);
	if (fclose(lost_file) != 0 && status == STATUS_YES)
		status = say_errno(args.lost);
	lost_file = NULL;
	return status;
}

static int salvage(const char *damaged, const char *message)
{
	struct loss loss = { .json = args.json };
	const struct sheaf_salvage_options o = {
		.level = (int)args.level,
		.memory = means_memory(),
		.threads = means_threads(),
		.message = text_str(message),
		.on_damage = on_damage,
		.on_progress = progress_on_bytes,
		.arg = &loss,
	};
	struct sheaf_salvage_result out;
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	stop_catch();
	progress_start("salvaging", !args.quiet);
	st = sheaf_salvage(damaged, args.output, &o, &out, &err);
	progress_clear();
	if (st == SHEAF_CANCELLED) {
		say("stopped; nothing was written");
		return stop_status();
	}
	if (st == SHEAF_MISUSE && strncmp(err.text, damaged, strlen(damaged)))
		return say_error(args.output, st, &err);
	if (st == SHEAF_NOT_FOUND) {
		say_error(damaged, st, &err);
		return STATUS_UNKNOWN;
	}
	if (st != SHEAF_OK)
		return say_error(damaged, st, &err);
	if (args.json)
		result_json(&loss, &out);
	else
		result_words(&out);
	return is_complete(&out) ? STATUS_YES : STATUS_NO;
}

static int run(char **operands, int count)
{
	char message[MESSAGE_MAX + 1];
	int status, closed;

	(void)count;
	if (args.output == NULL)
		return say_usage("-o NEW is missing");
	if (args.message != NULL && strlen(args.message) > MESSAGE_MAX)
		return say_usage("--message: longer than %d bytes",
				 MESSAGE_MAX);
	if (args.message != NULL)
		snprintf(message, sizeof(message), "%s", args.message);
	else
		snprintf(message, sizeof(message), "salvaged from %s",
			 operands[0]);
	status = lost_open();
	if (status != STATUS_YES)
		return status;
	status = salvage(operands[0], message);
	closed = lost_close();
	return closed != STATUS_YES ? closed : status;
}

const struct command cmd_salvage = {
	.name = "salvage",
	.operands = "DAMAGED -o NEW",
	.summary = "Write what is whole of a damaged corpus to a new one",
	.notes = "Prints what is lost. What has no name left is under "
		 "lost+found/ in NEW. DAMAGED\nis not changed. Exit status: 0 "
		 "nothing is lost, 1 something is.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
