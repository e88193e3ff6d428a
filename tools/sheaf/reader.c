/*
 * reader.c - open a corpus to read, as get, ls, extract, log and info do
 */
#include <inttypes.h>
#include <unistd.h>

#include "command.h"
#include "reader.h"
#include "say.h"
#include "text.h"

static uint64_t as_of;

const struct opt reader_options[] = {
	{ .kind = OPT_NUMBER,
	  .name = "as-of",
	  .value = &as_of,
	  .arg = "N",
	  .min = 1,
	  .max = UINT64_MAX,
	  .help = "the corpus as it was after commit N" },
	{ .kind = OPT_END },
};

static void note_torn(const char *path, const struct sheaf_corpus *corpus)
{
	uint64_t torn = sheaf_torn_bytes(corpus);
	uint64_t commit = sheaf_corpus_commit(corpus)->number;
	char count[TEXT_SIZE];

	if (torn > 0)
		say("%s: %s after commit %" PRIu64
		    " belong to no whole commit (an add at work or "
		    "interrupted, or damage: 'sheaf verify' tells); showing "
		    "commit %" PRIu64,
		    path, text_count(count, torn, "byte"), commit, commit);
}

int reader_open(struct sheaf_corpus **out, const char *path)
{
	const struct sheaf_open_options options = { .as_of = as_of };
	struct sheaf_error err = { 0 };
	enum sheaf_status st = sheaf_open(out, path, &options, &err);
	int status;

	if (st == SHEAF_OK) {
		note_torn(path, *out);
		return STATUS_YES;
	}
	status = say_error(path, st, &err);
	/* a commit may be absent; without a file there is no answer */
	if (st == SHEAF_NOT_FOUND && access(path, F_OK) != 0)
		status = STATUS_UNKNOWN;
	return status;
}
