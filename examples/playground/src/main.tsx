/** The page's beginning. */
import "@picocss/pico/css/pico.min.css";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { App } from "./app";
import { catchStrayDrops } from "./shared/stray-drops";

catchStrayDrops();
render(<App />, document.getElementById("app") as HTMLElement);
