/*
 * salvage.h - what salvage has of the damaged file, and of the new one
 */
#ifndef SHEAF_PACK_SALVAGE_H
#define SHEAF_PACK_SALVAGE_H

#include <sheaf/salvage.h>

#include "pack/arena.h"
#include "pack/stage.h"
#include "read/check.h"
#include "read/pages.h"
#include "write/commit.h"

#define SALVAGE_NONE UINT32_MAX

struct salvage {
	const struct sheaf_salvage_options *options;
	struct sheaf_verify_options verify;
	struct sheaf_verify_result found;
	struct check check; /* of the whole file, deep: all ids are known */
	struct pages *pages;
	size_t memory; /* to work with */
	uint64_t last; /* commits are 1 .. last */

	/* of the articles in the order of the file */
	size_t articles;
	uint32_t *numbers; /* see stage_add(); SALVAGE_NONE: lost; owned */
	uint8_t *taken;	   /* a record has it; owned */

	/* string code to new code; SALVAGE_NONE: lost */
	uint32_t *codes; /* owned */
	uint32_t code_count;
	struct buf urls; /* struct url_key, by page, slot */

	struct sink *sink;
	struct segment segment;
	struct stage *stage;
	struct names *names;
	struct scratch *scratch;
	struct entries *entries;
	struct history history;
	struct removed removed;
	struct arena arena; /* messages of the history */
	uint64_t bytes;	    /* of articles */
	uint64_t new_articles;
	struct sheaf_salvage_result result;
	struct sheaf_error *err;
};

/* commits, strings, url keys and removed ids from whatever tables are whole */
enum sheaf_status salvage_commits(struct salvage *s);
enum sheaf_status salvage_codes(struct salvage *s);
enum sheaf_status salvage_urls(struct salvage *s);
bool salvage_url_find(const struct salvage *s, struct record_ref ref,
		      uint64_t *key);
enum sheaf_status salvage_removed(struct salvage *s);

/* all records whose article is there, then the articles that have none */
enum sheaf_status salvage_records(struct salvage *s);

/* which of the articles is at @place; SALVAGE_NONE: it is lost */
uint32_t salvage_article(const struct salvage *s,
			 const struct sheaf_place *place);
const uint8_t *salvage_id(const struct salvage *s, uint32_t article);
/* 1 .. last, whatever a table says */
uint64_t salvage_commit_of(const struct salvage *s, uint64_t commit);

#endif
