// The tree of futures: blocks as high as their probability at the temperature of the page's slider, also while that
// moves. The server sends the tree once, with logits; all that moves is worked out here. Whatever comes from a text is
// set as textContent, never as HTML.

const THINNEST = 5; // pixels; what is thinner is summed
const SIGNED = 14, SHARED = 25; // from which height on a block has its sign, and its share as well
const NARROWEST = 58; // pixels of a column
const GREEDY = 1e-6; // in the place of temperature 0

const views = new WeakMap(); // root element -> what is shown there

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".icicle");
  let view = views.get(root);
  if (!view) views.set(root, (view = newView(root)));
  view.send = setTriggerValue;
  take(view, data);
  return () => root.isConnected || (view.resized.disconnect(), view.moved.disconnect());
}

function newView(root) {
  const view = { root, data: null, focused: 0 };
  view.resized = new ResizeObserver(() => draw(view));
  view.resized.observe(root);
  view.moved = new MutationObserver(() => draw(view));
  root.onkeydown = (event) => onKey(view, event);
  return view;
}

function take(view, data) {
  const { moved, root } = view;
  moved.disconnect();
  const slider = document.querySelector(".st-key-temperature");
  if (slider) moved.observe(slider, { subtree: true, attributes: true, attributeFilter: ["value", "aria-valuetext"] });
  const before = view.data;
  view.data = data;
  root.setAttribute("aria-label", data.words.tree);
  if (before?.of !== data.of) build(view);
  draw(view);
}

// One element for each node but the first, and one for the rest of each that has children.
function build(view) {
  const { data, root } = view;
  view.logits = floats(data.logits);
  view.rests = floats(data.rests);
  view.children = data.parents.map(() => []);
  data.parents.forEach((parent, node) => parent >= 0 && view.children[parent].push(node));
  view.places = new Map(); // of the nodes that have children
  view.children.forEach((children, node) => children.length && view.places.set(node, view.places.size));
  view.blocks = data.parents.map((_, node) => (node ? block(view, node) : null));
  view.remains = new Map([...view.places.keys()].map((node) => [node, rest(data)]));
  view.focused = 0;
  markDrawn(view);
  root.replaceChildren(...view.blocks.slice(1), ...view.remains.values());
}

function block(view, node) {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1;
  made.append(span("sign", view.data.signs[node]), span("share", ""));
  made.onclick = () => view.send("followed", { of: view.data.of, path: pathTo(view, node) });
  return made;
}

function rest(data) {
  const made = document.createElement("div");
  made.className = "rest";
  made.append(span("sign", "…"), span("share", ""));
  made.title = data.words.rest;
  return made;
}

function span(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

function pathTo({ data }, node) {
  const path = [];
  for (let at = node; at > 0; at = data.parents[at]) path.unshift(data.ids[at]);
  return path;
}

// What the text went on with, as far as it has blocks; then the rest that it is part of.
function markDrawn({ data, children, blocks, remains }) {
  let node = 0;
  for (const id of data.drawn) {
    const next = children[node].find((child) => data.ids[child] === id);
    (next ? blocks[next] : remains.get(node))?.classList.add("drawn");
    if (!next) return;
    node = next;
  }
}

function temperatureOf({ data }) {
  const value = Number.parseFloat(document.querySelector(".st-key-temperature input[type=range]")?.value);
  return Number.isFinite(value) ? value : data.temperature;
}

function draw(view) {
  const { root, blocks, remains, data } = view;
  if (!data || !root.clientHeight) return;
  const columns = Math.max(3, Math.min(data.depth, Math.floor(root.clientWidth / NARROWEST)));
  const shown = { height: root.clientHeight, columns, temperature: temperatureOf(view), seen: new Set() };
  place(view, shown, 0, 0, 1, 0);
  for (const each of [...blocks.slice(1), ...remains.values()]) each.hidden = !shown.seen.has(each);
  keepOneStop(view);
}

// Lays out what follows a node, from the top of its own block down, and returns nothing.
function place(view, shown, node, top, share, depth) {
  const children = view.children[node];
  if (depth === shown.columns || !children.length) return;
  const { height, temperature } = shown;
  const { logits, data } = view;
  const weights = children.map((child) => Math.exp(logits[child] / Math.max(temperature, GREEDY)));
  const rest = view.rests[view.places.get(node) * data.temperatures + Math.round(temperature / data.step)];
  const total = weights.reduce((sum, weight) => sum + weight, rest);
  let left = share;
  children.forEach((child, index) => {
    const own = (share * weights[index]) / total;
    if (own * height < THINNEST) return;
    put(shown, view.blocks[child], top + share - left, own, depth);
    name(view, child, own);
    place(view, shown, child, top + share - left, own, depth + 1);
    left -= own;
  });
  if (left * height >= THINNEST) put(shown, view.remains.get(node), top + share - left, left, depth);
}

function put({ height, columns, seen }, element, top, share, depth) {
  const { style } = element;
  style.top = `${100 * top}%`;
  style.height = `${100 * share}%`;
  style.left = `${(100 * depth) / columns}%`;
  style.width = `${100 / columns}%`;
  element.classList.toggle("signed", share * height >= SIGNED);
  element.classList.toggle("shared", share * height >= SHARED);
  element.lastChild.textContent = percent(share);
  seen.add(element);
}

function name({ data, blocks }, node, share) {
  const signs = [];
  for (let at = node; at > 0; at = data.parents[at]) signs.unshift(data.signs[at]);
  const words = `${signs.join("")} ${percent(share)}`;
  blocks[node].title = words;
  blocks[node].setAttribute("aria-label", words);
}

function percent(probability) {
  const value = 100 * probability;
  return value >= 10 ? `${value.toFixed(0)}%` : `${value.toFixed(1)}%`;
}

// One block at a time is a stop of the Tab key; the arrow keys move it.
function keepOneStop(view) {
  const { blocks } = view;
  if (!view.focused || blocks[view.focused].hidden) {
    view.focused = Math.max(0, blocks.findIndex((each) => each && !each.hidden)); // 0 where all are too thin to be seen
  }
  blocks.forEach((each, node) => each && (each.tabIndex = node === view.focused ? 0 : -1));
}

function onKey(view, event) {
  const { data, children, blocks, focused } = view;
  const siblings = children[data.parents[focused]] ?? [];
  const at = siblings.indexOf(focused);
  const moves = { ArrowDown: siblings[at + 1], ArrowUp: siblings[at - 1], ArrowLeft: data.parents[focused], ArrowRight: children[focused]?.[0] };
  if (!(event.key in moves)) return;
  event.preventDefault();
  const next = moves[event.key];
  if (!next || blocks[next].hidden) return;
  view.focused = next;
  keepOneStop(view);
  blocks[next].focus();
}

function floats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer);
}
