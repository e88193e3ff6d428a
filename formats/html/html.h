/*
 * html.h - what the files of the HTML reader share
 *
 * read.c decides what is what; scan.c takes a page apart; cut.c finds the few
 * elements that tell of it; chars.c makes UTF-8 of them; tree.c reads them, by
 * gumbo; graph.c reads JSON-LD; body.c has the text.  mapping.md is the
 * document to all of it.
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

/* --- scan.c --- */

/* a page, all zero but for its bytes at the start */
struct html_scan {
	const uint8_t *p; /* in an encoding in which "<" is "<" */
	size_t len, at;
};

enum html_kind {
	HTML_NOTHING, /* a comment, a document type, a tag without its ">" */
	HTML_TEXT,
	HTML_TAG,
	HTML_END, /* </a> */
	HTML_RAW, /* an element whose text has no tags, as a script: all of it
		   */
};

struct html_piece {
	enum html_kind kind;
	size_t from, to;
	size_t tag; /* behind the ">" of the first tag */
};

/* false at the page's end; all pieces one behind the other are the page */
bool html_next(struct html_scan *s, struct html_piece *piece);
/* is this the name of the piece's tag; @name is in lower case */
bool html_piece_is(const struct html_scan *s, const struct html_piece *piece,
		   const char *name);

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

/*
 * html_text_read() - text with its character references decoded, behind what
 * @out has
 * @p: UTF-8 without any "<"
 *
 * Returns SHEAF_OK or SHEAF_NOMEM; what takes too much memory stays as it is.
 */
enum sheaf_status html_text_read(struct buf *out, const void *p, size_t len);

/* --- body.c --- */

/*
 * html_body() - the text of a page, behind what @out has
 * @p: the whole page as UTF-8
 *
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status html_body(struct buf *out, const uint8_t *p, size_t len);

/* --- graph.c --- */

/* the values of one block of JSON-LD; SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status html_graph_read(struct values *values, struct sheaf_str text,
				  struct format_warning *warning);

#endif
