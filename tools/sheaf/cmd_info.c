/*
 * cmd_info.c - sheaf info: what a corpus holds, where its bytes go
 */
#include <inttypes.h>
#include <stdio.h>

#include <sheaf/remove.h>

#include "command.h"
#include "json.h"
#include "opt.h"
#include "reader.h"
#include "say.h"
#include "text.h"

static bool as_json;

static const struct opt options[] = {
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &as_json,
	  .help = "as a JSON object" },
	{ .kind = OPT_TABLE, .table = reader_options },
	{ .kind = OPT_END },
};

/* a part of the file, as lines and JSON show it */
struct part {
	const char *label, *key;
	uint64_t bytes;
	const char *remark; /* or NULL */
};

enum { PART_MAX = 11 };

/* the parts that sheaf_info_read() tells, and the rest of the file */
static size_t list_parts(const struct sheaf_info *info,
			 struct part parts[PART_MAX])
{
	const struct part all[PART_MAX] = {
		{ "blocks", "blocks", info->blocks, NULL },
		{ "dictionaries", "dictionaries", info->dictionaries, NULL },
		{ "block headers", "headers", info->headers, NULL },
		{ "record tables", "records", info->records,
		  "without the names" },
		{ "names", "names", info->names, NULL },
		{ "indexes", "indexes", info->indexes, "ids, names, urls" },
		{ "strings", "strings", info->strings,
		  "outlets, languages, categories, tags" },
		{ "trees", "trees", info->trees, "SHA-256" },
		{ "footers", "footers", info->footers, NULL },
		{ "dead", "dead", info->dead, "superseded tables" },
		{ "other", "other", 0, "the opening, frame heads" },
	};
	uint64_t sum = 0;

	for (size_t i = 0; i < PART_MAX; i++) {
		parts[i] = all[i];
		sum += all[i].bytes;
	}
	parts[PART_MAX - 1].bytes = info->file > sum ? info->file - sum : 0;
	return PART_MAX;
}

/* all that finds and filters articles, names aside */
static uint64_t table_bytes(const struct sheaf_info *info)
{
	return info->records + info->indexes + info->strings;
}

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

/* the footers of a corpus that somebody made may count as they like */
static uint64_t less(uint64_t all, uint64_t hidden)
{
	return all > hidden ? all - hidden : 0;
}

static void print_json(const char *path, const struct sheaf_commit *c,
		       const struct sheaf_info *info, uint64_t removed)
{
	struct part parts[PART_MAX];
	size_t count = list_parts(info, parts);
	struct json j = { .f = stdout };
	char text[TEXT_SIZE];

	json_open(&j, NULL, '{');
	json_text(&j, "corpus", path);
	json_number(&j, "commit", c->number);
	json_text(&j, "time", text_time(text, c->time));
	json_hex(&j, "commit_id", c->id, sizeof(c->id));
	json_hex(&j, "fingerprint", c->fingerprint, sizeof(c->fingerprint));
	json_number(&j, "records", c->records);
	json_number(&j, "articles", c->articles);
	json_number(&j, "article_bytes", c->article_bytes);
	json_number(&j, "hidden_records", info->hidden_records);
	json_number(&j, "hidden_articles", info->hidden_articles);
	json_number(&j, "hidden_bytes", info->hidden_bytes);
	json_number(&j, "removed", removed);
	json_number(&j, "file_bytes", info->file);
	json_real(&j, "file_share", ratio(info->file, c->article_bytes));
	json_open(&j, "parts", '{');
	for (size_t i = 0; i < count; i++)
		json_number(&j, parts[i].key, parts[i].bytes);
	json_close(&j, '}');
	json_number(&j, "block_count", info->block_count);
	json_number(&j, "revision_count", info->revision_count);
	json_number(&j, "revision_articles", info->revision_articles);
	json_number(&j, "revision_bytes", info->revision_bytes);
	json_number(&j, "revision_packed", info->revisions);
	json_number(&j, "dictionary_count", info->dictionary_count);
	json_number(&j, "dictionary_bytes", info->dictionary_bytes);
	json_real(&j, "table_bytes_per_article",
		  ratio(table_bytes(info), c->articles));
	json_number(&j, "index_layers", info->layers);
	json_end(&j);
}

