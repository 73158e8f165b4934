/* GET / and GET /openapi.json: what can be asked, written from the table of routes. */
#include "api/handlers.h"

void api_get_index(struct request *request)
{
    const struct api *api = request->context;
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_string(out, "{\"name\":\"nines\",");
    write_string(out, "version", api->engine.version);
    text_buffer_string(out, ",\"endpoints\":[\n");
    for (uint32_t i = 0; i < api_routes.count; i++) {
        const struct route *route = &api_routes.routes[i];
        text_buffer_string(out, i == 0 ? "{" : ",\n{");
        write_string(out, "method", route->method);
        text_buffer_char(out, ',');
        write_string(out, "path", route->path);
        text_buffer_char(out, ',');
        write_string(out, "summary", route->summary);
        text_buffer_char(out, '}');
    }
    text_buffer_string(out, "\n]}\n");
}

static void write_parameter(struct text_buffer *out, const char *comma, struct text name,
                            const char *in)
{
    text_buffer_format(out, "%s{", comma);
    write_text(out, "name", name);
    text_buffer_format(out, ",\"in\":\"%s\",\"required\":%s,\"schema\":{\"type\":\"string\"}}", in,
                       strcmp(in, "path") == 0 ? "true" : "false");
}

static void write_parameters(const struct route *route, struct text_buffer *out)
{
    const char *comma = "";
    text_buffer_string(out, ",\"parameters\":[");
    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
        struct text name = {at + 1, (uint32_t)strcspn(at + 1, "}")};
        write_parameter(out, comma, name, "path");
        comma = ",";
    }
    for (const char *at = route->parameters; *at != '\0';) {
        struct text name = {at, (uint32_t)strcspn(at, " ")};
        write_parameter(out, comma, name, "query");
        comma = ",";
        at += name.length;
        at += *at == ' ' ? 1 : 0;
    }
    text_buffer_char(out, ']');
}

static void write_operation(const struct route *route, struct text_buffer *out)
{
    text_buffer_char(out, '"');
    for (const char *at = route->method; *at != '\0'; at++) {
        text_buffer_char(out, (char)(*at + ('a' - 'A')));
    }
    text_buffer_string(out, "\":{");
    write_string(out, "summary", route->summary);
    write_parameters(route, out);
    if (route->takes_body) {
        text_buffer_string(out, ",\"requestBody\":{\"content\":{\"application/json\":{}}}");
    }
    /* The media type's parameters are no part of the key. */
    struct text media = {route->answers, (uint32_t)strcspn(route->answers, ";")};
    text_buffer_string(out, ",\"responses\":{\"200\":{\"description\":\"OK\",\"content\":{");
    text_buffer_json(out, media);
    text_buffer_string(out,
                       ":{}}},\"default\":{\"description\":\"A problem (RFC 9457)\",\"content\":{"
                       "\"application/problem+json\":{}}}}}");
}

void api_get_openapi(struct request *request)
{
    const struct api *api = request->context;
    struct text_buffer *out = &request->answer.body;
    answer_begin(&request->answer, 200, MEDIA_JSON);
    text_buffer_string(out, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"nines\",");
    write_string(out, "version", api->engine.version);
    text_buffer_string(out, "},\"paths\":{\n");
    /* Routes of one path stand together in the table. */
    const char *path = "";
    for (uint32_t i = 0; i < api_routes.count; i++) {
        const struct route *route = &api_routes.routes[i];
        bool same = strcmp(path, route->path) == 0;
        if (!same) {
            text_buffer_string(out, i == 0 ? "" : "},\n");
            text_buffer_json(out, text_from(route->path));
            text_buffer_string(out, ":{");
        } else {
            text_buffer_char(out, ',');
        }
        write_operation(route, out);
        path = route->path;
    }
    text_buffer_string(out, "}\n}}\n");
}
