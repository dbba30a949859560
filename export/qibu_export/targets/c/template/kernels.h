/* Products whose sums any compiler may take several at a time, in the order that stands here. */
#ifndef QIBU_KERNELS_H
#define QIBU_KERNELS_H

#include <stdint.h>

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

/* Rows of 8 bits, four at a time, with a column of 16. Compilers find for themselves what other
   processors multiply eight numbers with; WebAssembly's instruction has to be asked for. */
#ifdef __wasm_simd128__
#include <wasm_simd128.h>

static inline v128_t qibu_eight_int8_t(v128_t sums, const int8_t *a, v128_t b)
{
    return wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(a), b));
}

static inline v128_t qibu_eight_uint8_t(v128_t sums, const uint8_t *a, v128_t b)
{
    return wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(wasm_u16x8_load8x8(a), b));
}

/* Adds neighbours of a, then those of b. */
static inline v128_t qibu_pairs(v128_t a, v128_t b)
{
    return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6),
                          wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

#define QIBU_FOURS(type)                                                                  \
    for (; row + 4 <= rows; row += 4, w += 4 * size) {                                    \
        const type *const v = w + size, *const u = v + size, *const t = u + size;         \
        v128_t a = wasm_i32x4_splat(0), b = a, c = a, d = a;                              \
        int i = 0;                                                                        \
        for (; i + 8 <= size; i += 8) {                                                   \
            const v128_t eight = wasm_v128_load(x + i);                                   \
            a = qibu_eight_##type(a, w + i, eight);                                       \
            b = qibu_eight_##type(b, v + i, eight);                                       \
            c = qibu_eight_##type(c, u + i, eight);                                       \
            d = qibu_eight_##type(d, t + i, eight);                                       \
        }                                                                                 \
        wasm_v128_store(sums + row, qibu_pairs(qibu_pairs(a, b), qibu_pairs(c, d)));      \
        for (; i < size; i++) {                                                           \
            sums[row] += (int32_t)w[i] * x[i];                                            \
            sums[row + 1] += (int32_t)v[i] * x[i];                                        \
            sums[row + 2] += (int32_t)u[i] * x[i];                                        \
            sums[row + 3] += (int32_t)t[i] * x[i];                                        \
        }                                                                                 \
    }
#else
#define QIBU_FOURS(type)
#endif

#define QIBU_WHOLE(type)                                                                  \
    static inline void qibu_whole_##type(const type *w, const int16_t *x, int32_t *sums,  \
                                         const int size, const int rows)                  \
    {                                                                                     \
        int row = 0;                                                                      \
        QIBU_FOURS(type)                                                                  \
        for (; row < rows; row++, w += size) {                                            \
            int32_t sum = 0;                                                              \
            for (int i = 0; i < size; i++)                                                \
                sum += (int32_t)w[i] * x[i];                                              \
            sums[row] = sum;                                                              \
        }                                                                                 \
    }

QIBU_WHOLE(int8_t)
QIBU_WHOLE(uint8_t)
QIBU_DOT(float)
QIBU_DOT(double)
QIBU_ROW(float)
QIBU_ROW(double)

#endif
