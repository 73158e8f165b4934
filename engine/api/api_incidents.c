/* Incidents for scripts and people. A write is one record through the poster; its answer is the
 * incident as the workers have it after the commit. Everything here runs on the lane of questions.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/incident_record.h"
#include "api/incident_view.h"
#include "base/panic.h"
#include "evaluate/missed.h"
#include "evaluate/panel.h"

/* Which incidents a question is about: one by its id, or a page of the ledger, newest first.
 *
 * Every worker has the same ledger at the same position, so all find the same incidents. The first
 * one copies them; each tells which of its own agreements they concern, writing only what is true,
 * and only in its own agreements' places.
 *
 * Behind the ledger stand the deliveries that did not come: each worker tells those of its own
 * agreements, in a list of its own, and the asker puts them in order. Their cursors have a bit set. */
#define CURSOR_MISSED (UINT64_C(1) << 52) /* a number that JavaScript can hold */

/* What one worker knows. */
struct missed_list {
    struct missed_view *views;
    uint32_t count;
    uint32_t size;
};

struct incident_question {
    struct work_query query; /* first: the workers hand it back */
    struct agreement_set set;
    uint32_t id; /* name; NAME_NONE: a page */
    struct page page;
    bool open_only;
    /* Room for page.limit, made by the asker. */
    struct incident_view *views;
    bool *concerns; /* views x agreements */
    /* By the first worker. */
    uint32_t view_count;
    uint64_t position;
    uint64_t next; /* cursor of the next page; 0: none */
    /* Wanted besides; a list for each worker. */
    bool with_missed;
    struct missed_list missed[WORKERS_MAX];
};

/* On a worker's thread */

/* What one worker is doing for a question. */
struct walk {
    struct incident_question *question;
    struct evaluator *evaluator;
    bool is_first;
    uint32_t taken;
};

static void take_concerns(const struct walk *walk, const struct incident *incident)
{
    const struct agreement_set *set = &walk->question->set;
    bool *concerns = walk->question->concerns + (size_t)walk->taken * set->agreement_count;
    uint32_t series = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        if (set->agreements[i].objective_count != 0 &&
            evaluator_incident_concerns(walk->evaluator, series, incident)) {
            concerns[i] = true;
        }
        series += set->agreements[i].objective_count;
    }
}

static void take_incident(struct walk *walk, const struct incident *incident)
{
    if (walk->is_first) {
        incident_view_take(&walk->question->views[walk->taken], incident);
    }
    take_concerns(walk, incident);
    walk->taken++;
}

static bool is_wanted(const struct incident_question *question, const struct incident *incident)
{
    return !question->open_only ||
           (!incident->cancelled && incident_is_open(incident, question->query.at_ns));
}

/* The cursor of the next page; 0: none. */
static uint64_t take_page(struct walk *walk, const struct incident_ledger *ledger)
{
    const struct page *page = &walk->question->page;
    uint64_t from =
        page->cursor == 0 || page->cursor > ledger->count ? ledger->count : page->cursor;
    for (uint64_t i = from; i > 0; i--) {
        const struct incident *incident = &ledger->incidents[i - 1];
        if (!is_wanted(walk->question, incident)) {
            continue;
        }
        if (walk->taken == page->limit) {
            return i;
        }
        take_incident(walk, incident);
    }
    return 0;
}

static void take_missed(void *context, const struct agreement *agreement,
                        const struct standing_request *request, struct span span)
{
    struct missed_list *list = context;
    if (list->count == list->size) {
        list->size = list->size == 0 ? 16 : 2 * list->size;
        list->views = realloc(list->views, list->size * sizeof(*list->views));
        assert(list->views != NULL);
    }
    list->views[list->count++] = (struct missed_view){agreement, request, span};
}

static void answer_question(struct work_query *query, struct evaluator *evaluator,
                            uint32_t shard_index)
{
    struct incident_question *question = (struct incident_question *)query;
    const struct incident_ledger *ledger = evaluator_incidents(evaluator);
    struct walk walk = {question, evaluator, shard_index == 0, 0};
    uint64_t next = 0;
    if (question->with_missed) {
        missed_walk(evaluator, take_missed, &question->missed[shard_index]);
    }
    if (question->id == NAME_NONE && question->page.cursor < CURSOR_MISSED) {
        next = take_page(&walk, ledger);
    } else if (question->id != NAME_NONE) {
        const struct incident *incident = incident_find(ledger, question->id);
        if (incident != NULL) {
            take_incident(&walk, incident);
        }
    }
    if (walk.is_first) {
        question->next = next;
        question->view_count = walk.taken;
        question->position = evaluator_position(evaluator);
    }
}

/* Asking */

