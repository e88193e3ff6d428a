/*
 * cmd_add.c - sheaf add: files into a corpus, as one commit
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sheaf/folder.h>

#include "added.h"
#include "command.h"
#include "input.h"
#include "means.h"
#include "opt.h"
#include "progress.h"
#include "say.h"
#include "stop.h"
#include "text.h"
#include "wait.h"
#include "when.h"

static struct {
	const char *format, *field, *base, *stdin_name;
	bool take_back, dry_run, quiet, json;
	uint64_t level, block, dict_size;
	uint64_t max_article, max_total;
} args = { .format = "auto", .stdin_name = "", .dict_size = UINT64_MAX };

static const struct opt options[] = {
	{ .kind = OPT_CHOICE,
	  .name = "format",
	  .value = &args.format,
	  .arg = "auto|text|hugo|html|jsonl|csv|archive|warc",
	  .help = "what the files are (auto: told by name and content,\n"
		  "each for itself)" },
	{ .kind = OPT_TEXT,
	  .name = "field",
	  .value = &args.field,
	  .arg = "FIELD=NAME,...",
	  .help = "what JSON Lines and CSV call title, text, url, date,\n"
		  "outlet, lang, tags, name" },
	{ .kind = OPT_TEXT,
	  .name = "stdin-name",
	  .value = &args.stdin_name,
	  .arg = "NAME",
	  .help = "of what comes on standard input, for a PATH of '-'" },
	{ .kind = OPT_SIZE,
	  .name = "max-article",
	  .value = &args.max_article,
	  .arg = "SIZE",
	  .min = 1,
	  .max = SHEAF_ARTICLE_MAX,
	  .help = "leave out larger members of archives (64M)" },
	{ .kind = OPT_SIZE,
	  .name = "max-total",
	  .value = &args.max_total,
	  .arg = "SIZE",
	  .min = 1,
	  .max = UINT64_MAX,
	  .help = "refuse an archive with more bytes of articles (none)" },
	{ .kind = OPT_TABLE, .table = input_path_options },
	{ .kind = OPT_TEXT,
	  .name = "base",
	  .value = &args.base,
	  .arg = "DIR",
	  .help = "names are relative to DIR (the working folder)" },
	{ .kind = OPT_TABLE, .table = when_options },
	{ .kind = OPT_NUMBER,
	  .name = "level",
	  .value = &args.level,
	  .arg = "N",
	  .min = 1,
	  .max = 22,
	  .help = "zstd's level, 1 to 22 (9; 15 or 19 for a small add)" },
	{ .kind = OPT_SIZE,
	  .name = "block",
	  .value = &args.block,
	  .arg = "SIZE",
	  .min = 1024,
	  .max = SHEAF_ARTICLE_MAX,
	  .help = "bytes of articles a block, 1K to 64M\n"
		  "(8K; 16K for a small add)" },
	{ .kind = OPT_SIZE,
	  .name = "dict-size",
	  .value = &args.dict_size,
	  .arg = "SIZE",
	  .max = SHEAF_ARTICLE_MAX,
	  .help = "of a new dictionary, 0 for none (by the input)" },
	{ .kind = OPT_TABLE, .table = means_options },
	{ .kind = OPT_TABLE, .table = wait_options },
	{ .kind = OPT_FLAG,
	  .name = "take-back",
	  .value = &args.take_back,
	  .help = "add also what 'sheaf rm' removed" },
	{ .kind = OPT_FLAG,
	  .letter = 'n',
	  .name = "dry-run",
	  .value = &args.dry_run,
	  .help = "say what is new, change nothing" },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "only warnings and errors" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "the result as a JSON object" },
	{ .kind = OPT_END },
};

/* the folders could not be read to their end */
static int folder_failed(const char *corpus,
			 const struct sheaf_folder_result *in,
			 enum sheaf_status st, const struct sheaf_error *err)
{
	if (in->input_failed) {
		say("%s; nothing was added", err->text);
		return st == SHEAF_CORRUPT ? STATUS_NO :
		       st == SHEAF_MISUSE  ? STATUS_USAGE :
					     STATUS_UNKNOWN;
	}
	switch (st) {
	case SHEAF_CANCELLED:
		say("stopped by a signal; %s is as it was", corpus);
		return stop_status();
	case SHEAF_NOT_FOUND: /* before anything was added, both */
	case SHEAF_MISUSE:
		say("%s; nothing was added", err->text);
		return st == SHEAF_MISUSE ? STATUS_USAGE : STATUS_UNKNOWN;
	default:
		return say_error(corpus, st, err);
	}
}

