// Plays a text that the server has written whole: one clock moves text and chart, so they cannot disagree.
//
// The chart beside the text is an Altair chart whose one parameter is bound to the body of the page. What is put there
// are the bars of one character; the chart's own data never change. So the bars are those of the newest character on the
// screen, or of the one that is pointed at, and the server does nothing while a text plays. A text without a chart shows
// the same bars on a card at the character that is pointed at; one that was read has colours by surprise.
// Whatever comes from a text is set as textContent, never as HTML.

const SEPARATOR = "\u001f", START = "\u001e", STOP = "\u001d"; // around the parts of a frame; no text has a sign for them
const REST = 0x7fff; // the id of the row that sums all other characters
const STRUCK = 0x8000; // added to the id of a character that a rule forbids
const LATE_MS = 250; // a page that was asleep goes on from where it was instead of rushing
const AHEAD_SECONDS = 2; // more text is asked for when less than this is left to play
const AGAIN_MS = 4000; // what had no effect until then was lost with the connection
const SOON_MS = 300; // the first time of these where the text waits for the answer
const LIVE_MS = 3000; // between two announcements to a reader of the screen

const CALM_CHARS = 12; // without spaces, as in Chinese, so many count as a word
const LIVE_CHARS = 60; // are announced although no word has ended

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const stages = new WeakMap(); // root element -> what is played there
const clocks = new Map(); // name -> the clock that columns of one comparison share
const frames = new Map(); // name -> what the chart of that text shows
const latest = new Map(); // name -> the text that was played last, and how far it came
const gone = readBeforeReload(); // name -> what stood there before a reload, or on a server that was lost
let session = null; // of the server that has sent a text last
addEventListener("pagehide", () => sessionStorage.setItem("stages", JSON.stringify([...latest])));

// The texts are components of their own (`stage_text.js`), as what is sent with each of their messages is to be little.
export default function () {
  document.body.playText = playText;
  document.body.dispatchEvent(new Event("stage"));
}

function playText({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".stage");
  let stage = stages.get(root);
  if (!stage) stages.set(root, (stage = newStage(root)));
  stage.send = setTriggerValue;
  take(stage, data);
  document.body.addEventListener("preview", stage.redraw); // once, however often
  return () => {
    if (root.isConnected) return;
    document.body.removeEventListener("preview", stage.redraw);
    frames.delete(stage.data.name);
    leave(stage);
  };
}

function newStage(root) {
  const find = (name) => root.querySelector(`.stage-${name}`);
  const stage = {
    root, text: find("text"), live: find("live"), scrub: find("scrub"), pause: find("pause"),
    place: find("place"), legend: find("legend"), card: find("card"), data: null, spans: [], pointed: null, announced: 0, announcedAt: 0,
  };
  const { text, scrub, pause } = stage;
  text.onscroll = () => putCard(stage);
  stage.redraw = () => {
    if (isAtRest(stage)) latest.get(stage.data.name).known = true;
    show(stage);
    flush();
  };
  const over = (event) => point(stage, placeOf(event.target));
  text.onpointermove = (event) => event.pointerType === "mouse" && over(event);
  text.onpointerleave = (event) => event.pointerType === "mouse" && point(stage, null);
  text.onclick = (event) => choose(stage, placeOf(event.target), event);
  text.onblur = () => point(stage, null);
  text.onkeydown = (event) => onKey(stage, event);
  scrub.oninput = () => scrubTo(stage, +scrub.value);
  pause.onclick = () => togglePause(stage);
  return stage;
}

// What the server says.

function take(stage, data) {
  const earlier = stage.data;
  const same = earlier && earlier.id === data.id;
  takeOver(data.session);
  stage.data = data;
  stage.chars = Array.from(data.chars);
  stage.distributions = decode(data.distributions);
  stage.idOf = new Map(Array.from(data.alphabet, (char, id) => [char, id]));
  stage.clock = clockFor(stage, data, same);
  if (!same) start(stage);
  else unwriteBeyond(stage, data);
  stage.text.setAttribute("aria-label", data.words.text);
  stage.scrub.setAttribute("aria-label", data.words.scrub);
  stage.text.className = `stage-text ${data.look}`;
  stage.root.classList.toggle("stage-columns", data.columns > 1);
  stage.root.classList.toggle("stage-first", data.column === 0);
  stage.root.style.setProperty("--columns", data.columns);
  stage.text.dataset.hint = stage.chars.length ? "" : data.hint;
  stage.root.classList.toggle("with-card", data.card);
  stage.text.classList.toggle("choosable", data.selected !== null);
  tellOfEarlier(stage);
  restore(stage);
  answer(stage);
  tick(stage);
  select(stage, data.selected);
}

