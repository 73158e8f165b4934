/* GET /metrics: the families of CONTRACT section 7. Verdicts come from the scoreboard, which
 * disturbs nobody; services and open incidents from the first worker, between two batches. */
#include <math.h>
#include <stdio.h>

#include "api/figures.h"
#include "api/process.h"
#include "api/prometheus.h"
#include "domain/civil.h"

/* One table: the C name, the metric's name, type and help. */
#define METRIC_TABLE(X)                                                                            \
    X(SLI, "nines_sli_ratio", GAUGE,                                                               \
      "Good share of what counts in the objective's window; NaN without data.")                    \
    X(OBJECTIVE, "nines_objective_ratio", GAUGE, "The promised share.")                            \
    X(BUDGET, "nines_error_budget_remaining_ratio", GAUGE,                                         \
      "Share of the window's error budget that is left; negative when overspent, NaN without "     \
      "one.")                                                                                      \
    X(BURN, "nines_burn_rate", GAUGE,                                                              \
      "Budget spent in the lookback window, as a multiple of the rate that would just last.")      \
    X(VERDICT, "nines_verdict", GAUGE, "1 for the verdict that holds, 0 for the others.")          \
    X(EVENTS, "nines_events_total", COUNTER, "Requests that counted, by what they counted as.")    \
    X(COVERAGE, "nines_coverage_ratio", GAUGE, "Share of the window that was observed.")           \
    X(ALERT, "nines_alert_firing", GAUGE, "1 while an alert of this severity fires.")              \
    X(LAST_EVENT, "nines_last_event_timestamp_seconds", GAUGE,                                     \
      "When the latest request to the service happened.")                                          \
    X(REQUESTS, "nines_requests_total", COUNTER,                                                   \
      "Requests to services that documents name, judged by status or outcome alone.")              \
    X(INCIDENTS, "nines_incidents_open", GAUGE, "Incidents that are open now.")                    \
    X(INGEST, "nines_ingest_events_total", COUNTER, "Records received, by what became of them.")   \
    X(INGEST_BYTES, "nines_ingest_bytes_total", COUNTER, "Bytes of records received.")             \
    X(WITHOUT_ID, "nines_ingest_without_id_total", COUNTER,                                        \
      "Requests stored without an id: a repeat of them would count twice.")                        \
    X(KERNEL_DROPS, "nines_kernel_drops_total", COUNTER,                                           \
      "Datagrams that the kernel dropped before they were read.")                                  \
    X(IDS, "nines_dedupe_ids", GAUGE, "Ids that a repeat is recognised by.")                       \
    X(IDS_HORIZON, "nines_dedupe_horizon_seconds", GAUGE,                                          \
      "How long an id is remembered at the present rate of new ones.")                             \
    X(IDS_COLLISIONS, "nines_dedupe_false_duplicates_expected", GAUGE,                             \
      "Expected number of different ids taken for repeats among those remembered.")                \
    X(COMMIT, "nines_commit_seconds", HISTOGRAM, "How long commits to disk took.")                 \
    X(POSITION, "nines_position", GAUGE, "Events in the log: received, durable and evaluated.")    \
    X(STORE_BYTES, "nines_store_bytes", GAUGE, "Size of the log on disk.")                         \
    X(STORE_SEGMENTS, "nines_store_segments", GAUGE, "Segments of the log.")                       \
    X(ENGINE_DOWN, "nines_engine_down_seconds_total", COUNTER,                                     \
      "How long the engine was not running since its data directory's first start.")               \
    X(ROLLUP, "nines_rollup_bytes", GAUGE, "Old counts of windows, in memory and beside the log.") \
    X(DEAD_LETTERS, "nines_dead_letters_total", COUNTER, "Records rejected, by reason.")           \
    X(DISCARDED, "nines_discarded_total", COUNTER,                                                 \
      "Records that count nowhere although they are well-formed, by reason.")                      \
    X(UNMATCHED, "nines_unmatched_total", COUNTER,                                                 \
      "Requests to services that no document names: stored, not judged.")                          \
    X(EACH_REFUSED, "nines_each_refused_total", COUNTER,                                           \
      "Events of customers beyond each_max: `customer: each` has no figures of theirs.")           \
    X(HTTP, "nines_http_answers_total", COUNTER, "HTTP answers by the class of their status.")     \
    X(RELOAD, "nines_config_last_reload_successful", GAUGE,                                        \
      "1 when the configuration in force is the last one that was read.")                          \
    X(BUILD, "nines_build_info", INFO, "The version that runs.")                                   \
    X(CPU, "process_cpu_seconds_total", COUNTER, "User and system CPU time spent.")                \
    X(FDS, "process_open_fds", GAUGE, "Open file descriptors.")                                    \
    X(FDS_MAX, "process_max_fds", GAUGE, "Limit on open file descriptors.")                        \
    X(VIRTUAL, "process_virtual_memory_bytes", GAUGE, "Virtual memory size.")                      \
    X(RESIDENT, "process_resident_memory_bytes", GAUGE, "Resident memory size.")                   \
    X(THREADS, "process_threads", GAUGE, "Threads of this process.")                               \
    X(STARTED, "process_start_time_seconds", GAUGE, "When the process started.")

