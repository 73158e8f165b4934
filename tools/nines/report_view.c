#include "nines/report_view.h"

#include <stdlib.h>
#include <string.h>

#include "domain/decimal.h"
#include "nines/terminal.h"
#include "nines/words.h"

/* One row, with what its report points to. */
struct row {
    struct agreement agreement;
    struct objective objective;
    char *names[4];
    struct seal seal;
    struct restatement restatement; /* the last one */
};

struct report_view {
    struct row *rows;
    struct objective_report *reports;
    uint32_t count;
};

static char *safe_copy(const char *text)
{
    struct text_buffer out;
    text_buffer_init(&out);
    text_buffer_string(&out, "");
    terminal_escape(&out, text_from(text));
    return text_buffer_take(&out);
}

int report_view_verdict(const char *word)
{
    for (int i = 0; i < VERDICT_COUNT; i++) {
        if (strcmp(verdict_word((enum verdict)i), word) == 0) {
            return i;
        }
    }
    return -1;
}

/* `2w`, `3M`: periods of several units. */
static bool read_long_period(struct text over, struct window *window_out)
{
    const char letters[] = "dwMQY"; /* as in enum calendar_unit */
    const char *letter = over.length < 2 ? NULL : strchr(letters, over.bytes[over.length - 1]);
    int64_t count;
    if (letter == NULL || !decimal_parse((struct text){over.bytes, over.length - 1}, 0, &count) ||
        count < 1 || count > UINT32_MAX) {
        return false;
    }
    window_out->kind = WINDOW_CALENDAR;
    window_out->unit = (enum calendar_unit)(letter - letters);
    window_out->unit_count = (uint32_t)count;
    return true;
}

static bool read_window(const json_t *report, struct window *window_out)
{
    static const char *const units[] = {"day", "week", "month", "quarter", "year"};
    const char *kind = json_text_at(report, "window.kind");
    const char *over = json_text_at(report, "over");
    *window_out = (struct window){.kind = WINDOW_SPAN};
    if (strcmp(kind, "rolling") == 0) {
        window_out->kind = WINDOW_ROLLING;
        return duration_parse(text_from(over), &window_out->length_ns);
    }
    if (strcmp(kind, "term") == 0) {
        window_out->kind = WINDOW_TERM;
        return true;
    }
    for (uint32_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(kind, "calendar") == 0 && strcmp(over, units[i]) == 0) {
            window_out->kind = WINDOW_CALENDAR;
            window_out->unit = (enum calendar_unit)i;
            return true;
        }
    }
    if (strcmp(kind, "calendar") == 0) {
        return read_long_period(text_from(over), window_out);
    }
    return strcmp(kind, "span") == 0;
}

static bool read_unit(const json_t *report, enum budget_unit *unit_out)
{
    for (uint32_t i = 0; i < BUDGET_UNIT_COUNT; i++) {
        if (strcmp(json_text_at(report, "budget.unit"), budget_unit_word((enum budget_unit)i)) ==
            0) {
            *unit_out = (enum budget_unit)i;
            return true;
        }
    }
    return false;
}

/* The full window's units: the budget is the part 1 - target of them, printed with every digit. */
static uint64_t read_total_valid(const json_t *report, int64_t target_ppb, uint64_t valid)
{
    const char *total = json_text_at(report, "budget.total");
    uint32_t whole = (uint32_t)strcspn(total, ".");
    int64_t units;
    int64_t billionths = 0;
    char fraction[16] = "0";
    if (total[whole] == '.') {
        snprintf(fraction, sizeof(fraction), "0%.12s", total + whole);
    }
    if (target_ppb == PPB || !decimal_parse((struct text){total, whole}, 0, &units) ||
        !decimal_parse(text_from(fraction), 9, &billionths)) {
        return valid;
    }
    int128 budget = (int128)units * PPB + billionths;
    return (uint64_t)(budget / (PPB - target_ppb));
}

