#include "report/rollup.h"

#include <stdlib.h>

#include "domain/decimal.h"
#include "report/report_json.h"

struct rollup {
    const struct agreement_set *set;
    const struct objective_report *reports; /* all of them */
    uint32_t report_count;
    const struct objective_report **worst; /* per agreement of the set; NULL: without reports */
    bool *inside;                          /* per project: room for a walk */
    const char **names;                    /* what endangered_by points to */
};

/* Graver is larger: not to know is worse than to be met, and better than to be in danger. */
static int gravity(enum verdict verdict)
{
    static const int of[VERDICT_COUNT] = {
        [VERDICT_NO_DATA] = 0, [VERDICT_MET] = 1,    [VERDICT_UNKNOWN] = 2,
        [VERDICT_AT_RISK] = 3, [VERDICT_BEHIND] = 4, [VERDICT_BREACHED] = 5,
    };
    return of[verdict];
}

/* Has a consumed more of its budget than b? bad / (valid x B) crosswise; with a target of 100 % the
 * first bad unit is more than all. */
static bool consumed_more(const struct objective_report *a, const struct objective_report *b)
{
    const struct measure *left = &a->judgement.window;
    const struct measure *right = &b->judgement.window;
    struct wide_product mine = {
        {left->bad, measure_valid(*right), (uint128)(PPB - b->objective->target_ppb)}, 3};
    struct wide_product theirs = {
        {right->bad, measure_valid(*left), (uint128)(PPB - a->objective->target_ppb)}, 3};
    return wide_compare(&mine, &theirs) > 0;
}

static bool is_worse(const struct objective_report *a, const struct objective_report *b)
{
    int left = gravity(a->judgement.verdict);
    int right = gravity(b->judgement.verdict);
    return left != right ? left > right : consumed_more(a, b);
}

static void take_report(struct rollup *rollup, const struct objective_report *report)
{
    for (uint32_t i = 0; i < rollup->set->agreement_count; i++) {
        if (report->agreement == &rollup->set->agreements[i] &&
            report->agreement->of_project == NULL &&
            (rollup->worst[i] == NULL || is_worse(report, rollup->worst[i]))) {
            rollup->worst[i] = report;
        }
    }
}

/* Endangered */

