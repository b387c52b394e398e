/** The four cells side by side. Pointer and arrow keys move the step and the unit in all of them. */
import { CellCard } from "./cell-card";
import type { Lab, Shown } from "./lab";

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function Maps({ lab, shown }: { lab: Lab; shown: Shown }) {
  const follow = (event: PointerEvent) => {
    const picture = (event.target as Element).closest?.(".picture");
    if (!picture) return;
    const box = picture.getBoundingClientRect();
    const step = Math.floor(((event.clientX - box.left) / box.width) * shown.labels.length);
    const rows = Number(picture.getAttribute("data-rows"));
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    lab.go(step, picture.classList.contains("short") ? undefined : row);
  };
  const press = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.target !== event.currentTarget) return;
    event.preventDefault();
    lab.go(lab.step.value + arrow[0], lab.unit.value + arrow[1]);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: no set of fields
    <div
      class="cells"
      role="group"
      aria-label="Heat maps of the four cells; arrow keys move the step and the unit"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys are heard here
      tabIndex={0}
      onKeyDown={press}
      onPointerMove={follow}
      onPointerDown={follow}
    >
      {shown.traces.map((trace) => (
        <CellCard key={trace.cell} lab={lab} shown={shown} trace={trace} />
      ))}
    </div>
  );
}