/* The units that the printed percentages refer to. They are the full window's, unless parts of it
 * are unknown: then what is consumed says how many they are, exactly enough for what the table
 * shows. */
static uint128 read_ratio_valid(const json_t *report, const struct judgement *judgement,
                                const struct window *window, int64_t target_ppb)
{
    uint64_t valid = measure_valid(judgement->window);
    int128 budget_ppb = PPB - target_ppb;
    bool has_end = window->kind == WINDOW_CALENDAR || window->kind == WINDOW_TERM;
    if (budget_is_open(judgement->unit) || !has_end) {
        return valid;
    }
    int64_t consumed_millionths;
    const char *consumed = json_text_at(report, "budget.consumed_percent");
    if (budget_ppb == 0 || judgement->window.bad == 0 ||
        !decimal_parse(text_from(consumed), 6, &consumed_millionths) || consumed_millionths == 0) {
        return judgement->total_valid > valid ? judgement->total_valid : valid;
    }
    char exact[DECIMAL_TEXT_SIZE];
    decimal_format_fraction((int128)judgement->window.bad * PPB * 100,
                            (int128)judgement->total_valid * budget_ppb, 6, exact);
    if (strcmp(exact, consumed) == 0) {
        return judgement->total_valid;
    }
    int128 numerator = (int128)judgement->window.bad * PPB * 100 * 1000000;
    int128 denominator = budget_ppb * consumed_millionths;
    return (uint128)((numerator + denominator / 2) / denominator);
}

static bool read_judgement(const json_t *report, const struct window *window, int64_t target_ppb,
                           struct judgement *judgement)
{
    int verdict = report_view_verdict(json_text_at(report, "verdict"));
    if (verdict < 0 || !read_unit(report, &judgement->unit)) {
        return false;
    }
    judgement->verdict = (enum verdict)verdict;
    judgement->has_sli = json_is_given(report, "sli");
    int64_t good = json_number_at(report, "sli.numerator");
    int64_t valid = json_number_at(report, "sli.denominator");
    if (good < 0 || valid < good) {
        return false;
    }
    judgement->window = (struct measure){(uint64_t)good, (uint64_t)(valid - good)};
    judgement->total_valid = read_total_valid(report, target_ppb, (uint64_t)valid);
    judgement->ratio_valid = read_ratio_valid(report, judgement, window, target_ppb);
    return true;
}

/* An older daemon tells none: then there are none. */
static void read_latency(const json_t *report, struct latency_figures *latency)
{
    static const char *const paths[LATENCY_PERCENTILES] = {"latency_ms.p50", "latency_ms.p90",
                                                           "latency_ms.p99", "latency_ms.p999"};
    int64_t count = json_number_at(report, "latency_window.requests");
    latency->count = count > 0 ? (uint64_t)count : 0;
    for (uint32_t i = 0; i < LATENCY_PERCENTILES; i++) {
        int64_t ns;
        if (!decimal_parse(text_from(json_text_at(report, paths[i])), 6, &ns)) {
            latency->count = 0;
            return;
        }
        latency->percentile_ns[i] = (uint64_t)ns;
    }
}

static bool read_cause(const char *word, enum restatement_cause *cause_out)
{
    for (enum restatement_cause cause = 0; cause < CAUSE_COUNT; cause++) {
        if (strcmp(restatement_cause_word(cause), word) == 0) {
            *cause_out = cause;
            return true;
        }
    }
    return false;
}

