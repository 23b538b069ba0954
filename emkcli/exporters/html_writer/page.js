"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const form = document.querySelector("form");
  const [query, list, odd, toggle, found] = ["q", "list", "odd", "open", "found"].map($);
  const sections = [...document.querySelectorAll("section[data-list]")];
  const fold = (text) => text.toLowerCase().replaceAll("ё", "е");
  const said = new Map();
  const text = (node) => {
    if (!said.has(node)) said.set(node, fold(node.textContent));
    return said.get(node);
  };
  const matches = (content, words) => words.every((word) => content.includes(word));
  const analyte = (node, words) => {
    const name = text(node.firstElementChild);
    const whole = !words.length || matches(name, words);
    let count = 0;
    for (const row of node.querySelectorAll("tbody tr")) {
      const wanted = (!odd.checked || "odd" in row.dataset) && (whole || matches(`${name} ${text(row)}`, words));
      row.hidden = !wanted;
      if (wanted) count += 1;
    }
    node.hidden = !count;
    return count;
  };
  const rows = (section, words) => {
    let count = 0;
    for (const row of section.querySelectorAll("tbody tr:not(.more)")) {
      const next = row.nextElementSibling;
      const more = next && next.classList.contains("more") ? next : null;
      const wanted = !odd.checked && matches(text(row) + (more ? ` ${text(more)}` : ""), words);
      row.hidden = !wanted;
      if (more) more.hidden = !wanted;
      if (wanted) count += 1;
    }
    return count;
  };
  const filter = () => {
    const words = fold(query.value).split(/\s+/).filter(Boolean);
    const narrowed = words.length > 0 || odd.checked;
    $("summary").hidden = narrowed || Boolean(list.value);
    let total = 0;
    for (const section of sections) {
      const away = list.value && section.dataset.list !== list.value;
      let count = 0;
      if (!away) {
        if (section.dataset.list === "labs") {
          for (const node of section.querySelectorAll(".analyte")) count += analyte(node, words);
        } else count = rows(section, words);
      }
      section.hidden = Boolean(away) || (narrowed && !count);
      total += count;
    }
    found.textContent = narrowed || list.value ? found.dataset.one.replace("{count}", total) : "";
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("input", soon);
  list.addEventListener("change", filter);
  odd.addEventListener("change", filter);
  toggle.addEventListener("click", () => {
    const all = [...document.querySelectorAll("section:not([hidden]) details")];
    const closed = all.some((one) => !one.open);
    for (const one of all) one.open = closed;
  });
})();
