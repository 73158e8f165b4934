#include "support/jansson_view.h"

#include <jansson.h>
#include <string.h>

enum jansson_answer jansson_look(const char *bytes, size_t length, void **root_out)
{
    json_error_t error;
    json_t *root = json_loadb(bytes, length, JSON_ALLOW_NUL, &error);
    if (root != NULL && !json_is_object(root)) {
        json_decref(root);
        return JANSSON_REFUSED;
    }
    if (root != NULL) {
        *root_out = root;
        return JANSSON_OBJECT;
    }
    enum json_error_code code = json_error_code(&error);
    bool picky = code == json_error_invalid_utf8 || code == json_error_numeric_overflow ||
                 code == json_error_null_byte_in_key || strstr(error.text, "Unicode") != NULL;
    return picky ? JANSSON_PICKY : JANSSON_REFUSED;
}

void jansson_let_go(void *root)
{
    json_decref(root);
}

bool jansson_string(void *root, const char *key, const char **bytes_out, size_t *length_out)
{
    const json_t *member = json_object_get(root, key);
    *bytes_out = json_string_value(member);
    *length_out = json_string_length(member);
    return json_is_string(member);
}

bool jansson_integer(void *root, const char *key, int64_t *value_out)
{
    const json_t *member = json_object_get(root, key);
    *value_out = json_integer_value(member);
    return json_is_integer(member);
}

bool jansson_has(void *root, const char *key)
{
    return json_object_get(root, key) != NULL;
}
