#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/handlers.h"

/* Routes of one path stand together: api_index.c writes one path for them. */
static const struct route routes[] = {
    {"GET", "/", api_get_index, false, "", MEDIA_JSON, "This list."},
    {"GET", "/openapi.json", api_get_openapi, false, "", MEDIA_JSON, "This list for programs."},
    {"POST", "/v1/events", api_post_events, true, "", MEDIA_JSON,
     "Takes records (NDJSON, an array, or objects one after the other; gzip, deflate or zstd) and "
     "answers when they are durable."},
    {"HEAD", "/v1/events", api_head_events, false, "", MEDIA_JSON,
     "For health checks of log shippers."},
    {"POST", "/v1/hooks/alertmanager", api_post_alertmanager, true, "", MEDIA_JSON,
     "Takes Alertmanager's webhook: alerts become incidents."},
    {"GET", "/v1/incidents", api_get_incidents, false, "state limit cursor", MEDIA_JSON,
     "Incidents, the newest first; state: open or all."},
    {"POST", "/v1/incidents", api_write_incident, true, "", MEDIA_JSON,
     "Takes an incident event and answers with the incident as it is then."},
    {"GET", "/v1/incidents/{id}", api_get_incident, false, "", MEDIA_JSON, "One incident."},
    {"PATCH", "/v1/incidents/{id}", api_write_incident, true, "", MEDIA_JSON,
     "A further event of a known incident: acknowledged, resolved, promoted."},
    {"GET", "/v1/agreements", api_get_agreements, false, "limit cursor", MEDIA_JSON,
     "The agreements in force."},
    {"GET", "/v1/agreements/{name}", api_get_agreement, false, "", MEDIA_JSON,
     "One agreement: its document, its long form and what it means."},
    {"GET", "/v1/reports", api_get_reports, false,
     "agreement objective customer at period from to format", MEDIA_JSON,
     "The figures of objectives: now, at an instant, or for a window."},
    {"GET", "/v1/reports/{agreement}/{objective}/evidence", api_get_evidence, false,
     "customer at period from to limit cursor", MEDIA_JSON, "What stands behind a figure."},
    {"GET", "/v1/exclusions", api_get_exclusions, false, "limit cursor", MEDIA_JSON,
     "Time that the parties agree not to count, or talk about."},
    {"GET", "/v1/maintenance", api_get_maintenance, false, "limit cursor", MEDIA_JSON,
     "Maintenance windows, of documents and of events."},
    {"GET", "/v1/services", api_get_services, false, "limit cursor", MEDIA_JSON,
     "The services that documents name, and their requests."},
    {"GET", "/v1/projects", api_get_projects, false, "", MEDIA_JSON,
     "How many agreements of each project are met, and the worst."},
    {"GET", "/v1/dead-letters", api_get_dead_letters, false, "limit", MEDIA_JSON,
     "The last rejected records and why."},
    {"GET", "/v1/status", api_get_status, false, "", MEDIA_JSON,
     "Positions, totals that add up, rates and the size of the log."},
    {"GET", "/metrics", api_get_metrics, false, "", MEDIA_METRICS,
     "Everything for Prometheus, as text 0.0.4 or OpenMetrics 1.0."},
    {"GET", "/healthz", api_get_healthz, false, "", MEDIA_TEXT, "The process answers."},
    {"GET", "/readyz", api_get_readyz, false, "", MEDIA_TEXT,
     "Events are taken and judged; if not, why."},
};

const struct route_table api_routes = {routes, sizeof(routes) / sizeof(routes[0])};

static enum status open_lanes(struct api *api)
{
    enum status status = lane_open(&api->questions, "nines-ask", QUESTION_JOBS_MAX);
    if (status == STATUS_OK) {
        status = lane_open(&api->scans, "nines-scan", SCAN_JOBS_MAX);
    }
    if (status == STATUS_OK) {
        status = lane_open(&api->bulk, "nines-bulk", BULK_JOBS_MAX);
    }
    return status;
}

static void close_parts(struct api *api)
{
    lane_stop(api->questions);
    lane_stop(api->scans);
    lane_stop(api->bulk);
    http_close(api->http);
    lane_close(api->questions);
    lane_close(api->scans);
    lane_close(api->bulk);
    idempotency_close(api->idempotency);
    pthread_mutex_destroy(&api->rates_lock);
    free(api);
}

static void begin_rates(struct api *api)
{
    struct totals totals;
    take_totals(api, &totals);
    api->rates[0] = (struct rate_sample){clock_monotonic_ns(api->engine.clock), totals.received,
                                         totals.durable.stored};
    api->rates[1] = api->rates[0];
}

enum status api_open(struct api **api_out, const struct api_engine *engine, const char *listen,
                     char address_out[API_ADDRESS_SIZE], char message_out[API_MESSAGE_SIZE])
{
    _Static_assert(API_ADDRESS_SIZE == HTTP_ADDRESS_SIZE, "the same buffer");
    _Static_assert(API_MESSAGE_SIZE == HTTP_MESSAGE_SIZE, "the same buffer");
    struct api *api = calloc(1, sizeof(*api));
    if (api == NULL) {
        snprintf(message_out, API_MESSAGE_SIZE, "out of memory");
        return STATUS_NO_MEMORY;
    }
    api->engine = *engine;
    pthread_mutex_init(&api->rates_lock, NULL);
    begin_rates(api);
    enum status status = idempotency_open(&api->idempotency);
    if (status == STATUS_OK) {
        status = open_lanes(api);
    }
    snprintf(message_out, API_MESSAGE_SIZE, "%s", status_text(status));
    if (status == STATUS_OK) {
        struct http_settings settings = {.table = &api_routes, .context = api};
        status = http_open(&api->http, &settings, listen, address_out, message_out);
    }
    if (status != STATUS_OK) {
        close_parts(api);
        return status;
    }
    *api_out = api;
    return STATUS_OK;
}

void api_close(struct api *api)
{
    if (api != NULL) {
        api_drain(api);
        close_parts(api);
    }
}

void api_pause_questions(struct api *api)
{
    lane_pause(api->questions);
}

void api_resume_questions(struct api *api)
{
    lane_resume(api->questions);
}

void api_drain(struct api *api)
{
    atomic_store_explicit(&api->draining, true, memory_order_relaxed);
}
