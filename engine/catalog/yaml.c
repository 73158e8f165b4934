#include "catalog/yaml.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/panic.h"
#include "base/utf8.h"

struct yaml_reader {
    yaml_parser_t parser;
    const char *file;
    struct text text;
    struct problems *problems;
    struct region nodes; /* of the present document */
    bool ended;
    /* libyaml counts characters, a slice of the text needs bytes: how far both have been walked. */
    size_t character;
    uint32_t byte;
    /* Containers that are open, outermost first, and the key that waits for its value in each. */
    struct node *open[YAML_DEPTH_MAX];
    struct node *pending_key[YAML_DEPTH_MAX];
    uint32_t depth;
    struct node *root;
};

/* What one event did to the document. */
enum step { STEP_ON, STEP_DOCUMENT, STEP_END };

static struct place place_at(const struct yaml_reader *reader, yaml_mark_t mark)
{
    return (struct place){reader->file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static struct place place_of_byte(const char *file, struct text text, uint32_t at)
{
    struct place place = {file, 1, 1};
    for (uint32_t i = 0; i < at; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte == '\n') {
            place.line++;
            place.column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            place.column++; /* columns count characters, not their further bytes */
        }
    }
    return place;
}

/* --- the text as a whole --- */

static bool control_byte(unsigned char byte)
{
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
}

static bool bytes_accepted(const char *file, struct text text, struct problems *problems)
{
    uint32_t i = 0;
    while (i < text.length) {
        unsigned char byte = (unsigned char)text.bytes[i];
        uint32_t step = utf8_length(text.bytes + i, text.length - i);
        if (step == 0) {
            problem_error(problems, place_of_byte(file, text, i),
                          "byte 0x%02x is not valid UTF-8; save the file as UTF-8", byte);
            return false;
        }
        if (byte == 0) {
            problem_error(problems, place_of_byte(file, text, i),
                          "a NUL byte; remove it (is this a text file?)");
            return false;
        }
        if (control_byte(byte)) {
            problem_error(problems, place_of_byte(file, text, i),
                          "control character 0x%02x; remove it", byte);
            return false;
        }
        i += step;
    }
    return true;
}

static bool text_accepted(const char *file, struct text text, struct problems *problems)
{
    struct place start = {file, 1, 1};
    if (text.length > YAML_FILE_MAX) {
        problem_error(problems, start, "larger than 1 MiB; split it into several files");
        return false;
    }
    if (text.length >= 3 && memcmp(text.bytes, "\xEF\xBB\xBF", 3) == 0) {
        problem_error(problems, start,
                      "starts with a byte order mark; save the file as UTF-8 without one");
        return false;
    }
    if (text.length >= 2 &&
        (memcmp(text.bytes, "\xFF\xFE", 2) == 0 || memcmp(text.bytes, "\xFE\xFF", 2) == 0)) {
        problem_error(problems, start, "looks like UTF-16; save the file as UTF-8");
        return false;
    }
    return bytes_accepted(file, text, problems);
}

bool yaml_open(struct yaml_reader **reader_out, const char *file, struct text text,
               struct problems *problems)
{
    if (!text_accepted(file, text, problems)) {
        return false;
    }
    struct yaml_reader *reader = calloc(1, sizeof(*reader));
    assert(reader != NULL);
    int initialized = yaml_parser_initialize(&reader->parser);
    assert(initialized != 0); /* fails only without memory */
    reader->file = file;
    reader->text = text;
    reader->problems = problems;
    region_init(&reader->nodes);
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    const char *bytes = text.length == 0 ? "" : text.bytes;
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)bytes, text.length);
    *reader_out = reader;
    return true;
}

void yaml_close(struct yaml_reader *reader)
{
    yaml_parser_delete(&reader->parser);
    region_fini(&reader->nodes);
    free(reader);
}

/* --- building the tree --- */

static struct node *node_new(struct yaml_reader *reader, enum node_kind kind, yaml_mark_t mark)
{
    struct node *node = region_take(&reader->nodes, sizeof(*node));
    struct place place = place_at(reader, mark);
    node->kind = kind;
    node->line = place.line;
    node->column = place.column;
    return node;
}

static void append_child(struct node *parent, struct node *child)
{
    if (parent->last == NULL) {
        parent->first = child;
    } else {
        parent->last->next = child;
    }
    parent->last = child;
    parent->count++;
}

