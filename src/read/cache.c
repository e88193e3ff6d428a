/*
 * cache.c - decoded objects by their offset, shared by threads, within a byte
 * budget
 *
 * Between the readers of blocks and record pages and their decoders. Objects
 * are reference-counted: one that is thrown out lives on until its last user is
 * done.
 */
#include "read/cache.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 256 /* a power of two; some hundred objects at the most */
#define IDLE_MAX 64

struct cache {
	pthread_mutex_t lock;
	size_t budget, bytes;
	struct cached *buckets[BUCKETS];
	struct cached *newest, *oldest;
	void *idle[IDLE_MAX];
	unsigned int idle_count;
};

static unsigned int bucket_of(uint64_t key)
{
	return (unsigned int)((key * 0x9e3779b97f4a7c15u) >> 56) &
	       (BUCKETS - 1);
}

struct cache *cache_new(size_t budget)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	if (pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return NULL;
	}
	c->budget = budget;
	return c;
}

static void list_take(struct cache *c, struct cached *obj)
{
	if (obj->newer != NULL)
		obj->newer->older = obj->older;
	else
		c->newest = obj->older;
	if (obj->older != NULL)
		obj->older->newer = obj->newer;
	else
		c->oldest = obj->newer;
}

static void list_put(struct cache *c, struct cached *obj)
{
	obj->newer = NULL;
	obj->older = c->newest;
	if (c->newest != NULL)
		c->newest->newer = obj;
	else
		c->oldest = obj;
	c->newest = obj;
}

static void cache_drop(struct cache *c, struct cached *obj)
{
	struct cached **at = &c->buckets[bucket_of(obj->key)];

	while (*at != obj)
		at = &(*at)->next;
	*at = obj->next;
	list_take(c, obj);
	c->bytes -= obj->bytes;
	cache_release(obj);
}

void cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	while (c->newest != NULL)
		cache_drop(c, c->newest);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct cached *cache_find(struct cache *c, uint64_t key)
{
	struct cached *obj = c->buckets[bucket_of(key)];

	while (obj != NULL && obj->key != key)
		obj = obj->next;
	if (obj == NULL)
		return NULL;
	atomic_fetch_add(&obj->refs, 1);
	if (obj != c->newest) {
		list_take(c, obj);
		list_put(c, obj);
	}
	return obj;
}

struct cached *cache_get(struct cache *c, uint64_t key)
{
	struct cached *obj;

	pthread_mutex_lock(&c->lock);
	obj = cache_find(c, key);
	pthread_mutex_unlock(&c->lock);
	return obj;
}

struct cached *cache_add(struct cache *c, struct cached *obj)
{
	struct cached *other;

	pthread_mutex_lock(&c->lock);
	other = cache_find(c, obj->key);
	if (other == NULL) {
		struct cached **bucket = &c->buckets[bucket_of(obj->key)];

		atomic_init(&obj->refs, 2); /* the cache's and the caller's */
		obj->next = *bucket;
		*bucket = obj;
		list_put(c, obj);
		c->bytes += obj->bytes;
		while (c->bytes > c->budget && c->oldest != obj)
			cache_drop(c, c->oldest);
	}
	pthread_mutex_unlock(&c->lock);
	if (other == NULL)
		return obj;
	obj->free(obj);
	return other;
}

void cache_release(struct cached *obj)
{
	if (obj != NULL && atomic_fetch_sub(&obj->refs, 1) == 1)
		obj->free(obj);
}

void *cache_idle_pop(struct cache *c)
{
	void *p = NULL;

	pthread_mutex_lock(&c->lock);
	if (c->idle_count != 0)
		p = c->idle[--c->idle_count];
	pthread_mutex_unlock(&c->lock);
	return p;
}

bool cache_idle_push(struct cache *c, void *p)
{
	bool kept = false;

	pthread_mutex_lock(&c->lock);
	if (c->idle_count < IDLE_MAX) {
		c->idle[c->idle_count++] = p;
		kept = true;
	}
	pthread_mutex_unlock(&c->lock);
	return kept;
}
