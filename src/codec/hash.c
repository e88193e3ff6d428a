/*
 * hash.c - XXH3 for ids, keys and checksums; SHA-256 for what must not be
 * forged
 *
 * Ids, keys and checksums find accidents only; the commit id and the tree are
 * SHA-256.  The one place, with train.c, that the hash libraries are called
 * from.
 */
#include "codec/hash.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* XXH3_state_t with its size */
#include <xxhash.h>
#include <openssl/evp.h>

/* what zero bytes are hashed at: NULL is not for every version to take */
static const uint8_t nothing[1];

static_assert(sizeof(XXH128_canonical_t) == SHEAF_ID_SIZE, "size of an id");

void hash_id(const void *p, size_t len, uint64_t seed,
	     uint8_t id[SHEAF_ID_SIZE])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(
		&canonical,
		XXH3_128bits_withSeed(len ? p : nothing, len, seed));
	memcpy(id, canonical.digest, SHEAF_ID_SIZE);
}

uint64_t hash_64(const void *p, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(len ? p : nothing, len, seed);
}

void hash_pair(const uint8_t id[SHEAF_ID_SIZE], const void *name, size_t len,
	       uint64_t *high, uint64_t *low)
{
	XXH3_state_t state; /* of one size ever since xxHash 0.8.0 */
	XXH128_hash_t hash;

	/* these fail for NULL only */
	XXH3_INITSTATE(&state);
	XXH3_128bits_reset(&state);
	XXH3_128bits_update(&state, id, SHEAF_ID_SIZE);
	XXH3_128bits_update(&state, len ? name : nothing, len);
	hash = XXH3_128bits_digest(&state);
	*high = hash.high64;
	*low = hash.low64;
}

uint32_t hash_frame_checksum(const void *p, size_t len)
{
	return (uint32_t)(XXH64(len ? p : nothing, len, 0) & 0xffffffff);
}

/*
 * The digest is fetched once: EVP_sha256() would look it up again at every
 * message.  Once it is there, its init, update and final take no memory and
 * can't fail; should they, the digest is no digest of anything: all zero.
 */
struct sha256 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	bool bad;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->ctx = EVP_MD_CTX_new();
	if (!s->md || !s->ctx || EVP_DigestInit_ex2(s->ctx, s->md, NULL) != 1) {
		sha256_free(s);
		return NULL;
	}
	return s;
}

void sha256_free(struct sha256 *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	EVP_MD_free(s->md);
	free(s);
}

void sha256_add(struct sha256 *s, const void *p, size_t len)
{
	if (len && EVP_DigestUpdate(s->ctx, p, len) != 1)
		s->bad = true;
}

void sha256_end(struct sha256 *s, uint8_t out[SHA256_SIZE])
{
	if (EVP_DigestFinal_ex(s->ctx, out, NULL) != 1)
		s->bad = true;
	if (s->bad)
		memset(out, 0, SHA256_SIZE);
	s->bad = EVP_DigestInit_ex2(s->ctx, NULL, NULL) != 1;
}
