/** The package as one object. By a file of its own: in a file that pages load too, it would keep bundlers from leaving anything out. */
export * from "../index.js";
