(() => {
  const name = COOKIE + "=";
  const chosen = document.cookie.split("; ").find((part) => part.startsWith(name));
  const language = (chosen ? chosen.slice(name.length) : navigator.language).startsWith("zh")
    ? "zh-CN"
    : "en";
  Object.defineProperty(navigator, "language", { get: () => language });
  Object.defineProperty(navigator, "languages", { get: () => [language] });
  document.documentElement.lang = language;
  window.qibuSwitchLanguage = (to) => {
    const secure = location.protocol === "https:" ? "; SameSite=None; Secure; Partitioned" : "; SameSite=Lax";
    document.cookie = name + to + "; path=/; max-age=31536000" + secure;
    location.reload();
  };
})();
