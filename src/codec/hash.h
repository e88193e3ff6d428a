/*
 * hash.h - XXH3 for ids, keys and checksums; SHA-256 for what must not be
 * forged
 */
#ifndef SHEAF_CODEC_HASH_H
#define SHEAF_CODEC_HASH_H

#include <stddef.h>
#include <stdint.h>

#include <sheaf/record.h>

#define SHA256_SIZE 32

/* XXH3-128 under @seed, canonical form */
void hash_id(const void *p, size_t len, uint64_t seed,
	     uint8_t id[SHEAF_ID_SIZE]);
/* XXH3-64 under @seed */
uint64_t hash_64(const void *p, size_t len, uint64_t seed);
/* XXH3-128 of the id's 16 bytes and the name behind them: high and low half */
void hash_pair(const uint8_t id[SHEAF_ID_SIZE], const void *name, size_t len,
	       uint64_t *high, uint64_t *low);
/* the low 32 bits of XXH64, which zstd's frames end in */
uint32_t hash_frame_checksum(const void *p, size_t len);

struct sha256;

struct sha256 *sha256_new(void);    /* ready to take bytes; NULL: no memory */
void sha256_free(struct sha256 *s); /* takes NULL */
void sha256_add(struct sha256 *s, const void *p, size_t len);
/* the digest; then the state is ready for the next message */
void sha256_end(struct sha256 *s, uint8_t out[SHA256_SIZE]);

#endif
