/* Inner products whose sums any compiler may take several at a time: eight of them run side by
   side, where one would have to wait for the last. */
#ifndef QIBU_KERNELS_H
#define QIBU_KERNELS_H

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

QIBU_DOT(float)
QIBU_DOT(double)

#endif