#define X(name, text, type, help) ROW_##name,
enum metric_row { METRIC_TABLE(X) METRIC_ROW_COUNT };
#undef X

static const struct metric metrics[] = {
#define X(name, text, type, help) {text, METRIC_##type, help},
    METRIC_TABLE(X)
#undef X
};

/* What one scrape shows. */
struct scrape {
    struct api *api;
    const struct agreement_set *set;
    const struct http *http;
    struct prometheus prometheus;
    struct figures figures;
    struct store_counters counters;
};

static void family(struct scrape *scrape, enum metric_row row)
{
    prometheus_family(&scrape->prometheus, &metrics[row]);
}

static void put_one(struct scrape *scrape, enum metric_row row, uint64_t value)
{
    family(scrape, row);
    prometheus_integer(&scrape->prometheus, NULL, 0, value);
}

static void put_labelled(struct scrape *scrape, const char *name, const char *value,
                         uint64_t number)
{
    struct label label = {name, value};
    prometheus_integer(&scrape->prometheus, &label, 1, number);
}

/* Per objective */

/* One series as it was published, and the labels that it carries everywhere. */
struct row {
    const struct objective *objective;
    struct published published;
    struct label labels[4]; /* agreement, objective, perhaps customer; then one of the family */
    uint32_t label_count;   /* without the family's */
};

static double share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? NAN : (double)part / (double)whole;
}

/* bad / valid as a multiple of what the budget allows. */
static double burn_rate(const struct objective *objective, struct measure measure)
{
    double budget = (double)(PPB - objective->target_ppb) / (double)PPB;
    return budget == 0 ? NAN : share(measure.bad, measure_valid(measure)) / budget;
}

static void put_sli(struct scrape *scrape, struct row *row)
{
    struct measure window = row->published.window;
    double sli = row->published.has_sli ? share(window.good, measure_valid(window)) : NAN;
    prometheus_number(&scrape->prometheus, row->labels, row->label_count, sli);
}

static void put_objective(struct scrape *scrape, struct row *row)
{
    prometheus_number(&scrape->prometheus, row->labels, row->label_count,
                      (double)row->objective->target_ppb / (double)PPB);
}

static void put_budget(struct scrape *scrape, struct row *row)
{
    double budget = (double)row->published.ratio_valid *
                    ((double)(PPB - row->objective->target_ppb) / (double)PPB);
    bool known = row->published.has_sli && budget > 0;
    prometheus_number(&scrape->prometheus, row->labels, row->label_count,
                      known ? 1 - (double)row->published.window.bad / budget : NAN);
}

/* Was this length told by an earlier lookback of the objective? */
static bool told_before(const struct objective *objective, uint32_t lookback, int64_t length_ns)
{
    for (uint32_t i = 0; i < lookback; i++) {
        const struct alert_pair *pair = &objective->alerts[i / 2];
        if ((i % 2 == 0 ? pair->long_ns : pair->short_ns) == length_ns) {
            return true;
        }
    }
    return false;
}

/* Several alerts may look back equally far: each length is told once. */
static void put_burn(struct scrape *scrape, struct row *row)
{
    for (uint32_t i = 0; i < 2 * row->objective->alert_count; i++) {
        const struct alert_pair *pair = &row->objective->alerts[i / 2];
        int64_t length_ns = i % 2 == 0 ? pair->long_ns : pair->short_ns;
        if (told_before(row->objective, i, length_ns)) {
            continue;
        }
        char window[32];
        duration_format(length_ns, window, sizeof(window));
        row->labels[row->label_count] = (struct label){"window", window};
        const struct measure *measures =
            i % 2 == 0 ? row->published.lookback_long : row->published.lookback_short;
        prometheus_number(&scrape->prometheus, row->labels, row->label_count + 1,
                          burn_rate(row->objective, measures[i / 2]));
    }
}

