/* Reading command lines: long options from a table, that also makes `--help`. */
#ifndef NINES_OPTIONS_H
#define NINES_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,   /* sets a bool */
    OPTION_STRING, /* sets a const char * */
    OPTION_LIST,   /* adds to a struct option_list */
};

struct option_list {
    const char *values[64];
    uint32_t count;
};

struct option_row {
    const char *name; /* without the dashes */
    enum option_kind kind;
    void *target;
    const char *value; /* what --help calls the value; NULL for flags */
    const char *help;
};

struct option_table {
    const char *usage; /* after "usage: nines " */
    const char *about; /* a paragraph */
    const struct option_row *rows;
    uint32_t count;
    /* What follows the options. */
    const char **operands;
    uint32_t operand_max;
    uint32_t operand_count;
};

enum options_result { OPTIONS_OK, OPTIONS_HELP, OPTIONS_BAD };

/* Errors and help are printed. argv[0] is skipped. `--name value` and `--name=value`; `--` ends
 * options. */
enum options_result options_read(struct option_table *table, int argc, char **argv);

#endif
