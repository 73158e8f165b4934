/* Records in HTTP bodies: arrays, lines, concatenated objects (CONTRACT sections 3 and 6). */
#include "fixture.h"

struct body {
    const char *body;
    const char *expected; /* the records, each followed by a '|' */
};

Test(body, records_of_every_shape)
{
    static const struct body bodies[] = {
        {"", ""},
        {" \r\n\t", ""},
        {"{}", "{}|"},
        {"{}\n", "{}|"},
        {"{\"a\":1}{\"b\":2} {\"c\":3}\n{\"d\":4}", "{\"a\":1}|{\"b\":2}|{\"c\":3}|{\"d\":4}|"},
        {"\n\n{}\n\n{}\n", "{}|{}|"},
        {"[]", ""},
        {"[ ]\n", ""},
        {"[{}]", "{}|"},
        {"[{},{}]", "{}|{}|"},
        {" [ {} , {} ] ", "{}|{}|"},
        {"[\n{\n\"a\": 1\n},\n{\"b\":2}\n]\n", "{\n\"a\": 1\n}|{\"b\":2}|"},
        {"[{\"a\":[{\"b\":\"]}\\\"\"}]},{}]", "{\"a\":[{\"b\":\"]}\\\"\"}]}|{}|"},
        /* What is not a record is one, for the decoder to refuse; its neighbours are safe. */
        {"[null,{},\"a,b\",5,[1,2],{}]", "null|{}|\"a,b\"|5|[1,2]|{}|"},
        {"[{\"a\":01},{}]", "{\"a\":01}|{}|"},
        {"[{},]", "{}|]|"},
        {"[{},,{}]", "{}|,|{}|"},
        {"[{}", "{}|"},
        {"[", ""},
        {"[{} x,\n{}]", "{}|x|{}|"},
        {"[{\"a\":\"open},\n{}]", "{\"a\":\"open},|{}|"},
        {"[{\"a\":1,\n{}]", "{\"a\":1,|{}|"},
        {"{\"a\":1\n{}\n", "{\"a\":1|{}|"},
        {"{\"a\":\n1}\n{}\n", "{\"a\":|1}|{}|"},
        {"oops\n{}\n", "oops|{}|"},
        {"{}\noops {}\n{}", "{}|oops {}|{}|"},
        {"{}}\n{}", "{}|}|{}|"},
        {"{]\n{}", "{]|{}|"},
        {"{},{}\n{}", "{}|,{}|{}|"},
        {"{}\n[{}]\n{}", "{}|[{}]|{}|"},
        {"[{}]{}", "{}|{}|"},
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        char story[400] = "";
        size_t length = strlen(bodies[i].body);
        char *copy = malloc(length != 0 ? length : 1);
        memcpy(copy, bodies[i].body, length);
        struct body_cursor cursor;
        struct text record;
        body_cursor_init(&cursor, (struct text){copy, (uint32_t)length});
        while (body_cursor_next(&cursor, &record)) {
            strncat(story, record.bytes, record.length);
            strcat(story, "|");
            cr_assert_leq(strlen(story), 200, "%s does not end", bodies[i].body);
        }
        cr_assert_str_eq(story, bodies[i].expected, "%s", bodies[i].body);
        free(copy);
    }
}

Test(body, many_open_brackets_end_in_reasonable_time)
{
    size_t length = 4 << 20;
    char *bytes = malloc(length);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = i % 2 == 0 ? '{' : '\n';
    }
    bytes[0] = '[';
    struct body_cursor cursor;
    struct text record;
    body_cursor_init(&cursor, (struct text){bytes, (uint32_t)length});
    size_t count = 0;
    while (body_cursor_next(&cursor, &record)) {
        count++;
    }
    cr_assert_eq(count, length / 2 - 1);
    free(bytes);
}