function clockFor(stage, data, same) {
  const name = `${data.clock} ${data.id}`;
  if (stage.clock && stage.clock.name !== name) leave(stage);
  let clock = clocks.get(name);
  if (!clock) {
    for (const [key, old] of clocks) if (clocks.size > 40 && !old.stages.size) clocks.delete(key);
    clock = { name, shown: data.shown, last: null, paused: false, asked: data.answered, stages: new Set() };
    clocks.set(name, clock);
  }
  if (!clock.stages.has(stage)) clock.wanted = clock.ended = null; // what was said before this page was left may be lost
  clock.stages.add(stage);
  clock.shown = Math.min(Math.max(clock.shown, data.shown), stage.chars.length);
  if (data.complete && clock.shown >= stage.chars.length) clock.paused = false; // there is nothing left to hold up
  return clock;
}

function start(stage) {
  const { data, text } = stage;
  stage.spans = [];
  stage.pointed = stage.endedAt = null;
  stage.announced = data.shown;
  const seed = element("span", "seed", data.seed);
  text.replaceChildren(seed);
  text.scrollTop = 0;
  drawLegend(stage.legend, data);
}

// The server cut the text where the browser had come to; what stands beyond was never seen.
function unwriteBeyond(stage, data) {
  const { spans, chars } = stage;
  let kept = 0;
  while (kept < spans.length && kept < chars.length && spans[kept].textContent === chars[kept]) kept++;
  for (const span of spans.splice(kept)) span.remove();
  if (stage.pointed !== null && stage.pointed >= kept) stage.pointed = null;
  for (const [place, span] of spans.entries()) span.classList.toggle("marked", data.marked.includes(place));
}

// Tells the server how far the text has come, once for each time that it asks; until its answer nothing moves.
function answer(stage) {
  const { clock, data } = stage;
  const { question, id } = data;
  if (question <= data.answered || (question === clock.asked && clock.teller?.isConnected)) return;
  clock.asked = question;
  clock.teller = stage.root;
  clock.waiting = true;
  const unheard = () => stage.data.answered < question && clock.asked === question;
  tell(stage, "reached", { question, id, shown: Math.floor(clock.shown) }, unheard, SOON_MS);
}

// Of a text that another one has replaced, the server keeps no more than was seen: this says how much, unless it knows.
function tellOfEarlier(stage) {
  const { clock, data } = stage;
  const before = latest.get(data.name);
  if (before && before.id !== data.id && !before.known && isFirst(stage))
    stage.send("left", { id: before.id, shown: before.shown });
  latest.set(data.name, { id: data.id, recipe: data.recipe, shown: Math.floor(clock.shown), known: true });
}

function isAtRest({ data }) {
  return Boolean(document.body.previews?.[data.name]?.distribution);
}

// A reload takes the session with it. Where the settings of now give what stood there it is written again.
function restore({ data, chars, text, send }) {
  const stood = gone.get(data.name);
  if (chars.length) gone.delete(data.name);
  else if (stood?.shown && data.recipe) {
    stood.lost ||= stood.recipe !== data.recipe;
    if (stood.lost) text.dataset.hint = data.words.lost;
    else send("restore", { id: data.id, shown: stood.shown });
  }
}

// So does the end of a server: another one goes on.
function takeOver(now) {
  if (session && now && session !== now) for (const [name, text] of latest) gone.set(name, { ...text });
  session = now || session;
}

function readBeforeReload() {
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  return new Map(reloaded ? JSON.parse(sessionStorage.getItem("stages") ?? "[]") : []);
}

// Says something, and again, ever less often, until it is heard: what is said while another widget moves can be lost.
function tell(stage, event, said, unheard, wait = AGAIN_MS) {
  stage.send(event, said);
  setTimeout(() => {
    if (stage.root.isConnected && stage.data.id === said.id && unheard())
      tell(stage, event, said, unheard, Math.min(AGAIN_MS, 2 * wait));
  }, wait);
}

// The clock.

function tick(stage) {
  const { clock } = stage;
  if (clock.frame) cancelAnimationFrame(clock.frame);
  clock.last = performance.now();
  const step = () => {
    clock.frame = null;
    advance(clock);
    for (const each of clock.stages) draw(each);
    flush();
    if (moving(clock)) clock.frame = requestAnimationFrame(step);
  };
  if ([...clock.stages].every((each) => each.data.answered >= clock.asked)) clock.waiting = false;
  step();
}

function moving(clock) {
  return !clock.paused && !clock.waiting && [...clock.stages].some((stage) => clock.shown < stage.chars.length);
}

