/* POST /v1/events: whole bodies of records. The answer comes from the commit thread, after the
 * commit. */
#include <inttypes.h>
#include <stdlib.h>

#include "api/handlers.h"

/* A body on its way to the log. Belongs to its request. */
struct event_post {
    struct request *request;
    struct api *api;
    bool has_key;
    uint32_t place; /* of the key in the cache */
    struct lane_job job;
};

static bool is_blank(const struct body *body)
{
    for (size_t i = 0; i < body->length; i++) {
        if (strchr(" \t\r\n", body->bytes[i]) == NULL || body->bytes[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* A body without any record says nothing: an empty one is a mistake, an empty list is not. */
static void answer_result(struct request *request, const struct post_result *result)
{
    if (result->status == STATUS_OK && result->records == 0 && is_blank(&request->body)) {
        problem(&request->answer, 400, "the body is empty");
    } else {
        answer_posted(&request->answer, result);
    }
}

/* A durable answer is remembered for its key; anything else may be tried again. */
static void end_key(struct event_post *post)
{
    const struct answer *answer = &post->request->answer;
    if (!post->has_key) {
        return;
    }
    if (answer->status == 200) {
        struct text body = {answer->body.bytes, (uint32_t)answer->body.length};
        idempotency_keep(post->api->idempotency, post->place, body);
    } else {
        idempotency_drop(post->api->idempotency, post->place);
    }
}

/* On the commit thread, or where poster_post was called. */
static void events_done(void *context, const struct post_result *result)
{
    struct event_post *post = context;
    answer_result(post->request, result);
    end_key(post);
    request_finish(post->request);
}

static void start_post(void *context)
{
    struct event_post *post = context;
    struct request *request = post->request;
    enum status status =
        poster_post(post->api->engine.poster, request_body(request), MAP_AUTO, events_done, post);
    /* After STATUS_OK the request may be gone. */
    if (status != STATUS_OK) {
        bool stopped = status == STATUS_STOPPED;
        refuse_body(request, stopped ? SHED_DRAINING : SHED_OVERLOAD,
                    stopped ? "the engine is stopping" : "the engine is busy");
        end_key(post);
        request_finish(request);
    }
}

/* True: go on. False: answered. */
static bool begin_key(struct request *request, struct event_post *post)
{
    const char *key = request_header(request, "Idempotency-Key");
    if (key == NULL) {
        return true;
    }
    struct text text = text_from(key);
    struct answer *answer = &request->answer;
    if (text.length == 0 || text.length > IDEMPOTENCY_KEY_BYTES_MAX) {
        problem(answer, 400, "Idempotency-Key must have 1 to %d bytes", IDEMPOTENCY_KEY_BYTES_MAX);
        return false;
    }
    struct text_buffer earlier;
    text_buffer_init(&earlier);
    enum idempotency_result result = idempotency_begin(
        post->api->idempotency, text, request_body(request), &post->place, &earlier);
    switch (result) {
    case IDEMPOTENCY_NEW:
        post->has_key = true;
        break;
    case IDEMPOTENCY_REPEAT:
        answer_begin(answer, 200, MEDIA_JSON);
        text_buffer_append(&answer->body, earlier.bytes, earlier.length);
        break;
    case IDEMPOTENCY_CONFLICT:
        problem(answer, 422, "this Idempotency-Key came with another body before");
        break;
    case IDEMPOTENCY_IN_FLIGHT:
        problem_busy(answer, "a request with this Idempotency-Key is being answered");
        break;
    case IDEMPOTENCY_FULL:
        problem_busy(answer, "too many requests with an Idempotency-Key are being answered");
        break;
    }
    text_buffer_fini(&earlier);
    return result == IDEMPOTENCY_NEW;
}

void api_post_events(struct request *request)
{
    struct api *api = request->context;
    if (atomic_load_explicit(&api->draining, memory_order_relaxed)) {
        refuse_body(request, SHED_DRAINING, "the engine is stopping");
        return;
    }
    struct event_post *post = calloc(1, sizeof(*post));
    if (post == NULL) {
        refuse_body(request, SHED_OVERLOAD, "out of memory");
        return;
    }
    *post = (struct event_post){.request = request, .api = api};
    request->state = post;
    request->state_free = free;
    if (!begin_key(request, post)) {
        return;
    }
    request_await(request);
    if (request->body.length <= BULK_BODY_BYTES) {
        start_post(post);
        return;
    }
    post->job = (struct lane_job){.run = start_post, .context = post};
    if (lane_push(api->bulk, &post->job) != STATUS_OK) {
        refuse_body(request, SHED_OVERLOAD, "too many large bodies are on their way");
        end_key(post);
        request_finish(request);
    }
}

void api_head_events(struct request *request)
{
    answer_begin(&request->answer, 200, MEDIA_JSON);
}
