/* GET /v1/status: where the engine stands. received = stored + duplicate + rejected + shed +
 * in_flight. */
#include <inttypes.h>

#include "api/figures.h"
#include "domain/civil.h"

/* Rates are over at least this long. */
#define RATE_SPAN_NS (2 * NS_PER_SECOND)

static void write_conservation(const struct totals *totals, struct text_buffer *out)
{
    text_buffer_format(out,
                       ",\"conservation\":{\"received\":%" PRIu64 ",\"stored\":%" PRIu64
                       ",\"duplicate\":%" PRIu64 ",\"rejected\":{",
                       totals->received, totals->durable.stored, totals->durable.duplicate);
    const char *comma = "";
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        if (totals->durable.rejected[i] != 0) {
            text_buffer_format(out, "%s\"%s\":%" PRIu64, comma, reject_word((enum reject)i),
                               totals->durable.rejected[i]);
            comma = ",";
        }
    }
    text_buffer_string(out, "},\"shed\":{");
    comma = "";
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        if (totals->durable.shed[i] != 0) {
            text_buffer_format(out, "%s\"%s\":%" PRIu64, comma, shed_word((enum shed)i),
                               totals->durable.shed[i]);
            comma = ",";
        }
    }
    text_buffer_format(out, "},\"in_flight\":%" PRIu64 "}", totals->in_flight);
}

/* Since the older of two samples, which move on once the newer one is old enough. */
static struct rate_sample rate_base(struct api *api, const struct rate_sample *now)
{
    pthread_mutex_lock(&api->rates_lock);
    if (now->monotonic_ns - api->rates[1].monotonic_ns >= RATE_SPAN_NS) {
        api->rates[0] = api->rates[1];
        api->rates[1] = *now;
    }
    struct rate_sample base = api->rates[0];
    pthread_mutex_unlock(&api->rates_lock);
    return base;
}

static uint64_t per_second(uint64_t now, uint64_t before, int64_t span_ns)
{
    uint64_t grown = now > before ? now - before : 0;
    return span_ns <= 0 ? 0 : (uint64_t)((double)grown * (double)NS_PER_SECOND / (double)span_ns);
}

static void write_rates(struct api *api, const struct totals *totals, struct text_buffer *out)
{
    struct rate_sample now = {clock_monotonic_ns(api->engine.clock), totals->received,
                              totals->durable.stored};
    struct rate_sample base = rate_base(api, &now);
    int64_t span_ns = now.monotonic_ns - base.monotonic_ns;
    text_buffer_format(out,
                       ",\"rates\":{\"received_per_s\":%" PRIu64 ",\"stored_per_s\":%" PRIu64
                       ",\"over_ms\":%" PRId64 "}",
                       per_second(now.received, base.received, span_ns),
                       per_second(now.stored, base.stored, span_ns), span_ns / NS_PER_MS);
}

static void write_counters(struct api *api, const struct figures *figures,
                           const struct totals *totals, struct text_buffer *out)
{
    struct net_counters net = {0};
    if (api->engine.net != NULL) {
        net_counters(api->engine.net, &net);
    }
    text_buffer_format(
        out,
        ",\"counters\":{\"future\":%" PRIu64 ",\"ancient\":%" PRIu64 ",\"unmatched\":%" PRIu64
        ",\"incidents_refused\":%" PRIu64 ",\"open_requests_full\":%" PRIu64
        ",\"without_id\":%" PRIu64 ",\"time_from_receipt\":%" PRIu64 ",\"kernel_drops\":%" PRIu64
        ",\"ids_remembered\":%" PRIu64 ",\"each_refused\":%" PRIu64 "}",
        figures->counters.future, figures->counters.ancient, figures->counters.unmatched,
        figures->counters.incidents_refused, figures->counters.requests_shed,
        totals->durable.without_id, totals->durable.time_from_receipt, net.kernel_drops,
        committer_ids_remembered(api->engine.committer),
        worker_pool_each_refused(api->engine.workers));
}

static void write_segments(struct api *api, struct text_buffer *out)
{
    struct store_info info;
    store_info(api->engine.store, &info);
    text_buffer_format(out,
                       ",\"segments\":{\"count\":%" PRIu64 ",\"bytes\":%" PRIu64
                       ",\"position_first\":%" PRIu64 ",\"position_next\":%" PRIu64 "}",
                       info.segment_count, info.bytes, info.position_first, info.position_next);
}

/* How often and how long the engine was not running since the directory's first start, and the last
 * time. */
static void write_engine_down(struct api *api, struct text_buffer *out)
{
    const struct span_set *absences = store_absences(api->engine.store);
    text_buffer_format(out, ",\"engine_down\":{\"count\":%u,\"ns\":\"%" PRId64 "\",\"last\":",
                       absences->count, store_absent_ns(api->engine.store));
    if (absences->count == 0) {
        text_buffer_string(out, "null}");
        return;
    }
    char start[CIVIL_TEXT_SIZE];
    char end[CIVIL_TEXT_SIZE];
    civil_format(absences->spans[absences->count - 1].start_ns, start);
    civil_format(absences->spans[absences->count - 1].end_ns, end);
    text_buffer_format(out, "{\"start\":\"%s\",\"end\":\"%s\"}}", start, end);
}

static void write_rollup(const struct figures *figures, struct text_buffer *out)
{
    text_buffer_format(out,
                       ",\"rollup\":{\"memory_bytes\":%" PRIu64 ",\"stored_bytes\":%" PRIu64 "}",
                       figures->row_memory, figures->row_store);
}

/* On the lane of questions. */
static void status_now(struct request *request)
{
    struct api *api = request->context;
    struct figures figures;
    if (!figures_ask(request, &figures)) {
        return;
    }
    struct totals totals;
    take_totals(api, &totals);
    uint64_t durable = committer_position(api->engine.committer);
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_format(out,
                       "{\"positions\":{\"received\":%" PRIu64 ",\"durable\":%" PRIu64
                       ",\"evaluated\":%" PRIu64 "}",
                       durable + totals.in_flight, durable,
                       worker_pool_position(api->engine.workers));
    write_conservation(&totals, out);
    write_rates(api, &totals, out);
    write_segments(api, out);
    write_rollup(&figures, out);
    write_counters(api, &figures, &totals, out);
    write_engine_down(api, out);
    int64_t up_ns = clock_realtime_ns(api->engine.clock) - api->engine.started_ns;
    text_buffer_format(out, ",\"uptime_s\":%" PRId64 ",", up_ns < 0 ? 0 : up_ns / NS_PER_SECOND);
    write_string(out, "version", api->engine.version);
    text_buffer_string(out, "}\n");
    figures_fini(&figures);
}

void api_get_status(struct request *request)
{
    struct api *api = request->context;
    if (parameters_known(request)) {
        request_hand_over(request, api->questions, status_now);
    }
}
