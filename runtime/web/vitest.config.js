export default {
  test: {
    include: ["test/*.test.js"],
    // one worker for all, so that a model is opened once
    pool: "threads",
    fileParallelism: false,
    isolate: false,
    testTimeout: 120_000, // a machine that is busy with something else
    hookTimeout: 120_000,
  },
};
