// An entry of the history is a page or a step of the lesson. What else changes in the address changes the entry:
// Streamlit would add one for each widget that a button moves, and none for a step that is chosen by hand.
const place = (address) => {
  const url = new URL(address, location.href);
  const step = url.pathname.endsWith("/lesson") ? url.searchParams.get("step") : null;
  return `${url.pathname} ${/^[1-9]$/.test(step) ? step : 1}`;
};

const keepOneEntryAPlace = () => {
  if (history.pushState.byPlace) return;
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  const go = (state, title, address) =>
    (place(address ?? location.href) === place(location.href) ? replace : push)(state, title, address);
  history.pushState = Object.assign(go, { byPlace: true });
  history.replaceState = go;
};

// On narrow screens the menu is in the sidebar, which lies above the page.
const closeMenu = () => {
  if (innerWidth <= 768) document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
};

let shown, session;

export default ({ data, setTriggerValue }) => {
  document.documentElement.lang = data.language;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  if (data.cookie) document.cookie = `${data.cookie}; path=/; SameSite=Strict${secure}`;
  keepOneEntryAPlace();
  if (shown && shown !== data.page) closeMenu();
  shown = data.page;
  if (session && session !== data.session) setTriggerValue("taken_over", true); // without a reload
  session = data.session;
};