static void print_bytes(const char *label, uint64_t bytes, const char *remark)
{
	char number[TEXT_SIZE];

	printf("%-18s%15s%s%s\n", label, text_number(number, bytes),
	       remark ? "  " : "", remark ? remark : "");
}

static void print_sizes(const struct sheaf_commit *c,
			const struct sheaf_info *info)
{
	struct part parts[PART_MAX];
	size_t count = list_parts(info, parts);
	char remark[3 * TEXT_SIZE], a[TEXT_SIZE], label[TEXT_SIZE];

	print_bytes("article bytes", less(c->article_bytes, info->hidden_bytes),
		    NULL);
	snprintf(remark, sizeof(remark), "%s; 'sheaf ls --hidden' has them",
		 text_count(a, info->hidden_bytes, "byte"));
	if (info->hidden_records != 0)
		print_bytes("hidden records", info->hidden_records, remark);
	snprintf(remark, sizeof(remark), "%.1f %% of the articles%s",
		 100 * ratio(info->file, c->article_bytes),
		 info->hidden_records != 0 ? " and hidden records" : "");
	print_bytes("file bytes", info->file, c->article_bytes ? remark : NULL);
	snprintf(remark, sizeof(remark), "%s",
		 text_count(a, info->block_count, "block"));
	parts[0].remark = remark;
	for (size_t i = 0; i < count; i++) {
		snprintf(label, sizeof(label), "  %s", parts[i].label);
		print_bytes(label, parts[i].bytes, parts[i].remark);
	}
}

static void print_text(const char *path, const struct sheaf_commit *c,
		       const struct sheaf_info *info, uint64_t removed)
{
	char a[TEXT_SIZE], hex[65];

	printf("%-18s", "corpus");
	text_write(stdout, text_str(path), TEXT_EXACT);
	printf("\n%-18s%" PRIu64 ", %s\n", "commit", c->number,
	       text_time(a, c->time));
	text_hex(hex, c->id, sizeof(c->id));
	printf("%-18s%s\n", "commit id", hex);
	text_hex(hex, c->fingerprint, sizeof(c->fingerprint));
	printf("%-18s%s\n\n", "set fingerprint", hex);
	print_bytes("records", less(c->records, info->hidden_records),
		    "all versions");
	print_bytes("articles", less(c->articles, info->hidden_articles), NULL);
	if (removed > 0)
		print_bytes("removed", removed,
			    "ids; 'sheaf rm --list' has them");
	print_sizes(c, info);
	printf("\n%-18s%s of %s in memory\n", "dictionaries",
	       text_number(a, info->dictionary_count),
	       text_bytes(hex, info->dictionary_bytes));
	if (info->revision_count != 0) {
		printf("%-18s%s in ", "revisions",
		       text_count(a, info->revision_articles, "article"));
		printf("%s, ", text_count(a, info->revision_count, "block"));
		printf("%s ", text_count(a, info->revisions, "byte"));
		printf("of %s\n", text_bytes(a, info->revision_bytes));
	}
	printf("%-18s%.1f bytes an article (record tables, indexes, strings)\n",
	       "tables", ratio(table_bytes(info), c->articles));
	printf("%-18s%s\n", "index layers", text_number(a, info->layers));
}

static int run(char **operands, int count)
{
	struct sheaf_info info;
	struct sheaf_error err = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;
	int status = reader_open(&corpus, operands[0]);

	(void)count;
	if (status != STATUS_YES)
		return status;
	st = sheaf_info_read(corpus, &info, &err);
	if (st != SHEAF_OK)
		status = say_error(operands[0], st, &err);
	else if (as_json)
		print_json(operands[0], sheaf_corpus_commit(corpus), &info,
			   sheaf_removed_count(corpus));
	else
		print_text(operands[0], sheaf_corpus_commit(corpus), &info,
			   sheaf_removed_count(corpus));
	sheaf_close(corpus);
	return status;
}

const struct command cmd_info = {
	.name = "info",
	.operands = "CORPUS",
	.summary = "Show counts, sizes by part, the commit id",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
