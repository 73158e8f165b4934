/* Composite objectives, of agreements and of projects. */
#include "domain/composite.h"
#include "unit/catalog/load.h"

#define TWO(keys) AGREEMENT("  a: 99\n  b: 98\n  o: {method: composite, target: 99, " keys "}\n")

Test(catalog_composites, what_makes_no_sense_is_refused_at_its_place)
{
    static const struct bad_row rows[] = {
        {TWO("members: [a]"), "7:3", "combine: weighted_mean"},
        {TWO("combine: any_good, members: [a]"), "7:47", "write any_bad, weighted_mean or"},
        {TWO("combine: weighted_mean"), "7:3", "members: [availability, fast]"},
        {TWO("combine: weighted_mean, members: []"), "7:71", "a list of 1 to 64 objectives"},
        {TWO("combine: weighted_mean, members: [a, c]"), "7:75", "has no objective `c`"},
        {TWO("combine: weighted_mean, members: [a, a]"), "7:75", "listed twice"},
        {TWO("combine: weighted_mean, members: [a, o]"), "7:72", "goes in a circle"},
        {TWO("combine: weighted_mean, members: [a], missing: worse"), "7:85",
         "ignore, bad or good"},
        {TWO("combine: weighted_mean, members: [a, b], weights: [1, 0]"), "7:92", "above 0"},
        {TWO("combine: weighted_mean, members: [a, b], weights: [-1, 1]"), "7:89", "above 0"},
        {TWO("combine: weighted_mean, members: [a, b], weights: [1]"), "7:88", "has 1 entries"},
        {TWO("combine: weighted_mean, members: [a, b], weights: {a: 1}"), "7:88",
         "none for the member `b`"},
        {TWO("combine: weighted_mean, members: [a], weights: {a: 1, b: 2}"), "7:92", "no member"},
        {TWO("combine: weighted_mean, members: [a], weights: [0.0000000001]"), "7:86",
         "at most 9 decimals"},
        {TWO("combine: any_bad, members: [a]"), "7:66", "use timeslices or uptime"},
        {TWO("combine: weighted_mean, members: [a], slice: 1m"), "7:76", "its members say it"},
        {OBJECTIVE("    {target: 99, combine: any_bad}\n"), "6:18", "add `method: composite`"},
        {AGREEMENT("  u: {method: uptime, target: 99}\n"
                   "  t: {method: timeslices, slice: 1m, slice_target: 9, target: 9}\n"
                   "  o: {method: composite, combine: any_bad, members: [u, t], target: 99}\n"),
         "7:57", "cannot mix slices and time"},
        {AGREEMENT("  s: {method: timeslices, slice: 5m, slice_target: 9, target: 9}\n"
                   "  t: {method: timeslices, slice: 1m, slice_target: 9, target: 9}\n"
                   "  o: {method: composite, combine: any_bad, members: [s, t], target: 99}\n"),
         "7:57", "`t` has 1m, the members before it 5m"},
        {AGREEMENT("  s: {method: timeslices, slice: 7m, over: 7h, slice_target: 9, target: 9}\n"
                   "  o: {method: composite, combine: any_bad, members: [s], target: 9}\n"),
         "6:54", "does not divide it (`over: 30d`)"},
        {AGREEMENT("  u: {method: uptime, target: 99}\n  o: {method: composite, combine: any_bad, "
                   "members: [u], target: 99, over: term}\n"),
         "6:54", "needs a start"},
        {AGREEMENT("  p: {method: composite, combine: any_bad, members: [o], target: 99}\n"
                   "  o: {method: composite, combine: any_bad, members: [p], target: 99}\n"),
         "5:54", "goes in a circle"},
    };
    CHECK_BAD_ROWS(rows);
}

#define PROJECT(objective)                                                                         \
    "project: p\nobjectives:\n  o: " objective "\n---\n" AGREEMENT("  x: 99\n")

