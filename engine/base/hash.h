/* XXH3, with two uses kept apart: checksums (fixed seed, the same for ever, everywhere) and keyed
 * hashes for tables and fingerprints (a random key per data directory, so that nobody outside can
 * choose colliding names). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Source: xxHash, XXH3_64bits with seed 0. */
uint64_t hash_checksum(const void *bytes, size_t length);
uint64_t hash_keyed(const void *bytes, size_t length, uint64_t key);

/* A random key from the kernel; never 0. */
uint64_t hash_key_random(void);

#endif
