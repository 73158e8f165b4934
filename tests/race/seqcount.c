/* One writer and three readers: what is read is one write whole, and never an older one than
 * before. */
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/seqcount.h"
#include "base/thread.h"

#define WRITES 300000
#define WORDS  8

static struct seqcount seqcount;
static _Atomic uint64_t words[WORDS];

static void *read_on(void *argument)
{
    uint64_t *reads = argument;
    uint64_t last = 0;
    while (last < WRITES) {
        uint64_t values[WORDS];
        seqcount_read(&seqcount, words, values, WORDS);
        for (uint64_t i = 0; i < WORDS; i++) {
            assert(values[i] == values[0] * (i + 1));
        }
        assert(values[0] >= last);
        last = values[0];
        (*reads)++;
    }
    return NULL;
}

int main(void)
{
    pthread_t readers[3];
    uint64_t reads[3] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        enum status status = thread_start(&readers[i], "reader", read_on, &reads[i]);
        assert(status == STATUS_OK);
    }
    for (uint64_t write = 1; write <= WRITES; write++) {
        uint64_t values[WORDS];
        for (uint64_t i = 0; i < WORDS; i++) {
            values[i] = write * (i + 1);
        }
        seqcount_write(&seqcount, words, values, WORDS);
    }
    for (uint32_t i = 0; i < 3; i++) {
        thread_join(readers[i]);
    }
    printf("%d writes, %llu reads\n", WRITES, (unsigned long long)(reads[0] + reads[1] + reads[2]));
    return EXIT_SUCCESS;
}
