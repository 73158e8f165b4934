/* Times as logs write them, with names of months: RFC 3164 headers and access logs. */
#ifndef DECODE_CIVIL_TEXT_H
#define DECODE_CIVIL_TEXT_H

#include "base/bytes.h"

/* `23/Nov/2026:14:55:41 +0000`, with a fraction if there is one; without a zone it is local time
 * (local = UTC + offset). All of text. */
bool civil_text_access_log(struct text text, int64_t zone_offset_ns, int64_t *ns_out);

enum civil_text {
    CIVIL_TEXT_NONE,       /* nothing that looks like such a time */
    CIVIL_TEXT_UNPARSABLE, /* its shape, but no time: `Feb 30 00:00:00` */
    CIVIL_TEXT_TIME,
};

/* `Nov 23 14:55:41`, with a fraction if there is one, at the beginning of text: local time of the
 * year that puts it nearest to now. *length_out: how many bytes it takes, unless NONE. */
enum civil_text civil_text_rfc3164(struct text text, int64_t zone_offset_ns, int64_t now_ns,
                                   int64_t *ns_out, uint32_t *length_out);

#endif
