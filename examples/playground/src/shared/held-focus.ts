/** A button that goes or is disabled as it is pressed (Train, Stop, Resume) takes the focus with it: the next beside it gets it. */

const PRESSABLE = "button:not(:disabled)";

/** For as long as the page lives. */
export function holdFocus(): void {
  let last: HTMLButtonElement | undefined;
  let around: readonly (Element | null | undefined)[] = [];
  /** Nobody has had the focus since the pressed one lost it: that may come back as another, as Pause does as Resume. */
  let isAway = false;
  const isLost = () => last !== undefined && (!last.isConnected || last.disabled);
  document.addEventListener("focusin", ({ target }) => {
    last = target instanceof HTMLButtonElement ? target : undefined;
    around = [last?.parentElement, last?.closest("article")];
    isAway = false;
  });
  document.addEventListener("focusout", () => {
    // after what is under way: an element that is being removed is still there now
    setTimeout(() => {
      if (document.activeElement === document.body && !isLost() && !isAway) last = undefined;
    });
  });
  new MutationObserver(() => {
    isAway ||= isLost();
    const nowhere = document.activeElement === document.body || document.activeElement === last;
    if (!last || !isAway || !nowhere) return;
    const beside = around.map((each) => (each?.isConnected ? each.querySelector<HTMLElement>(PRESSABLE) : null)).find(Boolean);
    (isLost() ? beside : last)?.focus({ preventScroll: true }); // they may look at something else meanwhile
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
}
