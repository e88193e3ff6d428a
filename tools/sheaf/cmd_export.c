/*
 * cmd_export.c - sheaf export: records in a format of others
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheaf/exporter.h>

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
	const char *format, *output;
	bool all_versions, text, overwrite, quiet, json;
	uint64_t threads;
} args;

static const struct opt options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'f',
	  .name = "to",
	  .value = &args.format,
	  .arg = "FORMAT",
	  .help = "the format to write (needed): see below" },
	{ .kind = OPT_TEXT,
	  .letter = 'o',
	  .name = "output",
	  .value = &args.output,
	  .arg = "OUT",
	  .help = "the file or folder to make; - or none: standard\n"
		  "output, where the format can be a pipe" },
	{ .kind = OPT_FLAG,
	  .letter = 'a',
	  .name = "all-versions",
	  .value = &args.all_versions,
	  .help = "not only the latest version of each name; the\n"
		  "oldest first" },
	{ .kind = OPT_FLAG,
	  .name = "text",
	  .value = &args.text,
	  .help = "the text of articles alone: no front matter, no\n"
		  "tags of HTML, of JSON Lines and CSV the text" },
	{ .kind = OPT_FLAG,
	  .name = "overwrite",
	  .value = &args.overwrite,
	  .help = "replace OUT if it is a file" },
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
	  .help = "the result as a JSON object; with -o only" },
	{ .kind = OPT_TABLE, .table = filter_options },
	{ .kind = OPT_END },
};

/* false if there is no such format */
static bool format_find(struct sheaf_export_format *out)
{
	for (size_t i = 0; sheaf_export_format_at(i, out); i++)
		if (!strcmp(out->name, args.format))
			return true;
	return false;
}

static int say_formats(const char *why)
{
	struct sheaf_export_format f;
	char list[200] = "";
	size_t len = 0;

	for (size_t i = 0; sheaf_export_format_at(i, &f); i++)
		if (len + strlen(f.name) + 3 < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						"%s%s", i > 0 ? ", " : "",
						f.name);
	if (why)
		return say_usage("-f: '%s' is none of %s", why, list);
	return say_usage("-f FORMAT is missing: one of %s", list);
}

/* what can be said of the command line before the corpus is opened */
static int check(void)
{
	struct sheaf_export_format format;

	if (!args.format)
		return say_formats(NULL);
	if (!format_find(&format))
		return say_formats(args.format);
	if (args.output && !*args.output)
		return say_usage("-o: OUT is empty");
	if (args.output && !strcmp(args.output, "-"))
		args.output = NULL;
	if (args.output)
		return STATUS_YES;
	if (format.needs_output)
		return say_usage("-o OUT is missing: %s can't go to standard "
				 "output",
				 format.name);
	if (args.json)
		return say_usage("--json needs -o OUT: standard output is the "
				 "export's");
	if (format.is_binary && isatty(STDOUT_FILENO))
		return say_usage("%s is not for a terminal; -o OUT writes a "
				 "file",
				 format.name);
	return STATUS_YES;
}

static void print_json(const struct sheaf_export_result *out)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "output", args.output);
	json_text(&j, "format", args.format);
	json_number(&j, "articles", out->articles);
	json_number(&j, "bytes", out->bytes);
	json_number(&j, "written", out->written);
	json_number(&j, "failed", out->failed);
	json_end(&j);
}

static void print_text(const struct sheaf_export_result *out)
{
	char count[TEXT_SIZE];

	printf("%s", text_count(count, out->articles, "article"));
	printf(" (%s) written to ", text_bytes(count, out->bytes));
	text_write(stdout, text_str(args.output), TEXT_EXACT);
	if (out->written > 0)
		printf(" (%s)", text_bytes(count, out->written));
	putchar('\n');
}

/* a file stands where the output should, and may be replaced */
static bool is_in_the_way(void)
{
	struct stat sb;

	return args.output && !args.overwrite && strcmp(args.format, "hugo") &&
	       lstat(args.output, &sb) == 0 && S_ISREG(sb.st_mode);
}

