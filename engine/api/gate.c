#include "api/gate.h"

#include <string.h>
#include <strings.h>

#define PASS ((struct gate_refusal){0})

static struct gate_refusal refuse(uint32_t status, const char *detail)
{
    return (struct gate_refusal){status, detail};
}

/* Digits alone, below 2^63: no sign, list or space. */
static bool parse_length(const char *text, uint64_t *length_out)
{
    uint64_t length = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || length > (UINT64_C(1) << 63) / 10 - 1) {
            return false;
        }
        length = length * 10 + (uint64_t)(*text - '0');
    }
    *length_out = length;
    return true;
}

static struct gate_refusal check_version(const struct gate_facts *facts)
{
    bool spoken = facts->version != NULL && (strcmp(facts->version, "HTTP/1.1") == 0 ||
                                             strcmp(facts->version, "HTTP/1.0") == 0);
    return spoken ? PASS : refuse(505, "HTTP/1.1 and HTTP/1.0 are spoken here");
}

static struct gate_refusal check_sizes(const struct gate_facts *facts)
{
    if (facts->target_bytes > GATE_HEADER_BYTES_MAX) {
        return refuse(414, "the request target is longer than 8 KiB");
    }
    if (facts->header_count > GATE_HEADERS_MAX) {
        return refuse(431, "more than 100 header fields");
    }
    if (facts->header_bytes_longest > GATE_HEADER_BYTES_MAX) {
        return refuse(431, "a header field is longer than 8 KiB");
    }
    return facts->header_bytes > GATE_BYTES_MAX ? refuse(431, "more than 32 KiB of header fields")
                                                : PASS;
}

static struct gate_refusal check_framing(const struct gate_facts *facts)
{
    if (facts->malformed) {
        return refuse(400, "a header field is malformed");
    }
    if (facts->length_count > 1) {
        return refuse(400, "more than one Content-Length");
    }
    if (facts->length_count != 0 && facts->transfer_count != 0) {
        return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    }
    uint64_t length;
    if (facts->length_count == 1 && !parse_length(facts->length, &length)) {
        return refuse(400, "Content-Length is not a number");
    }
    if (facts->transfer_count == 0) {
        return PASS;
    }
    if (facts->transfer_count > 1 || strcmp(facts->version, "HTTP/1.1") != 0) {
        return refuse(400, "Transfer-Encoding given twice, or in HTTP/1.0");
    }
    return strcasecmp(facts->transfer, "chunked") == 0
               ? PASS
               : refuse(501, "the only Transfer-Encoding known here is chunked");
}

/* uri-host [":" port]: letters, digits and what addresses are written with. */
static bool host_is_sane(const char *host)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".-_:[]";
    return host[0] != '\0' && host[strspn(host, allowed)] == '\0';
}

static struct gate_refusal check_host(const struct gate_facts *facts)
{
    if (facts->host_count > 1) {
        return refuse(400, "more than one Host");
    }
    if (facts->host_count == 0) {
        return strcmp(facts->version, "HTTP/1.1") == 0 ? refuse(400, "Host is missing") : PASS;
    }
    return host_is_sane(facts->host) ? PASS : refuse(400, "Host is not a host");
}

static struct gate_refusal check_expect(const struct gate_facts *facts)
{
    bool known = facts->expect_count == 0 ||
                 (facts->expect_count == 1 && strcasecmp(facts->expect, "100-continue") == 0);
    return known ? PASS : refuse(417, "the only expectation met here is 100-continue");
}

/* A name that can only mean this machine: an address, or localhost. */
static bool host_is_address(const char *host)
{
    return host[0] == '[' || strspn(host, "0123456789.:") == strlen(host) ||
           (strncasecmp(host, "localhost", 9) == 0 && (host[9] == '\0' || host[9] == ':'));
}

/* Pages of other sites must not write through somebody's browser. Programs send no Origin. On a
 * loopback listener a page's own name is foreign too: it may have been made to resolve to
 * 127.0.0.1. */
static struct gate_refusal check_origin(const struct gate_facts *facts)
{
    bool reads = strcmp(facts->method, "GET") == 0 || strcmp(facts->method, "HEAD") == 0;
    if (reads || facts->origin_count == 0) {
        return PASS;
    }
    const char *scheme_end = strstr(facts->origin, "://");
    bool own = facts->origin_count == 1 && scheme_end != NULL && facts->host_count == 1 &&
               strcasecmp(scheme_end + 3, facts->host) == 0 &&
               (!facts->listens_on_loopback || host_is_address(facts->host));
    return own ? PASS : refuse(403, "Origin names another site");
}

struct gate_refusal gate_check(const struct gate_facts *facts)
{
    static struct gate_refusal (*const checks[])(const struct gate_facts *) = {
        check_version, check_sizes, check_framing, check_host, check_expect, check_origin,
    };
    struct gate_refusal refusal = PASS;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && refusal.status == 0; i++) {
        refusal = checks[i](facts);
    }
    return refusal;
}

bool gate_body(const struct gate_facts *facts, uint64_t *length_out)
{
    *length_out = 0;
    if (facts->transfer_count != 0) {
        *length_out = UINT64_MAX;
        return true;
    }
    return facts->length_count == 1 && parse_length(facts->length, length_out) && *length_out > 0;
}
