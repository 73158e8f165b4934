#include "catalog/composites.h"

#include "catalog/over.h"
#include "catalog/words.h"
#include "domain/composite.h"

/* Where the objectives of a composite and of its members are. */
struct members {
    struct problems *problems;
    const struct agreement *agreements; /* of the draft */
    struct agreement own;               /* the composite's */
};

static const struct objective *member_objective(const struct members *members,
                                                const struct agreement *own,
                                                const struct composite_member *member,
                                                const struct agreement **owner_out)
{
    const struct agreement_set set = {.agreements = members->agreements};
    return composite_member(&set, own, member, owner_out);
}

/* --- weights --- */

static bool read_weight(const struct reading *reading, const struct node *node,
                        uint64_t *weight_out)
{
    struct text text;
    int64_t weight;
    if (!read_scalar(reading, node, "weights", &text)) {
        return false;
    }
    if (!decimal_parse(trimmed(text), WEIGHT_DECIMALS, &weight) || weight == 0 ||
        (uint64_t)weight > WEIGHT_MAX) {
        problem_error(
            reading->problems, place_of(reading, node),
            "`weights`: %s is no weight; write a number above 0, at most 1000000 and with "
            "at most 9 decimals, e.g. 0.5",
            quoted(text).bytes);
        return false;
    }
    *weight_out = (uint64_t)weight;
    return true;
}

/* [1, 4, 3]: in the order of the members. */
static bool read_weight_list(const struct reading *reading, const struct node *node,
                             struct composite_member *members, uint32_t count)
{
    if (node->count != count) {
        problem_error(reading->problems, place_of(reading, node),
                      "`weights` has %u entries and `members` has %u; write one weight for each "
                      "member",
                      node->count, count);
        return false;
    }
    bool well = true;
    uint32_t i = 0;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        well &= read_weight(reading, item, &members[i++].weight);
    }
    return well;
}

/* {availability: 4, fast: 1}: by the members' names. */
static bool read_weight_map(const struct reading *reading, const struct node *node,
                            struct composite_member *members, uint32_t count)
{
    bool well = true;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *weight = node_find(node, members[i].name);
        if (weight == NULL) {
            problem_error(reading->problems, place_of(reading, node),
                          "`weights` has none for the member %s; add it",
                          quoted(text_from(members[i].name)).bytes);
        }
        well &= weight != NULL && read_weight(reading, weight, &members[i].weight);
    }
    for (const struct node *value = node->first; value != NULL; value = value->next) {
        bool known = false;
        for (uint32_t i = 0; i < count; i++) {
            known |= text_is(value->key->text, members[i].name);
        }
        if (!known) {
            problem_error(reading->problems, place_of(reading, value->key),
                          "`weights`: %s is no member; add it to `members` or remove it here",
                          quoted(value->key->text).bytes);
            well = false;
        }
    }
    return well;
}

static bool read_weights(const struct reading *reading, const struct node *node,
                         enum combine combine, struct composite_member *members, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        members[i].weight = WEIGHT_ONE;
    }
    if (node == NULL) {
        return true;
    }
    if (combine == COMBINE_ANY_BAD) {
        problem_error(reading->problems, place_of_key(reading, node),
                      "`weights` has no meaning with any_bad; remove it, or write `combine: "
                      "weighted_mean`");
        return false;
    }
    if (node->kind == NODE_SEQUENCE) {
        return read_weight_list(reading, node, members, count);
    }
    return check_mapping(reading, node, "weights", "`weights: {availability: 4, fast: 1}`") &&
           read_weight_map(reading, node, members, count);
}

/* --- members --- */

static uint32_t find_objective(const struct objective *objectives, uint32_t count, struct text name)
{
    uint32_t at = 0;
    while (at < count && (objectives[at].name == NULL || !text_is(name, objectives[at].name))) {
        at++;
    }
    return at;
}

static void refuse_member(const struct composite_list *list, const struct node *node)
{
    const char **names = region_take(list->reading->kept, (list->count + 1) * sizeof(*names));
    for (uint32_t i = 0; i < list->count; i++) {
        names[i] = list->objectives[i].name;
    }
    const char *nearest = nearest_word(node->text, names, list->count);
    problem_error(list->reading->problems, place_of(list->reading, node),
                  "`members`: the agreement has no objective %s; %s%s%s", quoted(node->text).bytes,
                  nearest != NULL ? "did you mean `" : "name one of its `objectives`",
                  nearest != NULL ? nearest : "", nearest != NULL ? "`?" : "");
}

