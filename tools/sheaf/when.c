/*
 * when.c - the time of a commit
 */
#include "when.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "say.h"
#include "text.h"

int when_read(const char *text, struct sheaf_commit_options *out)
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
