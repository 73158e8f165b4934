#include "api/handlers.h"

#include <stdio.h>

#include "domain/civil.h"

/* A body on its way, and the lane's thread that waits for it. */
struct waiting_post {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
    struct post_result *result;
};

static void post_is_done(void *context, const struct post_result *result)
{
    struct waiting_post *post = context;
    pthread_mutex_lock(&post->lock);
    *post->result = *result;
    post->is_done = true;
    pthread_cond_signal(&post->done);
    pthread_mutex_unlock(&post->lock);
}

void refuse_body(struct request *request, enum shed shed, const char *detail)
{
    struct api *api = request->context;
    committer_count_shed(api->engine.committer, shed, 1);
    atomic_fetch_add_explicit(&api->refused, 1, memory_order_relaxed);
    problem_busy(&request->answer, detail);
}

bool post_and_wait(struct request *request, struct text body, struct post_result *result_out)
{
    struct api *api = request->context;
    if (atomic_load_explicit(&api->draining, memory_order_relaxed)) {
        refuse_body(request, SHED_DRAINING, "the engine is stopping");
        return false;
    }
    struct waiting_post post = {.result = result_out};
    pthread_mutex_init(&post.lock, NULL);
    pthread_cond_init(&post.done, NULL);
    enum status status = poster_post(api->engine.poster, body, MAP_NINES, post_is_done, &post);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&post.lock);
        while (!post.is_done) {
            pthread_cond_wait(&post.done, &post.lock);
        }
        pthread_mutex_unlock(&post.lock);
    }
    pthread_cond_destroy(&post.done);
    pthread_mutex_destroy(&post.lock);
    if (status != STATUS_OK) {
        refuse_body(request, SHED_OVERLOAD, "the engine is busy");
        return false;
    }
    if (result_out->status != STATUS_OK) {
        problem_busy(&request->answer, status_text(result_out->status));
        return false;
    }
    return true;
}

bool ask_workers(struct request *request, struct work_query *query)
{
    struct api *api = request->context;
    work_query_prepare(query);
    enum status status = committer_query(api->engine.committer, query);
    if (status != STATUS_OK) {
        problem_busy(&request->answer, status_text(status));
        return false;
    }
    work_query_wait(api->engine.workers, query);
    return true;
}

/* Parameters */

static bool parse_number(struct text text, uint64_t number_max, uint64_t *number_out)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9' || number > number_max / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(text.bytes[i] - '0');
    }
    *number_out = number;
    return text.length > 0 && number <= number_max;
}

bool limit_from(struct request *request, uint32_t *limit_out)
{
    struct text limit = target_parameter(&request->target, "limit");
    uint64_t number = PAGE_LIMIT_DEFAULT;
    if (text_given(limit) && (!parse_number(limit, PAGE_LIMIT_MAX, &number) || number == 0)) {
        problem(&request->answer, 400, "limit must be a number from 1 to %d", PAGE_LIMIT_MAX);
        return false;
    }
    *limit_out = (uint32_t)number;
    return true;
}

bool page_from(struct request *request, struct page *page_out)
{
    *page_out = (struct page){0};
    struct text cursor = target_parameter(&request->target, "cursor");
    if (text_given(cursor) && !parse_number(cursor, INT64_MAX, &page_out->cursor)) {
        problem(&request->answer, 400, "cursor must be what an earlier page gave as `next`");
        return false;
    }
    return limit_from(request, &page_out->limit);
}

static bool is_listed(const char *names, struct text name)
{
    for (const char *at = names; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (text_equal((struct text){at, (uint32_t)length}, name)) {
            return true;
        }
        at += length;
        at += *at == ' ' ? 1 : 0;
    }
    return false;
}

bool parameters_known(struct request *request)
{
    const char *known = request->route->parameters;
    for (uint32_t i = 0; i < request->target.parameter_count; i++) {
        struct text name = request->target.parameters[i].name;
        if (!is_listed(known, name)) {
            problem(&request->answer, 400, "no such parameter: %.*s; there is %s",
                    (int)(name.length < 64 ? name.length : 64), name.bytes,
                    known[0] == '\0' ? "none" : known);
            return false;
        }
    }
    return true;
}

/* Durable totals are read first: what becomes durable in between is then still in flight, never
 * missing. */
void take_totals(struct api *api, struct totals *totals)
{
    const struct api_engine *engine = &api->engine;
    *totals = (struct totals){0};
    committer_counters(engine->committer, &totals->durable);
    uint64_t judged = engine->lines_received(engine->context) +
                      atomic_load_explicit(&api->refused, memory_order_relaxed) +
                      engine->received_before;
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        totals->rejected += totals->durable.rejected[i];
    }
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        totals->shed += totals->durable.shed[i];
    }
    uint64_t settled =
        totals->durable.stored + totals->durable.duplicate + totals->rejected + totals->shed;
    totals->in_flight = judged > settled ? judged - settled : 0;
    totals->received = settled + totals->in_flight;
}

int64_t latest_instant(const struct api *api, int64_t now_ns)
{
    int64_t ahead_ns = api->engine.max_future_ns;
    return ahead_ns >= INT64_MAX - now_ns ? INT64_MAX : now_ns + ahead_ns;
}

/* Writing */

void write_time(struct text_buffer *out, const char *key, int64_t ns)
{
    if (ns == INT64_MIN || ns == INT64_MAX) {
        text_buffer_format(out, "\"%s\":null", key);
        return;
    }
    char text[CIVIL_TEXT_SIZE];
    civil_format(ns, text);
    text_buffer_format(out, "\"%s\":\"%s\"", key, text);
}

void write_text(struct text_buffer *out, const char *key, struct text text)
{
    text_buffer_format(out, "\"%s\":", key);
    if (text.bytes == NULL) {
        text_buffer_string(out, "null");
    } else {
        text_buffer_json(out, text);
    }
}

void write_next(struct text_buffer *out, uint64_t cursor)
{
    if (cursor == 0) {
        text_buffer_string(out, ",\"next\":null");
    } else {
        text_buffer_format(out, ",\"next\":\"%llu\"", (unsigned long long)cursor);
    }
}

void write_string(struct text_buffer *out, const char *key, const char *string)
{
    write_text(out, key, string == NULL ? TEXT_NONE : text_from(string));
}

const struct agreement_set *agreements_of(struct request *request)
{
    struct api *api = request->context;
    if (request->agreements == NULL) {
        request->agreements = shared_hold(api->engine.agreements);
    }
    return shared_object(request->agreements);
}

const struct agreement_set *agreements_now(struct request *request)
{
    shared_let_go(request->agreements);
    request->agreements = NULL;
    return agreements_of(request);
}

struct agreement_set agreements_judged(struct request *request)
{
    const struct api *api = request->context;
    (void)agreements_now(request); /* they are made of these */
    return worker_pool_agreements(api->engine.workers);
}

void take_reload_state(struct api *api, struct reload_state *state_out)
{
    *state_out = (struct reload_state){.successful = true};
    if (api->engine.reload_state != NULL) {
        api->engine.reload_state(api->engine.context, state_out);
    }
}
