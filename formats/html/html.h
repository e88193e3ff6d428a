/*
 * html.h - what the files of the HTML reader share
 *
 * read.c decides what is what; cut.c finds the few elements of a page that tell
 * of it; chars.c makes UTF-8 of them; tree.c reads them, by gumbo; graph.c
 * reads JSON-LD.  mapping.md is the document to all of it.
 */
#ifndef FORMATS_HTML_HTML_H
#define FORMATS_HTML_HTML_H

#include "formats/values.h"

enum {
	HTML_PARTS_MAX = 1 << 20,  /* bytes of elements that tell something */
	HTML_TAGS_MAX = 256 << 10, /* of them, tags */
	HTML_TAG_MAX = 8 << 10,	   /* one tag: gumbo holds each attribute
				    * against all others */
	HTML_GRAPH_MAX = 32,	   /* blocks of JSON-LD */
	HTML_CHARSET_MAX = 40,	   /* bytes of the name of an encoding */
};

/* --- cut.c --- */

/*
 * html_cut() - copy the elements that tell of a page
 * @out: the tags html, meta and link rel=canonical, the title and JSON-LD with
 *       their text, one behind the other; at most HTML_PARTS_MAX bytes
 * @all: false: there were more
 *
 * What lies in comments, scripts, styles and the like is none.  In one pass,
 * whatever the page.  Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status html_cut(struct buf *out, const uint8_t *p, size_t len,
			   bool *all);

/* --- chars.c --- */

/*
 * html_charset() - the encoding that a page says it has
 * @name: lower case; "utf-8" where none is named
 */
void html_charset(const uint8_t *p, size_t len,
		  char name[HTML_CHARSET_MAX + 1]);
/*
 * html_decode() - @p as UTF-8, behind what @out has
 * @known: false: there is no such encoding, nothing was done
 *
 * Bytes that are none of it become U+FFFD.  Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status html_decode(struct buf *out, const void *p, size_t len,
			      const char *charset, bool *known);

/* --- keys.c --- */

/* by what read.c and graph.c call it, in the order of preference */
extern const struct key html_keys[];
/* what a page says under one of these names; false when out of memory */
bool html_add(struct values *values, const char *name, const void *p,
	      size_t len, bool in_list);

/* --- tree.c --- */

/*
 * html_tree_read() - the values of what html_cut() found, as UTF-8
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status html_tree_read(struct values *values, const uint8_t *p,
				 size_t len, struct format_warning *warning);

/* --- graph.c --- */

/* the values of one block of JSON-LD; SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status html_graph_read(struct values *values, struct sheaf_str text,
				  struct format_warning *warning);

#endif
