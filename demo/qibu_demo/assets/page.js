() => {
  const sheet = () => document.querySelector("#qb-poem .qb-sheet");
  const language = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");
  const toast = (id) => {
    const button = document.querySelector(id);
    if (!button) return;
    const before = button.textContent;
    button.textContent = language() === "zh" ? "已複製" : "copied";
    setTimeout(() => (button.textContent = before), 1200);
  };
  const put = async (text, id) => {
    if (!text) return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    toast(id);
  };
  const qibu = (window.qibu = window.qibu || {});
  Object.assign(qibu, {
    copyPoem: () => put(sheet()?.dataset.text, "#qb-copy"),
    copyLink: () => {
      const query = sheet()?.dataset.query;
      if (!query) return;
      const link = new URL(location.href);
      link.search = query;
      history.replaceState(null, "", link);
      put(link.href, "#qb-link");
    },
    stopped: () => {
      const still = () => sheet()?.classList.remove("qb-writing");
      still();
      // what was on its way may still come, until something else is asked for
      const late = new MutationObserver(still);
      late.observe(document.querySelector("#qb-poem"), { childList: true, subtree: true });
      for (const asked of ["click", "keydown"])
        document.addEventListener(asked, () => late.disconnect(), { capture: true, once: true });
    },
    turn: (way) =>
      document.querySelector("#qb-poem").classList.toggle("qb-horizontal", way === "horizontal"),
    showTones: (on) => document.querySelector("#qb-poem").classList.toggle("qb-tones", !!on),
    // a link that names a seed opens with its poem
    opened: () => {
      if (new URLSearchParams(location.search).has("seed"))
        setTimeout(() => document.querySelector("#qb-write")?.click(), 50);
    },
  });
}
