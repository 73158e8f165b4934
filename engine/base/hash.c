#include "base/hash.h"

#include <sys/random.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/panic.h"

uint64_t hash_checksum(const void *bytes, size_t length)
{
    return XXH3_64bits(bytes, length);
}

uint64_t hash_keyed(const void *bytes, size_t length, uint64_t key)
{
    return XXH3_64bits_withSeed(bytes, length, key);
}

uint64_t hash_key_random(void)
{
    uint64_t key = 0;
    while (key == 0) {
        ssize_t got = getrandom(&key, sizeof(key), 0);
        assert(got == (ssize_t)sizeof(key));
    }
    return key;
}
