#include "nines/options.h"

#include <stdio.h>
#include <string.h>

#include "nines/terminal.h"

static void print_help(const struct option_table *table)
{
    printf("usage: nines %s\n\n%s\n", table->usage, table->about);
    if (table->count > 0) {
        printf("\noptions:\n");
    }
    for (uint32_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value == NULL ? "" : " ",
                 row->value == NULL ? "" : row->value);
        printf("  %-24s %s\n", left, row->help);
    }
}

static const struct option_row *find_row(const struct option_table *table, const char *name,
                                         size_t length)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (strlen(table->rows[i].name) == length &&
            strncmp(table->rows[i].name, name, length) == 0) {
            return &table->rows[i];
        }
    }
    return NULL;
}

static bool set_value(const struct option_row *row, const char *value)
{
    if (row->kind == OPTION_LIST) {
        struct option_list *list = row->target;
        if (list->count == sizeof(list->values) / sizeof(list->values[0])) {
            terminal_complain("too many --%s", row->name);
            return false;
        }
        list->values[list->count++] = value;
        return true;
    }
    const char **string = row->target;
    if (*string != NULL) {
        terminal_complain("--%s stands twice", row->name);
        return false;
    }
    *string = value;
    return true;
}

/* One option at argv[*at]; moves on. */
static bool read_option(const struct option_table *table, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals == NULL ? strlen(name) : (size_t)(equals - name);
    const struct option_row *row = find_row(table, name, length);
    if (row == NULL) {
        terminal_complain("unknown option --%.*s; see nines %s --help", (int)length, name, argv[0]);
        return false;
    }
    if (row->kind == OPTION_FLAG) {
        if (equals != NULL) {
            terminal_complain("--%s takes no value", row->name);
            return false;
        }
        bool *flag = row->target;
        if (*flag) {
            terminal_complain("--%s stands twice", row->name);
            return false;
        }
        *flag = true;
        return true;
    }
    if (equals == NULL && *at + 1 == argc) {
        terminal_complain("--%s needs a value: %s", row->name, row->value);
        return false;
    }
    return set_value(row, equals != NULL ? equals + 1 : argv[++*at]);
}

enum options_result options_read(struct option_table *table, int argc, char **argv)
{
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        bool is_option = !options_end && argv[i][0] == '-' && argv[i][1] == '-';
        if (is_option && argv[i][2] == '\0') {
            options_end = true;
        } else if (is_option && strcmp(argv[i], "--help") == 0) {
            print_help(table);
            return OPTIONS_HELP;
        } else if (is_option) {
            if (!read_option(table, argc, argv, &i)) {
                return OPTIONS_BAD;
            }
        } else if (!options_end && argv[i][0] == '-' && argv[i][1] != '\0') {
            terminal_complain("unknown option %s; options have two dashes", argv[i]);
            return OPTIONS_BAD;
        } else if (table->operand_count == table->operand_max) {
            terminal_complain("unexpected argument '%s'; see nines %s --help", argv[i], argv[0]);
            return OPTIONS_BAD;
        } else {
            table->operands[table->operand_count++] = argv[i];
        }
    }
    return OPTIONS_OK;
}
