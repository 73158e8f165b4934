/* `nines agreements`: what the daemon judges by. */
#include <stdio.h>

#include "nines/command.h"
#include "nines/pages.h"
#include "nines/terminal.h"
#include "nines/words.h"

#define LIST_MAX 1000000

static void show_agreement(const json_t *agreement, struct text_buffer *out)
{
    struct text_buffer cell;
    text_buffer_init(&cell);
    static const struct {
        const char *path;
        int width;
        const char *absent;
    } columns[] = {
        {"agreement", 20, "?"}, {"type", 4, "-"}, {"provider", 16, "-"}, {"customer", 12, "all"}};
    for (uint32_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        text_buffer_clear(&cell);
        json_show(&cell, agreement, columns[i].path, columns[i].absent);
        text_buffer_format(out, "%-*s  ", columns[i].width, cell.bytes);
    }
    text_buffer_clear(&cell);
    words_list(&cell, json_at(agreement, "services"));
    text_buffer_format(out, "%-24s  ", cell.length > 0 ? cell.bytes : "-");
    size_t index;
    json_t *objective;
    json_array_foreach(json_at(agreement, "objectives"), index, objective)
    {
        text_buffer_string(out, index == 0 ? "" : "; ");
        json_show(out, objective, "objective", "?");
        text_buffer_char(out, ' ');
        words_percent(out, objective, "target", "?");
        text_buffer_string(out, " over ");
        json_show(out, objective, "over", "?");
    }
    text_buffer_char(out, '\n');
    text_buffer_fini(&cell);
}

static void show_agreements(const json_t *agreements, struct text_buffer *out)
{
    text_buffer_format(out, "%-20s  %-4s  %-16s  %-12s  %-24s  %s\n", "AGREEMENT", "TYPE",
                       "PROVIDER", "CUSTOMER", "SERVICES", "OBJECTIVES");
    size_t index;
    json_t *agreement;
    json_array_foreach(agreements, index, agreement)
    {
        show_agreement(agreement, out);
    }
}

/* One, or all of them. */
static enum status get(const char *base, const char *name, json_t **answer_out,
                       char message[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct query query;
    query_begin(&query, "/v1/agreements");
    if (name == NULL) {
        return pages_get(&query, base, "agreements", LIST_MAX, answer_out, message);
    }
    query_segment(&query, name);
    enum status status = query_json(&query, base, answer_out, message);
    query_end(&query);
    return status;
}

static int show(const char *base, const char *name, bool expand, bool json)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    json_t *answer;
    if (get(base, name, &answer, message) != STATUS_OK) {
        terminal_complain("%s", message);
        return EXIT_FAILED;
    }
    struct text_buffer out;
    text_buffer_init(&out);
    if (json) {
        json_write(&out, answer);
    } else if (name == NULL) {
        show_agreements(json_at(answer, "agreements"), &out);
    } else {
        terminal_escape_lines(&out,
                              text_from(json_text_at(answer, expand ? "expanded" : "meaning")));
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    json_decref(answer);
    return EXIT_OK;
}

int command_agreements(int argc, char **argv)
{
    struct endpoint_options endpoint = {0};
    const char *name[1] = {NULL};
    bool expand = false;
    bool json = false;
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&endpoint),
        {"expand", OPTION_FLAG, &expand, NULL, "the long form of one agreement, as YAML"},
        {"json", OPTION_FLAG, &json, NULL, "as JSON"},
    };
    struct option_table table = {
        .usage = "agreements [AGREEMENT [--expand]] [--json]",
        .about = "The agreements that the daemon judges by; of one, what it means in sentences.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = name,
        .operand_max = 1,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (expand && name[0] == NULL) {
        terminal_complain("--expand is for one agreement: name it");
        return EXIT_USAGE;
    }
    char base[ENDPOINT_URL_SIZE];
    int code = endpoint_base(&endpoint, base);
    return code == EXIT_OK ? show(base, name[0], expand, json) : code;
}
