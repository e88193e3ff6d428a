/*
 * run.h - one run of model_random: where it stands, and how it ends badly
 */
#ifndef SHEAF_TESTS_RUN_H
#define SHEAF_TESTS_RUN_H

#include "draw.h"

#define RUN_CORPUS "model.sheaf"

struct run {
	uint64_t seed;
	unsigned int life; /* corpora so far */
	uint64_t step;	   /* of this life */
	const char *doing;
	struct draw draw;
	struct model *m;
	uint64_t torn;	  /* bytes that stand behind the last commit */
	bool torn_copies; /* among them copies of the file's own */
	uint8_t *file;	  /* what check_file() last read */
	/* what was reached, over all lives */
	struct {
		uint64_t steps, commits, adds, lists, finds, gets, verifies;
		uint64_t extracts, torn, dropped, dry;
		uint64_t removals, taken_back, refused, compactions, erasures;
		uint64_t slices, salvages, crashes, crashes_before;
		uint64_t most_commits, most_records, most_articles;
		uint32_t most_layers, merges;
		uint32_t layers; /* when they were last looked at */
	} reached;
};

/* prints seed, step and what differs, and ends the program */
__attribute__((noreturn, format(printf, 2, 3))) void
run_differs(const struct run *r, const char *format, ...);

uint64_t run_file_size(void);
/* where the last commit ends, by the model */
uint64_t run_corpus_end(const struct run *r);
enum { RUN_MESSAGE_LONGEST = 4096 };
/* time and message of a commit, the latter one too long now and then */
void run_commit_draw(struct run *r, struct sheaf_commit_options *o,
		     char message[RUN_MESSAGE_LONGEST + 1]);
/* a writer is opened, given something, and commits or does not */
void run_write(struct run *r);

/* articles are taken down, or back, with the commit of @w; @sums gets how many
 */
void upkeep_remove(struct run *r, struct sheaf_writer *w,
		   struct sheaf_commit_result *sums);
/* the file is written anew, in whole or in part, or a writer is killed */
void upkeep_step(struct run *r);

/* a name as it can be printed, or its beginning; good for two at a time */
const char *hold_name(struct sheaf_str name);

/* the handle shows what the model says of commit @k */
void hold_commit(struct run *r, struct sheaf_corpus *c, uint64_t k);
void hold_log(struct run *r, struct sheaf_corpus *c, uint64_t k);
void hold_list(struct run *r, struct sheaf_corpus *c, uint64_t k);
void hold_find(struct run *r, struct sheaf_corpus *c, uint64_t k);
void hold_get(struct run *r, struct sheaf_corpus *c, uint64_t k);
/* each article by its id, many records by name and url, as of the last commit
 */
void hold_census(struct run *r, struct sheaf_corpus *c);
void hold_layers(struct run *r, struct sheaf_corpus *c);

/* the file as a whole */
void check_verify(struct run *r);
void check_extract(struct run *r, struct sheaf_corpus *c, uint64_t k);
/* reads all of it; what was there at the last call is there still */
void check_file(struct run *r);
/* appends what an interrupted writer, or anybody, could have left there */
void check_torn(struct run *r);

#endif
