/*
 * erasure.c - sheaf rm --erase: the bytes go too
 *
 * Keys become ids here, those of articles that were only removed before too;
 * the library then writes the corpus anew.
 */
#include "erasure.h"

#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "companions.h"
#include "json.h"
#include "means.h"
#include "progress.h"
#include "say.h"
#include "stop.h"
#include "text.h"
#include "wait.h"
#include "when.h"

static void print_json(const char *path, const struct removal *r,
		       const struct erasure_how *how,
		       const struct sheaf_erase_result *out)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "corpus", path);
	json_bool(&j, "dry_run", how->dry_run);
	json_bool(&j, "committed", out->committed);
	if (out->committed)
		json_number(&j, "commit", out->commit);
	json_number(&j, "ids", r->count);
	json_number(&j, "hidden", r->companions);
	json_number(&j, "erased", out->articles);
	json_number(&j, "records", out->records);
	json_number(&j, "removed", out->removed);
	json_number(&j, "blocks_copied", out->blocks_copied);
	json_number(&j, "blocks_new", out->blocks_new);
	json_number(&j, "articles_copied", out->articles_copied);
	json_number(&j, "articles_recompressed",
		    out->articles_left - out->articles_copied);
	json_number(&j, "dictionaries_scrubbed", out->dictionaries_scrubbed);
	json_number(&j, "dictionaries_dropped", out->dictionaries_barred);
	json_number(&j, "size_before", out->size_before);
	json_number(&j, "file_size", out->size_after);
	json_end(&j);
}

static void print_text(const char *path, const struct removal *r,
		       const struct sheaf_erase_result *out)
{
	char a[TEXT_SIZE], b[TEXT_SIZE];
	uint64_t hidden;

	if (!out->committed) {
		fputs("nothing to erase: ", stdout);
		text_write(stdout, text_str(path), TEXT_EXACT);
		puts(" is unchanged");
		return;
	}
	/* one that was erased before is in neither number */
	hidden = r->companions < out->articles ? r->companions : out->articles;
	printf("commit %" PRIu64 ": erased %s", out->commit,
	       text_count(a, out->articles - hidden, "article"));
	if (hidden > 0)
		printf(" and %s", text_count(a, hidden, "hidden one"));
	printf(" (%s); %s copied, ", text_count(a, out->records, "record"),
	       text_count(b, out->blocks_copied, "block"));
	printf("%s compressed anew; ",
	       text_count(a, out->articles_left - out->articles_copied,
			  "article"));
	text_write(stdout, text_str(path), TEXT_EXACT);
	printf(" has %s, had %s\n", text_count(a, out->size_after, "byte"),
	       text_number(b, out->size_before));
}

static int erase(const char *path, const struct removal *r,
		 const struct erasure_how *how, struct sheaf_erase_options *o)
{
	const uint8_t(*ids)[SHEAF_ID_SIZE] = (const void *)r->ids;
	struct sheaf_erase_result out = { 0 };
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	stop_catch();
	progress_start("erasing", !how->quiet);
	st = sheaf_erase(path, ids, r->count, o, &out, &err);
	progress_clear();
	if (st == SHEAF_CANCELLED) {
		say("stopped by a signal; %s is as it was", path);
		return stop_status();
	}
	if (st != SHEAF_OK)
		return say_error(path, st, &err);
	if (how->json)
		print_json(path, r, how, &out);
	else if (!how->quiet)
		print_text(path, r, &out);
	return STATUS_YES;
}

static int dry(const char *path, struct removal *r,
	       const struct erasure_how *how)
{
	const struct sheaf_erase_result none = { .articles_left = 0 };
	char a[TEXT_SIZE];

	if (how->json)
		print_json(path, r, how, &none);
	else if (!how->quiet)
		printf("would erase: %s; nothing was changed\n",
		       text_count(a, r->count, "article"));
	return STATUS_YES;
}

/* the ids, each once */
static int collect(struct removal *r, const struct input *in,
		   const struct erasure_how *how)
{
	char count[TEXT_SIZE];
	int status = STATUS_YES;

	if (how->apply)
		return removal_apply(r, in, how->apply);
	for (size_t i = 0; i < in->count && status == STATUS_YES; i++)
		status = removal_key(r, in->items[i], how->latest);
	if (status != STATUS_YES || r->unknown == 0)
		return status;
	if (in->count > 1)
		say("%s to be looked at; nothing was erased",
		    text_count(count, r->unknown, "key"));
	return STATUS_NO;
}

int erasure_run(const char *path, const struct input *in,
		const struct erasure_how *how)
{
	struct sheaf_commit_options when;
	struct sheaf_erase_options o = {
		.memory = means_memory(),
		.threads = means_threads(),
		.wait = wait_get(),
		.on_progress = progress_on_bytes,
	};
	struct removal r = { .path = path, .erases = true };
	struct sheaf_error err = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;
	int status = when_read(&when);

	if (status != STATUS_YES)
		return status;
	o.message = when.message;
	o.has_time = when.has_time;
	o.time = when.time;
	st = sheaf_open(&corpus, path, NULL, &err);
	if (st != SHEAF_OK)
		return say_error(path, st, &err);
	r.corpus = corpus;
	status = collect(&r, in, how);
	if (status == STATUS_YES)
		status = companions_add(&r, true, true);
	sheaf_close(corpus);
	if (status == STATUS_YES)
		status = how->dry_run ? dry(path, &r, how) :
					erase(path, &r, how, &o);
	removal_done(&r);
	return status;
}
