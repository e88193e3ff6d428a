/*
 * cmd_verify.c - sheaf verify: is the file whole
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sheaf/verify.h>

#include "command.h"
#include "json.h"
#include "opt.h"
#include "progress.h"
#include "row.h"
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
	  .help = "a JSON object for each finding, then the result" },
	{ .kind = OPT_END },
};

static void print_damage(const struct sheaf_damage *damage)
{
	char a[TEXT_SIZE];

	fputs("damaged: ", stdout);
	text_write(stdout, text_str(damage->what), TEXT_MESSAGE);
	if (damage->offset != UINT64_MAX)
		printf(", at byte %" PRIu64, damage->offset);
	if (damage->len > 0)
		printf(", %s", text_count(a, damage->len, "byte"));
	if (damage->articles > 0)
		printf("; costs %s",
		       text_count(a, damage->articles, "article"));
	putchar('\n');
}

static void print_damage_json(const struct sheaf_damage *damage)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "damaged", damage->what);
	if (damage->offset != UINT64_MAX)
		json_number(&j, "offset", damage->offset);
	else
		json_null(&j, "offset");
	json_number(&j, "bytes", damage->len);
	json_number(&j, "articles", damage->articles);
	json_end(&j);
}

static void print_lost(const struct sheaf_record *record)
{
	struct json j = { .f = stdout };
	char hex[13];

	row_prefix(record, hex);
	if (args.json) {
		json_open(&j, NULL, '{');
		json_text(&j, "lost", hex);
		json_str(&j, "name", record->name);
		json_number(&j, "commit", record->commit);
		json_number(&j, "size", record->size);
		json_end(&j);
		return;
	}
	printf("lost: %s  ", hex);
	text_write(stdout, record->name, TEXT_EXACT);
	putchar('\n');
}

static void on_damage(const struct sheaf_damage *damage,
		      const struct sheaf_record *lost, void *arg)
{
	(void)arg;
	progress_clear();
	if (lost)
		print_lost(lost);
	else if (args.json)
		print_damage_json(damage);
	else
		print_damage(damage);
}

static int on_progress(uint64_t done, uint64_t total, void *arg)
{
	(void)arg;
	progress_bytes(done, total);
	return stop_signal();
}

static void print_result_json(const struct sheaf_verify_result *out)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_bool(&j, "whole", out->damages == 0);
	json_bool(&j, "deep", args.deep);
	json_number(&j, "damages", out->damages);
	json_number(&j, "commits", out->commits);
	json_number(&j, "blocks", out->blocks);
	json_number(&j, "articles", out->articles);
	json_number(&j, "records", out->records);
	json_number(&j, "lost_articles", out->lost_articles);
	json_number(&j, "lost_records", out->lost_records);
	json_number(&j, "torn_bytes", out->torn_bytes);
	json_hex(&j, "commit_id", out->commit_id, sizeof(out->commit_id));
	json_end(&j);
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

static void print_result(const char *path,
			 const struct sheaf_verify_result *out)
{
	char a[TEXT_SIZE];

	if (out->torn_bytes > 0 && !args.quiet) {
		printf("note: %s after commit %" PRIu64
		       " belong to no whole commit (an add at work or "
		       "interrupted); the next add cuts them off\n",
		       text_count(a, out->torn_bytes, "byte"), out->commits);
	}
	if (out->damages == 0) {
		print_whole(out);
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
	const struct sheaf_verify_options verify = {
		.deep = args.deep,
		.threads = (unsigned int)args.threads,
		.on_damage = on_damage,
		.on_progress = on_progress,
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
		print_result_json(&out);
	else
		print_result(operands[0], &out);
	return out.damages == 0 ? STATUS_YES : STATUS_NO;
}

const struct command cmd_verify = {
	.name = "verify",
	.operands = "CORPUS",
	.summary = "Check that a corpus is whole",
	.notes = "Prints what is damaged and which articles that costs, or a "
		 "last line that begins\nwith OK. Keep the commit id "
		 "elsewhere: it vouches for every byte of the file.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
