/* What there is: agreements, services, rejected records; and what can be asked: the index,
 * openapi.json. */
#include <inttypes.h>
#include <stdlib.h>

#include "api/figures.h"
#include "api/selection.h"

/* Agreements */

static void write_names(struct text_buffer *out, const char *key, const char *const *names,
                        uint32_t count)
{
    text_buffer_format(out, "\"%s\":[", key);
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        text_buffer_json(out, text_from(names[i]));
    }
    text_buffer_char(out, ']');
}

static void write_agreement(const struct agreement *agreement, struct text_buffer *out)
{
    write_string(out, "agreement", agreement->name);
    text_buffer_format(out, ",\"type\":\"%s\",", agreement_type_word(agreement->type));
    write_string(out, "provider", agreement->provider);
    text_buffer_char(out, ',');
    write_string(out, "customer", agreement->each_customer ? "each" : agreement->customer);
    text_buffer_char(out, ',');
    write_string(out, "project", agreement->project);
    text_buffer_char(out, ',');
    write_names(out, "services", agreement->services, agreement->service_count);
    text_buffer_format(out, ",\"version\":%u,\"term\":{", agreement->version);
    write_time(out, "from", agreement->term.start_ns);
    text_buffer_char(out, ',');
    write_time(out, "to", agreement->term.end_ns);
    text_buffer_format(out, "},\"maintenance\":\"%s\",\"objectives\":[",
                       maintenance_policy_word(agreement->maintenance));
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        const struct objective *objective = &agreement->objectives[i];
        char over[32];
        window_format(&objective->window, over, sizeof(over));
        text_buffer_string(out, i == 0 ? "{" : ",{");
        write_string(out, "objective", objective->name);
        text_buffer_format(out, ",\"method\":\"%s\",\"target\":\"%s\",\"over\":\"%s\"}",
                           method_word(objective->method), objective->target_text, over);
    }
    text_buffer_char(out, ']');
}

void api_get_agreements(struct request *request)
{
    const struct agreement_set *set = agreements_of(request);
    struct page page;
    if (!parameters_known(request) || !page_from(request, &page)) {
        return;
    }
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_string(out, "{\"agreements\":[");
    uint64_t i = page.cursor;
    uint64_t count = agreement_count(set);
    for (; i < count && i - page.cursor < page.limit; i++) {
        text_buffer_string(out, i == page.cursor ? "{" : ",{");
        write_agreement(&set->agreements[i], out);
        text_buffer_char(out, '}');
    }
    text_buffer_char(out, ']');
    write_next(out, i < count ? i : 0);
    text_buffer_string(out, "}\n");
}

/* One version: from when until when, and as it was written. */
static void write_version(const struct agreement *version, struct text_buffer *room,
                          struct text_buffer *out)
{
    text_buffer_format(out, "{\"version\":%u,\"effective\":{", version->version);
    write_time(out, "from", version->in_force.start_ns);
    text_buffer_char(out, ',');
    write_time(out, "to", version->in_force.end_ns);
    text_buffer_string(out, "},");
    write_string(out, "document", version->source_text);
    text_buffer_clear(room);
    catalog_expand(version, room);
    text_buffer_char(out, ',');
    write_string(out, "expanded", room->bytes);
    text_buffer_clear(room);
    catalog_explain(version, room);
    text_buffer_char(out, ',');
    write_string(out, "meaning", room->bytes);
    text_buffer_char(out, '}');
}

void api_get_agreement(struct request *request)
{
    const struct agreement *agreement = agreement_find(agreements_of(request), request->names[0]);
    if (!parameters_known(request)) {
        return;
    }
    if (agreement == NULL) {
        problem(&request->answer, 404, "no such agreement");
        return;
    }
    struct text_buffer *out = &request->answer.body;
    struct text_buffer text;
    text_buffer_init(&text);
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_char(out, '{');
    write_agreement(agreement, out);
    text_buffer_char(out, ',');
    write_string(out, "document", agreement->source_text);
    catalog_expand(agreement, &text);
    text_buffer_char(out, ',');
    write_string(out, "expanded", text.bytes);
    text_buffer_clear(&text);
    catalog_explain(agreement, &text);
    text_buffer_char(out, ',');
    write_string(out, "meaning", text.bytes);
    text_buffer_string(out, ",\"versions\":[");
    for (uint32_t i = 0; i < agreement->version_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        write_version(&agreement->versions[i], &text, out);
    }
    text_buffer_string(out, "]}\n");
    text_buffer_fini(&text);
}

/* Services */

static void write_service(const struct service_figures *service, const struct agreement_set *set,
                          struct text_buffer *out)
{
    write_string(out, "service", service->name);
    text_buffer_format(out, ",\"good\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"excluded\":%" PRIu64 ",",
                       service->good, service->bad, service->excluded);
    write_time(out, "last_event_at", service->last_event_ns);
    text_buffer_string(out, ",\"agreements\":[");
    const char *comma = "";
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = 0; j < agreement->service_count; j++) {
            if (strcmp(agreement->services[j], service->name) == 0) {
                text_buffer_string(out, comma);
                text_buffer_json(out, text_from(agreement->name));
                comma = ",";
                break;
            }
        }
    }
    text_buffer_char(out, ']');
}

/* On the lane of questions. */
static void list_services(struct request *request)
{
    const struct agreement_set *set = agreements_now(request);
    struct figures figures;
    struct page page;
    (void)page_from(request, &page); /* looked at before */
    if (!figures_ask(request, &figures)) {
        return;
    }
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_format(out, "{\"position\":%" PRIu64 ",\"services\":[", figures.position);
    uint64_t i = page.cursor;
    for (; i < figures.service_count && i - page.cursor < page.limit; i++) {
        text_buffer_string(out, i == page.cursor ? "{" : ",{");
        write_service(&figures.services[i], set, out);
        text_buffer_char(out, '}');
    }
    text_buffer_char(out, ']');
    write_next(out, i < figures.service_count ? i : 0);
    text_buffer_string(out, "}\n");
    figures_fini(&figures);
}

void api_get_services(struct request *request)
{
    struct api *api = request->context;
    struct page page;
    if (parameters_known(request) && page_from(request, &page)) {
        request_hand_over(request, api->questions, list_services);
    }
}

/* Dead letters */

static void write_letter(const struct dead_letter *letter, struct text_buffer *out)
{
    write_time(out, "received_at", letter->received_ns);
    text_buffer_format(out, ",\"reason\":\"%s\",", reject_word(letter->reject));
    write_string(out, "detail", letter->detail);
    text_buffer_char(out, ',');
    write_string(out, "excerpt", letter->excerpt);
}

void api_get_dead_letters(struct request *request)
{
    const struct api *api = request->context;
    struct page page;
    if (!parameters_known(request) || !page_from(request, &page)) {
        return;
    }
    struct dead_letter *letters = calloc(DEAD_LETTERS_MAX, sizeof(*letters));
    if (letters == NULL) {
        problem_busy(&request->answer, "out of memory");
        return;
    }
    uint32_t limit = page.limit < DEAD_LETTERS_MAX ? page.limit : DEAD_LETTERS_MAX;
    uint32_t count = dead_letters_copy(api->engine.dead_letters, letters, limit);
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_string(out, "{\"dead_letters\":[");
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_string(out, i == 0 ? "{" : ",{");
        write_letter(&letters[i], out);
        text_buffer_char(out, '}');
    }
    text_buffer_format(out, "],\"kept\":%d,\"next\":null}\n", DEAD_LETTERS_MAX);
    free(letters);
}