static void question_fini(struct incident_question *question)
{
    for (uint32_t i = 0; i < question->view_count; i++) {
        incident_view_fini(&question->views[i]);
    }
    free(question->views);
    free(question->concerns);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        free(question->missed[i].views);
        question->missed[i] = (struct missed_list){0};
    }
    question->view_count = 0;
    question->views = NULL;
    question->concerns = NULL;
}

/* False: answered. */
static bool ask(struct request *request, struct incident_question *question)
{
    question->query.run = answer_question;
    question->set = agreements_judged(request);
    question->views = calloc((size_t)question->page.limit + 1, sizeof(*question->views));
    question->concerns =
        calloc((size_t)question->page.limit + 1, (size_t)question->set.agreement_count + 1);
    bool room = question->views != NULL && question->concerns != NULL;
    if (!room) {
        problem_busy(&request->answer, "out of memory");
    }
    if (room && ask_workers(request, &question->query)) {
        return true;
    }
    question_fini(question);
    return false;
}

/* One incident by its id. False: answered; else question->view_count says whether it is there. */
static bool ask_for_one(struct request *request, struct text id, struct incident_question *question)
{
    const struct api *api = request->context;
    *question = (struct incident_question){
        .id = name_find(api->engine.names, id),
        .page = {.limit = 1},
    };
    if (question->id == NAME_NONE) {
        return true; /* a name that nobody ever used */
    }
    return ask(request, question);
}

static void write_view(const struct request *request, const struct incident_question *question,
                       uint32_t index, struct text_buffer *out)
{
    const struct api *api = request->context;
    const bool *concerns = question->concerns + (size_t)index * question->set.agreement_count;
    incident_view_json(&question->views[index], api->engine.names, &question->set, concerns,
                       question->query.at_ns, out);
}

/* Missed deliveries */

/* The newest first; those of one instant in the order of their names. */
static int compare_missed(const void *left, const void *right)
{
    const struct missed_view *a = left;
    const struct missed_view *b = right;
    if (a->span.start_ns != b->span.start_ns) {
        return a->span.start_ns > b->span.start_ns ? -1 : 1;
    }
    int order = strcmp(a->agreement->name, b->agreement->name);
    if (order == 0 && a->agreement->customer != NULL && b->agreement->customer != NULL) {
        order = strcmp(a->agreement->customer, b->agreement->customer);
    }
    return order != 0 ? order : strcmp(a->request->name, b->request->name);
}

/* Of all workers, in order. The caller frees the views. */
static struct missed_list gather_missed(const struct incident_question *question)
{
    struct missed_list all = {0};
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        for (uint32_t j = 0; j < question->missed[i].count; j++) {
            const struct missed_view *view = &question->missed[i].views[j];
            if (!question->open_only || view->span.end_ns == INT64_MAX) {
                take_missed(&all, view->agreement, view->request, view->span);
            }
        }
    }
    if (all.count != 0) {
        qsort(all.views, all.count, sizeof(*all.views), compare_missed);
    }
    return all;
}

/* What is left of the page after those of the ledger. */
static void write_missed(struct incident_question *question, struct text_buffer *out)
{
    struct missed_list all = gather_missed(question);
    uint64_t cursor = question->page.cursor;
    uint64_t first = cursor >= CURSOR_MISSED ? cursor - CURSOR_MISSED : 0;
    uint64_t written = question->view_count;
    uint64_t i = first;
    for (; i < all.count && written < question->page.limit; i++) {
        text_buffer_string(out, written++ == 0 ? "" : ",");
        missed_view_json(&all.views[i], question->query.at_ns, out);
    }
    question->next = i < all.count ? CURSOR_MISSED + i : 0;
    free(all.views);
}

/* GET /v1/incidents */

static void list_incidents(struct request *request)
{
    struct incident_question question = {.id = NAME_NONE, .with_missed = true};
    (void)page_from(request, &question.page); /* looked at before */
    question.open_only = text_is(target_parameter(&request->target, "state"), "open");
    if (!ask(request, &question)) {
        return;
    }
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_format(out, "{\"position\":%" PRIu64 ",\"incidents\":[", question.position);
    for (uint32_t i = 0; i < question.view_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        write_view(request, &question, i, out);
    }
    if (question.next == 0) {
        write_missed(&question, out);
    }
    text_buffer_char(out, ']');
    write_next(out, question.next);
    text_buffer_string(out, "}\n");
    question_fini(&question);
}

void api_get_incidents(struct request *request)
{
    struct api *api = request->context;
    struct page page;
    struct text state = target_parameter(&request->target, "state");
    if (!parameters_known(request) || !page_from(request, &page)) {
        return;
    }
    if (text_given(state) && !text_is(state, "open") && !text_is(state, "all")) {
        problem(&request->answer, 400, "state must be open or all");
        return;
    }
    request_hand_over(request, api->questions, list_incidents);
}

/* GET /v1/incidents/{id} */