/* An objective of the same document; in a project also one of an agreement: composites_tie looks it
 * up. */
static bool read_member(const struct composite_list *list, const struct node *node,
                        struct composite_member *member)
{
    struct text text;
    if (!read_scalar(list->reading, node, "members", &text)) {
        return false;
    }
    member->name = region_string(list->reading->kept, text);
    member->agreement = MEMBER_OF_OWN;
    if (find_objective(list->objectives, list->count, text) < list->count) {
        member->objective = member->name;
        return true;
    }
    if (list->agreement == NULL) {
        return true;
    }
    refuse_member(list, node);
    return false;
}

static bool is_named_before(const struct composite_member *members, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(members[i].name, members[count].name) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_members(const struct composite_list *list, const struct node *node,
                         struct composite_mention *mention)
{
    const struct reading *reading = list->reading;
    if (node->kind == NODE_BROKEN) {
        return false;
    }
    if (node->kind != NODE_SEQUENCE || node->count == 0 || node->count > MEMBERS_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`members` must be a list of 1 to %d objectives; write e.g. `members: "
                      "[availability, fast]`",
                      MEMBERS_MAX);
        return false;
    }
    mention->members = region_take(reading->kept, node->count * sizeof(*mention->members));
    mention->places = region_take(reading->kept, node->count * sizeof(*mention->places));
    bool well = true;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        uint32_t at = mention->count;
        mention->places[at] = place_of(reading, item);
        if (!read_member(list, item, &mention->members[at])) {
            well = false;
        } else if (is_named_before(mention->members, at)) {
            problem_error(reading->problems, place_of(reading, item),
                          "%s is listed twice in `members`; remove one of them",
                          quoted(item->text).bytes);
            well = false;
        } else {
            mention->count++;
        }
    }
    return well;
}

/* --- what makes no sense --- */

static uint32_t count_parts(const struct members *members, const struct objective *objective,
                            const struct agreement *own)
{
    const struct composite *composite = objective->composite;
    uint32_t count = 1;
    for (uint32_t i = 0; composite != NULL && i < composite->member_count && count <= PARTS_MAX;
         i++) {
        const struct agreement *owner;
        const struct objective *member =
            member_objective(members, own, &composite->members[i], &owner);
        count += count_parts(members, member, owner);
    }
    return count;
}

/* What all members of an any_bad must have in common. */
struct kind {
    bool known;
    enum method method;
    int64_t slice_ns;
};

static bool fits_any_bad(const struct members *members, const struct objective *objective,
                         const struct agreement *own, struct place place, struct kind *kind)
{
    const struct composite *composite = objective->composite;
    if (composite != NULL && composite->combine == COMBINE_ANY_BAD) {
        bool well = true;
        for (uint32_t i = 0; well && i < composite->member_count; i++) {
            const struct agreement *owner;
            const struct objective *member =
                member_objective(members, own, &composite->members[i], &owner);
            well = fits_any_bad(members, member, owner, place, kind);
        }
        return well;
    }
    if (objective->method != METHOD_TIMESLICES && objective->method != METHOD_UPTIME) {
        problem_error(members->problems, place,
                      "any_bad needs members with good and bad slices or instants: %s has method "
                      "%s; use timeslices or uptime, or `combine: weighted_mean`",
                      quoted(text_from(objective->name)).bytes, method_word(objective->method));
        return false;
    }
    if (!kind->known) {
        *kind = (struct kind){true, objective->method, objective->slice_ns};
    }
    if (kind->method != objective->method) {
        problem_error(members->problems, place,
                      "any_bad cannot mix slices and time: %s has method %s, the members before it "
                      "%s; use one of them",
                      quoted(text_from(objective->name)).bytes, method_word(objective->method),
                      method_word(kind->method));
        return false;
    }
    if (kind->slice_ns != objective->slice_ns) {
        char own_slice[32];
        char slice[32];
        duration_format(objective->slice_ns, own_slice, sizeof(own_slice));
        duration_format(kind->slice_ns, slice, sizeof(slice));
        problem_error(members->problems, place,
                      "any_bad needs slices of one length: %s has %s, the members before it %s; "
                      "write one `slice`",
                      quoted(text_from(objective->name)).bytes, own_slice, slice);
        return false;
    }
    return true;
}

