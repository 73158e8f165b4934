#include "nines/offline_evidence.h"

#include "evaluate/findings.h"
#include "report/finding_json.h"

struct writing {
    const struct objective_report *report;
    struct text_buffer *out;
    uint64_t written;
};

static bool take_finding(void *context, const struct finding *finding)
{
    struct writing *writing = context;
    text_buffer_string(writing->out, writing->written++ == 0 ? "\n" : ",\n");
    finding_json_item(writing->report, finding, writing->out);
    return true;
}

enum status offline_evidence(struct evaluator *evaluator, uint32_t series,
                             const struct objective_report *report, struct text_buffer *out)
{
    struct writing writing = {.report = report, .out = out};
    text_buffer_string(out, out->length == 0 ? "{" : ",\n{");
    finding_json_figure(report, report->position, out);
    text_buffer_string(out, ",\"items\":[");
    enum status status = findings_walk(evaluator, series, take_finding, &writing);
    text_buffer_string(out, "],\"next\":null}");
    return status;
}
