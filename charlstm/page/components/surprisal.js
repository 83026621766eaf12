// Draws a text coloured by surprise. All the numbers are in the page, so pointing at a character needs no server.
// Whatever comes from a text is set as textContent, never as HTML.

const drawn = new WeakMap(); // text element -> digest of what stands in it

export default function ({ data, parentElement, setTriggerValue }) {
  const text = parentElement.querySelector(".surprisal-text");
  const card = parentElement.querySelector(".surprisal-card");
  if (drawn.get(text) !== data.digest) {
    drawLegend(parentElement.querySelector(".surprisal-legend"), data);
    drawText(text, data);
    drawn.set(text, data.digest);
  }
  text.style.maxHeight = data.height ? `${data.height}px` : "none";
  text.classList.toggle("choosable", data.selected !== null);
  mark(text, data.selected);

  const point = (span) => {
    if (!span) hideCard(card);
    else if (span !== card.pointed) showCard(card, span, data);
  };
  text.onpointermove = text.onpointerdown = (event) => point(event.target.closest(".c"));
  text.onpointerleave = text.onblur = text.onscroll = () => point(null);
  text.onclick = (event) => {
    const span = event.target.closest(".c");
    if (span && data.selected !== null) {
      mark(text, span.position); // at once; the server's answer follows
      setTriggerValue("chosen", span.position);
    }
  };
  text.onkeydown = (event) => onKey(event, text, card.pointed, point);
  return () => hideCard(card);
}

function onKey(event, text, pointed, point) {
  const spans = text.querySelectorAll(".c");
  const from = (pointed ?? text.querySelector(".selected") ?? spans[0])?.position ?? 0;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) point(spans[Math.min(spans.length - 1, Math.max(0, from + step))]);
  else if (event.key === "Escape") point(null);
  else if (event.key === "Enter" && pointed) pointed.click();
  else return;
  event.preventDefault();
}

function drawLegend(legend, { levels, words }) {
  const items = levels.concat(Infinity).map((level, index) => {
    const from = index ? levels[index - 1] : 0;
    const label = index === 0 ? `< ${level}` : level === Infinity ? `≥ ${from}` : `${from}–${level}`;
    const swatch = element("span", `level level${index}`, label);
    swatch.title = level === Infinity ? `p ≤ ${percent(2 ** -from)}` : `${percent(2 ** -level)} < p ≤ ${percent(2 ** -from)}`;
    return swatch;
  });
  legend.replaceChildren(element("span", "", words.surprisal), ...items, element("span", "", words.bits));
}

function drawText(text, { seed, chars, surprisal, levels, by_hand }) {
  const spans = Array.from(chars, (char, position) => {
    const level = levels.filter((edge) => surprisal[position] >= edge).length;
    const span = element("span", `c level level${level}`, char);
    if (char === "\n") span.classList.add("newline");
    span.position = position;
    return span;
  });
  by_hand.forEach((position) => spans[position].classList.add("by-hand"));
  text.replaceChildren(element("span", "seed", seed), ...spans);
}

function mark(text, selected) {
  text.querySelector(".selected")?.classList.remove("selected");
  const span = selected === null ? null : text.querySelectorAll(".c")[selected];
  if (!span) return;
  span.classList.add("selected");
  const top = span.offsetTop - text.offsetTop; // into sight, without moving the page
  if (top < text.scrollTop || top + 2 * span.offsetHeight > text.scrollTop + text.clientHeight)
    text.scrollTop = top - text.clientHeight / 2;
}

function showCard(card, span, data) {
  const i = span.position;
  const { words, top } = data;
  const head = `${words.surprisal} ${data.surprisal[i].toFixed(2)} ${words.bits} · ${words.rank} ${data.rank[i]}`;
  const rows = [];
  for (let k = i * top; k < (i + 1) * top; k++)
    rows.push(bars(data.signs[data.ids[k]], data.own[k], data.drawn?.[k], data.rank[i] === k - i * top + 1));
  if (data.rank[i] > top) rows.push(bars(data.taken_signs[i], data.taken_own[i], data.taken_drawn?.[i], true));
  card.replaceChildren(element("div", "head", data.taken_signs[i]), element("div", "", head), ...rows);
  card.pointed = span; // on the element, as the page draws again while someone points
  if (!card.matches(":popover-open")) card.showPopover();
  place(card, span.getClientRects()[0]);
}

// A row of the card: the model's own probability in grey, what was drawn from in blue, in units of 0.01 %.
function bars(sign, own, reweighted, taken) {
  const row = element("div", taken ? "row taken" : "row");
  const track = element("div", "track");
  for (const [name, value] of [["own", own], ["drawn", reweighted ?? own]]) {
    const bar = element("div", name);
    bar.style.width = `${value / 100}%`;
    track.append(bar);
  }
  row.append(element("span", "sign", sign), track, element("span", "value", percent((reweighted ?? own) / 10000)));
  return row;
}

function place(card, box) {
  const below = box.bottom + 6 + card.offsetHeight <= window.innerHeight;
  card.style.top = `${below ? box.bottom + 6 : Math.max(4, box.top - 6 - card.offsetHeight)}px`;
  card.style.left = `${Math.max(4, Math.min(box.left, window.innerWidth - card.offsetWidth - 4))}px`;
}

function hideCard(card) {
  card.pointed = null;
  if (card.matches(":popover-open")) card.hidePopover();
}

function percent(probability) {
  const value = 100 * probability;
  return value >= 10 ? `${value.toFixed(0)}%` : value >= 0.05 ? `${value.toFixed(1)}%` : value > 0 ? "<0.1%" : "0";
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
