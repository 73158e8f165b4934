/* A few words that one writer publishes and anybody reads whole, without a lock.
 *
 *   writer: begin (odd) ─► words, relaxed ─► end (even)        reader: retry while odd or changed
 *
 * field      written by   read by    order
 * sequence   the writer   readers    release [W] / acquire [W]: the words before it may be read
 * words      the writer   readers    relaxed: a torn mix is possible and is thrown away
 *
 * Readers never block the writer; a reader that is unlucky tries again. After H.-J. Boehm, "Can
 * seqlocks get along with programming language memory models?" (MSPC 2012).
 */
#ifndef BASE_SEQCOUNT_H
#define BASE_SEQCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct seqcount {
    _Atomic uint32_t sequence;
};

static inline void seqcount_write_begin(struct seqcount *seqcount)
{
    uint32_t now = atomic_load_explicit(&seqcount->sequence, memory_order_relaxed);
    atomic_store_explicit(&seqcount->sequence, now + 1, memory_order_relaxed);
    /* No word below may be seen before the odd value: a reader that sees one retries. */
    atomic_thread_fence(memory_order_release);
}

static inline void seqcount_write_end(struct seqcount *seqcount)
{
    uint32_t now = atomic_load_explicit(&seqcount->sequence, memory_order_relaxed);
    atomic_store_explicit(&seqcount->sequence, now + 1, memory_order_release); /* [W] */
}

static inline void seqcount_write(struct seqcount *seqcount, _Atomic uint64_t *words,
                                  const uint64_t *values, uint32_t count)
{
    seqcount_write_begin(seqcount);
    for (uint32_t i = 0; i < count; i++) {
        atomic_store_explicit(&words[i], values[i], memory_order_relaxed);
    }
    seqcount_write_end(seqcount);
}

static inline void seqcount_read(const struct seqcount *seqcount, const _Atomic uint64_t *words,
                                 uint64_t *values_out, uint32_t count)
{
    for (;;) {
        uint32_t before = atomic_load_explicit(&seqcount->sequence, memory_order_acquire); /* [W] */
        for (uint32_t i = 0; i < count; i++) {
            values_out[i] = atomic_load_explicit(&words[i], memory_order_relaxed);
        }
        atomic_thread_fence(memory_order_acquire);
        uint32_t after = atomic_load_explicit(&seqcount->sequence, memory_order_relaxed);
        if ((before & 1) == 0 && before == after) {
            return;
        }
    }
}

#endif