static void put_verdict(struct scrape *scrape, struct row *row)
{
    for (uint32_t i = 0; i < VERDICT_COUNT; i++) {
        row->labels[row->label_count] = (struct label){"verdict", verdict_word((enum verdict)i)};
        prometheus_integer(&scrape->prometheus, row->labels, row->label_count + 1,
                           row->published.verdict == (enum verdict)i ? 1 : 0);
    }
}

static void put_events(struct scrape *scrape, struct row *row)
{
    static const char *const classes[] = {"good", "bad", "excluded"};
    for (uint32_t i = 0; i < 3; i++) {
        row->labels[row->label_count] = (struct label){"class", classes[i]};
        prometheus_integer(&scrape->prometheus, row->labels, row->label_count + 1,
                           row->published.totals[i]);
    }
}

static void put_coverage(struct scrape *scrape, struct row *row)
{
    uint64_t all = row->published.coverage_all;
    prometheus_number(&scrape->prometheus, row->labels, row->label_count,
                      all == 0 ? 1 : share(row->published.coverage_known, all));
}

static void put_alert(struct scrape *scrape, struct row *row)
{
    for (enum alert_severity severity = ALERT_TICKET; severity <= ALERT_PAGE; severity++) {
        bool firing = false;
        for (uint32_t i = 0; i < row->objective->alert_count; i++) {
            firing |= row->objective->alerts[i].severity == severity &&
                      (row->published.firing_pairs >> i & 1) != 0;
        }
        row->labels[row->label_count] = (struct label){"severity", alert_severity_word(severity)};
        prometheus_integer(&scrape->prometheus, row->labels, row->label_count + 1, firing ? 1 : 0);
    }
    if (row->published.expects_signs) {
        row->labels[2] = (struct label){"severity", ALERT_SILENT_WORD};
        prometheus_integer(&scrape->prometheus, row->labels, 3, row->published.silent ? 1 : 0);
    }
}

static void put_rows(struct scrape *scrape, enum metric_row metric,
                     void (*put)(struct scrape *scrape, struct row *row))
{
    const struct agreement_set *set = scrape->set;
    const struct scoreboard *scoreboard = worker_pool_scoreboard(scrape->api->engine.workers);
    family(scrape, metric);
    uint32_t series = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = 0; j < agreement->objective_count; j++, series++) {
            struct row row = {.objective = &agreement->objectives[j]};
            row.labels[0] = (struct label){agreement->of_project == NULL ? "agreement" : "project",
                                           agreement->name};
            row.labels[1] = (struct label){"objective", agreement->objectives[j].name};
            row.label_count = 2;
            if (each_is_added(agreement)) {
                row.labels[row.label_count++] = (struct label){"customer", agreement->customer};
            }
            scoreboard_read(scoreboard, series, &row.published);
            put(scrape, &row);
        }
    }
}

static void put_objectives(struct scrape *scrape)
{
    put_rows(scrape, ROW_SLI, put_sli);
    put_rows(scrape, ROW_OBJECTIVE, put_objective);
    put_rows(scrape, ROW_BUDGET, put_budget);
    put_rows(scrape, ROW_BURN, put_burn);
    put_rows(scrape, ROW_VERDICT, put_verdict);
    put_rows(scrape, ROW_EVENTS, put_events);
    put_rows(scrape, ROW_COVERAGE, put_coverage);
    put_rows(scrape, ROW_ALERT, put_alert);
}

/* Per service, and incidents */

static void put_services(struct scrape *scrape)
{
    const struct figures *figures = &scrape->figures;
    family(scrape, ROW_LAST_EVENT);
    for (uint32_t i = 0; i < figures->service_count; i++) {
        const struct service_figures *service = &figures->services[i];
        struct label label = {"service", service->name};
        double last = service->last_event_ns == TIME_NONE
                          ? NAN
                          : (double)service->last_event_ns / (double)NS_PER_SECOND;
        prometheus_number(&scrape->prometheus, &label, 1, last);
    }
    family(scrape, ROW_REQUESTS);
    for (uint32_t i = 0; i < figures->service_count; i++) {
        const struct service_figures *service = &figures->services[i];
        struct label labels[] = {{"service", service->name}, {"class", "good"}};
        prometheus_integer(&scrape->prometheus, labels, 2, service->good);
        labels[1].value = "bad";
        prometheus_integer(&scrape->prometheus, labels, 2, service->bad);
        labels[1].value = "excluded";
        prometheus_integer(&scrape->prometheus, labels, 2, service->excluded);
    }
}

