// What cannot be read: text with less contrast than WCAG 2.2 asks for (1.4.3), by the colours as they are painted.
() => {
  const parse = (c) => {
    const n = c.match(/[\d.]+/g).map(Number);
    return n.length < 4 ? [...n, 1] : n;
  };
  const linear = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const under = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c[3] === 1) return c;
    }
    return [255, 255, 255, 1];
  };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const words = walk.currentNode.data.trim();
    const el = walk.currentNode.parentElement;
    if (!words || !el.checkVisibility() || el.closest(".unseen, noscript, option")) continue;
    const style = getComputedStyle(el);
    const ink = el.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(parse(ink)), light(under(el))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} ${el.className || el.tagName}: ${words.slice(0, 30)}`);
  }
  return bad;
}
