/* GET /v1/exclusions and /v1/maintenance: what the engine knows of both, from documents and events,
 * the oldest first. Every worker has the same registers at the same position: the first one writes.
 * Behind the last exclusion stand those that the engine itself proposes, and that nobody has spoken of:
 * each worker tells those of its own agreements.
 */
#include <inttypes.h>

#include "api/handlers.h"
#include "evaluate/exclusion.h"
#include "evaluate/maintenance.h"
#include "evaluate/proposals.h"
#include "report/json_member.h"

struct register_question {
    struct work_query query; /* first: the workers hand it back */
    const struct name_table *names;
    struct page page;
    bool of_maintenance;
    uint64_t next;           /* the cursor of the next page; 0: this is the last one */
    struct text_buffer *out; /* the first worker's while it is asked */
    struct text_buffer proposals[WORKERS_MAX]; /* each worker's own */
};

/* On a worker's thread */

static void write_names(const struct register_question *question, const char *key,
                        const uint32_t *names, uint32_t count)
{
    text_buffer_format(question->out, ",\"%s\":[", key);
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_string(question->out, i == 0 ? "" : ",");
        text_buffer_json(question->out, name_text(question->names, names[i]));
    }
    text_buffer_char(question->out, ']');
}

static void write_name(const struct register_question *question, const char *key, uint32_t name)
{
    text_buffer_char(question->out, ',');
    json_member_text(question->out, key,
                     name == NAME_NONE ? TEXT_NONE : name_text(question->names, name));
}

static void write_words(struct text_buffer *out, const char *reason, const char *author)
{
    text_buffer_char(out, ',');
    json_member_string(out, "reason", reason);
    text_buffer_char(out, ',');
    json_member_string(out, "author", author);
}

static void write_span(struct text_buffer *out, struct span span, bool given)
{
    text_buffer_char(out, ',');
    json_member_time(out, "start", given ? span.start_ns : TIME_NONE);
    text_buffer_char(out, ',');
    json_member_time(out, "end", given ? span.end_ns : TIME_NONE);
}

static void write_exclusion(const struct register_question *question, const struct exclusion *entry,
                            const struct incident_ledger *incidents)
{
    uint32_t incident = exclusion_incident(entry);
    struct text_buffer *out = question->out;
    text_buffer_char(out, '{');
    json_member_text(out, "id", name_text(question->names, entry->id));
    text_buffer_format(out, ",\"state\":\"%s\"", exclusion_state_word(entry->state));
    write_name(question, "incident",
               incident_find(incidents, incident) != NULL ? incident : entry->incident);
    write_names(question, "service", entry->services, entry->service_count);
    write_span(out, entry->span, entry->service_count != 0);
    write_name(question, "customer", entry->customer);
    write_words(out, entry->reason, entry->author);
    text_buffer_char(out, ',');
    json_member_time(out, "said_at", entry->state_said.time_ns);
    text_buffer_format(out, ",\"position\":%" PRIu64 "}", entry->state_said.position);
}

static void write_rule(struct text_buffer *out, const struct recurrence *recurrence,
                       const struct zone *zone)
{
    char rule[RECURRENCE_TEXT_SIZE];
    text_buffer_string(out, ",\"rrule\":");
    if (recurrence == NULL) {
        text_buffer_string(out, "null");
    } else {
        recurrence_format(recurrence, rule);
        text_buffer_format(out, "\"%s\"", rule);
    }
    text_buffer_string(out, ",\"zone\":");
    if (zone == NULL) {
        text_buffer_string(out, "null");
    } else {
        text_buffer_json(out, text_from(zone->name));
    }
}

static void write_document(struct text_buffer *out, const struct maintenance_document *document)
{
    text_buffer_char(out, '{');
    json_member_string(out, "id", document->id);
    text_buffer_string(out, ",\"state\":\"scheduled\",\"document\":true,\"service\":[");
    for (uint32_t i = 0; i < document->service_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        text_buffer_json(out, text_from(document->services[i]));
    }
    text_buffer_char(out, ']');
    for (uint32_t i = 0; i < document->component_count; i++) {
        text_buffer_string(out, i == 0 ? ",\"component\":[" : ",");
        text_buffer_json(out, text_from(document->components[i]));
    }
    text_buffer_string(out, document->component_count == 0 ? "" : "]");
    write_span(out, document->span, true);
    write_rule(out, document->recurrence, document->zone);
    text_buffer_string(out, ",\"customer\":null");
    write_words(out, document->reason, document->author);
    text_buffer_string(out, ",\"position\":null}");
}

