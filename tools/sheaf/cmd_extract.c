/*
 * cmd_extract.c - sheaf extract: records as the files they came from
 */
#include <stdio.h>

#include <sheaf/folder.h>

#include "command.h"
#include "filter.h"
#include "json.h"
#include "opt.h"
#include "progress.h"
#include "reader.h"
#include "say.h"
#include "stop.h"
#include "text.h"

static struct {
	const char *directory;
	bool overwrite, quiet, json;
	uint64_t threads;
} args;

static const struct opt options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'C',
	  .name = "directory",
	  .value = &args.directory,
	  .arg = "DIR",
	  .help = "write below DIR, which is made if absent (needed)" },
	{ .kind = OPT_FLAG,
	  .name = "overwrite",
	  .value = &args.overwrite,
	  .help = "replace files that exist" },
	{ .kind = OPT_NUMBER,
	  .name = "threads",
	  .value = &args.threads,
	  .arg = "N",
	  .min = 1,
	  .max = 256,
	  .help = "at work at once (as many as processors)" },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "only warnings and errors" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "the result as a JSON object" },
	{ .kind = OPT_TABLE, .table = filter_options },
	{ .kind = OPT_END },
};

static void print_json(const struct sheaf_folder_result *out)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "directory", args.directory);
	json_number(&j, "files", out->files);
	json_number(&j, "bytes", out->bytes);
	json_number(&j, "skipped", out->skipped);
	json_number(&j, "failed", out->failed);
	json_end(&j);
}

static void print_text(const struct sheaf_folder_result *out)
{
	char count[TEXT_SIZE];

	printf("%s", text_count(count, out->files, "file"));
	printf(" (%s) written to ", text_bytes(count, out->bytes));
	text_write(stdout, text_str(args.directory), TEXT_EXACT);
	if (out->skipped > 0)
		printf("; %s left as they were (--overwrite replaces them)",
		       text_number(count, out->skipped));
	putchar('\n');
}

static int finish(const char *path, enum sheaf_status st,
		  const struct sheaf_folder_result *out,
		  const struct sheaf_error *err)
{
	char count[TEXT_SIZE];

	progress_clear();
	if (st == SHEAF_CANCELLED) {
		say("stopped by a signal; %s written",
		    text_count(count, out->files, "file"));
		return stop_status();
	}
	if (st != SHEAF_OK)
		return say_error(path, st, err);
	if (args.json)
		print_json(out);
	else if (!args.quiet)
		print_text(out);
	if (out->failed > 0) {
		say("%s could not be written",
		    text_count(count, out->failed, "file"));
		return STATUS_UNKNOWN;
	}
	return out->skipped > 0 ? STATUS_NO : STATUS_YES;
}

static int extract(const char *path, const struct sheaf_filter *filter)
{
	const struct sheaf_extract_options extract_options = {
		.overwrite = args.overwrite,
		.threads = (unsigned int)args.threads,
		.on_warning = say_warning,
		.on_progress = progress_on_files,
	};
	struct sheaf_folder_result out = { 0 };
	struct sheaf_error err = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;
	int status = reader_open(&corpus, path);

	if (status != STATUS_YES)
		return status;
	stop_catch();
	progress_start("extracting", !args.quiet);
	st = sheaf_folder_extract(corpus, args.directory, filter,
				  &extract_options, &out, &err);
	status = finish(path, st, &out, &err);
	sheaf_close(corpus);
	return status;
}

static int run(char **operands, int count)
{
	struct sheaf_filter filter;
	int status;

	(void)count;
	if (!args.directory)
		return say_usage("-C DIR is missing: where to write");
	status = filter_get(&filter);
	if (status == STATUS_YES)
		status = extract(operands[0], &filter);
	filter_done();
	return status;
}

const struct command cmd_extract = {
	.name = "extract",
	.operands = "CORPUS -C DIR",
	.summary = "Write records as the files that they came from",
	.notes = "Names, bytes and times are restored. Nothing is written "
		 "outside of DIR.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
