/* A set in the making: what the documents of all files have given so far, and the checks that need
 * to see all of them (names given twice, names that differ only in case, names that nobody else
 * knows).
 */
#ifndef CATALOG_DRAFT_H
#define CATALOG_DRAFT_H

#include "catalog/problems.h"
#include "catalog/region.h"
#include "domain/agreement.h"

enum definition_kind {
    /* Unique over all files. */
    DEFINITION_AGREEMENT,
    DEFINITION_SERVICE,
    DEFINITION_COMPONENT,
    DEFINITION_MAINTENANCE,
    DEFINITION_SLI,
    DEFINITION_ALERT_CONDITION,
    DEFINITION_ALERT_POLICY,
    DEFINITION_DISPLAY_NAME, /* of an OpenSLO objective: unique in its SLO */
    DEFINITION_PROJECT,
    /* Unique in their agreement: YAML's duplicate keys; here for their case. */
    DEFINITION_OBJECTIVE,
    /* May repeat. */
    MENTION_SERVICE,
    MENTION_CUSTOMER,
};

/* A name and where it stands. */
struct definition {
    enum definition_kind kind;
    uint32_t scope;      /* of objectives: their agreement; else 0 */
    uint32_t order;      /* as read */
    bool by_maintenance; /* of MENTION_SERVICE: a maintenance document says it */
    const char *name;
    struct place place;
};

/* A component that a requirement asks for, by name until all documents are read. */
struct component_mention {
    struct requirement *leaf;
    const char *name;
    struct place place;
    uint32_t owner; /* place in `components` of the one that requires it; OWNER_SERVICE */
};

/* One agreement or project that names another. */
enum group_arrow { ARROW_SUPPORTS, ARROW_PROJECTS };
struct group_mention {
    enum group_arrow kind;
    const char *owner;
    const char *name;
    struct place place;
};

#define OWNER_SERVICE UINT32_MAX

struct openslo;

/* A composite objective and where its members are named. */
struct composite_mention {
    struct objective *objective;
    struct composite_member *members;
    struct place *places; /* of each member */
    uint32_t count;
};

struct draft {
    struct region kept;
    struct openslo *openslo;   /* NULL: no OpenSLO document so far */
    const struct zone **zones; /* those read so far, once each */
    uint32_t zone_count;
    uint32_t zone_capacity;
    struct agreement *agreements;
    uint32_t agreement_count;
    uint32_t agreement_capacity;
    struct service_document *services;
    uint32_t service_count;
    uint32_t service_capacity;
    struct component_document *components;
    uint32_t component_count;
    uint32_t component_capacity;
    struct component_mention *mentions; /* those of one owner follow each other */
    uint32_t mention_count;
    uint32_t mention_capacity;
    struct maintenance_document *maintenances;
    uint32_t maintenance_count;
    uint32_t maintenance_capacity;
    struct project_document *projects;
    uint32_t project_count;
    uint32_t project_capacity;
    struct group_mention *arrows;
    uint32_t arrow_count;
    uint32_t arrow_capacity;
    struct composite_mention *composites; /* of projects */
    uint32_t composite_count;
    uint32_t composite_capacity;
    struct match_rule *rules;
    uint32_t rule_count;
    uint32_t rule_capacity;
    struct definition *definitions;
    uint32_t definition_count;
    uint32_t definition_capacity;
    uint32_t scope_count;
};

/* The name must live as long as the draft. */
void draft_define(struct draft *draft, struct definition definition);
void draft_add_agreement(struct draft *draft, const struct agreement *agreement);
void draft_add_service(struct draft *draft, const struct service_document *service);
void draft_add_component(struct draft *draft, const struct component_document *component);
void draft_mention_component(struct draft *draft, const struct component_mention *mention);
void draft_add_maintenance(struct draft *draft, const struct maintenance_document *maintenance);
void draft_add_project(struct draft *draft, const struct project_document *project);
void draft_mention_group(struct draft *draft, const struct group_mention *mention);
void draft_mention_composite(struct draft *draft, const struct composite_mention *mention);
void draft_add_rule(struct draft *draft, const struct match_rule *rule);

/* After the last document: the checks across documents. */
void draft_check(struct draft *draft, struct problems *problems);

#endif