/* False: there is none. */
static bool show_missed(struct request *request)
{
    struct incident_question question = {
        .id = NAME_NONE, .with_missed = true, .page = {.cursor = CURSOR_MISSED, .limit = 1}};
    if (!ask(request, &question)) {
        return true; /* answered */
    }
    struct missed_list all = gather_missed(&question);
    struct text_buffer id;
    text_buffer_init(&id);
    bool found = false;
    for (uint32_t i = 0; i < all.count && !found; i++) {
        text_buffer_clear(&id);
        missed_view_id(&all.views[i], &id);
        found = text_is(request->names[0], id.bytes);
        if (found) {
            answer_begin(&request->answer, 200, MEDIA_JSON);
            missed_view_json(&all.views[i], question.query.at_ns, &request->answer.body);
            text_buffer_char(&request->answer.body, '\n');
        }
    }
    text_buffer_fini(&id);
    free(all.views);
    question_fini(&question);
    return found;
}

static void show_incident(struct request *request)
{
    struct incident_question question;
    if (!ask_for_one(request, request->names[0], &question)) {
        return;
    }
    if (question.view_count == 0) {
        if (!show_missed(request)) {
            problem(&request->answer, 404, "no such incident");
        }
    } else {
        answer_begin(&request->answer, 200, MEDIA_JSON);
        write_view(request, &question, 0, &request->answer.body);
        text_buffer_char(&request->answer.body, '\n');
    }
    question_fini(&question);
}

void api_get_incident(struct request *request)
{
    struct api *api = request->context;
    if (parameters_known(request)) {
        request_hand_over(request, api->questions, show_incident);
    }
}

/* POST and PATCH */

/* Header values hold printable ASCII; the rest of a path is percent-encoded. */
static void set_location(struct answer *answer, const char *id)
{
    size_t used = (size_t)snprintf(answer->location, sizeof(answer->location), "/v1/incidents/");
    for (; *id != '\0' && used + 4 < sizeof(answer->location); id++) {
        unsigned char byte = (unsigned char)*id;
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                     (byte >= 'A' && byte <= 'Z') || strchr("-._~", byte) != NULL;
        used += (size_t)snprintf(answer->location + used, sizeof(answer->location) - used,
                                 plain ? "%c" : "%%%02X", byte);
    }
}

/* After the commit: the incident as it is now. */
static void answer_incident(struct request *request, const char *id, bool is_new)
{
    struct incident_question question;
    if (!ask_for_one(request, text_from(id), &question)) {
        return;
    }
    if (question.view_count == 0) {
        problem(&request->answer, 422,
                "stored, but not judged: its time is too far ahead, or older than what is kept");
    } else {
        answer_begin(&request->answer, is_new ? 201 : 200, MEDIA_JSON);
        if (is_new) {
            set_location(&request->answer, id);
        }
        write_view(request, &question, 0, &request->answer.body);
        text_buffer_char(&request->answer.body, '\n');
    }
    question_fini(&question);
}

static void describe_rejection(struct request *request, const struct post_result *result)
{
    const struct post_error *error = &result->errors[0];
    if (result->error_count == 0) {
        problem(&request->answer, 422, "rejected: %s", reject_text(REJECT_NAMES_FULL));
        return;
    }
    problem(&request->answer, 422, "%s", error->detail);
    struct text_buffer members;
    text_buffer_init(&members);
    text_buffer_format(&members, ",\"code\":\"%s\"", reject_word(error->reject));
    problem_add(&request->answer, members.bytes);
    text_buffer_fini(&members);
}

static void store_incident(struct request *request, const struct text_buffer *records,
                           const char *id, bool is_new)
{
    struct post_result result;
    struct text body = {records->bytes, (uint32_t)records->length};
    if (!post_and_wait(request, body, &result)) {
        return;
    }
    if (result.rejected != 0) {
        describe_rejection(request, &result);
    } else {
        answer_incident(request, id, is_new);
    }
}

static void write_incident(struct request *request)
{
    bool patches = request->names[0].bytes != NULL;
    struct text_buffer records;
    char id[INCIDENT_ID_SIZE];
    char detail[INCIDENT_DETAIL_SIZE];
    text_buffer_init(&records);
    struct incident_question before;
    if (incident_record(request_body(request), request->names[0], &records, id, detail) !=
        STATUS_OK) {
        problem(&request->answer, 400, "%s", detail);
    } else if (ask_for_one(request, text_from(id), &before)) {
        bool is_new = before.view_count == 0;
        question_fini(&before);
        if (patches && is_new) {
            problem(&request->answer, 404, "no such incident");
        } else {
            store_incident(request, &records, id, is_new);
        }
    }
    text_buffer_fini(&records);
}

void api_write_incident(struct request *request)
{
    struct api *api = request->context;
    if (parameters_known(request)) {
        request_hand_over(request, api->questions, write_incident);
    }
}
