/* Alertmanager's webhook (version 4, also Grafana's) as incident records. Pure. Source: WIRE
 * section 2.1, samples in tests/samples/alertmanager-webhook-*.
 *
 *   alert                        record
 *   fingerprint, startsAt        id FINGERPRINT@STARTSAT: firing again later is another incident
 *   its own status               state open with ts startsAt, or resolved with ts endsAt
 *   labels.service, else .job    service
 *   labels.customer              customer
 *   labels.severity              critical, page: critical; error, high, major: major;
 *                                warning, ticket, minor, low: minor; info, none: info
 *   annotations.summary          title; else labels.alertname
 *
 * The time of arrival means nothing. A repeat is the same record and so a duplicate. An endsAt of
 * the year 1 means "not ended".
 */
#ifndef API_ALERTMANAGER_H
#define API_ALERTMANAGER_H

#include "base/status.h"
#include "base/text_buffer.h"

#define ALERTMANAGER_DETAIL_SIZE 256

struct alertmanager_notes {
    uint32_t alerts;
    uint32_t truncated; /* not sent, because of max_alerts: their incidents will be missing */
};

/* Appends an array of NDJSON records. An alert without fingerprint or startsAt becomes a record
 * that the decoder refuses, so that it is counted. STATUS_INVALID with detail_out set: not such a
 * body at all. */
must_check enum status alertmanager_records(struct text body, struct text_buffer *records_out,
                                            struct alertmanager_notes *notes_out,
                                            char detail_out[ALERTMANAGER_DETAIL_SIZE]);

#endif
