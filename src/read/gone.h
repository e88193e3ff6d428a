/*
 * gone.h - the places of removed articles
 */
#ifndef SHEAF_READ_GONE_H
#define SHEAF_READ_GONE_H

#include "read/corpus.h"

/* whether the article at @place was taken down, as of the commit shown [S-25]
 */
enum sheaf_status gone_has(struct sheaf_corpus *c, struct sheaf_place place,
			   bool *out, struct sheaf_error *err);

/* append the place (struct sheaf_place) of the article with this id, if there
 * is one, to @out; one whose candidate can't be read is taken for it */
enum sheaf_status gone_places(struct sheaf_corpus *c,
			      const uint8_t id[SHEAF_ID_SIZE], struct buf *out,
			      struct sheaf_error *err);

/* what gone_has() looks in; made when it is first needed */
struct gone;
void gone_free(struct gone *g); /* takes NULL */

#endif
