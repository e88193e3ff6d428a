/*
 * fields.h - the fields of articles, read on the threads of a scan
 */
#ifndef SHEAF_EXPORT_FIELDS_H
#define SHEAF_EXPORT_FIELDS_H

#include <sheaf/format.h>
#include <sheaf/scan.h>

struct field_hands;

/* for @threads threads; SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status field_hands_new(struct field_hands **out,
				  unsigned int threads,
				  struct sheaf_error *err);
void field_hands_free(struct field_hands *hands); /* takes NULL */

/* on a thread of the scan: reads if there is room, and returns what
 * field_hands_take() needs to find it */
int field_hands_read(struct field_hands *hands, unsigned int thread,
		     const struct sheaf_scanned *article);
/*
 * On the caller's thread: the fields of @article, whose result is what
 * field_hands_read() said; reads them if it did not.  Good until
 * field_hands_done() with the same article.  SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status field_hands_take(struct field_hands *hands,
				   const struct sheaf_scanned *article,
				   const struct sheaf_fields **out,
				   struct sheaf_error *err);
void field_hands_done(struct field_hands *hands,
		      const struct sheaf_scanned *article);

#endif