/* The last restatement is all that is shown; what is not understood is left out. */
static void read_seal(const json_t *report, struct row *row, struct objective_report *out)
{
    const json_t *list = json_at(report, "restatements");
    const json_t *last = json_array_get(list, json_array_size(list) - 1);
    struct restatement *restatement = &row->restatement;
    int64_t good = json_number_at(last, "sli.numerator");
    int64_t valid = json_number_at(last, "sli.denominator");
    int verdict = report_view_verdict(json_text_at(last, "verdict"));
    if (!json_is_true(json_at(report, "sealed")) || last == NULL || verdict < 0 || good < 0 ||
        valid < good || !words_read_time(last, "at", &restatement->at_ns) ||
        !read_cause(json_text_at(last, "cause"), &restatement->cause)) {
        return;
    }
    restatement->number = (uint32_t)json_number_at(last, "number");
    restatement->judgement.verdict = (enum verdict)verdict;
    restatement->judgement.has_sli = json_is_given(last, "sli");
    restatement->judgement.window = (struct measure){(uint64_t)good, (uint64_t)(valid - good)};
    row->seal = (struct seal){.restatements = restatement, .restatement_count = 1};
    out->seal = &row->seal;
}

static bool read_row(const json_t *report, struct row *row, struct objective_report *out)
{
    struct text target = text_from(json_text_at(report, "target"));
    row->names[0] = safe_copy(json_text_at(report, "agreement"));
    row->names[1] = safe_copy(json_text_at(report, "objective"));
    row->names[2] = safe_copy(target.bytes);
    row->names[3] = safe_copy(json_text_at(report, "customer"));
    row->agreement.name = row->names[0];
    row->agreement.customer = json_is_given(report, "customer") ? row->names[3] : NULL;
    row->objective.name = row->names[1];
    row->objective.target_text = row->names[2];
    out->agreement = &row->agreement;
    out->objective = &row->objective;
    read_latency(report, &out->latency);
    read_seal(report, row, out);
    /* A percentage with seven decimals is parts per billion. */
    return decimal_parse(target, 7, &row->objective.target_ppb) && row->objective.target_ppb > 0 &&
           row->objective.target_ppb <= PPB && read_window(report, &out->over) &&
           read_judgement(report, &out->over, row->objective.target_ppb, &out->judgement);
}

void report_view_close(struct report_view *view)
{
    for (uint32_t i = 0; i < view->count; i++) {
        for (uint32_t j = 0; j < sizeof(view->rows[i].names) / sizeof(view->rows[i].names[0]);
             j++) {
            free(view->rows[i].names[j]);
        }
    }
    free(view->rows);
    free(view->reports);
    free(view);
}

struct report_view *report_view_open(const json_t *answer, const char **message_out)
{
    const json_t *reports = json_at(answer, "reports");
    struct report_view *view = calloc(1, sizeof(*view));
    size_t count = json_array_size(reports);
    if (!json_is_array(reports) || view == NULL) {
        free(view);
        *message_out = "the answer holds no reports: is it ninesd?";
        return NULL;
    }
    view->rows = calloc(count + 1, sizeof(*view->rows));
    view->reports = calloc(count + 1, sizeof(*view->reports));
    if (view->rows == NULL || view->reports == NULL) {
        report_view_close(view);
        *message_out = "out of memory";
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        view->count++;
        if (!read_row(json_array_get(reports, i), &view->rows[i], &view->reports[i])) {
            report_view_close(view);
            *message_out =
                "a report is not understood: the daemon may be newer than this program; try --json";
            return NULL;
        }
    }
    return view;
}

const struct objective_report *report_view_reports(const struct report_view *view,
                                                   uint32_t *count_out)
{
    *count_out = view->count;
    return view->reports;
}

void report_view_window(const json_t *report, struct text_buffer *out)
{
    const char *kind = json_text_at(report, "window.kind");
    if (strcmp(kind, "rolling") == 0) {
        text_buffer_string(out, "a rolling window of ");
        json_show(out, report, "over", "?");
    } else if (strcmp(kind, "calendar") == 0) {
        text_buffer_string(out, "the ");
        json_show(out, report, "over", "?");
    } else {
        text_buffer_string(out, strcmp(kind, "term") == 0 ? "the term" : "the span");
    }
    text_buffer_string(out, " from ");
    words_instant(out, report, "window.start", "the beginning");
    text_buffer_string(out, " to ");
    words_instant(out, report, "window.end", "open end");
}
