// What a form that is only HTML cannot do: check while somebody types, find codes, keep what was typed when the connection is lost,
// and tell the page around it that the order was submitted. Kept to what Chromium 72 understands.
(function () {
  "use strict";
  const WAIT_MS = 250;
  const PATIENCE_MS = 20000;
  let form = null;
  let dirty = false;
  let sending = false;
  let turn = 0;
  let timer = 0;
  let touched = new Set();

  const byId = (id) => document.getElementById(id);
  const told = (control) => byId(control.id + "-told");
  const controls = () => Array.from(form.elements).filter((one) => one.id.indexOf("field-") === 0);
  const isMissing = (one) => !one.value.trim() && (one.getAttribute("aria-required") === "true" || one.dataset.missing === "true");

  function start() {
    document.documentElement.classList.add("scripted");
    const saved = byId("saved");
    if (saved) {
      dirty = false;
      form = null;
      tellOpener(saved.dataset.regino, saved.dataset.origin);
      byId("main").focus();
      return;
    }
    form = byId("order");
    if (!form) return;
    touched = new Set();
    for (const one of controls()) {
      one.addEventListener("input", () => changed(one));
      one.addEventListener("change", () => changed(one));
      one.addEventListener("blur", () => { touched.add(one.id); });
      one.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.ctrlKey && one.tagName === "INPUT") event.preventDefault();
      });
      if (told(one).querySelector(".wrong")) touched.add(one.id);
      if (one.dataset.limit) count(one);
      if (one.dataset.list) searchable(one);
    }
    form.addEventListener("submit", (event) => { event.preventDefault(); send(event.submitter || document.activeElement); });
    byId("next").addEventListener("click", next);
    countMissing();
    const first = document.querySelector(".errors") ? controls().find((one) => one.getAttribute("aria-invalid") === "true") : null;
    const alone = document.querySelector(".errors");
    (first || alone || controls().find(isMissing) || controls().find((one) => !one.readOnly)).focus();
  }

  function tellOpener(regino, origin) {
    const words = { type: "hotline-order-saved", regino: regino };
    for (const other of [window.parent, window.opener]) {
      if (other && other !== window) other.postMessage(words, origin);
    }
  }

  function changed(one) {
    dirty = true;
    touched.add(one.id);
    if (one.dataset.limit) count(one);
    countMissing();
    clearTimeout(timer);
    timer = setTimeout(check, WAIT_MS);
  }

  function body() {
    return new URLSearchParams(new FormData(form));
  }

  async function check() {
    const mine = ++turn;
    let found;
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: body(), credentials: "omit", cache: "no-store" });
      if (!answer.ok) return;
      found = await answer.json();
    } catch (error) {
      return; // it is checked again when it is submitted
    }
    if (mine !== turn || !form) return;
    for (const one of controls()) {
      const said = found[one.id];
      if (!said) continue;
      one.dataset.missing = String(said.wrong.length > 0 && !one.value.trim());
      const name = byId(one.id + "-said");
      if (name) name.textContent = said.said;
      if (touched.has(one.id)) show(one, said);
    }
    countMissing();
  }

  function show(one, said) {
    const place = told(one);
    for (const old of place.querySelectorAll(".wrong, .doubt")) old.remove();
    const add = (name, text) => {
      const line = document.createElement("p");
      line.className = name;
      line.textContent = text;
      place.insertBefore(line, place.querySelector(".soft"));
    };
    said.wrong.forEach((text) => add("wrong", text));
    said.doubts.forEach((text) => add("doubt", "存疑：" + text));
    if (said.wrong.length) one.setAttribute("aria-invalid", "true");
    else one.removeAttribute("aria-invalid");
    const field = one.closest(".field");
    field.classList.toggle("broken", said.wrong.length > 0);
    field.classList.toggle("doubted", !said.wrong.length && said.doubts.length > 0);
  }

  function count(one) {
    const limit = Number(one.dataset.limit);
    const length = Array.from(one.value.trim()).length;
    let place = one.parentNode.querySelector(".count");
    if (limit < 20 && length <= limit || length * 5 < limit * 4) {
      if (place) place.remove();
      return;
    }
    if (!place) {
      place = document.createElement("p");
      place.className = "count";
      one.parentNode.insertBefore(place, told(one));
    }
    place.textContent = length + " / " + limit;
    place.classList.toggle("over", length > limit);
  }

  function countMissing() {
    const missing = controls().filter(isMissing).length;
    const text = missing ? "还缺 " + missing + " 项" : "必填项已齐";
    if (byId("missing").textContent !== text) byId("missing").textContent = text;
  }

  function next() {
    const all = controls();
    const wanted = (one) => isMissing(one) || one.getAttribute("aria-invalid") === "true";
    const here = all.indexOf(document.activeElement) >= 0 ? all.indexOf(document.activeElement) : last;
    const found = all.slice(here + 1).concat(all.slice(0, here + 1)).find(wanted);
    if (found) found.focus();
  }
  let last = -1;
  document.addEventListener("focusin", (event) => {
    if (form && form.contains(event.target) && event.target.id.indexOf("field-") === 0) last = controls().indexOf(event.target);
  });

  function alertUser(text) {
    let place = document.querySelector(".errors");
    if (!place) {
      place = document.createElement("div");
      place.className = "errors";
      place.setAttribute("role", "alert");
      place.tabIndex = -1;
      byId("main").insertBefore(place, form);
    }
    place.textContent = text;
    place.focus();
  }

  async function send(button) {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    turn += 1;
    const told = body();
    if (button && button.name === "check") told.set("check", "on");
    const buttons = Array.from(form.querySelectorAll("button"));
    buttons.forEach((one) => { one.disabled = true; });
    let late = 0;
    try {
      const answer = await Promise.race([
        fetch(form.action, { method: "POST", body: told, credentials: "omit", cache: "no-store" }),
        new Promise((_, refuse) => { late = setTimeout(refuse, PATIENCE_MS); }),
      ]);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("main");
      if (fresh && fresh.querySelector("#order, #saved")) {
        byId("main").replaceWith(document.adoptNode(fresh));
        document.title = page.title;
        start();
      } else {
        alertUser("内容还在本页。" + (fresh ? Array.from(fresh.children).map((one) => one.textContent).join("：") : "请稍后再试。"));
      }
    } catch (error) {
      alertUser("没有连上系统，不知道是否已提交。内容还在本页，请稍后再按一次“提交”：同样的内容不会重复提交。");
    } finally {
      clearTimeout(late);
      sending = false;
      buttons.forEach((one) => { one.disabled = false; });
    }
  }

  function searchable(input) {
    const list = byId(input.id + "-list");
    let found = [];
    let active = -1;
    let above = [];
    let asked = 0;

    const close = () => {
      list.hidden = true;
      active = -1;
      above = [];
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const draw = () => {
      list.textContent = "";
      found.forEach((choice, place) => {
        const line = document.createElement("li");
        line.setAttribute("role", "option");
        line.id = list.id + "-" + place;
        line.setAttribute("aria-selected", String(place === active));
        line.textContent = choice.code + " " + choice.name + (choice.path ? "（" + choice.path + "）" : "") + (choice.has_parts ? " ›" : "");
        line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(choice); });
        list.appendChild(line);
      });
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      if (active >= 0 && found[active]) {
        input.setAttribute("aria-activedescendant", list.id + "-" + active);
        list.children[active].scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };
    const ask = async (what) => {
      const mine = ++asked;
      const wanted = new URLSearchParams(Object.assign({ key: form.elements.key.value, list: input.dataset.list }, what));
      try {
        const answer = await fetch(form.dataset.codes, { method: "POST", body: wanted, credentials: "omit", cache: "no-store" });
        if (!answer.ok || mine !== asked) return;
        found = await answer.json();
      } catch (error) {
        return;
      }
      if (document.activeElement !== input) return;
      active = what.below === undefined ? -1 : 0;
      draw();
    };
    const choose = (choice) => {
      input.value = choice.code;
      byId(input.id + "-said").textContent = choice.name;
      const named = input.dataset.namedIn && byId(input.dataset.namedIn);
      if (named) {
        named.value = choice.name;
        changed(named);
      }
      asked += 1;
      close();
      changed(input);
    };
    input.addEventListener("input", () => {
      above = [];
      if (input.value.trim()) ask({ find: input.value.trim() });
      else ask({ below: "" });
    });
    input.addEventListener("blur", () => { asked += 1; close(); });
    input.addEventListener("keydown", (event) => {
      const choice = found[active];
      if (event.key === "ArrowDown" && list.hidden) {
        above = [];
        ask({ below: "" });
      } else if (event.key === "ArrowDown") {
        active = Math.min(active + 1, found.length - 1);
        draw();
      } else if (event.key === "ArrowUp" && !list.hidden) {
        active = Math.max(active - 1, 0);
        draw();
      } else if (event.key === "ArrowRight" && !list.hidden && choice && choice.has_parts) {
        above.push(found);
        ask({ below: choice.code });
      } else if (event.key === "ArrowLeft" && !list.hidden && above.length) {
        found = above.pop();
        active = 0;
        asked += 1;
        draw();
      } else if (event.key === "Enter" && !event.ctrlKey && !list.hidden && choice) {
        choose(choice);
      } else if (event.key === "Escape" && !list.hidden) {
        close();
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (!form) return;
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      send(null);
    } else if (event.altKey && event.code === "KeyN") {
      event.preventDefault();
      next();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
  start();
})();
