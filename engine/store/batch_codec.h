/* One batch as one value of the log, and back.
 *
 * Why a module of its own: the bytes are the product's promise to its own past. All numbers are
 * little-endian. The header, 64 bytes:
 *
 *   offset  size  field
 *        0     8  checksum          XXH3 (seed 0) of every byte after this field, to the end of the
 * value 8     8  previous          checksum of the batch before this one; 0 for the very first: a
 * chain, which shows a stale or exchanged value that is valid in itself 16     8  position of the
 * first event; equals the key 24     8  received_ns 32     8  occurred_ns_min   over the events:
 * readers may skip a batch without decoding it 40     8  occurred_ns_max 48     4  event_count 1 ..
 * BATCH_EVENTS_MAX 52     4  text_length       bytes of text, after the events 56     4  magic
 * "NBAT" 60     1  codec             what follows the header 61     1  zero 62     2  header_length
 * 64; a later codec may put more into the header
 *
 * codec 1: event_count x 64 bytes as in domain/event.h, then text_length bytes. Codecs 2 and up are
 * for compact forms (delta times, dictionary ids): a reader that does not know one answers
 * STATUS_VERSION.
 *
 * Worked example: position 7, received at 1000, one event (occurred at 900, service 1, total 1,
 * latency not given, extra fields at 0, 4 bytes), text "\x06\x02hi"; 132 bytes. In hex, 16 a line:
 *
 *   000  4e 73 29 c3 55 bb 93 49  08 07 06 05 04 03 02 01   checksum, previous
 *   010  07 00 00 00 00 00 00 00  e8 03 00 00 00 00 00 00   position, received_ns
 *   020  84 03 00 00 00 00 00 00  84 03 00 00 00 00 00 00   occurred_ns_min, _max
 *   030  01 00 00 00 04 00 00 00  4e 42 41 54 01 00 40 00   counts, magic, codec, header_length
 *   040  84 03 00 00 00 00 00 00  00 00 00 00 00 00 00 00   event: occurred_ns, fingerprint
 *   050  01 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00   service, customer, subject, source
 *   060  01 00 00 00 00 00 00 00  ff ff ff ff ff ff ff ff   total, good, latency_ns
 *   070  00 00 00 00 04 00 00 00  00 00 00 00 00 00 00 00   extra_offset, extra_length, status,
 * kind ... 080  06 02 68 69                                        text
 *
 * The length n * 4096 - 16 that fills LMDB's overflow pages exactly is not forced: LMDB stores
 * whole pages anyway, so padding would only make more bytes to checksum. 64 + 8192 * 64 bytes leave
 * 0.7 % unused.
 */
#ifndef STORE_BATCH_CODEC_H
#define STORE_BATCH_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "domain/batch.h"

#define BATCH_HEADER_SIZE 64
#define BATCH_CODEC_PLAIN 1
#define BATCH_VALUE_MAX                                                                            \
    (BATCH_HEADER_SIZE + BATCH_EVENTS_MAX * sizeof(struct event) + BATCH_TEXT_MAX)

struct batch_header {
    uint64_t checksum;
    uint64_t previous;
    uint64_t position;
    int64_t received_ns;
    int64_t occurred_ns_min;
    int64_t occurred_ns_max;
    uint32_t event_count;
    uint32_t text_length;
};

/* Bytes of the value. */
size_t batch_codec_size(const struct batch *batch);
/* Writes batch_codec_size bytes and gives the checksum. The batch has at least one event. */
uint64_t batch_codec_encode(const struct batch *batch, uint64_t previous, uint8_t *value_out);

/* Checks lengths and words, not the checksum. STATUS_DAMAGED, STATUS_VERSION: unknown codec. */
must_check enum status batch_codec_header(const uint8_t *value, size_t length,
                                          struct batch_header *header_out);
/* Checks everything, then overwrites the batch's events, text and counts; it is untouched on
 * failure. */
must_check enum status batch_codec_decode(const uint8_t *value, size_t length, struct batch *batch,
                                          struct batch_header *header_out);
/* The same checks without a copy. */
must_check enum status batch_codec_check(const uint8_t *value, size_t length,
                                         struct batch_header *header_out);

#endif