static bool endangers(const struct rollup *rollup, uint32_t index, const char *name)
{
    const struct agreement *agreement = &rollup->set->agreements[index];
    const struct objective_report *worst = rollup->worst[index];
    if (agreement->type == AGREEMENT_SLA || worst == NULL ||
        gravity(worst->judgement.verdict) < gravity(VERDICT_AT_RISK)) {
        return false;
    }
    for (uint32_t i = 0; i < agreement->support_count; i++) {
        if (strcmp(agreement->supports[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Writes the names of those that endanger the agreement, each once: `customer: each` makes several
 * of one name. names: NULL only counts. */
static uint32_t list_dangers(const struct rollup *rollup, const struct agreement *agreement,
                             const char **names)
{
    uint32_t count = 0;
    const char *last = "";
    for (uint32_t i = 0; i < rollup->set->agreement_count; i++) {
        const char *name = rollup->set->agreements[i].name;
        if (endangers(rollup, i, agreement->name) && strcmp(last, name) != 0) {
            if (names != NULL) {
                names[count] = name;
            }
            count++;
            last = name;
        }
    }
    return count;
}

static bool mark_endangered(struct rollup *rollup, struct objective_report *reports, uint32_t count)
{
    const struct agreement_set *set = rollup->set;
    size_t total = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        total += list_dangers(rollup, &set->agreements[i], NULL);
    }
    rollup->names = calloc(total + 1, sizeof(*rollup->names));
    if (rollup->names == NULL) {
        return false;
    }
    const char **names = rollup->names;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        uint32_t own = list_dangers(rollup, &set->agreements[i], names);
        for (uint32_t j = 0; own != 0 && j < count; j++) {
            if (reports[j].agreement == &set->agreements[i]) {
                reports[j].endangered_by = names;
                reports[j].endangered_count = own;
                if (objective_opens_incidents(reports[j].objective)) {
                    reports[j].incidents.potential_open += own;
                }
            }
        }
        names += own;
    }
    return true;
}

struct rollup *rollup_open(const struct agreement_set *set, struct objective_report *reports,
                           uint32_t count)
{
    struct rollup *rollup = calloc(1, sizeof(*rollup));
    if (rollup == NULL) {
        return NULL;
    }
    uint32_t support_count = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        support_count += set->agreements[i].support_count;
    }
    rollup->set = set;
    rollup->reports = reports;
    rollup->report_count = count;
    rollup->worst = calloc((size_t)set->agreement_count + 1, sizeof(struct objective_report *));
    rollup->inside = calloc((size_t)set->project_count + 1, sizeof(*rollup->inside));
    if (rollup->worst == NULL || rollup->inside == NULL) {
        rollup_close(rollup);
        return NULL;
    }
    for (uint32_t i = 0; i < count && (set->project_count != 0 || support_count != 0); i++) {
        take_report(rollup, &reports[i]);
    }
    if (support_count != 0 && !mark_endangered(rollup, reports, count)) {
        rollup_close(rollup);
        return NULL;
    }
    return rollup;
}

void rollup_close(struct rollup *rollup)
{
    free(rollup->worst);
    free(rollup->inside);
    free(rollup->names);
    free(rollup);
}

/* Projects */

struct project_figures {
    uint32_t met;
    uint32_t total;
    const struct objective_report *worst; /* NULL: nothing in it */
};

static bool has_part(const struct project_document *project, const char *name)
{
    for (uint32_t i = 0; i < project->part_count; i++) {
        if (strcmp(project->parts[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The project and all that are in it, however deep. */
static void walk_in(const struct rollup *rollup, uint32_t index)
{
    const struct agreement_set *set = rollup->set;
    memset(rollup->inside, 0, set->project_count);
    rollup->inside[index] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < set->project_count; i++) {
            for (uint32_t j = 0; rollup->inside[i] && j < set->project_count; j++) {
                if (!rollup->inside[j] && has_part(&set->projects[i], set->projects[j].name)) {
                    rollup->inside[j] = true;
                    changed = true;
                }
            }
        }
    }
}

static bool is_inside(const struct rollup *rollup, const struct agreement *agreement)
{
    for (uint32_t i = 0; agreement->project != NULL && i < rollup->set->project_count; i++) {
        if (rollup->inside[i] && strcmp(rollup->set->projects[i].name, agreement->project) == 0) {
            return true;
        }
    }
    return false;
}

static struct project_figures figures_of(const struct rollup *rollup, uint32_t index)
{
    struct project_figures figures = {0};
    walk_in(rollup, index);
    for (uint32_t i = 0; i < rollup->set->agreement_count; i++) {
        const struct objective_report *worst = rollup->worst[i];
        if (worst == NULL || !is_inside(rollup, &rollup->set->agreements[i])) {
            continue;
        }
        enum verdict verdict = worst->judgement.verdict;
        figures.total++;
        figures.met += verdict == VERDICT_MET || verdict == VERDICT_AT_RISK ? 1 : 0;
        if (figures.worst == NULL || is_worse(worst, figures.worst)) {
            figures.worst = worst;
        }
    }
    return figures;
}

static bool percent_of(const struct objective_report *report, char out[DECIMAL_TEXT_SIZE])
{
    uint64_t valid = measure_valid(report->judgement.window);
    if (!report->judgement.has_sli || valid == 0) {
        memcpy(out, "100.000000", sizeof("100.000000")); /* only where empty counts as good */
        return report->judgement.has_sli;
    }
    decimal_format_percent(report->judgement.window.good, valid, report->objective->target_ppb,
                           out);
    return true;
}

/* Of the project's own objectives, the one at or after `index`; report_count: none. */
static uint32_t own_report(const struct rollup *rollup, const struct project_document *project,
                           uint32_t index)
{
    while (index < rollup->report_count &&
           rollup->reports[index].agreement->of_project != project) {
        index++;
    }
    return index;
}

static void write_own_json(const struct rollup *rollup, const struct project_document *project,
                           struct text_buffer *out)
{
    text_buffer_string(out, ",\"objectives\":[");
    uint32_t first = own_report(rollup, project, 0);
    for (uint32_t i = first; i < rollup->report_count; i = own_report(rollup, project, i + 1)) {
        text_buffer_string(out, i == first ? "\n" : ",\n");
        report_json(&rollup->reports[i], out);
    }
    text_buffer_char(out, ']');
}

void rollup_projects_json(const struct rollup *rollup, struct text_buffer *out)
{
    text_buffer_char(out, '[');
    for (uint32_t i = 0; i < rollup->set->project_count; i++) {
        struct project_figures figures = figures_of(rollup, i);
        text_buffer_string(out, i == 0 ? "{\"project\":" : ",{\"project\":");
        text_buffer_json(out, text_from(rollup->set->projects[i].name));
        text_buffer_format(out, ",\"met\":%u,\"total\":%u,\"worst\":", figures.met, figures.total);
        enum verdict verdict = VERDICT_NO_DATA;
        if (figures.worst == NULL) {
            text_buffer_string(out, "null");
        } else {
            char percent[DECIMAL_TEXT_SIZE];
            verdict = figures.worst->judgement.verdict;
            text_buffer_string(out, "{\"agreement\":");
            text_buffer_json(out, text_from(figures.worst->agreement->name));
            if (percent_of(figures.worst, percent)) {
                text_buffer_format(out, ",\"percent\":\"%s\"}", percent);
            } else {
                text_buffer_string(out, ",\"percent\":null}");
            }
        }
        text_buffer_format(out, ",\"verdict\":\"%s\"", verdict_word(verdict));
        write_own_json(rollup, &rollup->set->projects[i], out);
        text_buffer_char(out, '}');
    }
    text_buffer_char(out, ']');
}

static void write_own_lines(const struct rollup *rollup, const struct project_document *project,
                            struct text_buffer *out)
{
    for (uint32_t i = own_report(rollup, project, 0); i < rollup->report_count;
         i = own_report(rollup, project, i + 1)) {
        const struct objective_report *report = &rollup->reports[i];
        char percent[DECIMAL_TEXT_SIZE];
        bool known = percent_of(report, percent);
        text_buffer_format(out, "  %s: %s%s, %s %% promised, %s\n", report->objective->name,
                           known ? percent : "no data", known ? " %" : "",
                           report->objective->target_text, verdict_word(report->judgement.verdict));
    }
}

void rollup_projects_table(const struct rollup *rollup, struct text_buffer *out)
{
    for (uint32_t i = 0; i < rollup->set->project_count; i++) {
        struct project_figures figures = figures_of(rollup, i);
        text_buffer_format(out, "%sproject %s: %u of %u agreements met", i == 0 ? "\n" : "",
                           rollup->set->projects[i].name, figures.met, figures.total);
        char percent[DECIMAL_TEXT_SIZE];
        if (figures.worst != NULL && percent_of(figures.worst, percent)) {
            text_buffer_format(out, ", worst %s at %s %%", figures.worst->agreement->name, percent);
        }
        text_buffer_char(out, '\n');
        write_own_lines(rollup, &rollup->set->projects[i], out);
    }
}
