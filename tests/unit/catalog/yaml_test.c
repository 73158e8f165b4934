/* What YAML may look like before anybody asks what it means. */
#include "unit/catalog/load.h"

Test(catalog_yaml, form_that_is_refused)
{
    static const struct bad_row rows[] = {
        {HEAD "provider: q\nobjectives: {o: 99}\n", "4:1",
         "`provider` is given twice, first at line 2"},
        {AGREEMENT("  o: 99\n  o: 98\n"), "6:3", "`o` is given twice, first at line 5"},
        {AGREEMENT("  o: &x 99\n"), "5:6", "anchors"},
        {AGREEMENT("  o: &x 99\n  p: *x\n"), "6:6", "aliases", 2},
        {AGREEMENT("  o: !!str 99\n"), "5:6", "tags"},
        {AGREEMENT("  o: !x {target: 99}\n"), "5:6", "tags"},
        {AGREEMENT("  o: !x [99]\n"), "5:6", "tags", 2},
        {"%TAG !e! tag:example.com,2000:\n---\nservice: s\n", "1:1", "%TAG"},
        {"? [a, b]\n: 1\n", "1:3", "a key must be a word"},
        {"service: s\n~: 1\n", "2:1", "a key must be a word"},
        {"service: \"s\n", "2:1", "not valid YAML"},
        {"service: s\n\tmatch: {host: a}\n", "2:1", "not valid YAML"},
        {"service: [s\n", "2:1", "not valid YAML"},
        {"a: b: c\n", "1:5", "not valid YAML"},
        {"service: s\xff\n", "1:11", "byte 0xff is not valid UTF-8"},
        {"service: \"\xc3\xa4\xc0\x80\"\n", "1:12", "not valid UTF-8"},
        {"service: s\x1b[31m\n", "1:11", "control character 0x1b"},
        {"\xef\xbb\xbfservice: s\n", "1:1", "byte order mark"},
        {"\xff\xfes", "1:1", "UTF-16"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_yaml, a_nul_byte_is_refused_at_its_place)
{
    struct loaded loaded = load_bytes(TEXT("service: s\nx: \0\n"));
    cr_expect_eq(loaded.status, STATUS_INVALID);
    cr_expect(says(&loaded.errors, "2:4", "NUL byte"), "%s", loaded.errors.bytes);
    unload(&loaded);
}

Test(catalog_yaml, depth_32_is_read_and_33_is_refused)
{
    /* Inside `stakeholders`, whose content this version does not look at. */
    for (uint32_t depth = 31; depth <= 32; depth++) {
        struct text_buffer yaml;
        text_buffer_init(&yaml);
        text_buffer_string(&yaml, AGREEMENT("  o: 99\n") "stakeholders: ");
        for (uint32_t i = 0; i < depth; i++) {
            text_buffer_char(&yaml, '[');
        }
        for (uint32_t i = 0; i < depth; i++) {
            text_buffer_char(&yaml, ']');
        }
        text_buffer_char(&yaml, '\n');
        struct loaded loaded = load_string(yaml.bytes);
        cr_expect_eq(loaded.status, depth == 31 ? STATUS_OK : STATUS_INVALID);
        cr_expect_eq(says(&loaded.errors, "6:46", "nested deeper than 32"), depth == 32, "%s",
                     loaded.errors.bytes);
        unload(&loaded);
        text_buffer_fini(&yaml);
    }
}

Test(catalog_yaml, ten_thousand_brackets_are_refused_quickly)
{
    static char yaml[10001];
    memset(yaml, '[', sizeof(yaml) - 1);
    struct loaded loaded = load_string(yaml);
    cr_expect(says(&loaded.errors, "1:33", "nested deeper than 32"), "%s", loaded.errors.bytes);
    unload(&loaded);
}

Test(catalog_yaml, one_mebibyte_is_read_and_a_byte_more_is_refused)
{
    const uint32_t size_max = 1024 * 1024;
    char *yaml = malloc(size_max + 1);
    memset(yaml, '#', size_max + 1);
    struct loaded loaded = load_bytes((struct text){yaml, size_max});
    cr_expect_eq(loaded.status, STATUS_OK, "%s", loaded.errors.bytes);
    unload(&loaded);
    loaded = load_bytes((struct text){yaml, size_max + 1});
    cr_expect(says(&loaded.errors, "1:1", "larger than 1 MiB"), "%s", loaded.errors.bytes);
    unload(&loaded);
    free(yaml);
}

Test(catalog_yaml, a_mapping_of_a_hundred_thousand_keys_is_no_trap)
{
    struct text_buffer yaml;
    text_buffer_init(&yaml);
    text_buffer_string(&yaml, "x:\n");
    for (uint32_t i = 0; i < 100000; i++) {
        text_buffer_format(&yaml, " k%u:\n", i);
    }
    struct loaded loaded = load_string(yaml.bytes);
    cr_expect(says(&loaded.errors, "1:1", "unknown kind"), "%s", loaded.errors.bytes);
    unload(&loaded);
    text_buffer_fini(&yaml);
}

Test(catalog_yaml, documents_without_content_mean_nothing)
{
    static const char *const empty[] = {
        "",    "\n",     "# only a comment\n", "---\n", "---\n---\n...\n",
        "~\n", "null\n", "--- # nothing\n"};
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        struct loaded loaded = load_good(empty[i]);
        cr_expect_eq(catalog_set(loaded.catalog)->agreement_count, 0);
        cr_expect_str_eq(loaded.warnings.bytes, "");
        unload(&loaded);
    }
}

Test(catalog_yaml, line_ends_of_windows_are_read)
{
    struct loaded loaded =
        load_good("agreement: a\r\nprovider: p\r\nservices: [s]\r\nobjectives:\r\n  o: 99.9%\r\n");
    cr_expect_eq(catalog_set(loaded.catalog)->agreements[0].objectives[0].target_ppb, 999000000);
    unload(&loaded);
}

Test(catalog_yaml, errors_before_a_syntax_error_are_told_too)
{
    struct loaded loaded = load_string("servis: x\n---\nservice: s\nmacth: {host: a}\n---\na: [\n");
    cr_expect_eq(loaded.status, STATUS_INVALID);
    cr_expect(says(&loaded.errors, "1:1", "did you mean `service`?"), "%s", loaded.errors.bytes);
    cr_expect(says(&loaded.errors, "4:1", "did you mean `match`?"), "%s", loaded.errors.bytes);
    cr_expect(says(&loaded.errors, "7:1", "not valid YAML"), "%s", loaded.errors.bytes);
    cr_expect_eq(line_count(&loaded.errors), 3);
    unload(&loaded);
}

Test(catalog_yaml, the_source_of_each_agreement_is_kept_as_written)
{
    struct loaded loaded =
        load_good("# \xc3\xa4 \xe2\x82\xac: two and three bytes\n"
                  "service: \"\xc3\xa4\"\n"
                  "---\n# first\n" AGREEMENT(
                      "  o: 99 # \xe2\x82\xac\n") "\n\n"
                                                  "--- {agreement: b, provider: p, services: [s], "
                                                  "objectives: {o: 9}}\n"
                                                  "...\n");
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_eq(set->agreement_count, 2);
    cr_expect_str_eq(set->agreements[0].source_text,
                     "# first\n" AGREEMENT("  o: 99 # \xe2\x82\xac\n"));
    cr_expect_str_eq(set->agreements[1].source_text,
                     " {agreement: b, provider: p, services: [s], objectives: {o: 9}}\n");
    struct loaded again = load_good(set->agreements[0].source_text);
    unload(&again);
    unload(&loaded);
}