/* Members are judged over the composite's window. */
static bool fits_window(const struct members *members, const struct objective *objective,
                        const struct agreement *own, const struct objective *composite,
                        struct place place)
{
    if (objective->composite != NULL) {
        bool well = true;
        for (uint32_t i = 0; well && i < objective->composite->member_count; i++) {
            const struct agreement *owner;
            const struct objective *member =
                member_objective(members, own, &objective->composite->members[i], &owner);
            well = fits_window(members, member, owner, composite, place);
        }
        return well;
    }
    char over[32];
    window_format(&composite->window, over, sizeof(over));
    if (method_has_slices(objective->method) &&
        !slice_divides(objective->slice_ns, &composite->window, own->term)) {
        char slice[32];
        duration_format(objective->slice_ns, slice, sizeof(slice));
        problem_error(members->problems, place,
                      "members are judged over the composite's window, and the slice of %s, %s, "
                      "does not divide it (`over: %s`); change one of them",
                      quoted(text_from(objective->name)).bytes, slice, over);
        return false;
    }
    if (objective->method == METHOD_UPTIME && composite->window.kind == WINDOW_TERM &&
        own->term.start_ns == INT64_MIN) {
        problem_error(members->problems, place,
                      "`over: term` with the uptime objective %s needs a start; add `term: {from: "
                      "2026-01-01}` to the agreement",
                      quoted(text_from(objective->name)).bytes);
        return false;
    }
    return true;
}

/* Needs all composites of the document; says at most one thing about each member. */
static bool check_composite(const struct members *members, const struct composite_mention *mention)
{
    const struct objective *objective = mention->objective;
    const struct composite *composite = objective->composite;
    bool well = true;
    struct kind kind = {0};
    if (count_parts(members, objective, &members->own) > PARTS_MAX) {
        problem_error(members->problems, mention->places[0],
                      "the composite %s has more than %d members at all depths; split it",
                      quoted(text_from(objective->name)).bytes, PARTS_MAX);
        return false;
    }
    for (uint32_t i = 0; i < composite->member_count; i++) {
        const struct agreement *owner;
        const struct objective *member =
            member_objective(members, &members->own, &composite->members[i], &owner);
        bool fits = fits_window(members, member, owner, objective, mention->places[i]);
        well &= fits && (composite->combine != COMBINE_ANY_BAD ||
                         fits_any_bad(members, member, owner, mention->places[i], &kind));
    }
    return well;
}

/* Ends somewhere, as far as is known: all its members of the same document do. */
static bool ends(const struct composite_list *list, const struct objective *objective,
                 const bool *known)
{
    const struct composite *composite = objective->composite;
    bool all = true;
    for (uint32_t i = 0; composite != NULL && i < composite->member_count; i++) {
        all &= known[find_objective(list->objectives, list->count,
                                    text_from(composite->members[i].name))];
    }
    return all;
}

/* Finds out, again and again, which composites lead to an end: those in circles never do. The last
 * place stands for members in other documents. */
static bool check_circles(const struct composite_list *list,
                          const struct composite_mention *mentions, uint32_t count)
{
    bool *known = region_take(list->reading->kept, list->count + 1);
    known[list->count] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < list->count; i++) {
            bool now = known[i] || ends(list, &list->objectives[i], known);
            changed |= now != known[i];
            known[i] = now;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!known[mentions[i].objective - list->objectives]) {
            problem_error(list->reading->problems, mentions[i].places[0],
                          "the composite %s goes in a circle: it is a member of itself, or of one "
                          "of its members; remove a member",
                          quoted(text_from(mentions[i].objective->name)).bytes);
            return false;
        }
    }
    return true;
}

/* --- one document --- */

