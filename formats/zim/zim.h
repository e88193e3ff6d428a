/*
 * zim.h - what the ZIM writer and its plugin agree on
 *
 * libzim is C++ and brings Xapian with it; linked into the library it would
 * cost every start of the program 1.2 ms, which is more than a `sheaf get`
 * takes otherwise.  So it is in a plugin, sheaf-zim.so, that is loaded when a
 * ZIM file is asked for, and that sees nothing but this header.
 */
#ifndef FORMATS_ZIM_ZIM_H
#define FORMATS_ZIM_ZIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ZIM_API_VERSION = 1, ZIM_ERROR_SIZE = 120 };

enum zim_status {
	ZIM_OK,
	ZIM_TAKEN, /* another page has the path; go on */
	ZIM_NOMEM,
	ZIM_FAILED, /* the error says why */
};

/* what the plugin exports, under the name "sheaf_zim_api"; no function throws
 */
struct zim_api {
	int version; /* ZIM_API_VERSION */
	/* @error: ZIM_ERROR_SIZE bytes, filled on ZIM_FAILED; for all */
	enum zim_status (*open)(void **out, const char *path,
				unsigned int threads, char *error);
	/* strings end in a NUL and are UTF-8; @front: listed and searched by
	 * its title */
	enum zim_status (*page)(void *zim, const char *path, const char *title,
				const void *html, size_t len, int front,
				char *error);
	enum zim_status (*metadata)(void *zim, const char *name,
				    const char *value, char *error);
	/* a PNG of 48x48 */
	enum zim_status (*illustration)(void *zim, const void *png, size_t len,
					char *error);
	enum zim_status (*finish)(void *zim, const char *main_path,
				  const uint8_t uuid[16], char *error);
	void (*free)(void *zim);
};

/* the pages that writer makes: page.c */
struct buf;
struct writer_item;

/* appends a whole page for one article */
void zim_page_article(struct buf *out, const struct writer_item *item,
		      const char *title);
void zim_page_start(struct buf *out, const char *title);
void zim_page_end(struct buf *out);
/* text with what HTML would take for markup escaped; bytes that are no UTF-8
 * become U+FFFD */
void zim_page_text(struct buf *out, const void *text, size_t len);
/* a link to @path, which is below the ZIM's root; @up: how many folders the
 * page is below it */
void zim_page_link(struct buf *out, int up, const void *path, size_t len,
		   const char *title);

#ifdef __cplusplus
}
#endif

#endif
