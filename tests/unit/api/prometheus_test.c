#include <criterion/criterion.h>
#include <math.h>

#include "api/prometheus.h"

static struct text_buffer out;

static void end(void)
{
    text_buffer_fini(&out);
}

TestSuite(prometheus, .fini = end);

static const struct metric counter = {"nines_x_total", METRIC_COUNTER, "Says \"x\" \\ and\nmore."};
static const struct metric gauge = {"nines_g", METRIC_GAUGE, "G."};

Test(prometheus, text_escapes_labels_and_help)
{
    struct prometheus prometheus = {.out = &out};
    struct label label = {"service", "a\"b\\c\nd"};
    prometheus_family(&prometheus, &counter);
    prometheus_integer(&prometheus, &label, 1, UINT64_MAX);
    prometheus_end(&prometheus);
    cr_assert_str_eq(out.bytes,
                     "# HELP nines_x_total Says \"x\" \\\\ and\\nmore.\n"
                     "# TYPE nines_x_total counter\n"
                     "nines_x_total{service=\"a\\\"b\\\\c\\nd\"} 18446744073709551615\n");
}

Test(prometheus, openmetrics_names_families_without_suffix_and_ends)
{
    struct prometheus prometheus = {.out = &out, .openmetrics = true};
    static const struct metric info = {"nines_build_info", METRIC_INFO, "I."};
    prometheus_family(&prometheus, &counter);
    prometheus_integer(&prometheus, NULL, 0, 3);
    prometheus_family(&prometheus, &info);
    prometheus_integer(&prometheus, NULL, 0, 1);
    prometheus_end(&prometheus);
    cr_assert_str_eq(out.bytes, "# HELP nines_x Says \\\"x\\\" \\\\ and\\nmore.\n"
                                "# TYPE nines_x counter\n"
                                "nines_x_total 3\n"
                                "# HELP nines_build I.\n"
                                "# TYPE nines_build info\n"
                                "nines_build_info 1\n"
                                "# EOF\n");
}

Test(prometheus, numbers_are_short_and_never_minus_nan)
{
    struct prometheus prometheus = {.out = &out};
    static const double values[] = {0.1, 0.999, 1.0 / 3, -NAN, INFINITY, -INFINITY, 1e21, -0.5};
    prometheus_family(&prometheus, &gauge);
    text_buffer_clear(&out);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        prometheus_number(&prometheus, NULL, 0, values[i]);
    }
    cr_assert_str_eq(out.bytes, "nines_g 0.1\nnines_g 0.999\nnines_g 0.3333333333333333\n"
                                "nines_g NaN\nnines_g +Inf\nnines_g -Inf\nnines_g 1e+21\n"
                                "nines_g -0.5\n");
}

Test(prometheus, histograms_have_canonical_bounds)
{
    struct prometheus prometheus = {.out = &out, .openmetrics = true};
    static const struct metric histogram = {"nines_h_seconds", METRIC_HISTOGRAM, "H."};
    static const double bounds[] = {0.00025, 1};
    static const uint64_t counts[] = {1, 2, 3};
    prometheus_family(&prometheus, &histogram);
    text_buffer_clear(&out);
    prometheus_histogram(&prometheus, bounds, counts, 2, 2.5);
    cr_assert_str_eq(out.bytes, "nines_h_seconds_bucket{le=\"0.00025\"} 1\n"
                                "nines_h_seconds_bucket{le=\"1.0\"} 2\n"
                                "nines_h_seconds_bucket{le=\"+Inf\"} 3\n"
                                "nines_h_seconds_sum 2.5\n"
                                "nines_h_seconds_count 3\n");
}

Test(prometheus, accept_decides_the_format)
{
    static const struct {
        const char *accept;
        bool openmetrics;
    } rows[] = {
        {NULL, false},
        {"", false},
        {"*/*", false},
        {"text/html,*/*;q=0.8", false},
        {"text/plain;version=0.0.4", false},
        {"application/openmetrics-text", true},
        {"application/openmetrics-text; version=1.0.0; charset=utf-8", true},
        {"application/openmetrics-text;version=0.0.1", false},
        /* Prometheus 2.42, word for word */
        {"application/openmetrics-text;version=1.0.0,application/"
         "openmetrics-text;version=0.0.1;q=0.75,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         true},
        /* Prometheus 3 */
        {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
         "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1",
         true},
        {"application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5", false},
        {"application/openmetrics-text;version=1.0.0;q=0", false},
        {"application/openmetrics-text;version=1.0.0;q=2", false},
        {"application/openmetrics-text;q=x", false},
        {";;;,,,;q=", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert_eq(prometheus_prefers_openmetrics(rows[i].accept), rows[i].openmetrics, "%s",
                     rows[i].accept);
    }
}
