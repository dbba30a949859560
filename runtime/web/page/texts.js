/** The words of the page in its two languages. */

/** @typedef {"zh" | "en"} Language */

/** @type {Record<Language, Record<string, string>>} */
export const TEXTS = {
  zh: {
    write: "作诗",
    read: "识字",
    other: "English",
    form: "诗体",
    rhyme: "韵部",
    anyRhyme: "随意",
    start: "起首",
    acrostic: "藏头（每句首字）",
    title: "题",
    author: "诗家",
    anyAuthor: "不拘",
    more: "更多",
    pattern: "平仄谱",
    anyPattern: "随意",
    script: "字体",
    temperature: "放逸",
    seed: "种子（空则随机）",
    bestOf: "几首取一",
    compose: "写",
    tones: "平仄",
    copy: "复制",
    copied: "已复制",
    link: "链接",
    draw: "在格中写一个数字",
    clear: "擦去",
    rows: "左：模型所见；右：读完每一行后的判断（0–9）",
    blank: "还没有字",
    loading: "载入",
    ready: "全在此浏览器中运行，断网亦可用。",
    readyOnline: "全在此浏览器中运行。",
    about: "小型循环网络，一个 ONNX 文件，同一种子处处得同一首诗。",
    seedShown: "种子",
    rhymeShown: "韵",
  },
  en: {
    write: "Write",
    read: "Read",
    other: "中文",
    form: "Form",
    rhyme: "Rhyme",
    anyRhyme: "any",
    start: "First characters",
    acrostic: "Acrostic (first of each line)",
    title: "Title",
    author: "In the manner of",
    anyAuthor: "nobody",
    more: "More",
    pattern: "Tone pattern",
    anyPattern: "any",
    script: "Script",
    temperature: "Temperature",
    seed: "Seed (empty: random)",
    bestOf: "Best of",
    compose: "Write",
    tones: "Tones",
    copy: "Copy",
    copied: "Copied",
    link: "Link",
    draw: "Draw a digit",
    clear: "Clear",
    rows: "Left: what the model sees; right: its belief in 0–9 after each row",
    blank: "Nothing is drawn yet",
    loading: "Loading",
    ready: "All of it runs in this browser, without a network too.",
    readyOnline: "All of it runs in this browser.",
    about: "Small recurrent networks, one ONNX file each; a seed gives the same poem everywhere.",
    seedShown: "seed",
    rhymeShown: "rhyme",
  },
};

/** @type {Language} */
let language = "zh";

/** Give a text in the language that is chosen. @param {string} name */
export const say = (name) => TEXTS[language][name];

/** Give the language that is chosen. */
export const currentLanguage = () => language;

/** Choose a language, and write its words into the page. @param {Language} chosen */
export function choose(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-Hans" : "en";
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = say(/** @type {HTMLElement} */ (element).dataset.text ?? "");
  }
}
