#include "writer.h"

int qibu_open(qibu_writer *writer, const qibu_options *options)
{
    const qibu_status status = qibu_load(options->weights);
    if (status != QIBU_OK)
        return qibu_refuse_value(qibu_message(status), options->weights);
    writer->turn = 0;
    writer->sampling = options->sampling;
    writer->random = qibu_seed(options->seed);
    qibu_initial_state(&writer->states[0]);
    return 0;
}

qibu_status qibu_read(qibu_writer *writer, int32_t token)
{
    const int turn = writer->turn;
    const qibu_status status =
        qibu_step(&writer->states[turn], &writer->states[1 - turn], token, writer->logits);
    if (status == QIBU_OK)
        writer->turn = 1 - turn;
    return status;
}

qibu_status qibu_write(qibu_writer *writer, int32_t *token)
{
    return qibu_draw(writer->logits, writer->bias, writer->sampling,
                     qibu_uniform(&writer->random), &writer->workspace, token);
}
