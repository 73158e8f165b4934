/* bench-copy [--bytes N] [--block N]: how fast this machine copies memory. */
#include "measure.h"

static double copy_rate(uint64_t total, size_t block)
{
    char *from = memory(block);
    char *to = memory(block);
    uint64_t rounds = total / block + 1;
    double start = seconds_now();
    for (uint64_t i = 0; i < rounds; i++) {
        memcpy(to, from, block);
        /* The copy is wanted, says this to the compiler. */
        __asm__ volatile("" : : "r"(to), "r"(from) : "memory");
    }
    double seconds = seconds_now() - start;
    free(from);
    free(to);
    return (double)rounds * (double)block / seconds;
}

int main(int argc, char **argv)
{
    uint64_t total = option_number(argc, argv, "--bytes", UINT64_C(4) << 30);
    printf("{\"cached_bytes_per_second\":%.0f,\"memory_bytes_per_second\":%.0f}\n",
           copy_rate(total, 256 << 10), copy_rate(total, 64 << 20));
    return 0;
}
