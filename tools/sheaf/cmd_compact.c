/*
 * cmd_compact.c - sheaf compact: the corpus anew, as small as it gets
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sheaf/compact.h>

#include "command.h"
#include "means.h"
#include "opt.h"
#include "progress.h"
#include "say.h"
#include "stop.h"
#include "text.h"
#include "wait.h"

enum { MESSAGE_MAX = 4096 };

static struct {
	const char *output, *message;
	uint64_t level, block, dict_size;
	bool quiet;
} args = { .message = "compacted" };

static const struct opt options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'o',
	  .name = "output",
	  .value = &args.output,
	  .arg = "NEW",
	  .help = "write NEW; the corpus stays as it is" },
	{ .kind = OPT_TEXT,
	  .letter = 'm',
	  .name = "message",
	  .value = &args.message,
	  .arg = "TEXT",
	  .help = "of the new commit" },
	{ .kind = OPT_NUMBER,
	  .name = "level",
	  .value = &args.level,
	  .arg = "N",
	  .min = 1,
	  .max = 22,
	  .help = "zstd's level (19)" },
	{ .kind = OPT_SIZE,
	  .name = "block",
	  .value = &args.block,
	  .arg = "SIZE",
	  .min = 1024,
	  .max = (uint64_t)64 << 20,
	  .help = "bytes of articles a block (64K)" },
	{ .kind = OPT_SIZE,
	  .name = "dict-size",
	  .value = &args.dict_size,
	  .arg = "SIZE",
	  .max = (uint64_t)48 << 20,
	  .help = "of the dictionary of articles (a third of\n"
		  "all, at most 32M); readers hold it in memory" },
	{ .kind = OPT_TABLE, .table = means_options },
	{ .kind = OPT_TABLE, .table = wait_options },
	{ .kind = OPT_FLAG,
	  .letter = 'q',
	  .name = "quiet",
	  .value = &args.quiet,
	  .help = "print nothing where all is well, no progress" },
	{ .kind = OPT_END },
};

static int run(char **operands, int count)
{
	const struct sheaf_compact_options o = {
		.output = args.output,
		.level = (int)args.level,
		.block_size = (size_t)args.block,
		.dictionary_size = (size_t)args.dict_size,
		.memory = means_memory(),
		.threads = means_threads(),
		.message = text_str(args.message),
		.wait = wait_get(),
		.on_progress = progress_on_bytes,
	};
	struct sheaf_commit_result out;
	struct sheaf_error err = { 0 };
	enum sheaf_status st;
	char a[TEXT_SIZE], b[TEXT_SIZE];

	(void)count;
	if (o.message.len > MESSAGE_MAX)
		return say_usage("--message: longer than %d bytes",
				 MESSAGE_MAX);
	stop_catch();
	progress_start("compacting", !args.quiet);
	st = sheaf_compact(operands[0], &o, &out, &err);
	progress_clear();
	if (st == SHEAF_CANCELLED) {
		say("%s: stopped; the corpus is as it was", operands[0]);
		return stop_status();
	}
	if (st == SHEAF_NOT_FOUND) {
		say_error(operands[0], st, &err);
		return STATUS_UNKNOWN;
	}
	if (st != SHEAF_OK)
		return say_error(operands[0], st, &err);
	if (!args.quiet)
		printf("commit %" PRIu64 ": %s in %s of file\n", out.commit,
		       text_count(a, out.articles, "article"),
		       text_count(b, out.file_size, "byte"));
	return STATUS_YES;
}

const struct command cmd_compact = {
	.name = "compact",
	.operands = "CORPUS",
	.summary = "Write a corpus anew, as small as it gets",
	.notes = "The same records and history in a new file, which replaces "
		 "the old one when it\nis whole and was verified.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
