#include "catalog/fields.h"

#include <stdlib.h>

#include "base/panic.h"
#include "base/utf8.h"
#include "catalog/words.h"
#include "domain/civil.h"
#include "domain/decimal.h"
#include "domain/event.h"
#include "domain/window.h"

/* Keys of one mapping; the largest table has a third of it. */
#define WORDS_MAX 64

/* 200 years: what anybody agrees on, and well inside 64 bits of nanoseconds (292 years). */
#define SPAN_DAYS_MAX (200 * 366)

/* A percentage with this many decimals is a whole number of parts per billion. */
#define PERCENT_DECIMALS 7
#define HUNDRED_PERCENT  INT64_C(1000000000)

struct place place_of(const struct reading *reading, const struct node *node)
{
    return (struct place){reading->file, node->line, node->column};
}

struct place place_of_key(const struct reading *reading, const struct node *node)
{
    return place_of(reading, node->key != NULL ? node->key : node);
}

struct text trimmed(struct text text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 &&
           (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t')) {
        text.length--;
    }
    return text;
}

/* --- keys --- */

bool check_mapping(const struct reading *reading, const struct node *node, const char *what,
                   const char *example)
{
    if (node->kind == NODE_MAPPING) {
        return true;
    }
    if (node->kind != NODE_BROKEN) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` must be a mapping; write e.g. %s", what, example);
    }
    return false;
}

static void unknown_key(const struct reading *reading, const struct node *key, const char *owner,
                        const struct key_rule *rules, uint32_t rule_count)
{
    const char *words[WORDS_MAX];
    assert(rule_count <= WORDS_MAX);
    for (uint32_t i = 0; i < rule_count; i++) {
        words[i] = rules[i].name;
    }
    const char *nearest = nearest_word(key->text, words, rule_count);
    if (nearest != NULL) {
        problem_error(reading->problems, place_of(reading, key),
                      "unknown key %s in %s; did you mean `%s`?", quoted(key->text).bytes, owner,
                      nearest);
    } else {
        char known[512] = "";
        join_words(words, rule_count, known, sizeof(known));
        problem_error(reading->problems, place_of(reading, key),
                      "unknown key %s in %s; remove it, or write %s", quoted(key->text).bytes,
                      owner, known);
    }
}

static bool holds_nothing(const struct node *node)
{
    return node->kind == NODE_NULL ||
           ((node->kind == NODE_SEQUENCE || node->kind == NODE_MAPPING) && node->count == 0);
}

static void apply_rule(const struct reading *reading, const struct node *value,
                       const struct key_rule *rule)
{
    switch (rule->use) {
    case KEY_READ:
    case KEY_QUIET:
        return;
    case KEY_WARN:
        if (!holds_nothing(value)) {
            problem_warning(reading->problems, place_of_key(reading, value),
                            "`%s` is read but not evaluated by this version of nines", rule->name);
        }
        return;
    case KEY_ONLY:
        if (value->kind != NODE_BROKEN &&
            !(value->kind == NODE_SCALAR && text_is(value->text, rule->only))) {
            problem_error(reading->problems, place_of(reading, value),
                          "`%s` is not evaluated by this version of nines yet; only `%s`",
                          rule->name, rule->only);
        }
        return;
    case KEY_LATER:
        problem_error(reading->problems, place_of_key(reading, value),
                      "`%s` is not evaluated by this version of nines yet; leave it out",
                      rule->name);
        return;
    }
    unreachable("key use");
}

void check_keys(const struct reading *reading, const struct node *mapping, const char *owner,
                const struct key_rule *rules, uint32_t rule_count)
{
    for (const struct node *value = mapping->first; value != NULL; value = value->next) {
        if (value->key->kind != NODE_SCALAR) {
            continue;
        }
        uint32_t i = 0;
        while (i < rule_count && !text_is(value->key->text, rules[i].name)) {
            i++;
        }
        if (i == rule_count) {
            unknown_key(reading, value->key, owner, rules, rule_count);
        } else {
            apply_rule(reading, value, &rules[i]);
        }
    }
}

const struct node *required_field(const struct reading *reading, const struct node *mapping,
                                  const char *key, const char *example)
{
    const struct node *value = node_find(mapping, key);
    if (value == NULL) {
        problem_error(reading->problems, place_of_key(reading, mapping),
                      "`%s` is missing; add e.g. `%s`", key, example);
    }
    return value;
}

/* --- texts and names --- */

bool read_scalar(const struct reading *reading, const struct node *node, const char *what,
                 struct text *text_out)
{
    switch (node->kind) {
    case NODE_SCALAR:
        *text_out = node->text;
        return true;
    case NODE_NULL:
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` has no value; write one or remove the key", what);
        return false;
    case NODE_SEQUENCE:
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` must be a single value, not a list; remove the brackets or dashes",
                      what);
        return false;
    case NODE_MAPPING:
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` must be a single value, not a mapping; write the value itself", what);
        return false;
    case NODE_BROKEN:
        return false;
    }
    unreachable("node kind");
}

