/*
 * cmd_verify.c - sheaf verify: is the file whole
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sheaf/verify.h>

#include "command.h"
#include "json.h"
#include "loss.h"
#include "opt.h"
#include "progress.h"
#include "say.h"
#include "stop.h"
#include "text.h"

static struct {
	bool deep, quiet, json;
	uint64_t threads;
} args;

static const struct opt options[] = {
	{ .kind = OPT_FLAG,
	  .name = "deep",
	  .value = &args.deep,
	  .help = "also hold every article against its id" },
	{ .kind = OPT_NUMBER,
	  .name = "threads",
	  .value = &args.threads,
	  .arg = "N",
	  .min = 1,
	  .max = 1024,
	  .help = "at work at once (as many as processors)" },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "print nothing where all is well, no progress" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "a JSON object: ranges, lost articles, counts" },
	{ .kind = OPT_END },
};

static void on_damage(const struct sheaf_damage *damage,
		      const struct sheaf_record *lost, void *arg)
{
	progress_clear();
	loss_take(arg, damage, lost);
}

/* whole, and nothing behind it that may be the rest of a newer commit */
static bool is_whole(const struct sheaf_verify_result *out)
{
	return out->damages == 0 && out->torn_articles == 0 &&
	       out->torn_lost == 0;
}

static void print_result_json(struct loss *loss,
			      const struct sheaf_verify_result *out)
{
	struct json *j = loss_json_end(loss);

	json_bool(j, "whole", is_whole(out));
	json_bool(j, "deep", args.deep);
	json_number(j, "damages", out->damages);
	json_number(j, "commits", out->commits);
	json_number(j, "blocks", out->blocks);
	json_number(j, "articles", out->articles);
	json_number(j, "records", out->records);
	json_number(j, "lost_articles", out->lost_articles);
	json_number(j, "lost_unknown", out->lost_unknown);
	json_number(j, "lost_records", out->lost_records);
	json_number(j, "lost_names", out->lost_names);
	json_number(j, "nameless", out->nameless);
	json_number(j, "newest_commit", out->newest);
	json_bool(j, "opens", out->opens);
	json_number(j, "torn_bytes", out->torn_bytes);
	json_number(j, "torn_articles", out->torn_articles);
	json_number(j, "torn_lost", out->torn_lost);
	json_hex(j, "commit_id", out->commit_id, sizeof(out->commit_id));
	json_end(j);
}

static void print_whole(const struct sheaf_verify_result *out)
{
	char a[TEXT_SIZE], hex[65];

	if (args.quiet)
		return;
	printf("OK: %s", text_count(a, out->commits, "commit"));
	printf(", %s", text_count(a, out->articles, "article"));
	text_hex(hex, out->commit_id, sizeof(out->commit_id));
	printf(", commit id %s\n", hex);
}

static void print_torn(const struct sheaf_verify_result *out)
{
	char a[TEXT_SIZE];

	printf("note: %s after commit %" PRIu64 " belong to no whole commit ",
	       text_count(a, out->torn_bytes, "byte"), out->newest);
	if (out->torn_articles == 0 && out->torn_lost == 0) {
		printf("(an add at work or interrupted); the next add cuts "
		       "them off\n");
		return;
	}
	printf("(an add was interrupted, or the end of a newer commit "
	       "is lost); they hold %s, which 'sheaf salvage' "
	       "brings back and the next add cuts off\n",
	       text_count(a, out->torn_articles, "whole article"));
	if (out->torn_lost > 0)
		printf("note: %s that they name are not there, and are told "
		       "as lost\n",
		       text_count(a, out->torn_lost, "article"));
}

/* what is lost beside the articles that were named */
static void print_notes(const struct sheaf_verify_result *out)
{
	char a[TEXT_SIZE], b[TEXT_SIZE];

	if (out->lost_unknown > 0)
		printf("lost: %s more, of which nothing is left\n",
		       text_count(a, out->lost_unknown, "article"));
	if (out->lost_names > 0)
		printf("note: %s lost with the pages they stood in\n",
		       text_count(a, out->lost_names, "name"));
	if (out->nameless > 0)
		printf("note: %s left without a name; 'sheaf salvage' brings "
		       "them back as lost+found/ID\n",
		       text_count(b, out->nameless, "whole article"));
	if (out->newest == 0)
		printf("note: no commit is whole, so the corpus can't be "
		       "opened\n");
	else if (!out->opens)
		printf("note: commit %" PRIu64
		       ", the newest whole one, can't be opened\n",
		       out->newest);
}

static void print_result(const char *path,
			 const struct sheaf_verify_result *out)
{
	char a[TEXT_SIZE];

	if (out->torn_bytes > 0 && (!args.quiet || !is_whole(out)))
		print_torn(out);
	if (is_whole(out)) {
		print_whole(out);
		return;
	}
	print_notes(out);
	if (out->damages == 0) {
		fputs("UNFINISHED: ", stdout);
		text_write(stdout, text_str(path), TEXT_EXACT);
		printf(": whole up to commit %" PRIu64 "\n", out->newest);
		return;
	}
	printf("DAMAGED: ");
	text_write(stdout, text_str(path), TEXT_EXACT);
	printf(": %s", text_count(a, out->damages, "place"));
	printf(", %s", text_count(a, out->lost_articles, "article"));
	printf(" and %s lost\n", text_count(a, out->lost_records, "record"));
}

static int run(char **operands, int count)
{
	struct loss loss = { .json = args.json };
	const struct sheaf_verify_options verify = {
		.deep = args.deep,
		.threads = (unsigned int)args.threads,
		.on_damage = on_damage,
		.on_progress = progress_on_bytes,
		.arg = &loss,
	};
	struct sheaf_verify_result out = { 0 };
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	(void)count;
	stop_catch();
	progress_start("verifying", !args.quiet);
	st = sheaf_verify(operands[0], &verify, &out, &err);
	progress_clear();
	if (st == SHEAF_CANCELLED) {
		say("stopped by a signal; the check is not complete");
		return stop_status();
	}
	if (st == SHEAF_NOT_FOUND) {
		say_error(operands[0], st, &err);
		return STATUS_UNKNOWN;
	}
	if (st != SHEAF_OK)
		return say_error(operands[0], st, &err);
	if (args.json)
		print_result_json(&loss, &out);
	else
		print_result(operands[0], &out);
	return is_whole(&out) ? STATUS_YES : STATUS_NO;
}

const struct command cmd_verify = {
	.name = "verify",
	.operands = "CORPUS",
	.summary = "Check that a corpus is whole",
	.notes = "Prints what is damaged and which articles that costs, or a "
		 "last line that begins\nwith OK. What is whole of a damaged "
		 "corpus is had with 'sheaf salvage'. Keep the\ncommit id "
		 "elsewhere: it vouches for every byte of the file.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
