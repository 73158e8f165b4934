/* From what people and tools send about incidents to the records that the log takes: one array of
 * NDJSON objects, so that objects may be printed over many lines. Pure.
 *
 * An object of the incident API is checked by jansson and then taken as it was written, with `kind`
 * (and the path's `id`) put in front: numbers keep every digit.
 */
#ifndef API_INCIDENT_RECORD_H
#define API_INCIDENT_RECORD_H

#include "base/status.h"
#include "base/text_buffer.h"

#define INCIDENT_DETAIL_SIZE 256

/* id_given: of the path, or TEXT_NONE; the body then need not have one, and may not have another.
 * id_out: the incident's (at most NAME_BYTES_MAX bytes kept; the record says if it was longer).
 * STATUS_INVALID with detail_out set. */
#define INCIDENT_ID_SIZE 132
must_check enum status incident_record(struct text body, struct text id_given,
                                       struct text_buffer *records_out,
                                       char id_out[INCIDENT_ID_SIZE],
                                       char detail_out[INCIDENT_DETAIL_SIZE]);

#endif
