#include "nines/evidence_table.h"

#include <inttypes.h>
#include <string.h>

#include "domain/verdict.h"
#include "nines/terminal.h"
#include "nines/words.h"

/* What the shares of a part are. */
enum share_unit { SHARE_COUNT, SHARE_TIME, SHARE_SLICES, SHARE_RATIO };

static const struct {
    const char *counts_as;
    bool of_slices;
    bool of_proposals;
    const char *title;
    const char *key; /* of the share */
} parts[] = {
    {"bad", false, false, "bad", "count"},
    {"excluded", false, false, "excluded", "excluded"},
    {"excluded", false, true, "proposed exclusions", "excluded"},
    {"unknown", false, false, "unknown", "unknown"},
    {"out_of_scope", false, false, "out of scope", "out_of_scope"},
    {"bad", true, false, "bad slices", "slices"},
    {"excluded", true, false, "excluded slices", "slices"},
    {"unknown", true, false, "unknown slices", "slices"},
};
#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static bool belongs(const json_t *item, size_t part)
{
    return strcmp(json_text_at(item, "counts_as"), parts[part].counts_as) == 0 &&
           (json_at(item, "slices") != NULL) == parts[part].of_slices &&
           (json_at(item, "proposed") != NULL) == parts[part].of_proposals;
}

static int64_t share_of(const json_t *item, size_t part)
{
    bool is_gap = json_at(item, "unknown_ns") != NULL;
    return json_number_at(item, is_gap ? "unknown_ns" : parts[part].key);
}

static enum share_unit unit_of(const json_t *evidence, const json_t *item, size_t part)
{
    const char *unit = json_text_at(evidence, "figure.unit");
    if (parts[part].of_slices) {
        return SHARE_SLICES;
    }
    if (strcmp(unit, "ns") == 0 || json_at(item, "unknown_ns") != NULL ||
        parts[part].of_proposals) {
        return SHARE_TIME;
    }
    return strcmp(unit, "ratio") == 0 ? SHARE_RATIO : SHARE_COUNT;
}

static void say_share(struct text_buffer *out, int64_t share, enum share_unit unit)
{
    char text[DECIMAL_TEXT_SIZE > TERMINAL_COUNT_SIZE ? DECIMAL_TEXT_SIZE : TERMINAL_COUNT_SIZE];
    if (unit == SHARE_TIME && share == 0) {
        text_buffer_string(out, "none");
    } else if (unit == SHARE_TIME) {
        words_duration(out, share);
    } else if (unit == SHARE_RATIO) { /* parts of 10^18 */
        decimal_format_fraction((int128)share * 100, (int128)RATIO_ONE, 6, text);
        text_buffer_format(out, "%s %%", text);
    } else {
        text_buffer_string(out, terminal_count((uint64_t)share, text));
    }
}

/* "7 min of 10 min" where not all of it counts. */
static void say_counts(struct text_buffer *out, const json_t *item, size_t part,
                       enum share_unit unit)
{
    int64_t start_ns;
    int64_t end_ns;
    int64_t share = share_of(item, part);
    say_share(out, share, unit);
    if (unit == SHARE_TIME && words_read_time(item, "start", &start_ns) &&
        words_read_time(item, "end", &end_ns) && share < end_ns - start_ns) {
        text_buffer_string(out, " of ");
        words_duration(out, end_ns - start_ns);
    }
}

static void say_slice(struct text_buffer *out, const json_t *item)
{
    char bad[TERMINAL_COUNT_SIZE];
    char valid[TERMINAL_COUNT_SIZE];
    int64_t bad_count = json_number_at(item, "requests.bad");
    int64_t valid_count = bad_count + json_number_at(item, "requests.good");
    text_buffer_format(out, "%s bad of %s requests: ", terminal_count((uint64_t)bad_count, bad),
                       terminal_count((uint64_t)valid_count, valid));
}

/* Whose it is, why it is so, and who says so. */
static void say_why(struct text_buffer *out, const json_t *item)
{
    static const char *const names[] = {"id", "component", "service"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (json_is_given(item, names[i])) {
            json_show(out, item, names[i], "");
            if (json_is_given(item, "severity")) {
                text_buffer_string(out, " (");
                json_show(out, item, "severity", "");
                text_buffer_char(out, ')');
            }
            text_buffer_string(out, ": ");
            break;
        }
    }
    if (json_at(item, "requests") != NULL) {
        say_slice(out, item);
    }
    json_show(out, item, "reason", "");
    if (json_is_given(item, "corrected_to")) {
        text_buffer_format(out, " (corrected by position %" PRId64 ")",
                           json_number_at(item, "corrected_at"));
    }
    if (json_is_given(item, "incident")) {
        text_buffer_string(out, ", of incident ");
        json_show(out, item, "incident", "");
    }
    if (json_is_given(item, "weight")) {
        text_buffer_string(out, ", weight ");
        json_show(out, item, "weight", "");
    }
    if (json_is_given(item, "author")) {
        text_buffer_string(out, ", says ");
        json_show(out, item, "author", "");
    }
}