static void write_maintenance(const struct register_question *question,
                              const struct maintenance_entry *entry)
{
    struct text_buffer *out = question->out;
    if (entry->document != NULL) {
        write_document(out, entry->document);
        return;
    }
    text_buffer_char(out, '{');
    json_member_text(out, "id", name_text(question->names, entry->id));
    text_buffer_format(out, ",\"state\":\"%s\",\"document\":false",
                       entry->cancelled ? "cancelled" : "scheduled");
    write_names(question, "service", entry->services, entry->service_count);
    if (entry->component_count != 0) {
        write_names(question, "component", entry->components, entry->component_count);
    }
    write_span(out, entry->span, entry->start_count != 0);
    write_rule(out, entry->recurs ? &entry->recurrence : NULL, entry->zone);
    write_name(question, "customer", entry->customer);
    write_words(out, entry->reason, entry->author);
    text_buffer_format(out, ",\"position\":%" PRIu64 "}", entry->position);
}

static void write_page(struct register_question *question, struct evaluator *evaluator)
{
    const struct exclusion_register *exclusions = evaluator_exclusions(evaluator);
    const struct maintenance_register *maintenances = evaluator_maintenances(evaluator);
    uint64_t count = question->of_maintenance ? maintenances->count : exclusions->count;
    uint64_t first = question->page.cursor < count ? question->page.cursor : count;
    uint64_t end = count - first < question->page.limit ? count : first + question->page.limit;
    text_buffer_format(question->out, "{\"position\":%" PRIu64 ",\"%s\":[",
                       evaluator_position(evaluator),
                       question->of_maintenance ? "maintenance" : "exclusions");
    for (uint64_t i = first; i < end; i++) {
        text_buffer_string(question->out, i == first ? "\n" : ",\n");
        if (question->of_maintenance) {
            write_maintenance(question, &maintenances->entries[i]);
        } else {
            write_exclusion(question, &exclusions->entries[i], evaluator_incidents(evaluator));
        }
    }
    question->next = end < count ? end : 0;
}

struct proposing {
    const struct name_table *names;
    struct text_buffer *out;
};

static void write_proposal(void *context, const struct agreement *agreement,
                           const struct incident *incident)
{
    const struct proposing *proposing = context;
    struct text_buffer *out = proposing->out;
    struct text id = name_text(proposing->names, incident->id);
    text_buffer_string(out, out->length == 0 ? "{" : ",\n{");
    json_member_text(out, "id", id);
    text_buffer_string(out, ",\"state\":\"proposed\",");
    json_member_text(out, "incident", id);
    text_buffer_string(out, ",\"service\":[],\"start\":null,\"end\":null,");
    json_member_string(out, "customer", agreement->customer);
    write_words(out, "the component is the customer's", NULL);
    text_buffer_string(out, ",\"said_at\":null,");
    json_member_string(out, "agreement", agreement->name);
    text_buffer_format(out, ",\"position\":%" PRIu64 "}", incident->position);
}

/* Only behind the register's last page; every worker knows which one that is. */
static void write_proposals(struct register_question *question, struct evaluator *evaluator,
                            uint32_t shard_index)
{
    uint64_t count = evaluator_exclusions(evaluator)->count;
    bool is_last =
        question->page.cursor >= count || count - question->page.cursor <= question->page.limit;
    if (!question->of_maintenance && is_last) {
        struct proposing proposing = {question->names, &question->proposals[shard_index]};
        proposals_walk(evaluator, write_proposal, &proposing);
    }
}

static void answer_question(struct work_query *query, struct evaluator *evaluator,
                            uint32_t shard_index)
{
    struct register_question *question = (struct register_question *)query;
    if (shard_index == 0) {
        write_page(question, evaluator);
    }
    write_proposals(question, evaluator, shard_index);
}

/* On the lane of questions */

static void join_proposals(const struct register_question *question, struct text_buffer *out)
{
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        const struct text_buffer *own = &question->proposals[i];
        if (own->length != 0) {
            text_buffer_string(out, out->bytes[out->length - 1] == '[' ? "\n" : ",\n");
            text_buffer_append(out, own->bytes, own->length);
        }
    }
}

static void list(struct request *request, bool of_maintenance)
{
    const struct api *api = request->context;
    struct text_buffer text;
    struct register_question question = {
        .query = {.run = answer_question},
        .names = api->engine.names,
        .of_maintenance = of_maintenance,
        .out = &text,
    };
    text_buffer_init(&text);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        text_buffer_init(&question.proposals[i]);
    }
    if (page_from(request, &question.page) && ask_workers(request, &question.query)) {
        answer_begin(&request->answer, 200, MEDIA_JSON);
        join_proposals(&question, &text);
        text_buffer_char(&text, ']');
        write_next(&text, question.next);
        text_buffer_string(&text, "}\n");
        text_buffer_append(&request->answer.body, text.bytes, text.length);
    }
    text_buffer_fini(&text);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        text_buffer_fini(&question.proposals[i]);
    }
}

static void list_exclusions(struct request *request)
{
    list(request, false);
}

static void list_maintenance(struct request *request)
{
    list(request, true);
}

void api_get_exclusions(struct request *request)
{
    struct api *api = request->context;
    if (parameters_known(request)) {
        request_hand_over(request, api->questions, list_exclusions);
    }
}

void api_get_maintenance(struct request *request)
{
    struct api *api = request->context;
    if (parameters_known(request)) {
        request_hand_over(request, api->questions, list_maintenance);
    }
}
