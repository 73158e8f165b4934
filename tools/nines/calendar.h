/* Maintenance as iCalendar files (RFC 5545), by libical: what people's calendars hold becomes
 * `maintenance` events, and the other way round.
 *
 *   UID          id
 *   DTSTART, DTEND or DURATION, TZID    start, end; local times by the system's zones
 *   RRULE        rrule, and zone where the start is in local time; with EXDATE, moved occurrences or a
 *                length in days of a zone each occurrence is an event of its own, with the id
 *                UID/20260704T020000Z
 *   RECURRENCE-ID                       the event of that one occurrence
 *   SUMMARY      reason
 *   ORGANIZER    author
 *   STATUS:CANCELLED, METHOD:CANCEL     state cancelled
 *   X-NINES-SERVICE (one each), X-NINES-CUSTOMER, X-NINES-AUTHOR,
 *   X-NINES-START, X-NINES-END (where a time is no whole second)   what iCalendar has no word for
 *
 * What cannot be taken as it is meant is refused with its line, and then nothing is taken. Events and
 * lists are JSON as of POST /v1/events and GET /v1/maintenance. */
#ifndef NINES_CALENDAR_H
#define NINES_CALENDAR_H

#include "base/text_buffer.h"
#include "domain/zone.h"
#include "nines/json_view.h"

struct calendar_settings {
    const char *path;        /* for complaints */
    const struct zone *zone; /* of times without one; NULL: UTC */
    int64_t through_ns;      /* repetitions that begin later are left out */
    const json_t *services;  /* an array; empty: as the file says */
    const char *customer;    /* NULL: as the file says */
};

/* An array of events; NULL with all complaints in errors, a line each. text: terminated.
 * *more_out: repetitions were left out. */
json_t *calendar_read(const char *text, const struct calendar_settings *settings,
                      struct text_buffer *errors, bool *more_out);
/* maintenance: elements of GET /v1/maintenance. The same elements always give the same text. */
void calendar_write(const json_t *maintenance, struct text_buffer *out);

#endif
