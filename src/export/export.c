/*
 * export.c - records of a corpus in a format of others
 *
 * One pass of sheaf_scan(): its threads decode and read the fields (fields.c),
 * the caller's thread hands each article to the format's writer (formats/),
 * which writes to the output (output.c).  Trouble with one article is told and
 * costs that article; trouble with the output ends the export.
 */
#include <sheaf/exporter.h>

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "export/fields.h"
#include "export/output.h"
#include "formats/address.h"
#include "formats/format.h"
#include "formats/writer.h"

struct export
{
	const struct sheaf_export_options *options;
	struct sheaf_export_result *result;
	const struct writer_format *format;
	void *writer; /* its state */
	struct field_hands *hands;
	struct buf text;
	struct output output;
	enum sheaf_status st;	  /* what ended it, SHEAF_OK while it goes on */
	struct sheaf_error error; /* the same as a story */
};

bool sheaf_export_format_at(size_t index, struct sheaf_export_format *out)
{
	const struct writer_format *f = writer_at(index);

	if (!f)
		return false;
	*out = (struct sheaf_export_format){
		.name = f->name,
		.needs_output = f->needs_file || f->makes_folder,
		.is_binary = f->is_binary,
	};
	return true;
}

static bool is_cancelled(void *arg)
{
	const struct export *x = arg;
	const struct sheaf_export_options *o = x->options;

	return o->on_progress &&
	       o->on_progress(x->result->articles, x->result->bytes, 0,
			      o->arg) != 0;
}

/* this article is not written: count and tell it */
static void failed(struct export *x, struct sheaf_str name, const char *why)
{
	char shown[160], line[400];

	x->result->failed++;
	if (!x->options->on_warning)
		return;
	text_escape(shown, sizeof(shown), name.p, name.len);
	snprintf(line, sizeof(line), "%s: %s", shown, why);
	x->options->on_warning(line, x->options->arg);
}

/* on a thread of the scan */
static int on_work(const struct sheaf_scanned *a, unsigned int thread,
		   void *arg)
{
	const struct export *x = arg;

	return x->hands ? field_hands_read(x->hands, thread, a) : 0;
}

/*
 * what the record knows and the article does not say: a page of a web archive
 * is called by its address, its outlet and language may be those of the HTTP
 * head
 */
static void fields_fill(struct sheaf_fields *f, const struct sheaf_record *r)
{
	if (f->url.len == 0 && address_is(r->name))
		f->url = r->name;
	if (f->outlet.len == 0)
		f->outlet = r->fields.outlet;
	if (f->lang.len == 0)
		f->lang = r->fields.lang;
}

static enum sheaf_status item_put(struct export *x,
				  const struct sheaf_scanned *a,
				  struct sheaf_error *err)
{
	struct writer_item item = { .record = a->record,
				    .bytes = a->p,
				    .len = a->len,
				    .text = a->p,
				    .text_len = a->len };
	enum sheaf_status st = SHEAF_OK;
	struct sheaf_fields fields;
	struct sheaf_str text;

	memcpy(item.id, a->id, sizeof(item.id));
	if (x->hands)
		st = field_hands_take(x->hands, a, &item.fields, err);
	if (st == SHEAF_OK && x->hands) {
		fields = *item.fields;
		fields_fill(&fields, a->record);
		item.fields = &fields;
	}
	if (st == SHEAF_OK &&
	    (x->options->text_only || x->format->wants_text)) {
		st = format_body(a->record->format, a->p, a->len, &x->text,
				 &text, err);
		item.text = text.p;
		item.text_len = text.len;
	}
	if (st == SHEAF_OK)
		st = x->format->put(x->writer, &item, err);
	return st;
}

static int on_article(const struct sheaf_scanned *a, void *arg)
{
	struct export *x = arg;
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	if (a->status != SHEAF_OK) {
		failed(x, a->record->name, a->why);
	} else {
		st = item_put(x, a, &err);
		if (st == SHEAF_OK) {
			x->result->articles++;
			x->result->bytes += a->len;
		} else if (st == SHEAF_MISUSE) {
			failed(x, a->record->name, err.text);
		} else {
			x->st = st;
			x->error = err;
		}
	}
	if (x->hands)
		field_hands_done(x->hands, a);
	if (x->st == SHEAF_OK && is_cancelled(x))
		x->st = fail(&x->error, SHEAF_CANCELLED, "stopped");
	return x->st != SHEAF_OK;
}

static enum sheaf_status writer_start(struct export *x,
				      struct sheaf_corpus *corpus,
				      const struct sheaf_filter *filter,
				      unsigned int threads,
				      struct sheaf_error *err)
{
	const struct sheaf_commit *commit = sheaf_corpus_commit(corpus);
	const struct sheaf_export_options *o = x->options;
	const struct writer_target target = {
		.write = output_write,
		.arg = &x->output,
		.path = x->output.draft ? draft_path(x->output.draft) : NULL,
		.shown = o->output ? o->output : "",
		.time = commit->time,
		.commit_id = commit->id,
		.commit = commit->number,
		.corpus = corpus,
		.text_only = o->text_only,
		.all_versions = filter && filter->all_versions,
		.threads = threads,
	};

	return x->format->open(&x->writer, &target, err);
}

static enum sheaf_status articles_write(struct export *x,
					struct sheaf_corpus *corpus,
					const struct sheaf_filter *filter,
					struct sheaf_error *err)
{
	struct sheaf_scan_options scan = { .threads = x->options->threads,
					   .work = on_work };
	struct sheaf_filter taken = { .hidden = true };
	unsigned int threads = sheaf_scan_threads(&scan);
	enum sheaf_status st = SHEAF_OK;

	if (filter)
		taken = *filter;
	if (x->format->wants_hidden)
		taken.hidden = true;
	scan.in_order = taken.all_versions;
	if (!x->format->no_fields)
		st = field_hands_new(&x->hands, threads, err);
	if (st == SHEAF_OK)
		st = writer_start(x, corpus, filter, threads, err);
	if (st == SHEAF_OK)
		st = sheaf_scan(corpus, &taken, &scan, on_article, x, err);
	if (x->st != SHEAF_OK) {
		st = x->st;
		if (err)
			*err = x->error;
	}
	if (st == SHEAF_OK)
		st = x->format->finish(x->writer, err);
	return st;
}

enum sheaf_status sheaf_export(struct sheaf_corpus *corpus,
			       const struct sheaf_filter *filter,
			       const struct sheaf_export_options *options,
			       struct sheaf_export_result *result,
			       struct sheaf_error *err)
{
	struct sheaf_export_result unwanted;
	struct sheaf_str name = { options->format, strlen(options->format) };
	struct export x = { .options = options,
			    .result = result ? result : &unwanted,
			    .format = writer_find(name),
			    .output = { .fd = -1,
					.is_cancelled = is_cancelled } };
	enum sheaf_status st;
	char shown[80];

	*x.result = (struct sheaf_export_result){ 0 };
	x.output.arg = &x;
	if (!x.format) {
		text_escape(shown, sizeof(shown), name.p, name.len);
		return fail(err, SHEAF_MISUSE, "%s: no format to export in",
			    shown);
	}
	st = output_open(&x.output, x.format, options, err);
	if (st == SHEAF_OK)
		st = articles_write(&x, corpus, filter, err);
	if (x.writer)
		x.format->free(x.writer);
	if (st == SHEAF_OK)
		st = output_publish(&x.output, err);
	x.result->written = x.output.written;
	output_close(&x.output);
	field_hands_free(x.hands);
	buf_done(&x.text);
	return st;
}
