/** For the tab "Text": a short training by its buttons, as a script that runs in the page, where a click takes no time. */
export const CYCLE = `
  const until = async (find) => {
    for (let found; ; await new Promise((resolve) => setTimeout(resolve, 20))) if ((found = find())) return found;
  };
  const says = (text) => document.querySelector("main").textContent.includes(text);
  const click = async (name) => {
    const isIt = (button) => button.textContent.trim() === name && !button.disabled;
    (await until(() => [...document.querySelectorAll("main button")].find(isIt))).click();
  };
  const bytes = () => Number(document.querySelector("main data")?.value);

  /** Trains, pauses, writes, throws away. Gives the bytes in use in the worker, with the network alone and after the end. */
  globalThis.cycle = async () => {
    await click("Train");
    await until(() => says("The network learns"));
    const begun = await until(bytes); // none is left of the training before
    await click("Pause");
    await until(() => says("Paused at"));
    const after = bytes();
    await click("Write");
    await until(() => says("Written: "));
    await click("Start over");
    await click("Throw it away");
    return { begun, after };
  };`;