/* C0, DEL and C1 (U+0080 to U+009F, C2 80 to C2 9F). */
static bool has_control(struct text text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < 0x20 || byte == 0x7f) {
            return true;
        }
        if (byte == 0xC2 && i + 1 < text.length && (unsigned char)text.bytes[i + 1] < 0xA0) {
            return true;
        }
    }
    return false;
}

bool read_name(const struct reading *reading, const struct node *node, const char *what,
               const char **name_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    if (text.length == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is empty; give it a name of 1 to %d bytes", what, NAME_BYTES_MAX);
        return false;
    }
    if (text.length > NAME_BYTES_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is %u bytes long; names have at most %d, shorten it", what, text.length,
                      NAME_BYTES_MAX);
        return false;
    }
    /* Escapes ("\0") can make what the file itself could not hold. */
    if (has_control(text) || !utf8_valid(text.bytes, text.length)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` contains a control character; remove it", what);
        return false;
    }
    *name_out = region_string(reading->kept, text);
    return true;
}

bool read_text(const struct reading *reading, const struct node *node, const char *what,
               const char **text_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    if (memchr(text.bytes, 0, text.length) != NULL) {
        problem_error(reading->problems, place_of(reading, node), "`%s` contains NUL; remove it",
                      what);
        return false;
    }
    *text_out = region_string(reading->kept, text);
    return true;
}

static int compare_items(const void *left, const void *right)
{
    const struct node *a = *(const struct node *const *)left;
    const struct node *b = *(const struct node *const *)right;
    int order = strcmp(a->text.bytes, b->text.bytes);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static bool names_differ(const struct reading *reading, const struct node **items, uint32_t count,
                         const char *what)
{
    bool differ = true;
    qsort(items, count, sizeof(const struct node *), compare_items);
    for (uint32_t i = 1; i < count; i++) {
        if (text_equal(items[i - 1]->text, items[i]->text)) {
            problem_error(reading->problems, place_of(reading, items[i]),
                          "%s is listed twice in `%s`; remove one of them",
                          quoted(items[i]->text).bytes, what);
            differ = false;
        }
    }
    return differ;
}

bool read_names(const struct reading *reading, const struct node *node, const char *what,
                const char *const **names_out, uint32_t *count_out)
{
    if (node->kind == NODE_BROKEN) {
        return false;
    }
    if (node->kind != NODE_SEQUENCE || node->count == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` must be a list of at least one name; write e.g. `%s: [checkout]`", what,
                      what);
        return false;
    }
    const char **names = region_take(reading->kept, node->count * sizeof(*names));
    const struct node **items =
        region_take(reading->kept, node->count * sizeof(const struct node *));
    uint32_t count = 0;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        if (read_name(reading, item, what, &names[count])) {
            items[count++] = item;
        }
    }
    if (count != node->count || !names_differ(reading, items, count, what)) {
        return false;
    }
    *names_out = names;
    *count_out = count;
    return true;
}

/* --- numbers --- */

/* digits[.digits] */
static bool plain_decimal(struct text text)
{
    bool digit = false;
    uint32_t points = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '.' && digit && points == 0) {
            points++;
            digit = false;
        } else if (text.bytes[i] >= '0' && text.bytes[i] <= '9') {
            digit = true;
        } else {
            return false;
        }
    }
    return digit;
}

static bool above_hundred(struct text text)
{
    int64_t whole;
    uint32_t length = 0;
    while (length < text.length && text.bytes[length] != '.') {
        length++;
    }
    return !decimal_parse((struct text){text.bytes, length}, 0, &whole) || whole > 100;
}

static void explain_bad_percent(const struct reading *reading, const struct node *node,
                                struct text number, const char *what)
{
    if (!plain_decimal(number)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: %s is not a percentage; write e.g. 99.9%%", what,
                      quoted(node->text).bytes);
    } else if (above_hundred(number)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is above 100 %%; write a percentage above 0 and at most 100", what);
    } else {
        problem_error(
            reading->problems, place_of(reading, node),
            "`%s` has more than %d decimals; it would have to be rounded, and nines never rounds a "
            "target: write at most %d",
            what, PERCENT_DECIMALS, PERCENT_DECIMALS);
    }
}