static void put_incidents(struct scrape *scrape)
{
    family(scrape, ROW_INCIDENTS);
    for (uint32_t i = NATURE_ACTUAL; i < NATURE_COUNT; i++) {
        for (uint32_t j = SEVERITY_INFO; j < SEVERITY_COUNT; j++) {
            struct label labels[] = {{"nature", nature_word((enum nature)i)},
                                     {"severity", severity_word((enum severity)j)}};
            prometheus_integer(&scrape->prometheus, labels, 2,
                               scrape->figures.incidents_open[i][j]);
        }
    }
}

/* The engine */

static uint64_t sum(const uint64_t *numbers, uint32_t count)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += numbers[i];
    }
    return total;
}

static void put_ingest(struct scrape *scrape)
{
    const struct store_counters *counters = &scrape->counters;
    family(scrape, ROW_INGEST);
    put_labelled(scrape, "result", "stored", counters->stored);
    put_labelled(scrape, "result", "duplicate", counters->duplicate);
    put_labelled(scrape, "result", "rejected", sum(counters->rejected, REJECT_COUNT));
    put_labelled(scrape, "result", "shed", sum(counters->shed, SHED_COUNT));
    struct http_counters http;
    struct receiver_counters receiver = {0};
    http_counters(scrape->http, &http);
    if (scrape->api->engine.receiver != NULL) {
        receiver_counters(scrape->api->engine.receiver, &receiver);
    }
    put_one(scrape, ROW_INGEST_BYTES, receiver.bytes + http.body_bytes);
    put_one(scrape, ROW_WITHOUT_ID, counters->without_id);
    struct net_counters net = {0};
    if (scrape->api->engine.net != NULL) {
        net_counters(scrape->api->engine.net, &net);
    }
    put_one(scrape, ROW_KERNEL_DROPS, net.kernel_drops);
}

/* Keyed hashes of 64 bits: each pair of ids is equal with a chance of 2^-64. */
static void put_ids(struct scrape *scrape)
{
    const struct committer *committer = scrape->api->engine.committer;
    double ids = (double)committer_ids_remembered(committer);
    put_one(scrape, ROW_IDS, committer_ids_remembered(committer));
    family(scrape, ROW_IDS_HORIZON);
    prometheus_number(&scrape->prometheus, NULL, 0,
                      (double)committer_ids_horizon_ns(committer) / (double)NS_PER_SECOND);
    family(scrape, ROW_IDS_COLLISIONS);
    double pairs = ids < 2 ? 0 : ids * (ids - 1) / 2;
    prometheus_number(&scrape->prometheus, NULL, 0, ldexp(pairs, -64));
}

static void put_discards(struct scrape *scrape)
{
    const struct store_counters *counters = &scrape->counters;
    family(scrape, ROW_DEAD_LETTERS);
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        put_labelled(scrape, "reason", reject_word((enum reject)i), counters->rejected[i]);
    }
    family(scrape, ROW_DISCARDED);
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        put_labelled(scrape, "reason", shed_word((enum shed)i), counters->shed[i]);
    }
    put_labelled(scrape, "reason", "duplicate", counters->duplicate);
    put_labelled(scrape, "reason", "future", scrape->figures.counters.future);
    put_labelled(scrape, "reason", "ancient", scrape->figures.counters.ancient);
    put_labelled(scrape, "reason", "open_requests_full", scrape->figures.counters.requests_shed);
    put_one(scrape, ROW_UNMATCHED, scrape->figures.counters.unmatched);
    put_one(scrape, ROW_EACH_REFUSED, worker_pool_each_refused(scrape->api->engine.workers));
}

