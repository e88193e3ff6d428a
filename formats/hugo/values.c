/*
 * values.c - the scalars of one front matter, by key
 *
 * Filled by front.c while it reads, emptied into the fields by read.c: the
 * order of keys in a post is not the order of preference.
 */
#include "formats/hugo/hugo.h"

#include <stdlib.h>

void hugo_front_done(struct hugo_front *front)
{
	buf_done(&front->text);
	free(front->value);
	*front = (struct hugo_front){ 0 };
}

static bool value_room(struct hugo_front *front)
{
	size_t cap = front->cap ? 2 * front->cap : 32;
	struct hugo_value *p;

	if (front->count < front->cap)
		return true;
	p = realloc(front->value, cap * sizeof(*p));
	if (!p)
		return false;
	front->value = p;
	front->cap = cap;
	return true;
}

bool hugo_front_add(struct hugo_front *front, int key, const void *p,
		    size_t len, size_t line, bool in_list)
{
	size_t at = front->text.len;

	buf_bytes(&front->text, p, len);
	if (front->text.bad || !value_room(front))
		return false;
	front->value[front->count] = (struct hugo_value){
		.at = at, .len = len, .line = line, .in_list = in_list
	};
	if (front->key[key].count++ == 0)
		front->key[key].first = front->count;
	front->count++;
	return true;
}

struct sheaf_str hugo_front_text(const struct hugo_front *front,
				 const struct hugo_value *v)
{
	return (struct sheaf_str){ (const char *)&front->text.p[v->at],
				   v->len };
}
