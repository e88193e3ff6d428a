/*
 * added.c - what an add has done, in words or as JSON
 */
#include <inttypes.h>
#include <stdio.h>

#include "added.h"
#include "json.h"
#include "text.h"

/* ", 12 new versions" if there are any */
static void put_part(uint64_t n, const char *one, const char *many)
{
	char number[TEXT_SIZE];

	if (n > 0)
		printf(", %s %s", text_number(number, n), n == 1 ? one : many);
}

/* ", 12 revisions of older articles, about 1.2 MB less than alone" */
static void put_revisions(const struct sheaf_commit_result *out)
{
	char number[TEXT_SIZE];

	/* among which nobody counts the hidden ones */
	if (out->hidden.articles > 0)
		put_part(out->revisions, "revision of an older one",
			 "revisions of older ones");
	else
		put_part(out->revisions, "revision of an older article",
			 "revisions of older articles");
	if (out->revisions > 0)
		printf(", about %s less than alone",
		       text_bytes(number, out->revisions_saved));
}

static void put_refused(uint64_t n)
{
	char number[TEXT_SIZE];

	if (n > 0)
		printf(", %s refused (removed before)", text_number(number, n));
}

void added_print(const struct added *added)
{
	const struct sheaf_folder_result *in = &added->in;
	const struct sheaf_commit_result *out = &added->out;
	const struct sheaf_hidden_result *hidden = &out->hidden;
	char a[TEXT_SIZE], b[TEXT_SIZE];

	if (in->files == 0) {
		puts("nothing to add");
		return;
	}
	if (out->records == 0 && out->taken_back == 0) {
		printf("nothing new: %s known",
		       text_number(a, out->known - hidden->known));
		put_refused(out->refused);
		fputs("; ", stdout);
		text_write(stdout, text_str(added->corpus), TEXT_EXACT);
		puts(" is unchanged");
		return;
	}
	if (added->dry_run)
		fputs("would add: ", stdout);
	else
		printf("commit %" PRIu64 ": ", out->commit);
	printf("%s (%s)",
	       text_count(a, out->articles - hidden->articles, "new article"),
	       text_bytes(b, out->bytes_new - hidden->bytes_new));
	put_part(out->copies - hidden->copies, "copy", "copies");
	put_part(out->versions - hidden->versions, "new version",
		 "new versions");
	put_part(out->known - hidden->known, "known", "known");
	if (out->taken_back > 0)
		printf(", %s taken back", text_number(a, out->taken_back));
	put_refused(out->refused);
	put_part(hidden->records, "hidden record", "hidden records");
	if (hidden->records > 0)
		printf(" (%s)", text_bytes(b, hidden->bytes_new));
	put_revisions(out);
	if (added->dry_run) {
		puts("; nothing was changed");
		return;
	}
	fputs("; ", stdout);
	text_write(stdout, text_str(added->corpus), TEXT_EXACT);
	printf(" grew by %s to %s\n", text_count(a, out->file_growth, "byte"),
	       text_number(b, out->file_size));
}

void added_print_json(const struct added *added)
{
	const struct sheaf_folder_result *in = &added->in;
	const struct sheaf_commit_result *out = &added->out;
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "corpus", added->corpus);
	json_bool(&j, "dry_run", added->dry_run);
	json_number(&j, "files", in->files);
	json_number(&j, "bytes", in->bytes);
	json_number(&j, "skipped", in->skipped);
	json_number(&j, "failed", in->failed);
	json_number(&j, "warnings", in->warnings);
	json_bool(&j, "committed", out->committed);
	if (out->committed)
		json_number(&j, "commit", out->commit);
	json_number(&j, "new_records", out->records);
	json_number(&j, "new_articles", out->articles);
	json_number(&j, "new_bytes", out->bytes_new);
	json_number(&j, "copies", out->copies);
	json_number(&j, "versions", out->versions);
	json_number(&j, "revisions", out->revisions);
	json_number(&j, "revisions_saved", out->revisions_saved);
	json_number(&j, "known", out->known);
	json_number(&j, "refused", out->refused);
	json_number(&j, "taken_back", out->taken_back);
	/* of the above */
	json_number(&j, "hidden_records", out->hidden.records);
	json_number(&j, "hidden_articles", out->hidden.articles);
	json_number(&j, "hidden_bytes", out->hidden.bytes_new);
	json_number(&j, "hidden_copies", out->hidden.copies);
	json_number(&j, "hidden_versions", out->hidden.versions);
	json_number(&j, "hidden_known", out->hidden.known);
	json_number(&j, "file_growth", out->file_growth);
	json_number(&j, "file_size", out->file_size);
	json_end(&j);
}
