// Comfort only: every page works without it. Colours and language follow Airflow's UI, in whose frame the pages are seen.
const read = (name) => { try { return localStorage.getItem(name) } catch { return null } };

const follow = () => {
  const theme = read("theme");
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
};
follow();
addEventListener("storage", follow);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", follow);

const language = read("i18nextLng");
const wanted = language && (language.startsWith("zh") ? "zh" : "en");
if (wanted && !document.documentElement.lang.startsWith(wanted)) {
  const root = document.currentScript.src.replace(location.origin, "").replace(/\/static\/.*/, "/");
  document.cookie = `hotline_language=${wanted}; path=${root}; SameSite=Lax`;
  if (document.cookie.includes(`hotline_language=${wanted}`)) location.reload();
}

addEventListener("DOMContentLoaded", () => document.querySelector("[data-focus]")?.focus());
