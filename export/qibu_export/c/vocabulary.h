/* A form of verse: `control` is the token that stands before QIBU_POEM, or -1 for none. */
typedef struct {
    const char *name;
    int line_length, line_count;
    int32_t control;
} qibu_form;

/* The tokens in UTF-8: control tokens first, then one a character. */
extern const char *const qibu_tokens[QIBU_VOCABULARY_SIZE];
extern const qibu_form qibu_forms[QIBU_FORMS];
