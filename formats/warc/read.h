/*
 * read.h - what the two halves of the reading share: read.c goes from record to
 * record, article.c makes an article of one
 */
#ifndef FORMATS_WARC_READ_H
#define FORMATS_WARC_READ_H

#include "formats/container.h"
#include "formats/warc/warc.h"

struct warc_reader {
	const struct container_options *options;
	const struct container_sink *sink;
	struct warc_input *in;
	struct sheaf_parsed *parsed;
	struct warc_digests digests;

	/* the record that is looked at; borrowed from the input */
	uint64_t offset; /* uncompressed */
	size_t head_len;
	struct warc_record record;
	const uint8_t *head, *block;
	size_t block_len;
	bool is_http;
	struct warc_http http;
	enum warc_media media;
	struct warc_pieces pieces;

	struct buf bufs[5]; /* of article.c, used again and again */

	/* revisits that came before what they refer to: offset, length of the
	 * head and of the block, then both */
	struct buf late;
	bool is_late; /* they are looked at again */

	/* what is no article */
	uint64_t types[WARC_TYPES];
	uint64_t other_media, empty, unresolved, large;
};

/* this record is not stored, and why; SHEAF_OK */
enum sheaf_status warc_reader_failed(struct warc_reader *r, const char *why);
/* the response or resource that is looked at, to the sink */
enum sheaf_status warc_article_take(struct warc_reader *r,
				    struct sheaf_error *err);
enum sheaf_status warc_revisit_take(struct warc_reader *r,
				    struct sheaf_error *err);
/* at the end of the file, those that came too early */
enum sheaf_status warc_late_take(struct warc_reader *r,
				 struct sheaf_error *err);

#endif
