/* Civil time against counting days one by one, and texts against themselves. */
#include <criterion/criterion.h>

#include "domain/civil.h"
#include "domain/window.h"
#include "support/random.h"

Test(civil, days_count_on_by_one_over_seven_centuries)
{
    struct civil_date date = {1600, 1, 1};
    int64_t days = civil_days(date);
    uint32_t weekday = civil_weekday(days); /* 1600-01-01 was a Saturday */
    cr_assert_eq(weekday, 5);
    while (date.year < 2300) {
        struct civil_date back = civil_from_days(days);
        cr_assert(back.year == date.year && back.month == date.month && back.day == date.day);
        cr_assert_eq(civil_days(date), days);
        cr_assert_eq(civil_weekday(days), weekday);
        if (++date.day > civil_days_in_month(date.year, date.month)) {
            date.day = 1;
            date.year += date.month == 12 ? 1 : 0;
            date.month = date.month % 12 + 1;
        }
        days++;
        weekday = (weekday + 1) % 7;
    }
}

Test(civil, a_formatted_time_is_read_back)
{
    struct random random = random_seeded("civil format");
    for (uint32_t round = 0; round < 100000; round++) {
        int64_t ns =
            random_between(&random, -INT64_C(9200000000000000000), INT64_C(9180000000000000000));
        ns = random_once_in(&random, 3)   ? floor_to(ns, NS_PER_SECOND)
             : random_once_in(&random, 3) ? floor_to(ns, NS_PER_MS)
                                          : ns;
        char text[CIVIL_TEXT_SIZE];
        civil_format(ns, text);
        int64_t back;
        cr_assert(civil_parse_time(text_from(text), &back), "%s", text);
        cr_assert_eq(back, ns, "%s", text);
    }
}

Test(calendar_span, spans_of_one_unit_tile_time)
{
    struct random random = random_seeded("calendar span");
    for (uint32_t round = 0; round < 50000; round++) {
        int64_t ns =
            random_between(&random, -INT64_C(9000000000000000000), INT64_C(9000000000000000000));
        enum calendar_unit unit = (enum calendar_unit)random_below(&random, 5);
        struct span span = calendar_span(unit, ns);
        cr_assert(span_holds(span, ns));
        struct span next = calendar_span(unit, span.end_ns);
        cr_assert_eq(next.start_ns, span.end_ns, "an end belongs to the next window");
        struct span last = calendar_span(unit, span.end_ns - 1);
        cr_assert(last.start_ns == span.start_ns && last.end_ns == span.end_ns);
    }
}

Test(duration, a_formatted_duration_is_read_back)
{
    struct random random = random_seeded("duration");
    for (uint32_t round = 0; round < 50000; round++) {
        int64_t ns = floor_to((int64_t)(random_magnitude(&random) >> 1), NS_PER_MS);
        char text[32];
        duration_format(ns, text, sizeof(text));
        int64_t back;
        cr_assert(duration_parse(text_from(text), &back), "%s", text);
        cr_assert_eq(back, ns, "%s", text);
    }
}
