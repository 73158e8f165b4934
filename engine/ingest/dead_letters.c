#include "ingest/dead_letters.h"

#include <stdio.h>

void dead_letters_init(struct dead_letters *letters)
{
    memset(letters, 0, sizeof(*letters));
    pthread_mutex_init(&letters->lock, NULL);
}

void dead_letters_fini(struct dead_letters *letters)
{
    pthread_mutex_destroy(&letters->lock);
}

static void copy_printable(char out[DEAD_LETTER_TEXT_SIZE], struct text record)
{
    uint32_t length =
        record.length < DEAD_LETTER_TEXT_SIZE - 1 ? record.length : DEAD_LETTER_TEXT_SIZE - 1;
    for (uint32_t i = 0; i < length; i++) {
        char byte = record.bytes[i];
        out[i] = byte >= 0x20 && byte < 0x7f ? byte : '.';
    }
    out[length] = '\0';
}

void dead_letters_add(struct dead_letters *letters, int64_t received_ns, enum reject reject,
                      const char *detail, struct text record)
{
    /* A flood of bad records must not fight over the lock: whoever comes second is not kept. */
    if (pthread_mutex_trylock(&letters->lock) != 0) {
        return;
    }
    struct dead_letter *letter = &letters->letters[letters->count++ % DEAD_LETTERS_MAX];
    letter->received_ns = received_ns;
    letter->reject = reject;
    snprintf(letter->detail, sizeof(letter->detail), "%s", detail);
    copy_printable(letter->excerpt, record);
    pthread_mutex_unlock(&letters->lock);
}

uint32_t dead_letters_copy(struct dead_letters *letters, struct dead_letter *letters_out,
                           uint32_t letter_max)
{
    pthread_mutex_lock(&letters->lock);
    uint64_t kept = letters->count < DEAD_LETTERS_MAX ? letters->count : DEAD_LETTERS_MAX;
    uint32_t count = kept < letter_max ? (uint32_t)kept : letter_max;
    for (uint32_t i = 0; i < count; i++) {
        letters_out[i] = letters->letters[(letters->count - 1 - i) % DEAD_LETTERS_MAX];
    }
    pthread_mutex_unlock(&letters->lock);
    return count;
}