static void put_commits(struct scrape *scrape)
{
    struct commit_histogram histogram;
    committer_histogram(scrape->api->engine.committer, &histogram);
    double bounds[COMMIT_HISTOGRAM_BUCKETS - 1]; /* the last one is infinite */
    for (uint32_t i = 0; i + 1 < COMMIT_HISTOGRAM_BUCKETS; i++) {
        bounds[i] = (double)commit_histogram_bounds_ns[i] / (double)NS_PER_SECOND;
    }
    family(scrape, ROW_COMMIT);
    prometheus_histogram(&scrape->prometheus, bounds, histogram.at_most,
                         COMMIT_HISTOGRAM_BUCKETS - 1,
                         (double)histogram.sum_ns / (double)NS_PER_SECOND);
}

static void put_log(struct scrape *scrape)
{
    const struct api_engine *engine = &scrape->api->engine;
    uint64_t evaluated = worker_pool_position(engine->workers);
    uint64_t durable = committer_position(engine->committer);
    struct totals totals;
    take_totals(scrape->api, &totals);
    family(scrape, ROW_POSITION);
    put_labelled(scrape, "stage", "received", durable + totals.in_flight);
    put_labelled(scrape, "stage", "durable", durable);
    put_labelled(scrape, "stage", "evaluated", evaluated);
    struct store_info info;
    store_info(engine->store, &info);
    put_one(scrape, ROW_STORE_BYTES, info.bytes);
    put_one(scrape, ROW_STORE_SEGMENTS, info.segment_count);
    family(scrape, ROW_ENGINE_DOWN);
    prometheus_number(&scrape->prometheus, NULL, 0,
                      (double)store_absent_ns(engine->store) / (double)NS_PER_SECOND);
    family(scrape, ROW_ROLLUP);
    put_labelled(scrape, "where", "memory", scrape->figures.row_memory);
    put_labelled(scrape, "where", "store", scrape->figures.row_store);
}

static void put_server(struct scrape *scrape)
{
    static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    struct http_counters http;
    http_counters(scrape->http, &http);
    family(scrape, ROW_HTTP);
    for (uint32_t i = 0; i < 5; i++) {
        put_labelled(scrape, "code", classes[i], http.answers[i + 1]);
    }
    struct reload_state reload;
    take_reload_state(scrape->api, &reload);
    put_one(scrape, ROW_RELOAD, reload.successful ? 1 : 0);
    family(scrape, ROW_BUILD);
    struct label labels[] = {{"version", scrape->api->engine.version}, {"revision", ""}};
    prometheus_integer(&scrape->prometheus, labels, 2, 1);
}

static void put_process(struct scrape *scrape)
{
    struct process_figures process;
    process_read(&process);
    family(scrape, ROW_CPU);
    prometheus_number(&scrape->prometheus, NULL, 0, process.cpu_s);
    put_one(scrape, ROW_FDS, process.open_fds);
    family(scrape, ROW_FDS_MAX);
    prometheus_number(&scrape->prometheus, NULL, 0,
                      process.max_fds == UINT64_MAX ? INFINITY : (double)process.max_fds);
    put_one(scrape, ROW_VIRTUAL, process.virtual_bytes);
    put_one(scrape, ROW_RESIDENT, process.resident_bytes);
    put_one(scrape, ROW_THREADS, process.threads);
    family(scrape, ROW_STARTED);
    prometheus_number(&scrape->prometheus, NULL, 0, process.started_s);
}

/* On the lane of questions. */
static void metrics_now(struct request *request)
{
    struct scrape scrape = {.api = request->context, .http = request->http};
    bool openmetrics = prometheus_prefers_openmetrics(request_header(request, "Accept"));
    scrape.prometheus =
        (struct prometheus){.out = &request->answer.body, .openmetrics = openmetrics};
    struct agreement_set set = agreements_judged(request);
    scrape.set = &set;
    if (!figures_ask(request, &scrape.figures)) {
        return;
    }
    answer_begin(&request->answer, 200, openmetrics ? MEDIA_OPENMETRICS : MEDIA_METRICS);
    committer_counters(scrape.api->engine.committer, &scrape.counters);
    put_objectives(&scrape);
    put_services(&scrape);
    put_incidents(&scrape);
    put_ingest(&scrape);
    put_ids(&scrape);
    put_discards(&scrape);
    put_commits(&scrape);
    put_log(&scrape);
    put_server(&scrape);
    put_process(&scrape);
    prometheus_end(&scrape.prometheus);
    figures_fini(&scrape.figures);
}

void api_get_metrics(struct request *request)
{
    struct api *api = request->context;
    request_hand_over(request, api->questions, metrics_now);
}
