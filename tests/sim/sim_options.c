#include "sim/sim_options.h"

/* Now and then none or the most of it, else anything between. */
static uint32_t draw(struct random *random, uint32_t low, uint32_t high)
{
    switch (random_below(random, 5)) {
    case 0:
        return low;
    case 1:
        return high;
    default:
        return low + (uint32_t)random_below(random, high - low + 1);
    }
}

void sim_options_draw(struct sim_options *options, struct random *random)
{
#define X(name, low, high) options->name = draw(random, low, high);
    SIM_OPTIONS(X)
#undef X
}

void sim_options_write(const struct sim_options *options, struct text_buffer *out)
{
    const char *comma = "{";
#define X(name, low, high)                                                                         \
    text_buffer_format(out, "%s\"" #name "\":%u", comma, options->name);                           \
    comma = ",";
    SIM_OPTIONS(X)
#undef X
    text_buffer_char(out, '}');
}