static bool read_one(const struct composite_list *list, const struct node *node,
                     struct objective *objective, struct composite_mention *mention)
{
    const struct reading *reading = list->reading;
    const char *const combine_words[COMBINE_COUNT] = {
        combine_word(COMBINE_ANY_BAD),
        combine_word(COMBINE_WEIGHTED_MEAN),
        combine_word(COMBINE_WEIGHTED_ERROR_SUM),
    };
    const char *const missing_words[MISSING_COUNT] = {
        missing_policy_word(MISSING_IGNORE),
        missing_policy_word(MISSING_BAD),
        missing_policy_word(MISSING_GOOD),
    };
    const struct node *combine = required_field(reading, node, "combine", "combine: weighted_mean");
    const struct node *members =
        required_field(reading, node, "members", "members: [availability, fast]");
    const struct node *missing = node_find(node, "missing");
    uint32_t combine_index = COMBINE_WEIGHTED_MEAN;
    uint32_t missing_index = MISSING_IGNORE;
    bool well = combine != NULL && read_word(reading, combine, "combine", combine_words,
                                             COMBINE_COUNT, &combine_index);
    well &= missing == NULL ||
            read_word(reading, missing, "missing", missing_words, MISSING_COUNT, &missing_index);
    *mention = (struct composite_mention){.objective = objective};
    if (members == NULL || !read_members(list, members, mention)) {
        return false;
    }
    well = well && read_weights(reading, node_find(node, "weights"), (enum combine)combine_index,
                                mention->members, mention->count);
    struct composite *composite = region_take(reading->kept, sizeof(*composite));
    *composite = (struct composite){
        .combine = (enum combine)combine_index,
        .missing = (enum missing_policy)missing_index,
        .members = mention->members,
        .member_count = mention->count,
    };
    objective->composite = composite;
    objective->min_events = 0; /* said to have no effect */
    return well;
}

