/** The page's beginning. */
import "@picocss/pico/css/pico.min.css";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { App } from "./app";
import { holdFocus } from "./shared/held-focus";
import { catchStrayDrops } from "./shared/stray-drops";

catchStrayDrops();

holdFocus();
render(<App />, document.getElementById("app") as HTMLElement);
