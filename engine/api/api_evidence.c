/* GET /v1/reports/{agreement}/{objective}/evidence: what stands behind a figure, page by page. A
 * cursor holds the instant and the position of the first page, so that all pages tell of the same
 * figure. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/retrial.h"
#include "evaluate/findings.h"
#include "report/finding_json.h"

/* AT-POSITION-INDEX */
struct evidence_cursor {
    int64_t at_ns;
    uint64_t position_end;
    uint64_t index; /* of the next finding */
};

/* Belongs to its request. */
struct evidence_request {
    struct selection selection;
    struct when when;
    struct evidence_cursor cursor;
    uint32_t limit;
};

static bool parse_cursor(struct text text, struct evidence_cursor *cursor)
{
    char copy[96];
    int length = 0;
    if (text.length >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    return strspn(copy, "0123456789-") == text.length &&
           sscanf(copy, "%" SCNd64 "-%" SCNu64 "-%" SCNu64 "%n", &cursor->at_ns,
                  &cursor->position_end, &cursor->index, &length) == 3 &&
           (uint32_t)length == text.length;
}

/* Writing */

struct writing {
    const struct evidence_request *asked;
    const struct objective_report *report;
    struct text_buffer *out;
    uint64_t index; /* of the next finding */
    uint32_t written;
    bool has_more;
};

static bool take_finding(void *context, const struct finding *finding)
{
    struct writing *writing = context;
    if (writing->index < writing->asked->cursor.index) {
        writing->index++; /* on an earlier page */
        return true;
    }
    if (writing->written == writing->asked->limit) {
        writing->has_more = true;
        return false;
    }
    text_buffer_string(writing->out, writing->written == 0 ? "\n" : ",\n");
    finding_json_item(writing->report, finding, writing->out);
    writing->index++;
    writing->written++;
    return true;
}

static void write_next_page(const struct writing *writing, const struct retrial *retrial)
{
    if (writing->has_more) {
        text_buffer_format(writing->out, ",\"next\":\"%" PRId64 "-%" PRIu64 "-%" PRIu64 "\"}\n",
                           retrial->at_ns, retrial->position_end, writing->index);
    } else {
        text_buffer_string(writing->out, ",\"next\":null}\n");
    }
}

/* The series' number among those of the retrial, which judges one agreement alone: UINT32_MAX for a
 * customer that the log does not know. */
static uint32_t series_of(const struct retrial *retrial, const struct selection *selection)
{
    struct agreement_set judged = retrial_agreements(retrial);
    uint32_t number = 0;
    for (uint32_t i = 0; i < judged.agreement_count; i++) {
        const struct agreement *agreement = &judged.agreements[i];
        for (uint32_t j = 0; j < agreement->objective_count; j++, number++) {
            if (selection_holds(selection, agreement, &agreement->objectives[j])) {
                return number;
            }
        }
    }
    return UINT32_MAX;
}

static void write_evidence(struct request *request, struct retrial *retrial)
{
    const struct evidence_request *asked = request->state;
    struct objective_report report;
    uint32_t series = series_of(retrial, &asked->selection);
    if (!evaluator_report(retrial->evaluator, series, &report)) {
        if (evaluator_failed(retrial->evaluator)) {
            problem(&request->answer, 503, "old rows cannot be read");
        } else {
            problem(&request->answer, 404, "no such figure at that time");
        }
        return;
    }
    struct writing writing = {
        .asked = asked,
        .report = &report,
        .out = &request->answer.body,
    };
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_char(writing.out, '{');
    finding_json_figure(&report, retrial->position_end, writing.out);
    text_buffer_string(writing.out, ",\"items\":[");
    enum status status = findings_walk(retrial->evaluator, series, take_finding, &writing);
    if (status != STATUS_OK) {
        problem(&request->answer, 503, "the log cannot be read: %s", status_text(status));
        return;
    }
    text_buffer_char(writing.out, ']');
    write_next_page(&writing, retrial);
}

/* On the lane of scans. */
static void find_evidence(struct request *request)
{
    const struct api *api = request->context;
    const struct evidence_request *asked = request->state;
    struct retrial retrial;
    const struct agreement_set *set = agreements_of(request);
    uint64_t position_end = asked->cursor.position_end;
    enum status status = STATUS_OK;
    if (asked->cursor.index == 0) {
        /* What made the figure that was sealed: later events did not. */
        status =
            retrial_sealed_position(&api->engine, agreement_find(set, asked->selection.agreement),
                                    &asked->when, &position_end);
    }
    if (status == STATUS_OK) {
        status = retrial_open(&retrial, &api->engine, set, &asked->selection, &asked->when,
                              position_end, false);
    }
    if (status != STATUS_OK) {
        problem(&request->answer, 503, "the log cannot be judged: %s", status_text(status));
        return;
    }
    write_evidence(request, &retrial);
    retrial_close(&retrial);
}

static bool parse_limit(struct request *request, struct evidence_request *asked)
{
    struct text cursor = target_parameter(&request->target, "cursor");
    if (text_given(cursor) && !parse_cursor(cursor, &asked->cursor)) {
        problem(&request->answer, 400, "cursor must be what an earlier page gave as `next`");
        return false;
    }
    return limit_from(request, &asked->limit);
}

static bool parse_request(struct request *request, struct evidence_request *asked)
{
    const struct api *api = request->context;
    int64_t now_ns = clock_realtime_ns(api->engine.clock);
    char detail[WHEN_DETAIL_SIZE];
    asked->selection = (struct selection){
        .agreement = request->names[0],
        .objective = request->names[1],
        .customer = target_parameter(&request->target, "customer"),
    };
    if (!parameters_known(request) || !parse_limit(request, asked)) {
        return false;
    }
    if (!when_parse(&request->target, now_ns, latest_instant(api, now_ns), &asked->when, detail)) {
        problem(&request->answer, 400, "%s", detail);
        return false;
    }
    if (asked->cursor.index != 0) {
        asked->when.now_ns = asked->cursor.at_ns;
    }
    asked->when.at_ns = asked->cursor.index != 0 ? asked->cursor.at_ns
                        : asked->when.given      ? asked->when.at_ns
                                                 : now_ns;
    const char *missing = selection_missing(&asked->selection, agreements_of(request),
                                            asked->when.given || asked->cursor.index != 0);
    if (missing != NULL) {
        problem(&request->answer, 404, "no such %s", missing);
        return false;
    }
    if (!text_given(asked->selection.customer) &&
        agreement_find(agreements_of(request), asked->selection.agreement)->each_customer) {
        problem(&request->answer, 400,
                "the agreement is for each customer by itself: say ?customer=NAME");
        return false;
    }
    return true;
}

void api_get_evidence(struct request *request)
{
    struct api *api = request->context;
    struct evidence_request *asked = calloc(1, sizeof(*asked));
    request->state = asked;
    request->state_free = free;
    if (asked == NULL) {
        problem_busy(&request->answer, "out of memory");
    } else if (parse_request(request, asked)) {
        request_hand_over(request, api->scans, find_evidence);
    }
}