bool composites_read(const struct composite_list *list)
{
    struct composite_mention *mentions =
        region_take(list->reading->kept, (list->count + 1) * sizeof(*mentions));
    uint32_t count = 0;
    uint32_t at = 0;
    bool well = true;
    for (const struct node *node = list->node->first; node != NULL; node = node->next, at++) {
        if (list->objectives[at].method == METHOD_COMPOSITE) {
            well &= read_one(list, node, &list->objectives[at], &mentions[count++]);
        }
    }
    struct members members = {
        .problems = list->reading->problems,
        .agreements = list->draft->agreements,
        .own = list->agreement != NULL ? *list->agreement : (struct agreement){0},
    };
    members.own.objectives = list->objectives;
    members.own.objective_count = list->count;
    if (!well || !check_circles(list, mentions, count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (list->agreement == NULL) {
            draft_mention_composite(list->draft, &mentions[i]);
        } else {
            well &= check_composite(&members, &mentions[i]);
        }
    }
    return well;
}

/* --- projects --- */

/* Have all versions of the agreement an objective of that name? */
static const char *shared_objective(const struct agreement *agreement, const char *name)
{
    const struct objective *objective = NULL;
    for (uint32_t i = 0; i < agreement->version_count; i++) {
        objective = agreement_objective(&agreement->versions[i], name);
        if (objective == NULL) {
            return NULL;
        }
    }
    return objective == NULL ? NULL : objective->name;
}

/* The only objective of the agreement; NULL: it has several. */
static const char *only_objective(const struct agreement *agreement)
{
    return agreement->objective_count == 1 ? agreement->objectives[0].name : NULL;
}

/* `agreement/objective`: both may have a `/` in their names, so every one is tried; or just the
 * agreement, where there is no choice. */
static bool find_member(const struct draft *draft, struct composite_member *member,
                        uint32_t *agreement_out)
{
    struct text name = text_from(member->name);
    *agreement_out = draft->agreement_count;
    for (uint32_t i = 1; i <= name.length; i++) {
        struct text left = {name.bytes, i};
        bool ends = i == name.length || name.bytes[i] == '/';
        for (uint32_t j = 0; ends && j < draft->agreement_count; j++) {
            const struct agreement *agreement = &draft->agreements[j];
            if (agreement->of_project == NULL && text_is(left, agreement->name)) {
                const char *objective =
                    i == name.length ? only_objective(agreement) : name.bytes + i + 1;
                *agreement_out = j;
                member->agreement = j;
                member->objective =
                    objective == NULL ? NULL : shared_objective(agreement, objective);
                if (member->objective != NULL) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool tie_member(struct draft *draft, struct problems *problems,
                       struct composite_member *member, struct place place)
{
    uint32_t agreement;
    bool found = find_member(draft, member, &agreement);
    if (!found && agreement == draft->agreement_count) {
        problem_error(problems, place,
                      "`members`: %s: no document defines that agreement; add it, or write it like "
                      "acme-checkout/availability",
                      quoted(text_from(member->name)).bytes);
        return false;
    }
    const char *name = draft->agreements[agreement].name;
    if (!found) {
        problem_error(problems, place,
                      "`members`: %s: the agreement has no such objective, or several, or not in "
                      "all its versions; write it like acme-checkout/availability",
                      quoted(text_from(member->name)).bytes);
        return false;
    }
    if (draft->agreements[agreement].each_customer) {
        problem_error(
            problems, place,
            "`members`: the agreement %s has a figure for each customer and none for all; "
            "name an agreement without `customer: each`",
            quoted(text_from(name)).bytes);
        return false;
    }
    return true;
}

static uint32_t home_of(const struct draft *draft, uint32_t agreement)
{
    while (draft->agreements[agreement].lives_with != 0 &&
           draft->agreements[agreement].lives_with - 1 != agreement) {
        agreement = draft->agreements[agreement].lives_with - 1;
    }
    return agreement;
}

static void live_together(struct draft *draft, uint32_t a, uint32_t b)
{
    a = home_of(draft, a);
    b = home_of(draft, b);
    draft->agreements[a > b ? a : b].lives_with = (a < b ? a : b) + 1;
}

static bool is_of(const struct project_document *project, const struct composite_mention *mention)
{
    return mention->objective >= project->objectives &&
           mention->objective < project->objectives + project->objective_count;
}

static bool tie_members(struct draft *draft, struct problems *problems, uint32_t place,
                        const struct composite_mention *mention)
{
    bool well = true;
    for (uint32_t i = 0; i < mention->count; i++) {
        struct composite_member *member = &mention->members[i];
        if (member->objective != NULL) {
            continue; /* one of its own */
        }
        if (tie_member(draft, problems, member, mention->places[i])) {
            live_together(draft, place, member->agreement);
        } else {
            well = false;
        }
    }
    return well;
}

/* Stands in the set behind all agreements. */
static struct agreement *agreement_of_project(struct draft *draft,
                                              const struct project_document *project)
{
    const struct span always = {INT64_MIN, INT64_MAX};
    struct agreement *agreement = region_take(&draft->kept, sizeof(*agreement));
    *agreement = (struct agreement){
        .name = project->name,
        .provider = project->name,
        .term = always,
        .window_term = always,
        .in_force = always,
        .effective_ns = INT64_MIN,
        .objectives = project->objectives,
        .objective_count = project->objective_count,
        .of_project = project,
        .version = 1,
        .version_count = 1,
        .versions = agreement,
        .file = project->file,
        .line = project->line,
        .column = 1,
        .source_text = "",
    };
    return agreement;
}

static void tie_project(struct draft *draft, struct problems *problems,
                        const struct project_document *project)
{
    struct members members = {
        .problems = problems,
        .own = *agreement_of_project(draft, project),
    };
    uint32_t place = draft->agreement_count;
    draft_add_agreement(draft, &members.own);
    members.agreements = draft->agreements;
    bool well = true;
    for (uint32_t i = 0; i < draft->composite_count; i++) {
        if (is_of(project, &draft->composites[i])) {
            well &= tie_members(draft, problems, place, &draft->composites[i]);
        }
    }
    for (uint32_t i = 0; well && i < draft->composite_count; i++) {
        if (is_of(project, &draft->composites[i])) {
            well = check_composite(&members, &draft->composites[i]);
        }
    }
}

void composites_tie(struct draft *draft, struct problems *problems)
{
    for (uint32_t i = 0; i < draft->project_count; i++) {
        if (draft->projects[i].objective_count != 0) {
            tie_project(draft, problems, &draft->projects[i]);
        }
    }
    for (uint32_t i = 0; i < draft->agreement_count; i++) {
        uint32_t home = home_of(draft, i);
        draft->agreements[i].lives_with = home == i ? 0 : home + 1;
    }
}