/* A key that is no word cannot be looked up; its value hangs under a key without text. */
static struct node *key_from(struct yaml_reader *reader, struct node *node)
{
    if (node->kind == NODE_SCALAR || node->kind == NODE_BROKEN) {
        return node;
    }
    struct place place = {reader->file, node->line, node->column};
    problem_error(reader->problems, place, "a key must be a word; remove the brackets or name it");
    node->kind = NODE_BROKEN;
    return node;
}

static void place_node(struct yaml_reader *reader, struct node *node)
{
    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    struct node *parent = reader->open[reader->depth - 1];
    struct node **pending = &reader->pending_key[reader->depth - 1];
    if (parent->kind == NODE_MAPPING && *pending == NULL) {
        *pending = key_from(reader, node);
        return;
    }
    if (parent->kind == NODE_MAPPING) {
        node->key = *pending;
        *pending = NULL;
    }
    append_child(parent, node);
}

static enum step open_container(struct yaml_reader *reader, enum node_kind kind, yaml_mark_t mark)
{
    if (reader->depth == YAML_DEPTH_MAX) {
        problem_error(reader->problems, place_at(reader, mark),
                      "nested deeper than %d levels; flatten the document", YAML_DEPTH_MAX);
        return STEP_END;
    }
    struct node *node = node_new(reader, kind, mark);
    place_node(reader, node);
    reader->open[reader->depth] = node;
    reader->pending_key[reader->depth] = NULL;
    reader->depth++;
    return STEP_ON;
}

/* By text, then in the order written, so that the later of two equal keys is the duplicate. */
static int compare_keys(const void *left, const void *right)
{
    const struct node *a = *(const struct node *const *)left;
    const struct node *b = *(const struct node *const *)right;
    uint32_t shorter = a->text.length < b->text.length ? a->text.length : b->text.length;
    int order = shorter == 0 ? 0 : memcmp(a->text.bytes, b->text.bytes, shorter);
    if (order == 0 && a->text.length != b->text.length) {
        return a->text.length < b->text.length ? -1 : 1;
    }
    if (order == 0 && a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return order != 0 ? order : (a->column > b->column) - (a->column < b->column);
}

static void refuse_duplicate_keys(struct yaml_reader *reader, const struct node *mapping)
{
    if (mapping->count < 2) {
        return;
    }
    const struct node **keys =
        region_take(&reader->nodes, mapping->count * sizeof(const struct node *));
    uint32_t count = 0;
    for (const struct node *value = mapping->first; value != NULL; value = value->next) {
        keys[count++] = value->key;
    }
    qsort(keys, count, sizeof(const struct node *), compare_keys);
    for (uint32_t i = 1; i < count; i++) {
        if (keys[i]->kind != NODE_SCALAR || keys[i - 1]->kind != NODE_SCALAR ||
            !text_equal(keys[i - 1]->text, keys[i]->text)) {
            continue;
        }
        struct place place = {reader->file, keys[i]->line, keys[i]->column};
        problem_error(reader->problems, place,
                      "%s is given twice, first at line %u; remove one of them",
                      quoted(keys[i]->text).bytes, keys[i - 1]->line);
    }
}

static void close_container(struct yaml_reader *reader)
{
    assert(reader->depth > 0);
    reader->depth--;
    struct node *node = reader->open[reader->depth];
    /* A container in a key's place was made NODE_BROKEN; its inside is of no use. */
    if (node->kind == NODE_MAPPING) {
        refuse_duplicate_keys(reader, node);
    }
}

static bool plain_null(const yaml_event_t *event)
{
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        return false;
    }
    struct text text = {(const char *)event->data.scalar.value,
                        (uint32_t)event->data.scalar.length};
    return text.length == 0 || text_is(text, "~") || text_is(text, "null");
}

static void add_scalar(struct yaml_reader *reader, const yaml_event_t *event)
{
    struct node *node =
        node_new(reader, plain_null(event) ? NODE_NULL : NODE_SCALAR, event->start_mark);
    struct text text = {(const char *)event->data.scalar.value,
                        (uint32_t)event->data.scalar.length};
    node->text = (struct text){region_string(&reader->nodes, text), text.length};
    place_node(reader, node);
}

