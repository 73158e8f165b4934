/* The last rejected records, so that somebody can look at what was wrong: bounded, in memory, any
 * thread. */
#ifndef INGEST_DEAD_LETTERS_H
#define INGEST_DEAD_LETTERS_H

#include <pthread.h>

#include "base/bytes.h"
#include "domain/reject.h"

#define DEAD_LETTERS_MAX      256
#define DEAD_LETTER_TEXT_SIZE 256

struct dead_letter {
    int64_t received_ns;
    enum reject reject;
    char detail[192];
    /* The record's beginning; bytes that cannot be printed are '.'. */
    char excerpt[DEAD_LETTER_TEXT_SIZE];
};

struct dead_letters {
    pthread_mutex_t lock;
    struct dead_letter letters[DEAD_LETTERS_MAX];
    uint64_t count; /* ever; the last DEAD_LETTERS_MAX are kept */
};

void dead_letters_init(struct dead_letters *letters);
void dead_letters_fini(struct dead_letters *letters);
void dead_letters_add(struct dead_letters *letters, int64_t received_ns, enum reject reject,
                      const char *detail, struct text record);
/* Copies the newest first; returns how many (at most letter_max). */
uint32_t dead_letters_copy(struct dead_letters *letters, struct dead_letter *letters_out,
                           uint32_t letter_max);

#endif
