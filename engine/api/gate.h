/* What is refused before anything else looks at a request: framing that two readers could
 * understand differently (RFC 9112 section 6.3), hosts that are none, headers beyond all measure,
 * browsers that speak for a foreign page. Pure: http.c collects the facts.
 *
 * libmicrohttpd 0.9.75 itself accepts Content-Length with Transfer-Encoding, two Content-Lengths
 * and two Hosts; what even this gate cannot see, because the library has rewritten it by then, is
 * in README.md.
 */
#ifndef API_GATE_H
#define API_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_HEADERS_MAX      100
#define GATE_HEADER_BYTES_MAX 8192
#define GATE_BYTES_MAX        32768

struct gate_facts {
    const char *method;
    const char *version; /* "HTTP/1.1" */
    size_t target_bytes;
    /* Of headers with this name: how many, and the last value. */
    uint32_t host_count;
    const char *host;
    uint32_t length_count;
    const char *length;
    uint32_t transfer_count;
    const char *transfer;
    uint32_t expect_count;
    const char *expect;
    uint32_t origin_count;
    const char *origin;
    uint32_t coding_count;
    const char *coding; /* Content-Encoding */
    bool malformed;     /* a field has a name or bytes that no field may have */
    uint32_t header_count;
    size_t header_bytes;         /* names and values */
    size_t header_bytes_longest; /* of one */
    bool listens_on_loopback;
};

struct gate_refusal {
    uint32_t status; /* 0: may pass */
    const char *detail;
};

struct gate_refusal gate_check(const struct gate_facts *facts);

/* True: the request announces a body. *length_out: how long, UINT64_MAX when it is chunked. After
 * gate_check. */
bool gate_body(const struct gate_facts *facts, uint64_t *length_out);

#endif
