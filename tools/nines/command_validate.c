/* `nines validate`: are these agreement files right, and what do they mean? */
#include <stdio.h>
#include <string.h>

#include "nines/catalog_option.h"
#include "nines/command.h"
#include "nines/terminal.h"

/* All versions of every agreement, in order, told to `each`. */
static void for_each_version(const struct agreement_set *set, struct text_buffer *out,
                             void (*each)(const struct agreement *agreement, bool is_first,
                                          struct text_buffer *out))
{
    bool is_first = true;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = 0; j < agreement->version_count; j++) {
            each(&agreement->versions[j], is_first, out);
            is_first = false;
        }
    }
}

static void print_meaning_json(const struct agreement *agreement, bool is_first,
                               struct text_buffer *out)
{
    struct text_buffer sentences;
    text_buffer_init(&sentences);
    catalog_explain(agreement, &sentences);
    text_buffer_format(out, "%s{\"%s\":", is_first ? "" : ",",
                       agreement->of_project == NULL ? "agreement" : "project");
    text_buffer_json(out, text_from(agreement->name));
    text_buffer_format(out, ",\"version\":%u,\"file\":", agreement->version);
    text_buffer_json(out, text_from(agreement->file));
    text_buffer_format(out, ",\"line\":%u,\"objectives\":%u,\"meaning\":", agreement->line,
                       agreement->objective_count);
    text_buffer_json(out, (struct text){sentences.bytes, (uint32_t)sentences.length});
    text_buffer_char(out, '}');
    text_buffer_fini(&sentences);
}

static void print_json(const struct agreement_set *set, struct text_buffer *out)
{
    text_buffer_string(out, "{\"valid\":true,\"agreements\":[");
    for_each_version(set, out, print_meaning_json);
    text_buffer_string(out, "]}\n");
}

/* In the long form sentences are comments, so that all of it is a file that loads. */
static void print_sentences(const struct agreement *agreement, const char *before,
                            struct text_buffer *out)
{
    struct text_buffer sentences;
    text_buffer_init(&sentences);
    catalog_explain(agreement, &sentences);
    const char *line = sentences.bytes;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        text_buffer_format(out, "%s%.*s\n", before, (int)length, line);
        line += length + (line[length] == '\n');
    }
    text_buffer_fini(&sentences);
}

static void print_meaning(const struct agreement *agreement, bool is_first, struct text_buffer *out)
{
    (void)is_first;
    print_sentences(agreement, "", out);
    text_buffer_char(out, '\n');
}

static void print_long_form(const struct agreement *agreement, bool is_first,
                            struct text_buffer *out)
{
    text_buffer_string(out, is_first ? "" : "---\n");
    print_sentences(agreement, "# ", out);
    catalog_expand(agreement, out);
    text_buffer_char(out, '\n');
}

static void print_text(const struct agreement_set *set, bool expand, struct text_buffer *out)
{
    for_each_version(set, out, expand ? print_long_form : print_meaning);
    if (!expand) {
        text_buffer_format(out, "ok: %u agreements, %u services, %u maintenance windows\n",
                           agreement_count(set), set->service_count, set->maintenance_count);
    }
}

int command_validate(int argc, char **argv)
{
    bool json = false;
    bool expand = false;
    struct option_list paths = {0};
    const struct option_row rows[] = {
        {"expand", OPTION_FLAG, &expand, NULL, "print the long form as well"},
        {"json", OPTION_FLAG, &json, NULL, "the meaning as JSON"},
    };
    struct option_table table = {
        .usage = "validate [--expand] [--json] PATH...",
        .about = "Checks agreement files (or folders) and says in sentences what they promise.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = paths.values,
        .operand_max = sizeof(paths.values) / sizeof(paths.values[0]),
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    paths.count = table.operand_count;
    if (paths.count == 0) {
        terminal_complain("validate needs a file or folder; see nines validate --help");
        return EXIT_USAGE;
    }
    struct catalog *catalog = catalog_from_paths(&paths);
    if (catalog == NULL) {
        return EXIT_FAILED;
    }
    struct text_buffer out;
    text_buffer_init(&out);
    if (json) {
        print_json(catalog_set(catalog), &out);
    } else {
        print_text(catalog_set(catalog), expand, &out);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    catalog_free(catalog);
    return EXIT_OK;
}
