// What is wrong with the page as it is shown now: a list of sentences.
(() => {
  const wrong = [];
  const shown = (element) => element.getClientRects().length > 0;
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}">`
    + ` ${element.textContent.trim().slice(0, 40)}`;

  // Nothing is wider than the window: what is wide scrolls in its own box.
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) {
    const widest = [...document.querySelectorAll("body *")].filter((e) => !e.closest(".box, pre, svg"))
      .find((e) => e.getBoundingClientRect().right > innerWidth + 1);
    wrong.push(`the page is ${width} wide, the window ${innerWidth}: ${widest ? name(widest) : ""}`);
  }

  // Headings go down one level at a time, and there is one title.
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`h${next} after h${level}: ${name(heading)}`);
    level = next;
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("there is not one h1");

  // Tables, drawings, links and ids are whole.
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim()) wrong.push(`no caption: ${name(table)}`);
    if (table.querySelector("th:not([scope])")) wrong.push(`th without scope: ${name(table)}`);
  }
  for (const drawing of document.querySelectorAll("svg[role=img]")) {
    for (const id of drawing.getAttribute("aria-labelledby").split(" ")) {
      if (!document.getElementById(id)?.textContent.trim()) wrong.push(`no text ${id}: ${name(drawing)}`);
    }
    const box = drawing.getBoundingClientRect();
    for (const text of drawing.querySelectorAll("text")) {
      const own = text.getBoundingClientRect();
      if (own.left < box.left - 1 || own.right > box.right + 1) wrong.push(`cut off in a chart: ${text.textContent}`);
    }
    const rows = new Map();
    for (const text of drawing.querySelectorAll("text")) {
      const own = text.getBoundingClientRect();
      const row = rows.get(Math.round(own.top)) ?? [];
      if (row.some((o) => own.left < o.right && o.left < own.right)) wrong.push(`on each other: ${text.textContent}`);
      row.push(own);
      rows.set(Math.round(own.top), row);
    }
  }
  for (const link of document.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (!target.startsWith("#") || !document.getElementById(target.slice(1))) wrong.push(`a link to ${target}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id twice");
  for (const kind of ["script", "img", "iframe", "link", "object", "form", "[onerror]", "[onload]", "[onclick]"]) {
    if (document.querySelector(kind)) wrong.push(`there is a ${kind}`);
  }

  // Contrast of texts (WCAG 2.2, 1.4.3): 4.5 to what is behind them.
  const color = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const found = color(getComputedStyle(e).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(element) || element.closest("title, desc")) continue;
    const style = getComputedStyle(element);
    const text = color(element.closest("svg") ? style.fill : style.color);
    const key = `${text} ${behind(element)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const [a, b] = [light(text), light(behind(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)}: ${name(element)}`);
  }
  return wrong;
})()