function advance(clock) {
  const now = performance.now();
  const elapsed = Math.min(now - clock.last, LATE_MS) / 1000;
  clock.last = now;
  const [stage] = clock.stages;
  if (!stage || clock.paused || clock.waiting) return;
  const { data, chars } = stage;
  if (data.rate === 0) clock.shown = chars.length;
  else clock.shown = Math.min(chars.length, clock.shown + elapsed * data.rate);
}

function draw(stage) {
  const { data, chars, spans, clock, text } = stage;
  const shown = calm.matches ? wholeWords(chars, clock.shown) : Math.floor(clock.shown);
  const atEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 40;
  const added = document.createDocumentFragment();
  while (spans.length < shown) {
    const place = spans.length;
    const span = element("span", chars[place] === "\n" ? "c newline" : "c", chars[place]);
    if (data.marked.includes(place)) span.classList.add("marked");
    if (data.surprisal) span.classList.add("level", `level${data.levels.filter((edge) => data.surprisal[place] >= edge).length}`);
    span.place = place;
    spans.push(span);
    added.append(span);
  }
  if (added.childNodes.length) {
    text.append(added);
    if (atEnd && stage.pointed === null && !data.card) text.scrollTop = text.scrollHeight;
  }
  Object.assign(latest.get(data.name), { shown: spans.length, known: spans.length <= data.shown || isAtRest(stage) });
  if (data.columns > 1 && data.complete && shown === chars.length && stage.endedAt !== shown) {
    stage.endedAt = shown;
    text.scrollTop = 0; // one reads the beginning of each column
  }
  show(stage);
  announce(stage, shown);
  askForMore(stage, shown);
}

// Where motion is to be reduced a text appears word by word: the words of it that are whole.
function wholeWords(chars, shown) {
  let end = Math.floor(shown);
  if (end === chars.length) return end;
  while (end > 0 && shown - end < CALM_CHARS && chars[end - 1].trim()) end--;
  return shown - end < CALM_CHARS ? end : Math.floor(shown / CALM_CHARS) * CALM_CHARS;
}

// Of the columns of a comparison one speaks for all.
function isFirst(stage) {
  return stage === [...stage.clock.stages][0];
}

function askForMore(stage, shown) {
  const { data, chars, clock } = stage;
  if (clock.waiting || !isFirst(stage)) return;
  if (data.complete) {
    if (shown < chars.length || shown === data.shown || clock.ended === shown) return;
    clock.ended = shown;
    const unheard = () => clock.ended === shown && !isAtRest(stage);
    tell(stage, "ended", { id: data.id, shown }, unheard);
  } else if (clock.wanted !== chars.length && chars.length - shown < Math.max(1, AHEAD_SECONDS * data.rate)) {
    clock.wanted = chars.length;
    const have = chars.length;
    tell(stage, "more", { id: data.id, shown, have }, () => !stage.data.complete && stage.chars.length === have);
  }
}

// The bars of the newest character, or of the one that is pointed at.

function show(stage) {
  const { data, spans, pointed } = stage;
  const place = pointed ?? spans.length - 1;
  if (data.card) showCard(stage);
  else frames.set(data.name, frameAt(stage, place));
  stage.text.querySelector(".pointed")?.classList.remove("pointed");
  if (pointed !== null) spans[pointed].classList.add("pointed");
  stage.scrub.max = Math.max(0, spans.length - 1);
  stage.scrub.value = Math.max(0, place);
  stage.scrub.disabled = stage.pause.disabled = spans.length < 2 && !moving(stage.clock);
  const canPause = stage.clock.shown < stage.chars.length;
  stage.pause.disabled = !canPause && !stage.clock.paused;
  stage.pause.textContent = stage.clock.paused ? "play_arrow" : "pause";
  stage.pause.setAttribute("aria-label", stage.clock.paused ? data.words.resume : data.words.pause);
  stage.place.textContent = spans.length ? `${place + 1} / ${Math.max(data.target, spans.length)}` : "";
}

// Of the character at a place; at rest the newest one's bars are those of the present temperature, which has its own way
// from the server (`preview`). A text that has not begun shows what it will be drawn from.
function frameAt(stage, place) {
  const { data, spans, pointed, chars } = stage;
  const preview = document.body.previews?.[data.name];
  if (pointed === null && preview?.distribution && !moving(stage.clock) && !stage.clock.paused)
    return frameOf(stage, decode(preview.distribution), 0, preview.drawn && spans.length ? chars[place] : null);
  if (!spans.length) return chars.length ? frameOf(stage, stage.distributions, 0, null) : "";
  return place < data.first ? "" : frameOf(stage, stage.distributions, place - data.first, chars[place]);
}

