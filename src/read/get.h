/*
 * get.h - one article by its id, and where it lies
 */
#ifndef SHEAF_READ_GET_H
#define SHEAF_READ_GET_H

#include <sheaf/corpus.h>

/* sheaf_read(), also of an article that was removed */
enum sheaf_status get_article(struct sheaf_corpus *c, struct sheaf_place place,
			      struct sheaf_bytes *out,
			      uint8_t id[SHEAF_ID_SIZE],
			      struct sheaf_error *err);

/* sheaf_get(), telling the place too */
enum sheaf_status get_place(struct sheaf_corpus *c,
			    const uint8_t id[SHEAF_ID_SIZE],
			    struct sheaf_place *place, struct sheaf_bytes *out,
			    struct sheaf_error *err);
/* the tables must have the id that was computed, at this very place:
 * SHEAF_CORRUPT; SHEAF_NOT_FOUND if it was removed */
enum sheaf_status get_check(struct sheaf_corpus *c, struct sheaf_place place,
			    const uint8_t id[SHEAF_ID_SIZE],
			    struct sheaf_error *err);

#endif
