// What a screen reader cannot name: controls with no label, headings that skip a level, pages with no main part.
() => {
  const bad = [];
  const controls = "input:not([type=hidden]), select, textarea, button, a, progress, svg[role=img]";
  for (const el of document.querySelectorAll(controls)) {
    const labels = [...(el.labels || [])].map((label) => label.innerText).join(" ");
    const by = (el.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
    const named = by.map((id) => document.getElementById(id)?.textContent || "").join(" ");
    const label = labels || el.getAttribute("aria-label") || named || el.innerText;
    if (!label || !label.trim()) bad.push("no name: " + el.outerHTML.slice(0, 80));
  }
  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  for (const id of ids) if (ids.filter((one) => one === id).length > 1) bad.push("twice: " + id);
  if (document.querySelectorAll("h1").length !== 1) bad.push("not one h1");
  let last = 1;
  for (const el of document.querySelectorAll("h1, h2, h3")) {
    const level = Number(el.tagName[1]);
    if (level > last + 1) bad.push("skips to " + el.innerText);
    last = level;
  }
  for (const part of ["header", "main", "nav"]) if (!document.querySelector(part)) bad.push("no " + part);
  if (!document.documentElement.lang) bad.push("no language");
  return bad;
}
