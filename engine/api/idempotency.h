/* Bodies that count once: what was answered to an `Idempotency-Key`, so that a sender that did not
 * hear the answer may send the same body again.
 *
 *   begin(key, body) ─► NEW        go on; end with idempotency_keep (durable) or idempotency_drop
 *                    ─► REPEAT     the same body was answered: give the same answer
 *                    ─► CONFLICT   the key came with another body: 422
 *                    ─► IN_FLIGHT  its first request is not answered yet: 503, try again
 *                    ─► FULL       all places belong to requests in flight: 503
 *
 * Bounded, in memory: the IDEMPOTENCY_KEYS_MAX last keys; a restart forgets them (then the records'
 * own ids recognise a repeat). Any thread.
 */
#ifndef API_IDEMPOTENCY_H
#define API_IDEMPOTENCY_H

#include "base/bytes.h"
#include "base/status.h"
#include "base/text_buffer.h"

#define IDEMPOTENCY_KEYS_MAX      4096
#define IDEMPOTENCY_KEY_BYTES_MAX 255

enum idempotency_result {
    IDEMPOTENCY_NEW,
    IDEMPOTENCY_REPEAT,
    IDEMPOTENCY_CONFLICT,
    IDEMPOTENCY_IN_FLIGHT,
    IDEMPOTENCY_FULL,
};

struct idempotency;

must_check enum status idempotency_open(struct idempotency **idempotency_out);
void idempotency_close(struct idempotency *idempotency);

/* key: 1 to IDEMPOTENCY_KEY_BYTES_MAX bytes. place_out: of a NEW one, for its end. REPEAT appends
 * the answer's body. */
enum idempotency_result idempotency_begin(struct idempotency *idempotency, struct text key,
                                          struct text body, uint32_t *place_out,
                                          struct text_buffer *answer);
void idempotency_keep(struct idempotency *idempotency, uint32_t place, struct text answer);
void idempotency_drop(struct idempotency *idempotency, uint32_t place);

#endif
