
_Bool qibu_graph_load(const char *path);

static int loaded;

/* The file is known by its sum (Adler-32), so that no other's numbers are computed with. */
qibu_status qibu_load(const char *path)
{
    unsigned char some[4096];
    uint32_t a = 1, b = 0;
    size_t count;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return QIBU_NO_WEIGHTS;
    while ((count = fread(some, 1, sizeof some, file)) > 0)
        for (size_t i = 0; i < count; i++) {
            a = (a + some[i]) % 65521;
            b = (b + a) % 65521;
        }
    fclose(file);
    if ((b << 16 | a) != UINT32_C(@SUM@) || !qibu_graph_load(path))
        return QIBU_OTHER_WEIGHTS;
    loaded = 1;
    return QIBU_OK;
}