static int finish(const struct added *added)
{
	char count[TEXT_SIZE];

	progress_clear();
	if (args.json)
		added_print_json(added);
	else if (!args.quiet)
		added_print(added);
	if (added->in.failed == 0)
		return STATUS_YES;
	say("%s could not be added%s",
	    text_count(count, added->in.failed, "file"),
	    added->out.committed ? "; the rest is committed" : "");
	return STATUS_UNKNOWN;
}

/* *raced: somebody else has created the corpus meanwhile, and we may wait */
static int add(struct sheaf_writer *writer, const char *corpus,
	       const struct input *paths,
	       const struct sheaf_commit_options *commit, bool *raced)
{
	struct sheaf_folder_options folder = {
		.base = args.base,
		.format = strcmp(args.format, "auto") ? args.format : NULL,
		.field_map = args.field,
		.max_article = args.max_article,
		.max_total = args.max_total,
		.stdin_name = args.stdin_name,
		.on_warning = say_warning,
		.on_progress = progress_on_files,
	};
	struct stat file;
	struct added added = { .corpus = corpus, .dry_run = args.dry_run };
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	/* where the corpus lies in a folder that is added */
	if (stat(corpus, &file) == 0) {
		folder.skip_dev = file.st_dev;
		folder.skip_ino = file.st_ino;
	}
	progress_start("adding", !args.quiet);
	st = sheaf_folder_add(writer, paths->items, paths->count, &folder,
			      &added.in, &err);
	if (st == SHEAF_OK && stop_signal() != 0)
		st = SHEAF_CANCELLED;
	if (st != SHEAF_OK)
		return folder_failed(corpus, &added.in, st, &err);
	if (added.in.files > 0) {
		if (!args.dry_run)
			progress_step("packing");
		st = sheaf_writer_commit(writer, commit, &added.out, &err);
	}
	*raced = st == SHEAF_BUSY && wait_get().seconds != 0;
	if (*raced)
		return STATUS_UNKNOWN;
	if (st != SHEAF_OK)
		return say_error(corpus, st, &err);
	return finish(&added);
}

static int open_and_add(const char *corpus, const struct input *paths,
			const struct sheaf_commit_options *commit, bool *raced)
{
	const struct sheaf_write_options write = {
		.level = (int)args.level,
		.block_size = (size_t)args.block,
		.dictionary_size = args.dict_size == UINT64_MAX ?
					   0 :
					   (size_t)args.dict_size,
		.no_dictionary = args.dict_size == 0,
		.threads = means_threads(),
		.memory = means_memory(),
		.dry_run = args.dry_run,
		.wait = wait_get(),
		.take_back = args.take_back,
	};
	struct sheaf_writer *writer;
	struct sheaf_error err = { 0 };
	enum sheaf_status st = sheaf_writer_open(&writer, corpus, &write, &err);
	int status;

	*raced = false;
	if (st == SHEAF_CANCELLED)
		return folder_failed(corpus, &(struct sheaf_folder_result){ 0 },
				     st, &err);
	if (st != SHEAF_OK)
		return say_error(corpus, st, &err);
	status = add(writer, corpus, paths, commit, raced);
	sheaf_writer_free(writer);
	return status;
}

static int run_with(const char *corpus, const struct input *paths)
{
	struct sheaf_commit_options commit;
	bool raced = true;
	int status = when_read(&commit);

	if (status != STATUS_YES)
		return status;
	stop_catch();
	means_start();
	while (raced)
		status = open_and_add(corpus, paths, &commit, &raced);
	return status;
}

static int run(char **operands, int count)
{
	struct input paths;
	int status;

	if (input_list() && !strcmp(input_list(), "-"))
		for (int i = 1; i < count; i++)
			if (!strcmp(operands[i], "-"))
				return say_usage("standard input can't be a "
						 "PATH and a list of them");
	if (count == 1 && !input_list())
		return say_usage("give a PATH to add, or --files-from FILE");
	status = input_read(&paths, operands + 1, count - 1, input_list());
	if (status != STATUS_YES)
		return status;
	status = run_with(operands[0], &paths);
	input_done(&paths);
	return status;
}

const struct command cmd_add = {
	.name = "add",
	.operands = "CORPUS PATH...",
	.summary = "Add files to a corpus, as one commit",
	.notes =
		"A PATH is a file, a folder with all regular files below it, "
		"or '-' for standard\ninput. A file is stored as one article, "
		"byte for byte. These hold many, each of\nwhich is one; they "
		"may be compressed, and are not stored themselves:\n"
		"  tar, zip, 7z, cpio   each file, under its name in there\n"
		"  WARC                 each page or text, under its url\n"
		"  JSON Lines, .csv     each line or row, as FILE/ID by its id "
		"or url, else by\n                       its number\n"
		"The corpus is made if there is none. What it holds already is "
		"not stored again.\n'sheaf get' gives each article back as it "
		"came.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
