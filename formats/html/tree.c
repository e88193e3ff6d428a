/*
 * tree.c - the values of a page's elements, by gumbo
 *
 * The only file that includes gumbo.h.  gumbo believes that there always is
 * memory, and takes its tree down by recursion; so all that it takes comes
 * from here and is given back at once, and where there is no more, a jump leads
 * out of it.
 */
#include "formats/html/html.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <gumbo.h>

enum {
	CHUNK = 64 << 10,	/* bytes of memory taken at once */
	MEMORY_MAX = 128 << 20, /* for a page's HTML_PARTS_MAX; 1 MiB of the
				    worst of them takes a quarter of it */
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) char room[];
};

struct arena {
	struct chunk *chunks; /* the latest first */
	size_t total;
	bool full;   /* MEMORY_MAX was reached, else there was no memory */
	jmp_buf out; /* where it leads where there is none */
};

static void *arena_take(void *arg, size_t size)
{
	struct arena *a = arg;
	size_t need = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
		      sizeof(max_align_t);
	struct chunk *c = a->chunks;

	if (!c || need > c->size - c->used) {
		size_t room = need > CHUNK ? need : CHUNK;

		a->full = room > MEMORY_MAX - a->total;
		c = a->full ? NULL : malloc(sizeof(*c) + room);
		if (!c)
			longjmp(a->out, 1);
		a->total += room;
		*c = (struct chunk){ .next = a->chunks, .size = room };
		a->chunks = c;
	}
	c->used += need;
	return c->room + c->used - need;
}

static void arena_give(void *arg, void *p)
{
	(void)arg;
	(void)p;
}

static void arena_done(struct arena *a)
{
	while (a->chunks) {
		struct chunk *c = a->chunks;

		a->chunks = c->next;
		free(c);
	}
}

/* NULL: no memory, or too much of it */
static const GumboOutput *parse(struct arena *a, const uint8_t *p, size_t len)
{
	GumboOptions options = kGumboDefaultOptions;

	options.allocator = arena_take;
	options.deallocator = arena_give;
	options.userdata = a;
	options.max_errors = 0;
	if (setjmp(a->out) != 0)
		return NULL;
	return gumbo_parse_with_options(&options, (const char *)p, len);
}

static const char *attribute(const GumboElement *e, const char *name)
{
	const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);

	return a ? a->value : NULL;
}

static bool add(struct values *v, const char *name, const char *value,
		bool in_list)
{
	return !value || html_add(v, name, value, strlen(value), in_list);
}

static bool meta(struct values *v, const GumboElement *e)
{
	static const char *const names[] = { "property", "name", "itemprop",
					     "http-equiv" };
	const char *content = attribute(e, "content");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *name = attribute(e, names[i]);

		if (name)
			return add(v, name, content,
				   strcasecmp(name, "article:tag") == 0);
	}
	return true;
}

/* is @word one of those that blanks stand between */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list && *list) {
		size_t len = strcspn(list, " \t\r\n\f");

		if (len == n && strncasecmp(list, word, n) == 0)
			return true;
		list += len + (list[len] != '\0');
	}
	return false;
}

/* the text of an element that has nothing else */
static const char *text_of(const GumboElement *e)
{
	const GumboNode *node = e->children.length ? e->children.data[0] : NULL;

	if (!node || (node->type != GUMBO_NODE_TEXT &&
		      node->type != GUMBO_NODE_WHITESPACE))
		return NULL;
	return node->v.text.text;
}

static enum sheaf_status element(struct values *v, const GumboElement *e,
				 struct format_warning *warning)
{
	const char *text;
	bool ok = true;

	switch (e->tag) {
	case GUMBO_TAG_META:
		ok = meta(v, e);
		break;
	case GUMBO_TAG_LINK:
		if (has_word(attribute(e, "rel"), "canonical"))
			ok = add(v, "<link", attribute(e, "href"), false);
		break;
	case GUMBO_TAG_TITLE:
		ok = add(v, "<title", text_of(e), false);
		break;
	case GUMBO_TAG_SCRIPT:
		text = text_of(e);
		if (text)
			return html_graph_read(
				v, (struct sheaf_str){ text, strlen(text) },
				warning);
		break;
	default:
		break;
	}
	return ok ? SHEAF_OK : SHEAF_NOMEM;
}

/* the children of head and of body */
static enum sheaf_status page(struct values *v, const GumboElement *html,
			      struct format_warning *warning)
{
	enum sheaf_status st = SHEAF_OK;

	if (!add(v, "<html", attribute(html, "lang"), false))
		return SHEAF_NOMEM;
	for (unsigned int i = 0; i < html->children.length; i++) {
		const GumboNode *part = html->children.data[i];
		const GumboVector *in;

		if (part->type != GUMBO_NODE_ELEMENT)
			continue;
		in = &part->v.element.children;
		for (unsigned int k = 0; st == SHEAF_OK && k < in->length;
		     k++) {
			const GumboNode *node = in->data[k];

			if (node->type == GUMBO_NODE_ELEMENT)
				st = element(v, &node->v.element, warning);
		}
	}
	return st;
}

enum sheaf_status html_tree_read(struct values *values, const uint8_t *p,
				 size_t len, struct format_warning *warning)
{
	struct arena arena = { 0 };
	const GumboOutput *tree = parse(&arena, p, len);
	enum sheaf_status st = SHEAF_OK;

	if (tree && tree->root->type == GUMBO_NODE_ELEMENT)
		st = page(values, &tree->root->v.element, warning);
	else if (!tree && !arena.full)
		st = SHEAF_NOMEM;
	else if (!tree)
		format_warn(warning, "its tags take more than 128 MiB");
	arena_done(&arena);
	return st;
}

/* the first title in the head */
static const char *title_of(const GumboElement *html)
{
	const GumboNode *head =
		html->children.length ? html->children.data[0] : NULL;

	if (!head || head->type != GUMBO_NODE_ELEMENT)
		return NULL;
	for (unsigned int i = 0; i < head->v.element.children.length; i++) {
		const GumboNode *node = head->v.element.children.data[i];

		if (node->type == GUMBO_NODE_ELEMENT &&
		    node->v.element.tag == GUMBO_TAG_TITLE)
			return text_of(&node->v.element);
	}
	return NULL;
}

/* a title has references and no tags, which is what is wanted of gumbo here */
enum sheaf_status html_text_read(struct buf *out, const void *p, size_t len)
{
	struct arena arena = { 0 };
	struct buf page = { 0 };
	const GumboOutput *tree = NULL;
	const char *text = NULL;
	enum sheaf_status st = SHEAF_OK;

	buf_bytes(&page, "<title>", 7);
	buf_bytes(&page, p, len);
	if (!page.bad)
		tree = parse(&arena, page.p, page.len);
	if (tree && tree->root->type == GUMBO_NODE_ELEMENT)
		text = title_of(&tree->root->v.element);
	if (page.bad || (!tree && !arena.full))
		st = SHEAF_NOMEM;
	else if (text)
		buf_bytes(out, text, strlen(text));
	else
		buf_bytes(out, p, len);
	arena_done(&arena);
	buf_done(&page);
	return out->bad ? SHEAF_NOMEM : st;
}
