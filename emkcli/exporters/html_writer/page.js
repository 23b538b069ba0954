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
    if (narrowed) showDays(false);
    if (views) views.hidden = narrowed;
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
  const days = $("days");
  const views = document.querySelector(".views");
  const showDays = (wanted) => {
    if (!days) return;
    days.hidden = !wanted;
    $("analytes").hidden = wanted;
    $("by-day").setAttribute("aria-pressed", wanted);
  };
  const heads = (node) => [...node.closest("table").tHead.rows[0].cells].map((cell) => cell.textContent);
  const panelRows = (panel) =>
    [...document.querySelectorAll(`#analytes tr[data-p="${panel}"]`)].map((row) => {
      const names = heads(row);
      const said = new Map([...row.cells].map((cell, place) => [names[place], cell]));
      return [row.closest("details").querySelector(".name").textContent, said];
    });
  const add = (parent, name, content) => {
    const node = parent.appendChild(document.createElement(name));
    if (content) node.textContent = content;
    return node;
  };
  const fill = (day) => {
    if (day.children.length > 1) return;
    const rows = panelRows(day.id.slice(1));
    const [analyteHead, ...others] = days.dataset.columns.split("|");
    const texts = (name) => new Set(rows.map(([, said]) => said.get(name)?.textContent ?? ""));
    const [date, ...rest] = others;
    const columns = [date].filter((name) => texts(name).size > 1);
    columns.push(...rest.filter((name) => [...texts(name)].some(Boolean)));
    const wide = add(day, "div");
    wide.className = "wide";
    wide.tabIndex = 0;
    const table = add(wide, "table");
    const head = add(add(table, "thead"), "tr");
    for (const name of [analyteHead, ...columns]) add(head, "th", name).scope = "col";
    const body = add(table, "tbody");
    for (const [name, said] of rows) {
      const line = add(body, "tr");
      add(line, "td", name);
      for (const column of columns) {
        const sent = said.get(column);
        const cell = add(line, "td", sent?.textContent);
        if (sent?.title) cell.title = sent.title;
        if (sent?.className) cell.className = sent.className;
      }
    }
  };
  const openDay = (panel) => {
    showDays(true);
    const day = $(`p${panel}`);
    day.open = true;
    day.scrollIntoView({ block: "start" });
    day.firstElementChild.focus({ preventScroll: true });
  };
  const linkDays = (node) => {
    for (const row of node.querySelectorAll("tr[data-p]")) {
      const [date] = row.cells;
      if (date.firstElementChild || !date.textContent) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "day";
      button.title = $("by-day").textContent;
      button.append(date.textContent);
      button.addEventListener("click", () => openDay(row.dataset.p));
      date.replaceChildren(button);
    }
  };
  if (days) {
    views.hidden = false;
    $("by-day").addEventListener("click", () => showDays(days.hidden));
    days.addEventListener("toggle", (event) => event.target.open && fill(event.target), true);
    $("analytes").addEventListener("toggle", (event) => event.target.open && linkDays(event.target), true);
  }
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
    const all = [...document.querySelectorAll("section:not([hidden]) details")].filter((one) => !one.closest("div[hidden]"));
    const closed = all.some((one) => !one.open);
    for (const one of all) one.open = closed;
  });
})();