Test(catalog_composites, projects_name_objectives_of_agreements)
{
    static const struct bad_row rows[] = {
        {PROJECT("99%"), "3:6", "composites over agreements"},
        {PROJECT("{method: uptime, target: 99}"), "3:15", "composites over agreements"},
        {PROJECT("{combine: weighted_mean, members: [x], target: 99}"), "3:41",
         "no document defines that agreement; add it, or write it like"},
        {PROJECT("{combine: weighted_mean, members: [b/x], target: 99}"), "3:41",
         "no document defines that agreement"},
        {PROJECT("{combine: weighted_mean, members: [a/y], target: 99}"), "3:41",
         "the agreement has no such objective"},
        {PROJECT("{combine: any_bad, members: [a/x], target: 99}"), "3:35",
         "use timeslices or uptime"},
        {PROJECT("{combine: weighted_mean, members: [a/x], target: 99, over: term}"), "3:65",
         "has no term"},
        {PROJECT("{combine: weighted_mean, members: [a/x], target: 99}") "customer: each\n", "3:41",
         "name an agreement without `customer: each`"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_composites, members_are_found_by_name)
{
    struct loaded loaded = load_good(
        "project: p\nover: 1d\nobjectives:\n"
        "  o: {combine: weighted_mean, members: [a/b/c, q, z], weights: [0.5, 2, 1], target: 99}\n"
        "  q: {combine: weighted_mean, members: [a/b/c], target: 99, over: 7d}\n"
        "---\nagreement: a/b\nprovider: p\nservices: [s]\nobjectives: {d: 99, c: 98}\n"
        "---\nagreement: z\nprovider: p\nservices: [s]\nobjectives: {e: 98}\n");
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_eq(set->agreement_count, 3);
    cr_expect_eq(agreement_count(set), 2);
    const struct agreement *own = &set->agreements[2];
    cr_expect_str_eq(own->name, "p");
    cr_expect_eq(own->of_project, &set->projects[0]);
    cr_expect_eq(own->objectives[0].window.length_ns, NS_PER_DAY);
    const struct composite *composite = own->objectives[0].composite;
    const struct agreement *owner;
    cr_expect_str_eq(composite_member(set, own, &composite->members[0], &owner)->name, "c");
    cr_expect_eq(owner, &set->agreements[0]);
    cr_expect_str_eq(composite_member(set, own, &composite->members[1], &owner)->name, "q");
    cr_expect_eq(owner, own);
    cr_expect_str_eq(composite_member(set, own, &composite->members[2], &owner)->name, "e");
    cr_expect_eq(owner, &set->agreements[1], "an agreement with one objective needs no more");
    cr_expect_eq(composite->members[0].weight, WEIGHT_ONE / 2);
    /* What is combined is judged by one worker. */
    cr_expect_eq(agreement_shard(set, 0, 2), agreement_shard(set, 2, 2));
    cr_expect_eq(agreement_shard(set, 1, 2), agreement_shard(set, 2, 2));
    unload(&loaded);
}

Test(catalog_composites, projects_that_share_an_agreement_live_together)
{
    struct loaded loaded = load_good(
        "project: p\nobjectives: {o: {combine: weighted_mean, members: [c/x, d/x], target: 9%}}\n"
        "---\nproject: q\nobjectives: {o: {combine: weighted_mean, members: [d/x, b/x], target: "
        "9%}}\n"
        "---\nagreement: a\nprovider: p\nservices: [s]\nobjectives: {x: 99}\n"
        "---\nagreement: b\nprovider: p\nservices: [s]\nobjectives: {x: 99}\n"
        "---\nagreement: c\nprovider: p\nservices: [s]\nobjectives: {x: 99}\n"
        "---\nagreement: d\nprovider: p\nservices: [s]\nobjectives: {x: 99}\n");
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_eq(set->agreement_count, 6);
    for (uint32_t i = 1; i < 6; i++) {
        cr_expect_eq(agreement_shard(set, i, 7), 1, "agreement %u", i);
    }
    cr_expect_eq(agreement_shard(set, 0, 7), 0);
    unload(&loaded);
}

Test(catalog_composites, said_in_sentences_and_in_the_long_form)
{
    struct loaded loaded =
        load_good(TWO("combine: weighted_error_sum, members: [a, b], weights: {b: 0.50, a: 2}, "
                      "missing: bad"));
    struct text_buffer out;
    text_buffer_init(&out);
    catalog_explain(&catalog_set(loaded.catalog)->agreements[0], &out);
    cr_expect_not_null(strstr(out.bytes,
                              "Objective o: 99 % when what is missing from a (weight 2) and b "
                              "(weight 0.5), times its weight, is added up and taken from 100 %, "
                              "over rolling 30 days. Each member is judged over that window; one "
                              "without data counts as bad.\n"),
                       "%s", out.bytes);
    text_buffer_clear(&out);
    catalog_expand(&catalog_set(loaded.catalog)->agreements[0], &out);
    cr_expect_not_null(strstr(out.bytes, "    combine: weighted_error_sum\n    members: [a, b]\n"
                                         "    weights: [2, 0.5]\n    missing: bad\n"),
                       "%s", out.bytes);
    struct loaded again = load_good(out.bytes);
    unload(&again);
    text_buffer_fini(&out);
    unload(&loaded);
}

Test(catalog_composites, a_project_is_said_and_expanded_too)
{
    struct loaded loaded = load_good(
        "project: p\nprojects: [q]\nobjectives: {o: {combine: any_bad, members: [a/u], target: "
        "99%}}\n---\nproject: q\n---\n" AGREEMENT("  u: {method: uptime, target: 9}\n"));
    const struct agreement *own = &catalog_set(loaded.catalog)->agreements[1];
    struct text_buffer out;
    text_buffer_init(&out);
    catalog_explain(own, &out);
    cr_expect_not_null(strstr(out.bytes,
                              "Project p has objectives over agreements.\nObjective o: "
                              "99 % of the time none of a/u is bad, over rolling 30 days."),
                       "%s", out.bytes);
    text_buffer_clear(&out);
    catalog_expand(own, &out);
    cr_expect_eq(strncmp(out.bytes, "project: p\nprojects: [q]\nobjectives:\n  o:\n", 40), 0, "%s",
                 out.bytes);
    text_buffer_fini(&out);
    unload(&loaded);
}
