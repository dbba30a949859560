/** Times the characters of a poem after its first; for Node and for a page. */

globalThis.timePoem = async (poet, form, seed, characters) => {
  const poem = poet.stream(form, { seed });
  await poem.next();
  const started = performance.now();
  for (let i = 0; i < characters; i++) await poem.next();
  return [(performance.now() - started) / 1000, characters];
};

// in Node: a poem for every line of stdin
if (globalThis.process) {
  const [, , folder, form, seed, characters] = process.argv;
  const { readFileSync } = await import("node:fs");
  const { createInterface } = await import("node:readline");
  const { load } = await import(`${folder}/qibu/index.js`);
  const verse = JSON.parse(readFileSync(process.env.QIBU_VERSE, "utf-8"));
  const poet = await load(readFileSync(process.env.QIBU_MODEL), { verse });
  for await (const _ of createInterface({ input: process.stdin })) {
    console.log((await timePoem(poet, form, Number(seed), Number(characters))).join(" "));
  }
}