// What the chart reads: a title, then sign, own and reweighted probability, label, and state of each row.
function frameOf(stage, bars, step, char) {
  const { data } = stage;
  const at = step * (2 + 3 * data.rows);
  const parts = [headline(data.words, bars[at] / 1000, bars[at + 1] / 10000)];
  for (const { sign, own, reweighted, state } of rowsOf(stage, bars, step, char))
    parts.push(sign, own, reweighted, sign && state !== "struck" ? percent(reweighted) : "", state);
  return parts.join(SEPARATOR);
}

function rowsOf({ data, idOf }, bars, step, char) {
  const first = step * (2 + 3 * data.rows) + 2;
  const id = char === null ? -1 : idOf.get(char);
  const rows = Array.from({ length: data.rows }, (_, row) => {
    const [code, own, reweighted] = bars.subarray(first + 3 * row, first + 3 * row + 3);
    const struck = code !== REST && code & STRUCK;
    const sign = code === REST ? data.words.rest : data.signs[code & ~STRUCK] ?? "";
    const drawn = (code & ~STRUCK) === id;
    return { sign, own: own / 10000, reweighted: reweighted / 10000, state: drawn ? "drawn" : struck ? "struck" : "" };
  });
  if (rows.length && id >= 0 && !rows.some((row) => row.state === "drawn")) rows.at(-1).state = "drawn";
  return rows;
}

function headline(words, entropy, forbidden) {
  if (forbidden && words.forbidden) return words.forbidden.replace("{share}", percent(forbidden));
  return words.uncertainty.replace("{entropy}", entropy.toFixed(2)).replace("{choices}", (2 ** entropy).toFixed(1));
}

function flush() {
  const value = Array.from(frames, ([name, frame]) => START + name + STOP + frame).join("");
  if (document.body.value === value) return;
  document.body.value = value;
  document.body.dispatchEvent(new Event("frames"));
}

// Looking back: pointing, tapping, the arrow keys, the slider.

function placeOf(target) {
  const span = target.closest?.(".c");
  return span ? span.place : null;
}

function point(stage, place) {
  if (place === stage.pointed) return;
  stage.pointed = place;
  show(stage);
  flush();
}

function choose(stage, place, event) {
  if (event.pointerType !== "mouse") point(stage, place === stage.pointed ? null : place);
  pick(stage, place);
}

function pick(stage, place) {
  if (place === null || stage.data.selected === null) return;
  select(stage, place); // at once; the server's answer follows
  stage.send("chosen", { id: stage.data.id, place });
}

function select({ text, spans }, place) {
  text.querySelector(".selected")?.classList.remove("selected");
  if (place === null || !spans[place]) return;
  spans[place].classList.add("selected");
  intoSight(text, spans[place]);
}

function onKey(stage, event) {
  const last = stage.spans.length - 1;
  const selected = stage.spans.findIndex((span) => span.classList.contains("selected"));
  const from = stage.pointed ?? (selected < 0 ? last : selected);
  const moves = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0 };
  if (event.key in moves && last >= 0) {
    const place = Math.max(0, moves[event.key]);
    point(stage, place > last ? null : place);
    if (stage.pointed !== null) intoSight(stage.text, stage.spans[stage.pointed]);
    stage.live.textContent = spoken(stage);
  } else if (event.key === "End" || event.key === "Escape") point(stage, null);
  else if (event.key === "Enter" && stage.pointed !== null) pick(stage, stage.pointed);
  else return;
  event.preventDefault();
}

// What a reader of the screen hears of the character that is pointed at.
function spoken(stage) {
  const { data, chars, distributions, pointed, idOf } = stage;
  if (pointed === null) return "";
  const sign = data.signs[idOf.get(chars[pointed])] ?? chars[pointed];
  if (pointed < data.first) return sign;
  if (data.heads) return `${sign} ${data.heads[pointed]}`;
  const drawn = rowsOf(stage, distributions, pointed - data.first, chars[pointed]).find((row) => row.state === "drawn");
  return drawn ? `${sign} ${percent(drawn.reweighted)}` : sign;
}

function scrubTo(stage, place) {
  for (const each of stage.clock.stages) {
    point(each, place >= each.spans.length - 1 ? null : place);
    if (each.pointed !== null) intoSight(each.text, each.spans[each.pointed]);
  }
}

function intoSight(text, span) {
  const top = span.offsetTop - text.offsetTop; // without moving the page
  if (top < text.scrollTop || top + 2 * span.offsetHeight > text.scrollTop + text.clientHeight)
    text.scrollTop = top - text.clientHeight / 2;
}

