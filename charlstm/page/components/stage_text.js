// A text on the stage: all that it does is in `stage.js`, which may come later.

export default function (component) {
  let leave;
  const play = () => (leave = document.body.playText(component));
  if (document.body.playText) play();
  else document.body.addEventListener("stage", play, { once: true });
  return () => leave?.();
}
