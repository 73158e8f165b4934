/* /healthz: this process answers. /readyz: it takes events and judges them; if not, why. */
#include "api/handlers.h"

void api_get_healthz(struct request *request)
{
    answer_begin(&request->answer, 200, MEDIA_TEXT);
    text_buffer_string(&request->answer.body, "ok\n");
}

static const char *not_ready(struct api *api)
{
    const struct api_engine *engine = &api->engine;
    const char *reason = engine->not_ready(engine->context);
    if (reason[0] != '\0') {
        return reason;
    }
    if (atomic_load_explicit(&api->draining, memory_order_relaxed)) {
        return "draining";
    }
    return worker_pool_failed(engine->workers) ? "a worker cannot read the log" : "";
}

void api_get_readyz(struct request *request)
{
    const char *reason = not_ready(request->context);
    struct answer *answer = &request->answer;
    if (reason[0] == '\0') {
        answer_begin(answer, 200, MEDIA_TEXT);
        struct reload_state reload;
        take_reload_state(request->context, &reload);
        text_buffer_string(&answer->body, "ok\n");
        if (reload.detail[0] != '\0') {
            text_buffer_format(&answer->body, "%s\n", reload.detail);
        }
        return;
    }
    answer_begin(answer, 503, MEDIA_TEXT);
    text_buffer_format(&answer->body, "not ready: %s\n", reason);
}