/* an export in the place of what it is made of would be the end of that */
static bool is_corpus(const char *path)
{
	struct stat corpus, output;

	return args.output && stat(path, &corpus) == 0 &&
	       stat(args.output, &output) == 0 &&
	       corpus.st_dev == output.st_dev && corpus.st_ino == output.st_ino;
}

/* of what ended it before its end */
static int finish_early(const char *path, enum sheaf_status st,
			const struct sheaf_error *err)
{
	if (st == SHEAF_CANCELLED) {
		say("stopped by a signal; %s",
		    args.output ? "nothing was written" :
				  "the output is not whole");
		return stop_status();
	}
	/* where SIGPIPE is ignored, the status it would have given */
	if (st == SHEAF_IO && err->sys_errno == EPIPE && !args.output)
		return 128 + SIGPIPE;
	if (st == SHEAF_MISUSE && is_in_the_way()) {
		say("%s: exists already; --overwrite replaces it", args.output);
		return STATUS_UNKNOWN;
	}
	return say_error(st == SHEAF_MISUSE || st == SHEAF_BUSY ||
					 st == SHEAF_LIMIT ||
					 st == SHEAF_UNSUPPORTED ?
				 args.output :
				 path,
			 st, err);
}

static int finish(const char *path, enum sheaf_status st,
		  const struct sheaf_export_result *out,
		  const struct sheaf_error *err)
{
	char count[TEXT_SIZE];

	progress_clear();
	if (st != SHEAF_OK)
		return finish_early(path, st, err);
	if (args.json)
		print_json(out);
	else if (!args.quiet && args.output)
		print_text(out);
	if (out->failed == 0)
		return STATUS_YES;
	say("%s could not be written",
	    text_count(count, out->failed, "article"));
	return STATUS_UNKNOWN;
}

static int export(const char *path, const struct sheaf_filter *filter)
{
	const struct sheaf_export_options export_options = {
		.format = args.format,
		.output = args.output,
		.fd = STDOUT_FILENO,
		.overwrite = args.overwrite,
		.text_only = args.text,
		.threads = (unsigned int)args.threads,
		.on_warning = say_warning,
		.on_progress = progress_on_files,
	};
	struct sheaf_export_result out = { 0 };
	struct sheaf_error err = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;
	int status = reader_open(&corpus, path);

	if (status != STATUS_YES)
		return status;
	if (is_corpus(path)) {
		sheaf_close(corpus);
		return say_usage("-o: %s is the corpus itself", args.output);
	}
	stop_catch();
	/* not between the lines of what is printed */
	progress_start("exporting",
		       !args.quiet && (args.output || !isatty(STDOUT_FILENO)));
	st = sheaf_export(corpus, filter, &export_options, &out, &err);
	status = finish(path, st, &out, &err);
	sheaf_close(corpus);
	return status;
}

static int run(char **operands, int count)
{
	struct sheaf_filter filter;
	int status = check();

	(void)count;
	if (status != STATUS_YES)
		return status;
	status = filter_get(&filter);
	if (status == STATUS_YES) {
		filter.all_versions = args.all_versions;
		status = export(operands[0], &filter);
	}
	filter_done();
	return status;
}

const struct command cmd_export = {
	.name = "export",
	.operands = "CORPUS -f FORMAT -o OUT",
	.summary = "Write records in a format of other programs",
	.notes = "Formats: tar, tar.zst, zip (the files); hugo (a tree of "
		 "posts); jsonl, jsonl.zst\n(id, name, fields, text, a line an "
		 "article); csv (the fields); sqlite (tables\nand a full-text "
		 "index); zim (for Kiwix); warc, warc-1.0 (a web archive).\n"
		 "Articles come byte for byte. What can't be written is told "
		 "and passed over:\nexit status 3.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
