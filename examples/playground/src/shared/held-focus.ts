/** A button that goes or is disabled as it is pressed (Train, Stop, Resume) takes the focus with it: the next beside it gets it. */

const PRESSABLE = "button:not(:disabled)";

/** For as long as the page lives. */
export function holdFocus(): void {
  let last: HTMLButtonElement | undefined;
  let around: readonly (Element | null | undefined)[] = [];
  const isLost = () => last !== undefined && (!last.isConnected || last.disabled);
  document.addEventListener("focusin", ({ target }) => {
    last = target instanceof HTMLButtonElement ? target : undefined;
    around = [last?.parentElement, last?.closest("article")];
  });
  document.addEventListener("focusout", () => {
    // after what is under way: an element that is being removed is still there now
    setTimeout(() => {
      if (document.activeElement === document.body && !isLost()) last = undefined;
    });
  });
  new MutationObserver(() => {
    const nowhere = document.activeElement === document.body || document.activeElement === last;
    if (!isLost() || !nowhere) return;
    const next = around.map((each) => (each?.isConnected ? each.querySelector<HTMLElement>(PRESSABLE) : null)).find(Boolean);
    next?.focus();
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
}
