/*
 * when.c - the options that say what the log shows of a commit: time, message
 */
#include "when.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "say.h"
#include "text.h"

enum { MESSAGE_MAX = 4096 };

static const char *message = "", *time_text;

const struct opt when_options[] = {
	{ .kind = OPT_TEXT,
	  .letter = 'm',
	  .name = "message",
	  .value = &message,
	  .arg = "TEXT",
	  .help = "what 'sheaf log' shows for this commit" },
	{ .kind = OPT_TEXT,
	  .name = "time",
	  .value = &time_text,
	  .arg = "TIME",
	  .help = "of the commit: RFC 3339 or @SECONDS\n"
		  "(SOURCE_DATE_EPOCH if set, else now)" },
	{ .kind = OPT_END },
};

static int time_read(const char *text, struct sheaf_commit_options *out)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	long long v;
	char *end;

	out->has_time = true;
	if (text) {
		if (text_read_time(text, &out->time))
			return STATUS_YES;
		return say_usage("--time: '%s' is no time such as "
				 "2025-02-14T06:00:00Z or @SECONDS",
				 text);
	}
	out->has_time = epoch && *epoch;
	if (!out->has_time)
		return STATUS_YES;
	errno = 0;
	v = strtoll(epoch, &end, 10);
	if (errno != 0 || *end != '\0' || *epoch < '0' || *epoch > '9')
		return say_usage("SOURCE_DATE_EPOCH: '%s' is no number of "
				 "seconds",
				 epoch);
	out->time = v;
	return STATUS_YES;
}

int when_read(struct sheaf_commit_options *out)
{
	*out = (struct sheaf_commit_options){ .message = text_str(message) };
	if (out->message.len > MESSAGE_MAX)
		return say_usage("--message: longer than %d bytes",
				 MESSAGE_MAX);
	return time_read(time_text, out);
}
