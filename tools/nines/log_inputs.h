/* The files of `nines import`, opened before anything is sent; what cannot be read twice is copied
 * to a temporary file when it must be. */
#ifndef NINES_LOG_INPUTS_H
#define NINES_LOG_INPUTS_H

#include "nines/log_lines.h"
#include "nines/options.h"

#define LOG_INPUTS_MAX 64

struct log_inputs {
    struct log_input inputs[LOG_INPUTS_MAX];
    uint32_t count;
};

/* paths: files, `-` for standard input. rereadable: every input must be read twice. False:
 * complained, nothing is open. */
bool log_inputs_open(struct log_inputs *inputs, const struct option_list *paths, bool rereadable);
void log_inputs_close(struct log_inputs *inputs);

#endif
