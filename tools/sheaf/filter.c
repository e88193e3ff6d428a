/*
 * filter.c - the options that choose records, shared by ls and extract
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "filter.h"
#include "reader.h"
#include "say.h"
#include "text.h"

enum { DAY = 86400 };

static struct {
	const char *since, *until;
	struct opt_list outlets, langs, categories, tags, formats, names, urls;
	bool hidden;
	struct sheaf_str *strings; /* owned: all lists, end to end */
} args;

const struct opt filter_options[] = {
	{ .kind = OPT_TEXT,
	  .name = "since",
	  .value = &args.since,
	  .arg = "DATE",
	  .help = "not before DATE, e.g. 2025-02-14 or\n"
		  "2025-02-14T06:00:00Z or @SECONDS" },
	{ .kind = OPT_TEXT,
	  .name = "until",
	  .value = &args.until,
	  .arg = "DATE",
	  .help = "not after DATE; a date without a time is\n"
		  "that whole day" },
	{ .kind = OPT_LIST,
	  .name = "outlet",
	  .value = &args.outlets,
	  .arg = "OUTLET",
	  .help = "of this outlet" },
	{ .kind = OPT_LIST,
	  .name = "lang",
	  .value = &args.langs,
	  .arg = "LANG",
	  .help = "in this language; en takes en-GB as well" },
	{ .kind = OPT_LIST,
	  .name = "category",
	  .value = &args.categories,
	  .arg = "CATEGORY",
	  .help = "with this category" },
	{ .kind = OPT_LIST,
	  .name = "tag",
	  .value = &args.tags,
	  .arg = "TAG",
	  .help = "with this tag" },
	{ .kind = OPT_LIST,
	  .name = "format",
	  .value = &args.formats,
	  .arg = "FORMAT",
	  .help = "read as this format: hugo, text, ..." },
	{ .kind = OPT_FLAG,
	  .name = "hidden",
	  .value = &args.hidden,
	  .help = "also what readers keep beside the articles\n"
		  "(formats that begin with a dot)" },
	{ .kind = OPT_LIST,
	  .name = "name",
	  .value = &args.names,
	  .arg = "GLOB",
	  .help = "with a name like this: '2025/*.md'; a * takes\n"
		  "any characters, also a /" },
	{ .kind = OPT_LIST,
	  .name = "url",
	  .value = &args.urls,
	  .arg = "PREFIX",
	  .help = "with a url that begins so (reads each article)" },
	{ .kind = OPT_TABLE, .table = reader_options },
	{ .kind = OPT_END },
};

/* "2025-02-14": ten characters, no time of the day */
static bool is_day(const char *text)
{
	return strlen(text) == 10 && text[0] != '@';
}

static int read_times(struct sheaf_filter *out)
{
	const char *form = "is no date such as 2025-02-14, "
			   "2025-02-14T06:00:00Z or @SECONDS";

	if (args.since && !text_read_time(args.since, &out->since))
		return say_usage("--since: '%s' %s", args.since, form);
	if (args.until && !text_read_time(args.until, &out->until))
		return say_usage("--until: '%s' %s", args.until, form);
	out->has_since = args.since != NULL;
	out->has_until = args.until != NULL;
	if (!out->has_until)
		return STATUS_YES;
	/* ours includes its end, the library's does not */
	if (is_day(args.until))
		out->until += DAY;
	else if (out->until < INT64_MAX)
		out->until++;
	return STATUS_YES;
}

static const struct sheaf_str *fill(struct sheaf_str **at,
				    const struct opt_list *list)
{
	const struct sheaf_str *first = *at;

	for (size_t i = 0; i < list->count; i++)
		*(*at)++ = text_str(list->items[i]);
	return first;
}

static int fill_lists(struct sheaf_filter *out)
{
	size_t count = args.outlets.count + args.langs.count +
		       args.categories.count + args.tags.count +
		       args.formats.count + args.urls.count;
	struct sheaf_str *at = calloc(count + 1, sizeof(*at));

	if (!at)
		return say_nomem();
	args.strings = at;
	out->outlets = fill(&at, &args.outlets);
	out->outlet_count = args.outlets.count;
	out->langs = fill(&at, &args.langs);
	out->lang_count = args.langs.count;
	out->categories = fill(&at, &args.categories);
	out->category_count = args.categories.count;
	out->tags = fill(&at, &args.tags);
	out->tag_count = args.tags.count;
	out->formats = fill(&at, &args.formats);
	out->format_count = args.formats.count;
	out->hidden = args.hidden;
	out->url_prefixes = fill(&at, &args.urls);
	out->url_prefix_count = args.urls.count;
	out->name_globs = args.names.items;
	out->name_glob_count = args.names.count;
	return STATUS_YES;
}

int filter_get(struct sheaf_filter *out)
{
	int status;

	*out = (struct sheaf_filter){ 0 };
	status = read_times(out);
	if (status == STATUS_YES)
		status = fill_lists(out);
	return status;
}

void filter_done(void)
{
	free(args.strings);
	args.strings = NULL;
	opt_list_done(&args.outlets);
	opt_list_done(&args.langs);
	opt_list_done(&args.categories);
	opt_list_done(&args.tags);
	opt_list_done(&args.formats);
	opt_list_done(&args.names);
	opt_list_done(&args.urls);
}