bool parse_percent(const struct reading *reading, const struct node *node, struct text text,
                   const char *what, int64_t *ppb_out)
{
    struct text number = trimmed(text);
    bool sign = number.length > 0 && number.bytes[number.length - 1] == '%';
    if (sign) {
        number.length--;
        number = trimmed(number);
    }
    int64_t ppb;
    if (!decimal_parse(number, PERCENT_DECIMALS, &ppb)) {
        explain_bad_percent(reading, node, number, what);
        return false;
    }
    if (ppb == 0 || ppb > HUNDRED_PERCENT) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is %s; write a percentage above 0 and at most 100", what,
                      ppb == 0 ? "0" : "above 100 %");
        return false;
    }
    if (!sign && ppb < HUNDRED_PERCENT / 100) {
        problem_warning(
            reading->problems, place_of(reading, node),
            "`%s`: %s is read as a percentage, not as a fraction; if it is meant, write %%", what,
            quoted(node->text).bytes);
    }
    *ppb_out = ppb;
    return true;
}

bool read_percent(const struct reading *reading, const struct node *node, const char *what,
                  int64_t *ppb_out)
{
    struct text text;
    return read_scalar(reading, node, what, &text) &&
           parse_percent(reading, node, text, what, ppb_out);
}

bool read_seconds(const struct reading *reading, const struct node *node, const char *what,
                  int64_t *ns_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    int64_t ns;
    if (!duration_parse(text, &ns)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: %s is not a duration; write a number and one of ms s m h d w, e.g. 5m",
                      what, quoted(text).bytes);
        return false;
    }
    if (ns <= 0 || ns % NS_PER_SECOND != 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is %s; it must be whole seconds, at least 1s", what,
                      quoted(text).bytes);
        return false;
    }
    *ns_out = ns;
    return true;
}

bool read_limit_length(const struct reading *reading, const struct node *node, int64_t *ns_out)
{
    if (!read_seconds(reading, node, "within", ns_out)) {
        return false;
    }
    if (*ns_out > 366 * NS_PER_DAY) {
        problem_error(reading->problems, place_of(reading, node),
                      "`within` is longer than 366 d; write a shorter limit");
        return false;
    }
    return true;
}

bool read_time(const struct reading *reading, const struct node *node, const char *what,
               int64_t *ns_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    int64_t local_ns;
    if (civil_parse_date(text, &local_ns)) {
        *ns_out = zone_utc_ns(reading->zone, local_ns);
        return true;
    }
    if (civil_parse_rfc3339(text, ns_out)) {
        return true;
    }
    problem_error(reading->problems, place_of(reading, node),
                  "`%s`: %s is neither a date nor a time; write e.g. 2026-01-01 or "
                  "2026-01-01T00:00:00Z",
                  what, quoted(text).bytes);
    return false;
}

bool check_span(const struct reading *reading, const struct node *end_node, struct span span,
                const char *start_what, const char *end_what)
{
    if (span.end_ns <= span.start_ns) {
        problem_error(reading->problems, place_of(reading, end_node),
                      "`%s` must be after `%s`, and is not part of the time; correct one of them",
                      end_what, start_what);
        return false;
    }
    bool bounded = span.start_ns != INT64_MIN && span.end_ns != INT64_MAX;
    int64_t length_ns;
    if (bounded && (__builtin_sub_overflow(span.end_ns, span.start_ns, &length_ns) ||
                    length_ns > SPAN_DAYS_MAX * NS_PER_DAY)) {
        problem_error(reading->problems, place_of(reading, end_node),
                      "`%s` is more than 200 years after `%s`; leave out what has no bound",
                      end_what, start_what);
        return false;
    }
    return true;
}

bool read_bool(const struct reading *reading, const struct node *node, const char *what,
               bool *value_out)
{
    /* As YAML's core schema spells them. */
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    for (uint32_t i = 0; i < COUNT_OF(words); i++) {
        if (text_is(text, words[i])) {
            *value_out = i >= 3;
            return true;
        }
    }
    problem_error(reading->problems, place_of(reading, node), "`%s`: write true or false, not %s",
                  what, quoted(text).bytes);
    return false;
}

bool read_count(const struct reading *reading, const struct node *node, const char *what,
                uint64_t *value_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    int64_t value;
    if (!decimal_parse(text, 0, &value)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: %s is not a whole number of 0 or more", what, quoted(text).bytes);
        return false;
    }
    *value_out = (uint64_t)value;
    return true;
}

/* --- words --- */

bool read_word(const struct reading *reading, const struct node *node, const char *what,
               const char *const *words, uint32_t word_count, uint32_t *index_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    for (uint32_t i = 0; i < word_count; i++) {
        if (words[i][0] != '\0' && text_is(text, words[i])) {
            *index_out = i;
            return true;
        }
    }
    const char *nearest = nearest_word(text, words, word_count);
    if (nearest != NULL) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: unknown %s; did you mean `%s`?", what, quoted(text).bytes, nearest);
        return false;
    }
    char choice[128] = "";
    join_words(words, word_count, choice, sizeof(choice));
    problem_error(reading->problems, place_of(reading, node), "`%s`: unknown %s; write %s", what,
                  quoted(text).bytes, choice);
    return false;
}
