/* What the handlers share: the API's own state and what they ask the engine with. One source per
 * family of paths (api_*.c); the table of routes is in api.c. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include <pthread.h>

#include "api/api.h"
#include "api/http.h"
#include "api/idempotency.h"
#include "api/problem.h"
#include "ingest/committer.h"
#include "ingest/dead_letters.h"
#include "ingest/poster.h"
#include "ingest/receiver.h"
#include "store/store.h"

/* Bodies longer than this are decoded on a lane: they may have to wait for batches. About what one
 * batch holds. */
#define BULK_BODY_BYTES (512u * 1024)
/* Bulk bodies in flight: one being decoded, as many waiting as the budget of bodies lets in anyway.
 */
#define BULK_JOBS_MAX 16
/* Questions to the workers: cheap, answered one after the other. */
#define QUESTION_JOBS_MAX 64
/* Reading the whole log: one at a time, and a few that wait for it. */
#define SCAN_JOBS_MAX 4

#define PAGE_LIMIT_DEFAULT 100
#define PAGE_LIMIT_MAX     1000

/* What rates are computed from: the totals as they were a moment ago. */
struct rate_sample {
    int64_t monotonic_ns;
    uint64_t received;
    uint64_t stored;
};

struct api {
    struct api_engine engine;
    struct http *http; /* not for handlers, which may run before it is set: request->http */
    struct lane *questions;
    struct lane *scans;
    struct lane *bulk;
    struct idempotency *idempotency;
    _Atomic bool draining;
    /* Records that were refused whole, before anybody judged them (relaxed). */
    _Atomic uint64_t refused;
    pthread_mutex_t rates_lock;
    struct rate_sample rates[2]; /* older, newer */
};

extern const struct route_table api_routes;

/* The agreements in force when the request asked first; they live until it ends. */
const struct agreement_set *agreements_of(struct request *request);
/* On the lane of questions: those that the workers judge by now. What agreements_of gave before may
 * be gone. */
const struct agreement_set *agreements_now(struct request *request);
/* On the lane of questions: the agreements that are judged, those that `customer: each` made among
 * them. Series are numbered in their order. */
struct agreement_set agreements_judged(struct request *request);
/* As of now; successful when there was no reload. */
void take_reload_state(struct api *api, struct reload_state *state_out);

/* posted.c: 200 with the counts, 400 when nothing was JSON, 422 when nothing was of use, 503 when
 * it is not durable. */
void answer_posted(struct answer *answer, const struct post_result *result);
/* A body of our own records through the poster, on a lane's thread, which waits until it is
 * durable. False: answered with 503. */
bool post_and_wait(struct request *request, struct text body, struct post_result *result_out);
/* Asks all workers at one position and waits. False: answered with 503. */
bool ask_workers(struct request *request, struct work_query *query);
/* Counts a body that was refused whole, and answers 503. */
void refuse_body(struct request *request, enum shed shed, const char *detail);

/* `limit` (1 to PAGE_LIMIT_MAX) and `cursor` (what an earlier page gave as `next`) of a list.
 * False: answered with 400. */
struct page {
    uint32_t limit;
    uint64_t cursor; /* 0: from the beginning */
};
bool page_from(struct request *request, struct page *page_out);
/* `limit` alone, where a cursor holds more than a number. */
bool limit_from(struct request *request, uint32_t *limit_out);
/* False when a parameter is not one of the route's (answered with 400). */
bool parameters_known(struct request *request);

/* Totals at one moment: received = stored + duplicate + rejected + shed + in_flight. Any thread. */
struct totals {
    struct store_counters durable;
    uint64_t rejected;
    uint64_t shed;
    uint64_t in_flight;
    uint64_t received;
};
void take_totals(struct api *api, struct totals *totals);

/* The latest `at` that may be asked for: clocks of senders run ahead, no further than max_future.
 */
int64_t latest_instant(const struct api *api, int64_t now_ns);

/* `"key":"2026-..."`, null for times that are none or without end. */
void write_time(struct text_buffer *out, const char *key, int64_t ns);
/* `"key":"text"`, null for NULL. */
void write_string(struct text_buffer *out, const char *key, const char *string);
void write_text(struct text_buffer *out, const char *key, struct text text);

/* `,"next":"CURSOR"`, null for 0. */
void write_next(struct text_buffer *out, uint64_t cursor);

/* Handlers, in the order of their sources. */
void api_get_evidence(struct request *request);
void api_get_exclusions(struct request *request);
void api_get_maintenance(struct request *request);
void api_get_index(struct request *request);
void api_get_openapi(struct request *request);
void api_get_incidents(struct request *request);
void api_get_incident(struct request *request);
void api_write_incident(struct request *request);
void api_get_agreements(struct request *request);
void api_get_agreement(struct request *request);
void api_get_services(struct request *request);
void api_get_projects(struct request *request);
void api_get_dead_letters(struct request *request);
void api_post_alertmanager(struct request *request);
void api_post_events(struct request *request);
void api_head_events(struct request *request);
void api_get_reports(struct request *request);
void api_get_status(struct request *request);
void api_get_healthz(struct request *request);
void api_get_readyz(struct request *request);
void api_get_metrics(struct request *request);

#endif
