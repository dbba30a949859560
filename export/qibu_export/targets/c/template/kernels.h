/* Products whose sums any compiler may take several at a time, in the order that stands here. */
#ifndef QIBU_KERNELS_H
#define QIBU_KERNELS_H

/* A row with a column, or with the row of a matrix that lies turned: eight sums run side by side,
   where one would have to wait for the last. */
#define QIBU_DOT(type)                                                               \
    static inline type qibu_dot_##type(const type *a, const type *b, const int size) \
    {                                                                                \
        type sums[8] = {0}, sum = 0;                                                 \
        const int whole = size / 8 * 8;                                              \
        for (int i = 0; i < whole; i += 8)                                           \
            for (int lane = 0; lane < 8; lane++)                                     \
                sums[lane] += a[i + lane] * b[i + lane];                             \
        for (int i = whole; i < size; i++)                                           \
            sum += a[i] * b[i];                                                      \
        for (int lane = 0; lane < 8; lane++)                                         \
            sum += sums[lane];                                                       \
        return sum;                                                                  \
    }

/* A row with a matrix: the sums of all columns grow side by side, by four rows of the matrix each
   time they are read and written. */
#define QIBU_ROW(type)                                                                \
    static inline void qibu_row_##type(const type *restrict x, const type *restrict w, \
                                       type *restrict sums, const int inputs,         \
                                       const int outputs)                             \
    {                                                                                 \
        int i = 0;                                                                    \
        for (int j = 0; j < outputs; j++)                                             \
            sums[j] = 0;                                                              \
        for (; i + 4 <= inputs; i += 4, w += 4 * outputs) {                           \
            const type *const v = w + outputs, *const u = v + outputs, *const t = u + outputs; \
            const type a = x[i], b = x[i + 1], c = x[i + 2], d = x[i + 3];            \
            for (int j = 0; j < outputs; j++)                                         \
                sums[j] += (a * w[j] + b * v[j]) + (c * u[j] + d * t[j]);             \
        }                                                                             \
        for (; i < inputs; i++, w += outputs)                                         \
            for (int j = 0; j < outputs; j++)                                         \
                sums[j] += x[i] * w[j];                                               \
    }

QIBU_DOT(float)
QIBU_DOT(double)
QIBU_ROW(float)
QIBU_ROW(double)

#endif