/* Columns */

#define COLUMN_COUNT 6
static const char *const heads[COLUMN_COUNT] = {"position", "what", "from", "to", "counts", "why"};

static void say_cell(struct text_buffer *out, const json_t *evidence, const json_t *item,
                     size_t part, uint32_t column)
{
    switch (column) {
    case 0:
        if (json_is_given(item, "position")) {
            text_buffer_format(out, "%" PRId64, json_number_at(item, "position"));
        } else {
            text_buffer_char(out, '-');
        }
        break;
    case 1:
        json_show(out, item, "type", "?");
        break;
    case 2:
        json_show(out, item, "start", "-");
        break;
    case 3:
        json_show(out, item, "end", "-");
        break;
    case 4:
        say_counts(out, item, part, unit_of(evidence, item, part));
        break;
    default:
        say_why(out, item);
        break;
    }
}

static void pad(struct text_buffer *out, const char *cell, int width, uint32_t column)
{
    bool is_last = column + 1 == COLUMN_COUNT;
    text_buffer_string(out, column == 0 ? "    " : "  ");
    if (column == 0) {
        text_buffer_format(out, "%*s", width, cell);
    } else {
        text_buffer_format(out, "%-*s", is_last ? 0 : width, cell);
    }
    text_buffer_string(out, is_last ? "\n" : "");
}

/* One part: measured first, so that its columns stand in line. */
struct part_view {
    const json_t *evidence;
    size_t part;
    uint64_t row_max;
    uint64_t rows;
    int64_t total;
    enum share_unit unit;
    int widths[COLUMN_COUNT];
};

static void measure_row(struct part_view *view, const json_t *item)
{
    struct text_buffer cell;
    text_buffer_init(&cell);
    for (uint32_t i = 0; i < COLUMN_COUNT; i++) {
        text_buffer_clear(&cell);
        say_cell(&cell, view->evidence, item, view->part, i);
        view->widths[i] = (int)cell.length > view->widths[i] ? (int)cell.length : view->widths[i];
    }
    text_buffer_fini(&cell);
}

static void measure(struct part_view *view)
{
    size_t index;
    json_t *item;
    for (uint32_t i = 0; i < COLUMN_COUNT; i++) {
        view->widths[i] = (int)strlen(heads[i]);
    }
    json_array_foreach(json_at(view->evidence, "items"), index, item)
    {
        if (belongs(item, view->part)) {
            view->total += share_of(item, view->part);
            view->unit = unit_of(view->evidence, item, view->part);
            if (view->rows++ < view->row_max) {
                measure_row(view, item);
            }
        }
    }
}

static void write_row(const struct part_view *view, const json_t *item, struct text_buffer *out)
{
    struct text_buffer cell;
    text_buffer_init(&cell);
    for (uint32_t i = 0; i < COLUMN_COUNT; i++) {
        text_buffer_clear(&cell);
        say_cell(&cell, view->evidence, item, view->part, i);
        pad(out, cell.length == 0 ? "" : cell.bytes, view->widths[i], i);
    }
    text_buffer_fini(&cell);
}

static void write_part(const struct part_view *view, struct text_buffer *out)
{
    char rows[TERMINAL_COUNT_SIZE];
    text_buffer_format(out, "  %s: ", parts[view->part].title);
    say_share(out, view->total, view->unit);
    text_buffer_format(out, ", of %s item%s\n", terminal_count(view->rows, rows),
                       view->rows == 1 ? "" : "s");
    for (uint32_t i = 0; i < COLUMN_COUNT; i++) {
        pad(out, heads[i], view->widths[i], i);
    }
    size_t index;
    json_t *item;
    uint64_t written = 0;
    json_array_foreach(json_at(view->evidence, "items"), index, item)
    {
        if (belongs(item, view->part) && written < view->row_max) {
            write_row(view, item, out);
            written++;
        }
    }
    if (view->rows > written) {
        text_buffer_format(out, "    ... %s more; see --all\n",
                           terminal_count(view->rows - written, rows));
    }
}

void evidence_table(const json_t *evidence, uint64_t row_max, struct text_buffer *out)
{
    for (size_t part = 0; part < PART_COUNT; part++) {
        struct part_view view = {.evidence = evidence, .part = part, .row_max = row_max};
        measure(&view);
        if (view.rows > 0) {
            write_part(&view, out);
        }
    }
}
