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

// Keys hold only while the focus is in the table that names them: letters are no shortcuts of a whole page (WCAG 2.1.4).
const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const ways = { j: "next", k: "prev" };
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const rows = event.target.closest("[data-rows]");
  if (rows && event.key in steps && (event.key.length === 1 || event.target !== rows)) {
    const links = [...rows.querySelectorAll("tbody a")];
    const row = event.target.closest("tr");
    const at = links.findIndex((link) => link.closest("tr") === row);
    links[Math.min(Math.max(at + steps[event.key], 0), links.length - 1)]?.focus();
    event.preventDefault();
  } else if (rows && event.key === " " && event.target.matches("a")) {
    event.target.closest("tr").querySelector("input[type=checkbox]")?.click();
    event.preventDefault();
  } else if (event.target.matches("[data-beside]") && event.key in ways) {
    document.querySelector(`.beside a[rel=${ways[event.key]}]`)?.click();
    event.preventDefault();
  }
});
