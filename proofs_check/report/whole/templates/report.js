"use strict";
(() => {
  const table = document.getElementById("claims");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const text = document.getElementById("filter-text");
  const boxes = Array.from(document.querySelectorAll("input[name=verdict]"));
  const shown = document.getElementById("shown");

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const row of rows) {
      const fits = verdicts.has(row.dataset.verdict) &&
        words.every((word) => row.dataset.words.includes(word));
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = count === rows.length ? "" : `${count} of ${rows.length} shown`;
  }

  function sort(header, index) {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[index].dataset.sort;
    const compare = (one, other) => {
      const [a, b] = [value(one), value(other)];
      const numbers = a !== "" && b !== "" && !isNaN(a) && !isNaN(b);
      const order = numbers ? a - b : a.localeCompare(b);
      return (down ? -order : order) || rows.indexOf(one) - rows.indexOf(other);
    };
    body.append(...Array.from(rows).sort(compare));
  }

  Array.from(table.tHead.rows[0].cells).forEach((header, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    button.addEventListener("click", () => sort(header, index));
    header.replaceChildren(button);
  });
  text.addEventListener("input", filter);
  for (const box of boxes) box.addEventListener("change", filter);
  const form = document.querySelector(".filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();

  const details = Array.from(document.querySelectorAll("details"));
  const tools = document.querySelector(".tools");
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const wanted = event.target.dataset.open;
    if (wanted) for (const each of details) each.open = wanted === "true";
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = details.filter((each) => !each.open);
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
})();