function togglePause(stage) {
  stage.clock.paused = !stage.clock.paused;
  tick(stage);
}

// Of a text without a chart: the bars on a card at the character, beside it and never on it.

function showCard(stage) {
  const { data, card, pointed } = stage;
  if (pointed === null || pointed < data.first) return card.matches(":popover-open") && card.hidePopover();
  const step = pointed - data.first;
  const at = step * (2 + 3 * data.rows);
  const { words, surprisal, rank, heads } = data;
  const head = heads ? heads[pointed] : surprisal
    ? `${words.surprisal} ${surprisal[pointed].toFixed(2)} ${words.bits} · ${words.rank} ${rank[pointed]}`
    : headline(words, stage.distributions[at] / 1000, 0);
  const sign = data.signs[stage.idOf.get(stage.chars[pointed])] ?? stage.chars[pointed];
  const rows = rowsOf(stage, stage.distributions, step, stage.chars[pointed]).filter((row) => row.sign);
  card.replaceChildren(element("div", "head", sign), element("div", "", head), ...rows.map(cardRow));
  if (!card.matches(":popover-open")) card.showPopover();
  putCard(stage);
}

// The model's own probability in grey, what was drawn from in blue.
function cardRow({ sign, own, reweighted, state }) {
  const row = element("div", `row ${state}`);
  const track = element("div", "track");
  for (const [name, value] of [["own", own], ["reweighted", reweighted]]) {
    const bar = element("div", name);
    bar.style.width = `${100 * value}%`;
    track.append(bar);
  }
  row.append(element("span", "sign", sign), track, element("span", "value", percent(reweighted)));
  return row;
}

// Below the character or above it; where neither has room, to its side.
function putCard({ card, spans, pointed }) {
  if (pointed === null || !card.matches(":popover-open")) return;
  const box = spans[pointed].getClientRects()[0];
  const { offsetWidth: width, offsetHeight: height } = card;
  const { innerWidth, innerHeight } = window;
  const tops = [box.bottom + 6, box.top - 6 - height].filter((top) => top >= 0 && top + height <= innerHeight);
  const top = tops[0] ?? Math.max(4, Math.min(box.top, innerHeight - height - 4));
  const beside = box.right + 6 + width <= innerWidth ? box.right + 6 : box.left - 6 - width;
  const left = tops.length ? Math.min(box.left, innerWidth - width - 4) : beside;
  card.style.top = `${top}px`;
  card.style.left = `${Math.max(4, left)}px`;
}

// What the colours mean; nothing where there are none.
function drawLegend(legend, { levels, words, surprisal, scale }) {
  const items = (surprisal ? [...levels, Infinity] : []).map((level, index) => {
    const from = index ? levels[index - 1] : 0;
    const label = scale?.labels[index] ?? (index === 0 ? `< ${level}` : level === Infinity ? `≥ ${from}` : `${from}–${level}`);
    const swatch = element("span", `level level${index}`, label);
    const above = level === Infinity ? "" : `${percent(2 ** -level)} < `;
    if (!scale) swatch.title = `${above}p ≤ ${percent(2 ** -from)}`;
    return swatch;
  });
  legend.replaceChildren(...(items.length ? [element("span", "", scale?.title ?? words.surprisal), ...items, element("span", "", scale?.unit ?? words.bits)] : []));
}

// For a reader of the screen: whole words, politely, and not each character.
function announce(stage, shown) {
  const now = performance.now();
  const done = shown === stage.chars.length;
  if (shown <= stage.announced || (!done && now - stage.announcedAt < LIVE_MS)) return;
  const text = stage.chars.slice(stage.announced, shown).join("");
  const wordEnd = text.search(/[^\s，。、；：！？]*$/); // Chinese has no spaces
  const end = done || text.length - wordEnd > LIVE_CHARS ? text.length : wordEnd;
  if (!end) return;
  stage.live.textContent = text.slice(0, end);
  stage.announced += Array.from(text.slice(0, end)).length;
  stage.announcedAt = now;
}

// The clock stays, so that a page that is shown again goes on from where its text was.
function leave(stage) {
  const { clock } = stage;
  clock.stages.delete(stage);
  if (!clock.stages.size && clock.frame) cancelAnimationFrame(clock.frame);
}

function decode(base64) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new Uint16Array(bytes.buffer);
}

function percent(probability) {
  if (probability === 0) return "0";
  const value = 100 * probability;
  return value >= 10 ? `${value.toFixed(0)}%` : value >= 0.1 ? `${value.toFixed(1)}%` : "<0.1%";
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