static void refuse_decorations(struct yaml_reader *reader, yaml_mark_t mark, const void *anchor,
                               const void *tag)
{
    if (anchor != NULL) {
        problem_error(reader->problems, place_at(reader, mark),
                      "anchors (&name) are not accepted; write the value out where it is needed");
    }
    if (tag != NULL) {
        problem_error(reader->problems, place_at(reader, mark),
                      "tags (!name) are not accepted; write the plain value");
    }
}

/* --- the events of one document --- */

static void add_alias(struct yaml_reader *reader, yaml_mark_t mark)
{
    problem_error(reader->problems, place_at(reader, mark),
                  "aliases (*name) are not accepted; write the value out");
    place_node(reader, node_new(reader, NODE_BROKEN, mark));
}

static void refuse_tag_directives(struct yaml_reader *reader, const yaml_event_t *event)
{
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end) {
        problem_error(reader->problems, place_at(reader, event->start_mark),
                      "%%TAG is not accepted; remove it");
    }
}

static enum step take_event(struct yaml_reader *reader, const yaml_event_t *event)
{
    yaml_mark_t mark = event->start_mark;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        refuse_tag_directives(reader, event);
        return STEP_ON;
    case YAML_SCALAR_EVENT:
        refuse_decorations(reader, mark, event->data.scalar.anchor, event->data.scalar.tag);
        add_scalar(reader, event);
        return STEP_ON;
    case YAML_SEQUENCE_START_EVENT:
        refuse_decorations(reader, mark, event->data.sequence_start.anchor,
                           event->data.sequence_start.tag);
        return open_container(reader, NODE_SEQUENCE, mark);
    case YAML_MAPPING_START_EVENT:
        refuse_decorations(reader, mark, event->data.mapping_start.anchor,
                           event->data.mapping_start.tag);
        return open_container(reader, NODE_MAPPING, mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_container(reader);
        return STEP_ON;
    case YAML_ALIAS_EVENT:
        add_alias(reader, mark);
        return STEP_ON;
    case YAML_DOCUMENT_END_EVENT:
        return STEP_DOCUMENT;
    case YAML_STREAM_END_EVENT:
        return STEP_END;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
        return STEP_ON;
    }
    unreachable("libyaml has no other events");
}

static void report_syntax(struct yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "not YAML";
    struct place place = place_at(reader, parser->problem_mark);
    if (parser->error == YAML_READER_ERROR) {
        uint32_t at = (uint32_t)parser->problem_offset;
        place = place_of_byte(reader->file, reader->text,
                              at < reader->text.length ? at : reader->text.length);
    }
    const char *hint = strstr(problem, "start any token") != NULL
                           ? " (a tab or a special character? indent with spaces, quote the text)"
                           : "; check indentation, colons and quotes here and in the line above";
    problem_error(reader->problems, place, "not valid YAML: %s%s", problem, hint);
}

/* Bytes before the character with this index; indexes come in rising order. */
static uint32_t byte_of(struct yaml_reader *reader, size_t character)
{
    while (reader->character < character && reader->byte < reader->text.length) {
        reader->byte +=
            utf8_length(reader->text.bytes + reader->byte, reader->text.length - reader->byte);
        reader->character++;
    }
    return reader->byte;
}

bool yaml_next(struct yaml_reader *reader, struct yaml_document *document_out)
{
    region_fini(&reader->nodes);
    reader->root = NULL;
    reader->depth = 0;
    uint32_t start = 0;
    while (!reader->ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&reader->parser, &event) == 0) {
            report_syntax(reader);
            reader->ended = true;
            return false;
        }
        enum step step = take_event(reader, &event);
        size_t index = event.start_mark.index;
        if (event.type == YAML_DOCUMENT_START_EVENT) {
            /* Behind the `---`, if there is one. */
            start = byte_of(reader, event.end_mark.index);
        }
        yaml_event_delete(&event);
        if (step == STEP_END) {
            reader->ended = true;
        } else if (step == STEP_DOCUMENT) {
            uint32_t end = byte_of(reader, index);
            assert(reader->root != NULL);
            *document_out = (struct yaml_document){
                .root = reader->root,
                .source = {reader->text.bytes + start, end - start},
            };
            return true;
        }
    }
    return false;
}

const struct node *node_find(const struct node *mapping, const char *key)
{
    if (mapping->kind != NODE_MAPPING) {
        return NULL;
    }
    for (const struct node *value = mapping->first; value != NULL; value = value->next) {
        if (value->key->kind == NODE_SCALAR && text_is(value->key->text, key)) {
            return value;
        }
    }
    return NULL;
}
